"""A chat as a file: Markdown to read and to keep, JSON for programs."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from assistant.display import plain
from assistant.errors import ExportError
from assistant.types import Answer, Chat, Source

Turns = Sequence[tuple[str, Answer]]

_LONGEST_NAME = 60  # characters; three bytes each in Korean, and file names end at 255
# What one file system or another does not take, and what shells and people trip over.
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f<>:"/\\|?*#%&{}$!@`=+\[\]\u200b-\u200f\u202a-\u202e]+')
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)")


def export(chat: Chat, turns: Turns, to: Path) -> Path:
    """Write a chat to the file ``to``, or into the folder ``to`` under its title.

    A name that ends in ``.json`` makes JSON, any other Markdown. A file in a folder never takes
    the place of another; a file that is named does. Returns the file.

    Raises:
        ExportError: it cannot be written.
    """
    file = _free(to, file_name(chat.title)) if to.is_dir() else to
    text = to_json(chat, turns) if file.suffix.lower() == ".json" else to_markdown(chat, turns)
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ExportError(
            f"{file} cannot be written: {error.strerror}", "name another file or folder"
        ) from error
    return file


def file_name(title: str) -> str:
    """A name for the file of a chat, Korean left as it is, without suffix."""
    name = _NOT_IN_NAMES.sub(" ", unicodedata.normalize("NFC", plain(title)))
    name = " ".join(name.split())[:_LONGEST_NAME].strip(" .")
    return f"chat {name}".strip() if not name or _RESERVED.match(name) else name


def to_markdown(chat: Chat, turns: Turns) -> str:
    """The chat with, beneath each answer, the sources it rests on and their sentences."""
    lines = [f"# {_line(chat.title)}", "", f"{chat.created[:10]} – {chat.updated[:10]}"]
    for question, answer in turns:
        lines += [
            "",
            f"## {_line(question)}",
            "",
            plain(answer.marked(partial="[~]", unsupported="[?]")).strip(),
        ]
        if answer.rating:
            lines += ["", f"*rated {answer.rating}*"]
        lines += _sources(answer)
    return "\n".join(lines) + "\n"


def to_json(chat: Chat, turns: Turns) -> str:
    """The chat with all that is known of each answer; paths as the system names them."""
    value = {
        **asdict(chat),
        "turns": [{"asked": question, **asdict(answer)} for question, answer in turns],
    }
    text = json.dumps(value, ensure_ascii=False, indent=2, default=os.fspath)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _sources(answer: Answer) -> Iterator[str]:
    cited = {citation.n for citation in answer.citations}
    offered = [source for source in answer.sources if source.n in cited]
    if offered:
        yield ""
    for source in offered:
        yield f"- [{source.n}] {_where(source)}"
        sentences = (each.text for each in answer.citations if each.n == source.n)
        for sentence in dict.fromkeys(map(_line, sentences)):
            yield f"  > {sentence}"


def _where(source: Source) -> str:
    # A code span, so that nothing in a file's name is markup.
    name = _line(unicodedata.normalize("NFC", str(source.path))).replace("`", "'")
    place = _line(source.place.label)
    return f"`{name}`" + (f" · {place}" if place else "")


def _line(text: str) -> str:
    return " ".join(plain(text).split())


def _free(folder: Path, name: str) -> Path:
    file = folder / f"{name}.md"
    number = 2
    while file.exists():
        file = folder / f"{name} {number}.md"
        number += 1
    return file
