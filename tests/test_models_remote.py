"""The remote generator over a scripted server on this machine."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Event, Thread

import pytest

from assistant.config import ModelSettings
from assistant.errors import ConfigError, EndpointError, GenerationError
from assistant.models.address import parse
from assistant.models.connecting import connect, describe_endpoint
from assistant.models.remote import RemoteGenerator, estimate_tokens
from assistant.models.thoughts import Thoughts
from assistant.types import Message
from tests.endpoint import Handler, Script, Server, refuses, says, served

ASKED = [Message("system", "Answer."), Message("user", "수도는?")]

Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(*scripts: Script, models: tuple[str, ...] = ("tiny",)) -> Server:
            return stack.enter_context(served(Server(*scripts, models=models)))

        yield start


def settings(server: Server, name: str = "", **more: object) -> ModelSettings:
    url = f"{server.url}#{name}" if name else server.url
    return ModelSettings(generation=url, **more)  # type: ignore[arg-type]


def generator(server: Server, name: str = "", key: str = "", **more: object) -> RemoteGenerator:
    return connect(settings(server, name, **more), {"ASSISTANT_API_KEY": key})


def answer(model: RemoteGenerator, max_tokens: int = 60) -> str:
    return "".join(model.stream(ASKED, max_tokens=max_tokens, stop=Event()))


def failure(server: Server, **more: object) -> EndpointError:
    with pytest.raises(EndpointError) as raised:
        answer(generator(server, **more))
    assert isinstance(raised.value, GenerationError)
    assert raised.value.hint
    assert "\n" not in raised.value.message
    return raised.value


# ---------------------------------------------------------------------- answering


def test_an_answer_comes_in_pieces_with_its_counts(serve: Serve) -> None:
    server = serve(says("서울은 ", "수도이다.", usage={"prompt_tokens": 9, "completion_tokens": 7}))
    model = generator(server)
    pieces = list(model.stream(ASKED, max_tokens=60, stop=Event()))
    assert pieces == ["서울은 ", "수도이다."]
    assert model.finished
    assert model.generated_tokens == 7
    assert (model.name, model.context_window) == ("tiny", 8192)
    assert model.device == f"127.0.0.1:{server.server_port}"
    path, headers, body = server.seen[-1]
    assert path == "/v1/chat/completions"
    assert "Authorization" not in headers
    assert body["messages"] == [
        {"role": "system", "content": "Answer."},
        {"role": "user", "content": "수도는?"},
    ]
    assert (body["max_tokens"], body["temperature"], body["stream"]) == (60, 0, True)


def test_the_key_comes_from_the_variable_that_is_named(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve()
    answer(generator(server, key=" sk-secret\n"))
    assert [headers["Authorization"] for _, headers, _ in server.seen] == ["Bearer sk-secret"] * 2
    monkeypatch.setenv("MY_KEY", "sk-mine")
    answer(connect(settings(server, api_key_variable="MY_KEY")))
    assert server.seen[-1][1]["Authorization"] == "Bearer sk-mine"
    with pytest.raises(ConfigError, match="ASSISTANT_API_KEY") as raised:
        generator(server, key="sk-한글")
    assert "한글" not in raised.value.message


def test_an_answer_cut_at_the_limit_is_not_finished(serve: Serve) -> None:
    model = generator(serve(says("하나 ", "둘 ", finish="length")))
    assert answer(model, max_tokens=2) == "하나 둘 "
    assert not model.finished
    assert model.generated_tokens == 2


def test_a_server_that_does_not_stream_is_understood(serve: Serve) -> None:
    whole = {"choices": [{"message": {"content": "서울."}, "finish_reason": "stop"}]}
    model = generator(serve(refuses(200, json.dumps(whole))))
    assert answer(model) == "서울."
    assert model.finished


def test_control_characters_do_not_come_through(serve: Serve) -> None:
    model = generator(serve(says("서\x1b[2J울\x00\u202e.")))
    assert answer(model) == "서[2J울."


def test_comments_other_fields_and_any_line_ends_are_read(serve: Serve) -> None:
    def script(handler: Handler) -> None:
        handler.begin()
        handler.raw(": OPENROUTER PROCESSING\r\n\r\nevent: message\r\nid: 1\r\n")
        handler.raw('data:{"choices":[{"delta":\r\ndata: {"content":"서울"}}]}\r\n\r\n')
        handler.raw('data: {"choices":[{"delta":{},"finish_reason":"stop"}]}')

    assert answer(generator(serve(script))) == "서울"


def test_a_syllable_cut_between_two_packets_stays_whole(serve: Serve) -> None:
    def script(handler: Handler) -> None:
        line = 'data: {"choices":[{"delta":{"content":"수도 서울"}}]}\n\n'.encode()
        handler.begin()
        for n in range(0, len(line), 5):
            handler.raw(line[n : n + 5])
            time.sleep(0.001)
        handler.raw("data: [DONE]\n\n")

    assert answer(generator(serve(script))) == "수도 서울"


def test_the_end_is_not_waited_for_when_it_is_known(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.models.endpoint._LAST_SECONDS", 0.1)
    left = Event()

    def script(handler: Handler) -> None:
        handler.begin()
        handler.delta("stop", content="서울.")
        left.wait(20)

    began = time.monotonic()
    model = generator(serve(script))
    assert answer(model) == "서울."
    assert model.finished
    assert time.monotonic() - began < 5
    left.set()


# ---------------------------------------------------------------------- stopping


@pytest.mark.parametrize("when", ["before the head", "before the first word", "amid"])
def test_a_stop_is_heard_within_a_moment(serve: Serve, when: str) -> None:
    waiting, leave = Event(), Event()

    def script(handler: Handler) -> None:
        if when != "before the head":
            handler.begin()
        if when == "amid":
            handler.delta(content="서울은 ")
        waiting.set()
        leave.wait(20)
        for _ in range(200):  # until it shows that nobody listens
            handler.delta(content="더 ")
            time.sleep(0.01)

    server = serve(script)
    model = generator(server)
    stop = Event()
    told: list[float] = []

    def interrupt() -> None:
        assert waiting.wait(10)
        time.sleep(0.1)
        told.append(time.monotonic())
        stop.set()

    Thread(target=interrupt).start()
    pieces = list(model.stream(ASKED, max_tokens=60, stop=stop))
    assert time.monotonic() - told[0] < 0.3
    assert pieces == (["서울은 "] if when == "amid" else [])
    assert not model.finished
    leave.set()
    if when != "before the head":
        assert server.broken.wait(10)  # the connection is closed, so the server may stop too


def test_leaving_the_answer_closes_the_connection(serve: Serve) -> None:
    def script(handler: Handler) -> None:
        handler.begin()
        for _ in range(2000):
            handler.delta(content="또 ")
            time.sleep(0.005)

    server = serve(script)
    pieces = generator(server).stream(ASKED, max_tokens=9999, stop=Event())
    assert next(pieces) == "또 "
    pieces.close()  # type: ignore[attr-defined]
    assert server.broken.wait(10)


def test_a_server_that_knows_no_end_is_left(serve: Serve) -> None:
    def script(handler: Handler) -> None:
        handler.begin()
        while True:
            handler.delta(content="또 ")

    server = serve(script)
    model = generator(server)
    assert len(answer(model, max_tokens=10).split()) < 50
    assert not model.finished
    assert server.broken.wait(10)


# ---------------------------------------------------------------------- errors


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(EndpointError, match=f"no server answers at 127.0.0.1:{port}") as raised:
            connect(ModelSettings(generation=f"http://127.0.0.1:{port}/v1#m"), {})
    assert "models use auto" in raised.value.hint


def test_a_refused_key_is_told_and_not_shown(serve: Serve) -> None:
    said = {"error": {"message": "Incorrect API key provided: sk-wrong."}}
    error = failure(serve(refuses(401, json.dumps(said))), key="sk-wrong")
    assert "refuses the key" in error.message
    assert "sk-wrong" not in error.message
    assert "$ASSISTANT_API_KEY" in error.hint


def test_an_unknown_model_lists_those_offered(serve: Serve) -> None:
    server = serve(models=("qwen3:4b", "qwen3:8b", "gemma\x1b[2J3"))
    with pytest.raises(EndpointError, match="no model qwen3:14b") as raised:
        generator(server, "qwen3:14b")
    assert "qwen3:4b" in raised.value.hint
    assert "gemma[2J3" in raised.value.hint
    with pytest.raises(EndpointError, match="several models"):
        generator(server)
    assert generator(server, "qwen3:8b").name == "qwen3:8b"


def test_a_model_that_went_away_lists_those_offered(serve: Serve) -> None:
    server = serve(refuses(404, '{"error": {"message": "model \\"old\\" not found"}}'))
    server.listing = lambda handler: handler.reply(200, '{"data": [{"id": "old"}]}')
    model = generator(server)
    server.listing = lambda handler: handler.reply(200, '{"data": [{"id": "new"}]}')
    with pytest.raises(EndpointError, match="no model old") as raised:
        answer(model)
    assert "it offers new" in raised.value.hint


def test_the_tag_of_ollama_may_be_left_out(serve: Serve) -> None:
    server = serve(models=("gemma3:latest", "qwen3:4b"))
    assert generator(server, "gemma3").name == "gemma3:latest"


def test_a_model_named_by_its_file_is_shown_by_its_name(serve: Serve) -> None:
    server = serve(models=("/models/qwen.gguf",))
    model = generator(server)
    answer(model)
    assert model.name == "qwen.gguf"
    assert server.seen[-1][2]["model"] == "/models/qwen.gguf"


def test_an_endpoint_without_a_list_is_believed(serve: Serve) -> None:
    server = serve()
    server.listing = lambda handler: handler.reply(404, "{}")
    model = generator(server, "mine")
    assert answer(model) == "서울은 수도이다."
    assert model.context_window == 4096
    with pytest.raises(EndpointError, match="does not tell"):
        generator(server)


@pytest.mark.parametrize(
    ("script", "words", "hint"),
    [
        (
            refuses(400, '{"error": {"message": "maximum context length is 4096 tokens"}}'),
            "longer than the model",
            "answer.context_tokens",
        ),
        (
            refuses(
                400, '{"error": {"message": "the request exceeds the available context size"}}'
            ),
            "longer than the model",
            "models.context_window",
        ),
        (refuses(429, '{"error": "slow down"}'), "enough questions", "wait"),
        (refuses(500, "<html>oops</html>", "text/html"), "HTTP 500: a web page", "log"),
        (refuses(302, ""), "sends elsewhere", "URL"),
        (refuses(200, "<html>hello</html>", "text/html"), "no chat completion", "/v1"),
        (refuses(200, "[1]"), "no chat completion", "/v1"),
        (says("서울", finish="content_filter"), "filter", "other words"),
    ],
)
def test_refusals_say_what_to_do(serve: Serve, script: Script, words: str, hint: str) -> None:
    error = failure(serve(script))
    assert words in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("data: {broken\n\n", "no chat completion"),
        ('data: {"error": {"message": "out of memory"}}\n\n', "out of memory"),
        ('{"error": "out of memory"}\n', "out of memory"),
        ("", "broke off"),
        ("data: " + "x" * 2_000_000, "line without end"),
    ],
)
def test_a_bad_stream_keeps_what_came_before(serve: Serve, sent: str, words: str) -> None:
    def script(handler: Handler) -> None:
        handler.begin()
        handler.delta(content="서울은 ")
        handler.raw(sent)

    pieces = generator(serve(script)).stream(ASKED, max_tokens=60, stop=Event())
    assert next(pieces) == "서울은 "
    with pytest.raises(EndpointError, match=words):
        next(pieces)


def test_a_server_that_falls_silent_is_not_waited_for_for_ever(serve: Serve) -> None:
    leave = Event()

    def script(handler: Handler) -> None:
        handler.begin()
        handler.delta(content="서울은 ")
        leave.wait(20)

    error = failure(serve(script), timeout=0.2)
    leave.set()
    assert "said nothing" in error.message
    assert "models.timeout" in error.hint


def test_what_a_server_does_not_know_is_left_out(serve: Serve) -> None:
    def script(handler: Handler) -> None:
        for name in ("reasoning_effort", "chat_template_kwargs", "stream_options"):
            if name in handler.body:
                said = {"detail": f"Unrecognized request argument: {name}"}
                return handler.reply(422, json.dumps(said))
        if "max_tokens" in handler.body:
            said = {
                "error": {"message": "'max_tokens' is not supported, use max_completion_tokens"}
            }
            return handler.reply(400, json.dumps(said))
        return says("서울.")(handler)

    server = serve(script)
    model = generator(server)
    assert answer(model) == "서울."
    assert server.asked == 5
    assert answer(model) == "서울."
    assert server.asked == 6  # it is remembered
    assert server.seen[-1][2]["max_completion_tokens"] == 60
    assert "broken" in failure(serve(refuses(400, '{"error": "broken"}'))).message


# ---------------------------------------------------------------------- doctor


def test_doctor_asks_the_endpoint_and_says_where_notes_go(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve()
    here, notes = describe_endpoint(settings(server))
    assert here.level == notes.level == "ok"
    assert "tiny at" in here.detail
    assert "8,192 tokens" in here.detail
    (missing,) = describe_endpoint(settings(server, "other"))
    assert missing.level == "error"
    assert "it offers tiny" in missing.hint
    monkeypatch.setattr("assistant.models.address.Address.is_local", False)
    _, leaves = describe_endpoint(settings(server))
    assert leaves.level == "warning"
    assert "leave this machine" in leaves.detail
    assert "unencrypted" in leaves.detail


# ---------------------------------------------------------------------- thoughts


def test_thoughts_are_no_part_of_the_answer(serve: Serve) -> None:
    def script(handler: Handler) -> None:
        handler.begin()
        handler.delta(reasoning_content="음, ")
        handler.delta(reasoning_content="수도라…")
        handler.delta(content="서울.")
        handler.delta("stop")
        handler.raw("data: [DONE]\n\n")

    model = generator(serve(script))
    assert answer(model) == "서울."
    assert model.generated_tokens == 3
    marked = serve(says("<thi", "nk>\n음, 수도", "라…</thi", "nk>\n\n", "서울."))
    assert answer(generator(marked)) == "서울."


def test_nothing_but_thoughts_is_an_error_with_its_setting(serve: Serve) -> None:
    error = failure(serve(says("<think>음, ", finish="length")))
    assert "thinking" in error.message
    assert "models.thinking_tokens" in error.hint


def test_room_to_think_is_given_besides_the_answer(serve: Serve) -> None:
    server = serve(says("음, 수도라…</think>", "서울."))
    model = generator(server, thinking_tokens=2048)
    assert answer(model) == "서울."
    assert server.seen[-1][2]["max_tokens"] == 2048 + 60
    assert "reasoning_effort" not in server.seen[-1][2]
    assert model.context_window == 8192 - 2048
    # A model that was expected to think and did not has answered all the same.
    assert answer(generator(serve(says("서울.")), thinking_tokens=2048)) == "서울."


def test_a_tag_within_an_answer_is_answer() -> None:
    thoughts = Thoughts()
    assert thoughts.add("The tag <think> opens it, ") + thoughts.add("</think> ends it.") == (
        "The tag <think> opens it, </think> ends it."
    )
    short = Thoughts()
    assert short.add("<") == ""
    assert short.end() == "<"


# ---------------------------------------------------------------------- counting


def test_the_estimate_is_on_the_long_side() -> None:
    assert estimate_tokens("수도는 서울이다.") == 8
    assert estimate_tokens("attention is all") == 3 + 1 + 1
    assert estimate_tokens("x = 2024\n\n") == 1 + 1 + 4 + 1
    assert estimate_tokens("") == 0


def test_the_estimate_grows_where_the_server_counts_more(serve: Serve) -> None:
    server = serve(says("서울.", usage={"prompt_tokens": 100, "completion_tokens": 2}))
    model = generator(server)
    assert model.count(ASKED) < 50
    answer(model)
    assert model.count(ASKED) == 100
    own = generator(serve(says("서울.", usage={"prompt_tokens": 50, "completion_tokens": 2})))
    long = [Message("user", "수도는 서울이다. " * 100)]
    before = own.count(ASKED), own.count(long)
    answer(own)
    # A template's own words do not grow with the text.
    assert own.count(ASKED) == 50
    assert own.count(long) - before[1] == 50 - before[0]
    less = generator(serve(says("서울.", usage={"prompt_tokens": 3, "completion_tokens": 2})))
    before = less.count(ASKED)
    answer(less)
    assert less.count(ASKED) == before


def test_the_window_of_the_settings_counts(serve: Serve) -> None:
    assert generator(serve(), context_window=2048).context_window == 2048


# ---------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("setting", "url", "model", "label"),
    [
        ("http://localhost:11434/v1/#qwen3:4b", "http://localhost:11434/v1", "qwen3:4b", None),
        ("https://api.example.com/v1#Qwen/Qwen3-4B", "https://api.example.com/v1", "Qwen/Qwen3-4B",
         "api.example.com"),
        ("http://[::1]:8000/v1/chat/completions", "http://[::1]:8000/v1", "", "[::1]:8000"),
    ],
)  # fmt: skip
def test_addresses_are_read(setting: str, url: str, model: str, label: str | None) -> None:
    address = parse(setting)
    assert (address.url, address.model) == (url, model)
    assert parse(address.setting) == address
    assert label is None or address.label == label


@pytest.mark.parametrize(
    "setting",
    [
        "http://",
        "http://h:x/v1",
        "ftp://h/v1",
        "http://h/v1?key=1",
        "http://me:pw@h/v1",
        "http://h/ v1",
    ],
)
def test_what_is_no_address_is_refused(setting: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(setting)
    assert "pw" not in raised.value.message


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("[::1]", True),
        ("0.0.0.0", True),
        ("ollama.localhost", True),
        ("192.168.0.7", False),
        ("localhost.example.com", False),
        ("127.0.0.1.nip.io", False),
        ("api.openai.com", False),
    ],
)
def test_only_this_machine_is_local(host: str, local: bool) -> None:
    assert parse(f"http://{host}:8000/v1").is_local is local
