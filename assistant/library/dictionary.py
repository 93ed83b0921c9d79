"""The user's own words, which the analyser keeps whole: a text file, one word a line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from assistant import paths
from assistant.display import plain
from assistant.errors import ConfigError

_MOST = 40  # characters; Kiwi's own longest names are shorter
_WORD = re.compile(r"[^\W_](?:[-+.#/_]?[^\W_])+")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")


def read(named: Path | None) -> tuple[str, ...]:
    """The words of the file, sorted and each once.

    Where none is named it is :func:`assistant.paths.dictionary_file`, which need not be there.

    What follows ``#`` behind a space or at the start of a line is a remark.

    Raises:
        ConfigError: the file cannot be read, or a line of it is not a Korean word.
    """
    file = paths.dictionary_file() if named is None else named.expanduser()
    if named is None and not file.exists():
        return ()
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not UTF-8 text", "save it as UTF-8") from error
    except OSError as error:
        raise ConfigError(
            f"the dictionary {file} cannot be read: {error.strerror}",
            "mend or take out retrieval.dictionary",
        ) from error
    return tuple(sorted(set(_words(file, text))))


def _words(file: Path, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        word = unicodedata.normalize("NFKC", re.sub(r"(?:^|\s)#.*", "", line).strip())
        if word and (fault := _fault(word)):
            raise ConfigError(f"{file}, line {number}: {plain(word[:_MOST])!r} {fault}", _HINT)
        if word:
            yield word


_HINT = "one Korean word of two letters or more a line, as 전이학습 or C언어; mend or remove it"


def _fault(word: str) -> str:
    if any(character.isspace() for character in word):
        return "has a space within"
    if not _HANGUL.search(word):
        return "holds no Korean; other words are kept whole by themselves"
    if len(word) > _MOST:
        return f"is longer than {_MOST} letters"
    return "" if _WORD.fullmatch(word) else "is not a word"
