"""What a server said that would not answer, as an error with a next step."""

from __future__ import annotations

import json
import socket
import ssl
from http.client import HTTPException

from assistant.display import plain
from assistant.errors import EndpointError
from assistant.models.address import Address

_TOO_LONG = (
    "context length",
    "context_length",
    "context size",
    "context window",
    "too many tokens",
    "prompt is too long",
    "input is too long",
)
_LONGEST = 300  # characters of a server's own words


def refusal(address: Address, status: int, body: str) -> EndpointError:
    """The error for an answer of ``status`` (200: an error told within a stream)."""
    said = words(body)
    told = f": {said}" if said else ""
    where = address.label
    if any(sign in said.lower() for sign in _TOO_LONG) or status == 413:
        return EndpointError(
            f"the prompt is longer than the model at {where} can take{told}",
            "lower answer.context_tokens, set models.context_window to what the server allows, "
            "or raise it there",
            kind="too-long",
        )
    match status:
        case 401 | 403:
            return EndpointError(
                f"{where} refuses the key, or asks for one{told}",
                "put the right one into $ASSISTANT_API_KEY (models.api_key_variable names another)",
            )
        case 404:
            return EndpointError(
                f"{where} has no such model, or nothing at {address.path or '/'}{told}",
                "`assistant doctor` lists the models it offers; the URL often ends in /v1",
                kind="missing",
            )
        case 429:
            return EndpointError(
                f"{where} has had enough questions for now{told}", "wait, or look at your quota"
            )
        case _ if 300 <= status < 400:
            return EndpointError(
                f"{where} sends elsewhere (HTTP {status}), which is not followed",
                "configure the URL that it is really at",
            )
        case 400 | 422:
            return EndpointError(
                f"{where} refuses the request{told}", "see the server's log", kind="request"
            )
        case 200:
            return EndpointError(f"{where} failed while answering{told}", "see the server's log")
    return EndpointError(f"{where} failed with HTTP {status}{told}", "see the server's log")


def words(body: str) -> str:
    """The message in an error's body, on one line: OpenAI's, FastAPI's and plain ones."""
    text = body
    try:
        record = json.loads(body)
        error = record.get("error", record) if isinstance(record, dict) else record
        if isinstance(error, dict):
            text = str(error.get("message") or error.get("detail") or error)
        elif isinstance(error, str):
            text = error
    except (ValueError, RecursionError):
        if "<html" in body.lower():
            text = "a web page"
    text = " ".join(plain(text).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def unreachable(address: Address, error: Exception, seconds: float) -> EndpointError:
    """The error for a connection that did not come about, or did not last."""
    where = address.label
    match error:
        case ConnectionRefusedError():
            return EndpointError(
                f"no server answers at {where}",
                "start it (Ollama: `ollama serve`), or go back: assistant models use auto",
            )
        case socket.gaierror():
            return EndpointError(
                f"there is no host {address.host}", "check the name, and the network"
            )
        case TimeoutError():
            return EndpointError(
                f"{where} said nothing for {seconds:.0f} s",
                "is it still loading the model? models.timeout is how long to wait",
            )
        case ssl.SSLError():
            return EndpointError(
                f"no secure connection to {where}: {error.reason or error}",
                "a server on your own machine is usually http://, not https://",
            )
        case ConnectionError():
            return EndpointError(
                f"{where} broke the connection", "ask again; the server's own log tells why"
            )
        case HTTPException():
            return EndpointError(
                f"{where} does not speak HTTP: {plain(str(error))[:80]}", "check the port"
            )
    return EndpointError(f"{where} cannot be reached: {plain(str(error))}", "check the network")
