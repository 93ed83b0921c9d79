"""An OpenAI-compatible endpoint that says what a test tells it to, on this machine only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Script = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """One request; scripts write their answer with its methods."""

    server: Server
    body: dict[str, Any]

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers.items()), {}))
        self.server.listing(self)

    def do_POST(self) -> None:
        self.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, dict(self.headers.items()), self.body))
        script = self.server.scripts[min(self.server.asked, len(self.server.scripts) - 1)]
        self.server.asked += 1
        try:
            script(self)
        except (BrokenPipeError, ConnectionResetError):
            self.server.broken.set()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def reply(self, status: int, body: str, kind: str = "application/json") -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()

    def raw(self, text: str | bytes) -> None:
        self.wfile.write(text.encode() if isinstance(text, str) else text)
        self.wfile.flush()

    def send(self, value: object) -> None:
        self.raw(f"data: {json.dumps(value)}\n\n")

    def delta(self, finish: str | None = None, **delta: str) -> None:
        self.send({"choices": [{"delta": delta, "finish_reason": finish}]})


class Server(ThreadingHTTPServer):
    """``seen`` are the requests (path, headers, body); ``broken`` is set when a client left."""

    daemon_threads = True

    def __init__(self, *scripts: Script, models: tuple[str, ...] = ("tiny",)) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts = scripts or (says("서울은 ", "수도이다."),)
        self.asked = 0
        self.seen: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.broken = Event()
        data = [{"id": name, "max_model_len": 8192} for name in models]
        self.listing: Script = lambda handler: handler.reply(200, json.dumps({"data": data}))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


def says(*pieces: str, finish: str = "stop", usage: dict[str, int] | None = None) -> Script:
    """A whole answer, piece by piece."""

    def script(handler: Handler) -> None:
        handler.begin()
        handler.delta(role="assistant", content="")
        for piece in pieces:
            handler.delta(content=piece)
        handler.delta(finish)
        if usage:
            handler.send({"choices": [], "usage": usage})
        handler.raw("data: [DONE]\n\n")

    return script


def refuses(status: int, body: str, kind: str = "application/json") -> Script:
    """An answer that is none."""
    return lambda handler: handler.reply(status, body, kind)


@contextmanager
def served(server: Server) -> Iterator[Server]:
    """The server, answering while the block lasts."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
