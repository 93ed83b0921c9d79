"""Settings: a TOML file, over it ``ASSISTANT_*`` variables, over those what the caller says.

They are loaded once and handed down. A nested setting is written ``ASSISTANT_MODELS__DEVICE`` in
the environment and ``[models] device = …`` in the file. A key nobody knows is refused by name.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from pathlib import Path
from typing import Any, Literal

# Looking through every installed distribution for plugins of pydantic takes longer than all else
# here; none is wanted.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from assistant import paths
from assistant.errors import ConfigError

_PREFIX = "ASSISTANT_"
# Variables with the prefix that are not settings: they decide where the settings are, or are a
# secret.
_NOT_SETTINGS = {"ASSISTANT_HOME", "ASSISTANT_CONFIG", "ASSISTANT_API_KEY"}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelSettings(_Section):
    """``[models]``"""

    embedding: str = "multilingual-e5-small+use"
    """Catalogue name, local folder (``./…`` or absolute) or hub id (``org/name``). A library stays
    with the model that it was embedded by."""

    generation: str = "auto"
    """As above, or a ``.gguf`` file, or the URL of an OpenAI-compatible endpoint with the model's
    name there (``http://127.0.0.1:11434/v1#qwen3:4b``); ``auto`` takes the largest embedded model
    that fits."""

    api_key_variable: str = Field(default="ASSISTANT_API_KEY", pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """The environment variable that holds the endpoint's key; the key itself is no setting."""

    timeout: float = Field(default=120, gt=0)
    """Longest wait, in seconds, for the next piece from an endpoint."""

    context_window: int = Field(default=0, ge=0)
    """Tokens that an endpoint's model takes, prompt and answer; 0 is what the endpoint says, or
    4096 where it does not."""

    thinking_tokens: int = Field(default=0, ge=0)
    """Tokens that an endpoint's model may think besides its answer; 0 asks it not to think."""

    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """Where models run."""

    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Number format of the weights; ``auto`` takes bfloat16 where the hardware multiplies it."""

    threads: int = Field(default=0, ge=0)
    """CPU threads for the models; 0 is one per physical core."""


class IngestionSettings(_Section):
    """``[ingestion]``"""

    node_tokens: int = Field(default=300, ge=64, le=480)
    """Most tokens of a node, by the embedding model's own tokenizer."""

    overlap_tokens: int = Field(default=40, ge=0, le=128)
    """Tokens repeated between neighbours when a section has to be cut."""

    max_file_mb: int = Field(default=64, ge=1)
    """Larger files are skipped, with that reason."""

    include: tuple[str, ...] = ()
    """Patterns in ``.gitignore`` form; where there are any, only files they name are read."""

    exclude: tuple[str, ...] = ()
    """Patterns in ``.gitignore`` form, besides the folder's own ``.gitignore``."""

    read_seconds: float = Field(default=120, gt=0)
    """Longest that reading one file may take; a slower one is stopped and reported."""

    read_memory_mb: int = Field(default=2048, ge=128)
    """Most memory that reading one file may take; a greedier one is stopped and reported."""


class RetrievalSettings(_Section):
    """``[retrieval]``"""

    similarity_top_k: int = Field(default=5, ge=1, le=50)
    """Hits of a search."""

    candidates: int = Field(default=100, ge=10, le=1000)
    """How deep each leg is asked before fusion."""

    fusion: Literal["score", "reciprocal_rank"] = "score"
    """How the legs are joined."""

    dense_weight: float = Field(default=0.5, ge=0.0, le=1.0)
    """Weight of the dense leg in score fusion; the lexical leg has the rest."""

    dictionary: Path | None = None
    """A text file of Korean words that are to be kept whole, one a line; unless named,
    ``words.txt`` beside the settings, if there is one. When the words change, the next ingestion
    analyses the notes anew."""

    proximity: float = Field(default=1.0, ge=0.0, le=4.0)
    """How much it counts in score fusion that words of the question stand together in a passage,
    beside the lexical leg's 1."""

    reranker: str = ""
    """A cross-encoder that reads the best candidates again: local folder or hub id; none if
    empty. On a CPU a large one takes seconds."""

    rerank_candidates: int = Field(default=30, ge=1, le=200)
    """How many of the best candidates a reranker reads."""


class AnswerSettings(_Section):
    """``[answer]``"""

    max_tokens: int = Field(default=320, ge=16, le=4096)
    """Longest answer."""

    sources: int = Field(default=3, ge=1, le=20)
    """Passages put before the model. Five stated no more facts than three in half again as many
    tokens."""

    passage_tokens: int = Field(default=0, ge=0)
    """A passage cut from a longer section is put before the model with its neighbours up to this
    many tokens; 0 leaves it as it was found."""

    context_tokens: int = Field(default=2048, ge=512)
    """Most prompt tokens: instructions, question, history and sources together."""

    refusal: float = Field(default=0.5, ge=0.0, le=1.0)
    """How much evidence an answer needs: 0 answers everything, 1 next to nothing."""


class InterfaceSettings(_Section):
    """``[interface]``"""

    theme: str = "assistant-dark"
    """A Textual theme by name."""

    language: Literal["auto", "ko", "en"] = "auto"
    """What the interface speaks; `auto` is the system's language (`LANG`)."""

    keys: tuple[str, ...] = ()
    """Keys of your own: `chat.new=f10`, several with spaces between. Keys that edit text stay the
    prompt's. `assistant settings keys` lists what can have one."""


class Settings(BaseSettings):
    """All settings, each documented beneath it."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix=_PREFIX,
        env_nested_delimiter="__",
    )

    library: Path = Field(default_factory=paths.library_folder)
    """The folder of the library in use."""

    models: ModelSettings = ModelSettings()
    ingestion: IngestionSettings = IngestionSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    answer: AnswerSettings = AnswerSettings()
    interface: InterfaceSettings = InterfaceSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the caller says wins over the environment, which wins over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file())


def file() -> Path:
    """The settings file that is read; it need not exist."""
    named = os.environ.get("ASSISTANT_CONFIG")
    return Path(named).expanduser() if named else paths.config_file()


def load(**overrides: Any) -> Settings:
    """Read the settings.

    ``overrides`` are top-level settings (``library=Path(…)``) or whole sections.

    Raises:
        ConfigError: a key is unknown, a value is wrong, or the file is not TOML.
    """
    toml = file()
    if os.environ.get("ASSISTANT_CONFIG") and not toml.is_file():
        raise ConfigError(f"no settings file at {toml}", "mend or unset ASSISTANT_CONFIG")
    _refuse_unknown_variables()
    try:
        return Settings(**overrides)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{toml} is not valid TOML: {error}", "mend the line it names") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise ConfigError(f"unknown setting {key!r}", _suggest(key, toml)) from error
        raise ConfigError(f"setting {key!r}: {first['msg']}", f"see {toml}") from error


def _known_keys() -> list[str]:
    keys = []
    for name, info in Settings.model_fields.items():
        section = info.annotation
        if isinstance(section, type) and issubclass(section, _Section):
            keys += [f"{name}.{key}" for key in section.model_fields]
        else:
            keys.append(name)
    return keys


def _suggest(key: str, file: Path) -> str:
    near = difflib.get_close_matches(key, _known_keys(), n=1)
    return f"did you mean {near[0]!r}?" if near else f"remove it from {file} or the environment"


def _refuse_unknown_variables() -> None:
    # pydantic-settings refuses unknown keys of a file but passes over unknown top-level variables.
    known = {_PREFIX + name.upper() for name in Settings.model_fields}
    for name in os.environ:
        upper = name.upper()
        if upper.startswith(_PREFIX) and upper not in _NOT_SETTINGS:
            if upper.split("__")[0] not in known:
                raise ConfigError(
                    f"unknown variable {name}", "unset it; `assistant --help` lists all"
                )
