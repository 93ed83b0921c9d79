"""Where a language model is served: an endpoint's base URL and the model's name there.

Both are one setting, ``http://127.0.0.1:11434/v1#qwen3:4b``; without a name the only model that
the endpoint has is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from assistant.display import plain
from assistant.errors import ConfigError

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_ENDINGS = ("/chat/completions", "/completions", "/models")


@dataclass(frozen=True, slots=True)
class Address:
    """``path`` has no slash at its end, ``model`` may be empty."""

    secure: bool
    host: str
    port: int
    path: str
    model: str

    @property
    def label(self) -> str:
        """Host and, unless it is the usual one, port: what people call it by."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The base URL, as other clients take it."""
        return f"http{'s' if self.secure else ''}://{self.label}{self.path}"

    @property
    def setting(self) -> str:
        """As it is written in the settings."""
        return f"{self.url}#{self.model}" if self.model else self.url

    @property
    def is_local(self) -> bool:
        """Whether what is sent there stays on this machine. No name is looked up for it."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            address = ip_address(self.host)
        except ValueError:
            return False
        return address.is_loopback or address.is_unspecified


def is_address(name: str) -> bool:
    """Whether a model's name in the settings is that of an endpoint."""
    return _SCHEME.match(name) is not None


def parse(name: str) -> Address:
    """Read ``http://host:port/v1#model``.

    Raises:
        ConfigError: it is no such URL, or holds a password, which belongs in the environment.
    """
    shown = plain(name).replace("\n", " ")
    try:
        parts = urlsplit(name.strip())
        port = parts.port
    except ValueError as error:
        raise _wrong(f"{shown} is no URL: {error}") from error
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            f"the URL of {parts.hostname} holds a name or password",
            "leave it out; the key is read from the environment (models.api_key_variable)",
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise _wrong(f"{shown} is no base URL of an endpoint")
    if re.search(r"[\x00-\x20\x7f]", parts.path + parts.hostname):
        raise _wrong(f"{shown} has a blank in it")
    path = parts.path.rstrip("/")
    for ending in _ENDINGS:
        path = path.removesuffix(ending)
    secure = parts.scheme == "https"
    return Address(
        secure, parts.hostname, port or (443 if secure else 80), path, unquote(parts.fragment)
    )


def _wrong(message: str) -> ConfigError:
    return ConfigError(message, "write it as http://127.0.0.1:11434/v1#MODEL")
