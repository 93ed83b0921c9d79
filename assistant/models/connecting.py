"""From the settings to a model at an endpoint, and what there is to say about it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from assistant.config import ModelSettings
from assistant.errors import AssistantError, ConfigError, EndpointError
from assistant.models.address import Address, parse
from assistant.models.endpoint import Endpoint, ServedModel
from assistant.models.remote import UNTOLD_WINDOW, RemoteGenerator
from assistant.models.wording import a_few, one_line
from assistant.types import Check

LEAVES = "passages of your notes leave this machine with every question"
"""What is said wherever an endpoint that is not on this machine is named."""


def connect(settings: ModelSettings, environ: Mapping[str, str] = os.environ) -> RemoteGenerator:
    """The model that ``models.generation`` names by its URL, after asking whether it is there.

    Raises:
        EndpointError: it is not, or the endpoint cannot be reached.
        ConfigError: the URL, or the key in the environment, is none.
    """
    endpoint = endpoint_of(settings, environ)
    served = choose(endpoint.address, endpoint.models())
    return RemoteGenerator(
        endpoint,
        served.name,
        context_window=settings.context_window or served.context_window or UNTOLD_WINDOW,
        thinking_tokens=settings.thinking_tokens,
    )


def endpoint_of(settings: ModelSettings, environ: Mapping[str, str] = os.environ) -> Endpoint:
    """The endpoint that ``models.generation`` names; nothing is sent.

    Raises:
        ConfigError: the URL, or the key in the environment, is none.
    """
    variable = settings.api_key_variable
    key = environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(f"what {variable} holds is no key", "it has letters no key can have")
    return Endpoint(parse(settings.generation), key=key, timeout=settings.timeout)


def choose(address: Address, offered: Sequence[ServedModel]) -> ServedModel:
    """The model that ``address`` names among those ``offered``; without a name the only one.

    An endpoint that offers no list is believed to have what is named.

    Raises:
        EndpointError: there is none of that name, or none is named and there are several.
    """
    wanted = address.model
    if wanted and not offered:
        return ServedModel(wanted)
    # Ollama's names end in a tag that may be left out.
    names = {wanted, f"{wanted}:latest"} if wanted else {model.name for model in offered[:2]}
    found = [model for model in offered if model.name in names]
    if len(found) == 1 or (wanted and found):
        return found[0]
    if not offered:
        raise EndpointError(
            f"{address.label} does not tell which models it has",
            f"name one: assistant models use '{address.url}#MODEL'",
        )
    told = f"has no model {one_line(wanted)}" if wanted else "has several models"
    raise EndpointError(
        f"{address.label} {told}",
        f"it offers {a_few([model.name for model in offered], wanted)}; "
        f"choose by: assistant models use '{address.url}#MODEL'",
        kind="missing",
    )


def describe_endpoint(settings: ModelSettings) -> Iterator[Check]:
    """``doctor``'s lines on the endpoint that is configured; it is asked whether it is there."""
    try:
        address = parse(settings.generation)
        generator = connect(settings)
    except AssistantError as error:
        yield Check("endpoint", "error", error.message, error.hint)
        return
    window = f"{generator.context_window:,} tokens"
    yield Check("endpoint", "ok", f"{generator.name} at {address.url} is there, {window}")
    if address.is_local:
        yield Check("notes", "ok", "they stay on this machine")
        return
    secret = "" if address.secure else ", and unencrypted"
    yield Check(
        "notes",
        "warning",
        f"{LEAVES}, to {address.label}{secret}",
        "assistant models use auto: answers are then written on this machine",
    )
