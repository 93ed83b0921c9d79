"""Requests to an OpenAI-compatible endpoint: which models it has, and a chat as it is written.

Every request runs in a thread of its own that only reads; whoever waits for it can turn away at
any moment, whatever the server is at. Redirects are not followed and proxies are not asked, so
the key and the notes go to the host that was configured and to no other.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import Empty, Full, Queue
from threading import Event, Thread
from time import monotonic
from typing import Any

from assistant.errors import EndpointError
from assistant.models.address import Address
from assistant.models.refusals import refusal, unreachable

_CONNECT_SECONDS = 10.0
_LAST_SECONDS = 2.0  # in which the token counts follow the end of an answer
_LOOK_SECONDS = 0.05  # between two looks at the stop event
_LONGEST_LINE = 1 << 20
_LONGEST_BODY = 1 << 24

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that an endpoint offers; ``context_window`` in tokens, 0 where it does not say."""

    name: str
    context_window: int = 0


class Endpoint:
    """One endpoint; ``timeout`` is the longest wait in seconds for the next thing it says."""

    def __init__(self, address: Address, *, key: str = "", timeout: float = 120.0) -> None:
        self.address = address
        self._key = key
        self._timeout = timeout

    def models(self) -> list[ServedModel]:
        """What ``/models`` lists, in its order; nothing where the endpoint can give no list.

        Raises:
            EndpointError: nobody is there, the key is refused, or the answer is no list.
        """
        with closing(self._send("GET", "/models", timeout=_CONNECT_SECONDS)) as exchange:
            head = self._head(exchange, Event())
            text = self._body(exchange)
        if head.status in (404, 405) or head.status >= 500:
            return []
        if head.status != 200:
            raise self._refused(head.status, text)
        with suppress(ValueError, TypeError, KeyError):
            return [_served(each) for each in json.loads(text)["data"] or []]
        raise EndpointError(
            f"{self.address.url} does not list its models as OpenAI's endpoints do",
            "check the URL: it often ends in /v1",
        )

    def chat(self, body: Mapping[str, object], stop: Event) -> Iterator[Json]:
        """The objects of a streamed chat completion, until it or ``stop`` ends it.

        An endpoint that does not stream gives one object, the whole completion. Closing the
        iterator closes the connection.

        Raises:
            EndpointError: unreachable, refused, not what it should be, or broken off.
        """
        with closing(self._send("POST", "/chat/completions", body)) as exchange:
            head = self._head(exchange, stop)
            if stop.is_set():
                return
            if head.status != 200:
                raise self._refused(head.status, self._body(exchange))
            if "json" in head.content_type:
                yield self._object(self._body(exchange))
                return
            finished = False
            try:
                for data in _events(self._lines(exchange, stop)):
                    if data.strip() == "[DONE]":
                        return
                    made = self._object(data)
                    if made.get("error"):
                        raise self._refused(200, data)
                    yield made
                    if _is_last(made):
                        finished = True
                        exchange.patience = _LAST_SECONDS
            except EndpointError:
                if not finished:  # else nothing is missing but the farewell
                    raise
            if not finished and not stop.is_set():
                raise EndpointError(
                    f"{self.address.label} broke off in the middle of an answer",
                    "ask again; the server's own log tells why",
                )

    # ------------------------------------------------------------------ one request

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        timeout: float | None = None,
    ) -> _Exchange:
        headers = {"Accept": "text/event-stream, application/json", "Connection": "close"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        data = b""
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode("ascii")
        timeout = timeout or self._timeout
        return _Exchange(self.address, method, path, headers, data, timeout=timeout)

    def _head(self, exchange: _Exchange, stop: Event) -> _Head:
        for item in self._items(exchange, stop):
            if isinstance(item, _Head):
                return item
        return _Head(0, "")

    def _lines(self, exchange: _Exchange, stop: Event) -> Iterator[bytes]:
        for item in self._items(exchange, stop):
            if isinstance(item, bytes):
                if len(item) >= _LONGEST_LINE:
                    raise self._no_completion("a line without end")
                yield item

    def _body(self, exchange: _Exchange) -> str:
        text = b""
        for line in self._lines(exchange, Event()):
            text += line
            if len(text) > _LONGEST_BODY:
                raise self._no_completion("an answer without end")
        return text.decode("utf-8", "replace")

    def _items(self, exchange: _Exchange, stop: Event) -> Iterator[_Head | bytes]:
        for item in exchange.items(stop):
            if isinstance(item, Exception):
                raise unreachable(self.address, item, exchange.timeout) from item
            yield item

    def _object(self, text: str) -> Json:
        try:
            made = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self._no_completion(text) from error
        if not isinstance(made, dict):
            raise self._no_completion(text)
        return made

    def _no_completion(self, text: str) -> EndpointError:
        return EndpointError(
            f"{self.address.label} sent what is no chat completion: {self._shown(text)}",
            "check the URL: it often ends in /v1",
        )

    def _refused(self, status: int, text: str) -> EndpointError:
        return refusal(self.address, status, self._shown(text, 2000))

    def _shown(self, text: str, most: int = 80) -> str:
        # Some servers quote the key they refuse.
        text = text.replace(self._key, "…") if self._key else text
        return text if len(text) <= most else text[:most] + "…"


@dataclass(frozen=True, slots=True)
class _Head:
    """How an answer begins."""

    status: int
    content_type: str


class _Exchange:
    """A request under way; ``timeout`` in seconds is for each thing that is waited for."""

    def __init__(
        self,
        address: Address,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        timeout: float,
    ) -> None:
        self.timeout = timeout
        # The socket's own timeouts come first, and say more.
        self.patience = timeout + _CONNECT_SECONDS
        self._request = (method, address.path + path, body, dict(headers))
        connect = min(timeout, _CONNECT_SECONDS)
        self._connection: HTTPConnection = (
            HTTPSConnection(address.host, address.port, timeout=connect)
            if address.secure
            else HTTPConnection(address.host, address.port, timeout=connect)
        )
        self._socket: socket.socket | None = None
        self._closed = Event()
        # Bounded: a server must not fill the memory faster than its answer is read.
        self._arrived: Queue[_Head | bytes | Exception | None] = Queue(256)
        Thread(target=self._run, name="assistant-endpoint", daemon=True).start()

    def items(self, stop: Event) -> Iterator[_Head | bytes | Exception]:
        """What arrives; ends when nothing more comes or soon after ``stop`` is set."""
        since = monotonic()
        while not stop.is_set():
            try:
                item = self._arrived.get(timeout=_LOOK_SECONDS)
            except Empty:
                if monotonic() - since > self.patience:
                    yield TimeoutError()
                    return
                continue
            if item is None:
                return
            yield item
            since = monotonic()

    def close(self) -> None:
        """Break the connection, which also ends the thread."""
        self._closed.set()
        if self._socket is not None:
            with suppress(OSError):
                # Past SSLSocket's own method, which is not made for a second thread.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _run(self) -> None:
        method, path, body, headers = self._request
        try:
            self._connection.connect()
            self._socket = self._connection.sock
            if self._closed.is_set():
                return
            self._socket.settimeout(self.timeout)
            self._connection.request(method, path, body, headers)
            with self._connection.getresponse() as response:
                self._put(_Head(response.status, response.getheader("Content-Type", "")))
                while line := response.readline(_LONGEST_LINE):
                    self._put(line)
            self._put(None)
        except (OSError, HTTPException, ValueError) as error:
            self._put(error)
        finally:
            self._connection.close()

    def _put(self, item: _Head | bytes | Exception | None) -> None:
        while not self._closed.is_set():
            with suppress(Full):
                self._arrived.put(item, timeout=_LOOK_SECONDS)
                return


def _events(lines: Iterator[bytes]) -> Iterator[str]:
    """The data of server-sent events (WHATWG HTML, 9.2), without other fields and comments."""
    data: list[str] = []
    for line in lines:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if not text and data:
            yield "\n".join(data)
            data = []
        elif text.startswith("data:"):
            data.append(text[5:].removeprefix(" "))
        elif text.lstrip().startswith(("{", "<")):
            # Neither a field nor a comment: an error as bare JSON, or a web page.
            yield text
    if data:
        yield "\n".join(data)


def _is_last(made: Json) -> bool:
    choices = made.get("choices")
    return isinstance(choices, list) and any(
        isinstance(each, dict) and each.get("finish_reason") for each in choices
    )


def _served(record: Json) -> ServedModel:
    name = record["id"]
    if not isinstance(name, str):
        raise TypeError(name)
    meta = record.get("meta")
    known = {**meta, **record} if isinstance(meta, dict) else record
    # As vLLM, llama.cpp, OpenRouter and LM Studio call it.
    for key in ("max_model_len", "n_ctx", "context_length", "max_context_length"):
        value = known.get(key)
        if isinstance(value, int) and value > 0:
            return ServedModel(name, value)
    return ServedModel(name)
