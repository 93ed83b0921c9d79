"""Questions that need no language model: about the library itself, and where something is written.

What code knows for sure a small model can only get wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from assistant.display import plain
from assistant.library.library import Library
from assistant.protocols import Encoder
from assistant.query.gathering import Search
from assistant.query.kinds import library_about
from assistant.query.matching import Grounds
from assistant.query.quoting import quote
from assistant.types import EVERYTHING, Citation, FileStatus, Retrieval, Scope, Source

_MOST_FILES = 10
_MOST_NAMED = 3
_DEEP = 30  # passages in which files about something are looked for
_NEAR = 0.5  # share of the best passage's score that a file's best needs
_TRAILING = re.compile(
    r"\s*(?:을|를|은|는|이|가|이라는|라는)?\s*(?:파일|노트|문서|자료|필기|notes?|files?|documents?)\s*$",
    re.IGNORECASE,
)


def tell_of_library(
    question: str, library: Library, language: str, search: Search, scope: Scope = EVERYTHING
) -> tuple[str, Retrieval | None]:
    """What the library holds, as the question asks; and what was searched for that, if anything."""
    what, about = library_about(question)
    files = [file for file in library.files() if file.state == "indexed" and file.nodes]
    files = [file for file in files if scope.holds(file.path)]
    korean = language == "ko"
    if what == "when" or _WHEN_LAST.search(question):
        found = sorted(
            files_named(about, files) if about else files, key=lambda f: f.indexed_at, reverse=True
        )
        if about and not found:
            none = "그런 이름의 노트는 없습니다" if korean else "there is no note of that name"
            return f"{none}: {plain(about)}", None
        lines = [f"- {_name(f)}: {_day(f.indexed_at)}" for f in found[:_MOST_FILES]]
        head = "라이브러리에 들어온 때:" if korean else "Taken into the library:"
        return "\n".join([head, "", *lines]), None
    if what == "about":
        retrieval = search(about, _DEEP)
        by_file = list(files_of(retrieval.sources))
        lines = [f"- {plain(source.title)} ({plain(source.path.name)})" for source in by_file]
        if not lines:
            return (
                f"{about}에 관한 노트를 찾지 못했습니다." if korean else f"No notes about {about}."
            ), retrieval
        head = f"{about}에 가장 가까운 노트:" if korean else f"The notes nearest to {about}:"
        return "\n".join([head, "", *lines]), retrieval
    passages = sum(file.nodes for file in files)
    if re.search(r"목록|\blist\b|\bshow\b|\bwhich\b|\bwhat\b", question, re.IGNORECASE):
        lines = [f"- {_name(f)}" for f in files[: 3 * _MOST_FILES]]
        more = len(files) - len(lines)
        lines += [f"- … {more}"] if more > 0 else []
        return "\n".join(lines), None
    if korean:
        return f"노트 파일 {len(files):,}개, 구절 {passages:,}개가 있습니다.", None
    return f"There are {len(files):,} files with {passages:,} passages.", None


_WHEN_LAST = re.compile(
    r"최근에|마지막으로|방금|어제|오늘|\b(?:last|recently|today)\b", re.IGNORECASE
)


def tell_where(
    question: str, found: Retrieval, encoder: Encoder
) -> tuple[str, tuple[Citation, ...], tuple[Source, ...]]:
    """The files that ``question`` asks for, each with its best sentence, cited; their sources."""
    lines: list[str] = []
    citations: list[Citation] = []
    sources: list[Source] = []
    length = 0
    for n, best in enumerate(list(files_of(found.sources))[:_MOST_NAMED], start=1):
        own = [source for source in found.sources if source.path == best.path]
        said, cited = quote(subject_of(question), Grounds(own, encoder), most=1)
        source = next((s for s in own if cited and s.n == cited[0].n), best)
        place = " · ".join(filter(None, (plain(source.path.name), plain(source.place.label))))
        line = f"**{place}**"
        if cited:
            said = said.removesuffix(f" [{cited[0].n}]")
            line += f"\n\n{said}"
            start = length + len(f"**{place}**\n\n> ")
            moved = start - cited[0].claim_start
            citations.append(
                replace(
                    cited[0],
                    n=n,
                    claim_start=start,
                    claim_end=cited[0].claim_end + moved,
                )
            )
        lines.append(f"{line} [{n}]")
        sources.append(replace(source, n=n))
        length += len(lines[-1]) + len("\n\n")
    return "\n\n".join(lines), tuple(citations), tuple(sources)


_FRAME_WORDS = re.compile(
    r"(?:은|는|이|가)?\s*(?:어느|어떤|무슨)\s*(?:파일|노트|문서|자료)\S*(?:\s+\S+){0,2}\s*$"
    r"|^(?:in )?(?:which|what) (?:file|note|document|pdf|slide|notebook)s?\s*(?:says?|mentions?"
    r"|explains?|has|have|contains?|talks? about|describes?|covers?|tells?|discuss(?:es)?|defines?"
    r"|did i write(?: about)?|is|are)?\s*|^where (?:in my notes |did i (?:write|note))(?:about )?",
    re.IGNORECASE,
)


def subject_of(question: str) -> str:
    """What is looked for, without the words that ask for a file."""
    subject = _FRAME_WORDS.sub("", question.strip().rstrip("?？.! ")).strip()
    return subject or question


def files_of(sources: Sequence[Source]) -> Iterator[Source]:
    """The best passage of each file, files that come nowhere near the best left out."""
    seen: set[Path] = set()
    for source in sources:
        if source.path not in seen and source.score >= _NEAR * sources[0].score:
            seen.add(source.path)
            yield source


def files_named(name: str, files: Sequence[FileStatus]) -> list[FileStatus]:
    """The files of this name or title: those that are just so, else those that have it in it."""
    wanted = letters(_TRAILING.sub("", re.sub(r"^(?:the|my|내|제)\s+", "", name.strip())))
    if not wanted:
        return []
    names = [(f, {letters(f.path.name), letters(f.path.stem), letters(f.title)}) for f in files]
    return [f for f, own in names if wanted in own] or [
        f for f, own in names if any(wanted in each for each in own)
    ]


def letters(text: str) -> str:
    """What of a name counts when it is compared."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text).casefold()))


def _name(file: FileStatus) -> str:
    name = plain(file.path.name)
    return f"{plain(file.title)} ({name})" if file.title and file.title != file.path.stem else name


def _day(stamp: str) -> str:
    try:
        return datetime.fromisoformat(stamp).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return stamp
