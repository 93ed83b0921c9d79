"""Settings: a TOML file, over it ``ASSISTANT_*`` variables, over those what the caller says.

They are loaded once and handed down. A nested setting is written ``ASSISTANT_MODELS__DEVICE`` in
the environment and ``[models] device = …`` in the file. A key nobody knows is refused by name.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from assistant import paths
from assistant.errors import ConfigError
from assistant.settings_value import Between, Pattern, Unfit, checked, declared

_PREFIX = "ASSISTANT_"
# Variables with the prefix that are not settings: they decide where the settings are, or are a
# secret.
_NOT_SETTINGS = {"ASSISTANT_HOME", "ASSISTANT_CONFIG", "ASSISTANT_API_KEY"}


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """``[models]``"""

    embedding: str = "multilingual-e5-small+use"
    """Catalogue name, local folder (``./…`` or absolute) or hub id (``org/name``). A library stays
    with the model that it was embedded by."""

    generation: str = "auto"
    """As above, or a ``.gguf`` file, or the URL of an OpenAI-compatible endpoint with the model's
    name there (``http://127.0.0.1:11434/v1#qwen3:4b``); ``auto`` takes the largest embedded model
    that fits."""

    api_key_variable: Annotated[str, Pattern(r"[A-Za-z_]\w*", "the name of a variable")] = (
        "ASSISTANT_API_KEY"
    )
    """The environment variable that holds the endpoint's key; the key itself is no setting."""

    timeout: Annotated[float, Between(above=0)] = 120
    """Longest wait, in seconds, for the next piece from an endpoint."""

    context_window: Annotated[int, Between(0)] = 0
    """Tokens that an endpoint's model takes, prompt and answer; 0 is what the endpoint says, or
    4096 where it does not."""

    thinking_tokens: Annotated[int, Between(0)] = 0
    """Tokens that an endpoint's model may think besides its answer; 0 asks it not to think."""

    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """Where models run."""

    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Number format of the weights; ``auto`` takes bfloat16 where the hardware multiplies it."""

    threads: Annotated[int, Between(0)] = 0
    """CPU threads for the models; 0 is one per physical core."""


@dataclass(frozen=True, slots=True)
class IngestionSettings:
    """``[ingestion]``"""

    node_tokens: Annotated[int, Between(64, 480)] = 300
    """Most tokens of a node, by the embedding model's own tokenizer."""

    overlap_tokens: Annotated[int, Between(0, 128)] = 40
    """Tokens repeated between neighbours when a section has to be cut."""

    max_file_mb: Annotated[int, Between(1)] = 64
    """Larger files are skipped, with that reason."""

    include: tuple[str, ...] = ()
    """Patterns in ``.gitignore`` form; where there are any, only files they name are read."""

    exclude: tuple[str, ...] = ()
    """Patterns in ``.gitignore`` form, besides the folder's own ``.gitignore``."""

    read_seconds: Annotated[float, Between(above=0)] = 120
    """Longest that reading one file may take; a slower one is stopped and reported."""

    read_memory_mb: Annotated[int, Between(128)] = 2048
    """Most memory that reading one file may take; a greedier one is stopped and reported."""


@dataclass(frozen=True, slots=True)
class RetrievalSettings:
    """``[retrieval]``"""

    similarity_top_k: Annotated[int, Between(1, 50)] = 5
    """Hits of a search."""

    candidates: Annotated[int, Between(10, 1000)] = 100
    """How deep each leg is asked before fusion."""

    fusion: Literal["score", "reciprocal_rank"] = "score"
    """How the legs are joined."""

    dense_weight: Annotated[float, Between(0, 1)] = 0.5
    """Weight of the dense leg in score fusion; the lexical leg has the rest."""

    dictionary: Path | None = None
    """A text file of Korean words that are to be kept whole, one a line; unless named,
    ``words.txt`` beside the settings, if there is one. When the words change, the next ingestion
    analyses the notes anew."""

    proximity: Annotated[float, Between(0, 4)] = 1.0
    """How much it counts in score fusion that words of the question stand together in a passage,
    beside the lexical leg's 1."""

    reranker: str = ""
    """A cross-encoder that reads the best candidates again: local folder or hub id; none if
    empty. On a CPU a large one takes seconds."""

    rerank_candidates: Annotated[int, Between(1, 200)] = 30
    """How many of the best candidates a reranker reads."""


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """``[answer]``"""

    max_tokens: Annotated[int, Between(16, 4096)] = 320
    """Longest answer."""

    sources: Annotated[int, Between(1, 20)] = 3
    """Passages put before the model. Five stated no more facts than three in half again as many
    tokens."""

    passage_tokens: Annotated[int, Between(0)] = 0
    """A passage cut from a longer section is put before the model with its neighbours up to this
    many tokens; 0 leaves it as it was found."""

    context_tokens: Annotated[int, Between(512)] = 2048
    """Most prompt tokens: instructions, question, history and sources together."""

    refusal: Annotated[float, Between(0, 1)] = 0.5
    """How much evidence an answer needs: 0 answers everything, 1 next to nothing."""


@dataclass(frozen=True, slots=True)
class InterfaceSettings:
    """``[interface]``"""

    theme: str = "assistant-dark"
    """A Textual theme by name."""

    language: Literal["auto", "ko", "en"] = "auto"
    """What the interface speaks; `auto` is the system's language (`LANG`)."""

    keys: tuple[str, ...] = ()
    """Keys of your own: `chat.new=f10`, several with spaces between. Keys that edit text stay the
    prompt's. `assistant settings keys` lists what can have one."""

    linear: bool = False
    """For screen readers: line after line, nothing drawn, moved or taken back; so does
    `assistant chat --linear`."""

    reduced_motion: bool = False
    """Nothing moves by itself: no animation, no blinking, progress in figures alone."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, each documented beneath it."""

    library: Path = field(default_factory=paths.library_folder)
    """The folder of the library in use."""

    models: ModelSettings = ModelSettings()
    ingestion: IngestionSettings = IngestionSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    answer: AnswerSettings = AnswerSettings()
    interface: InterfaceSettings = InterfaceSettings()


SECTIONS: Mapping[str, type] = {
    each.name: type(each.default) for each in fields(Settings) if is_dataclass(each.default)
}
"""The sections of the settings, by name."""


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
    told = _joined(_from_file(), _from_environment())
    return Settings(**{**_read(Settings, told), **overrides})


def as_json(settings: Any, *sections: str) -> dict[str, Any]:
    """Settings, or ``sections`` of them, as values that JSON knows."""
    told: dict[str, Any] = {}
    for each in fields(settings):
        value = getattr(settings, each.name)
        if sections and each.name not in sections:
            continue
        if is_dataclass(value):
            told[each.name] = as_json(value)
        else:
            told[each.name] = str(value) if isinstance(value, Path) else value
    return told


def _from_file() -> dict[str, Any]:
    toml = file()
    if not toml.is_file():
        if os.environ.get("ASSISTANT_CONFIG"):
            raise ConfigError(f"no settings file at {toml}", "mend or unset ASSISTANT_CONFIG")
        return {}
    import tomllib  # most have no settings of their own

    try:
        with toml.open("rb") as opened:
            return tomllib.load(opened)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{toml} is not valid TOML: {error}", "mend the line it names") from error
    except OSError as error:
        raise ConfigError(f"{toml} cannot be read: {error}", "mend it first") from error


def _from_environment() -> dict[str, Any]:
    known = {each.name for each in fields(Settings)}
    told: dict[str, Any] = {}
    for variable, value in os.environ.items():
        upper = variable.upper()
        if not upper.startswith(_PREFIX) or upper in _NOT_SETTINGS:
            continue
        section, _, name = upper.removeprefix(_PREFIX).lower().partition("__")
        if section not in known or bool(name) is not (section in SECTIONS):
            raise ConfigError(
                f"unknown variable {variable}", "unset it; `assistant --help` lists all"
            )
        if name:
            told.setdefault(section, {})[name] = value
        else:
            told[section] = value
    return told


def _joined(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """``above`` over ``below``, section by section."""
    joined = dict(below)
    for key, value in above.items():
        before = joined.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            value = {**before, **value}
        joined[key] = value
    return joined


def _read(section: type, told: object, at: str = "") -> dict[str, Any]:
    """The values of a section as they were told, checked one by one."""
    if not isinstance(told, dict):
        raise ConfigError(f"setting {at[:-1]!r}: must be a section", f"see {file()}")
    if not told:
        return {}  # and no annotation has to be evaluated
    wanted = declared(section)
    values: dict[str, Any] = {}
    for name, value in told.items():
        key = f"{at}{name}"
        if name not in wanted:
            raise ConfigError(f"unknown setting {key!r}", _suggest(key))
        if not at and name in SECTIONS:
            values[name] = SECTIONS[name](**_read(SECTIONS[name], value, f"{name}."))
            continue
        try:
            values[name] = checked(wanted[name], value)
        except Unfit as error:
            raise ConfigError(f"setting {key!r}: {error}", f"see {file()}") from error
    return values


def _suggest(key: str) -> str:
    import difflib  # slow to import, and there is rarely anything to suggest

    known = [each.name for each in fields(Settings) if each.name not in SECTIONS]
    known += [f"{name}.{each.name}" for name in SECTIONS for each in fields(SECTIONS[name])]
    near = difflib.get_close_matches(key, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"remove it from {file()} or the environment"
