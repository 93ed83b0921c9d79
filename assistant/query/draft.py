"""What a small model wrote, made fit to be an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.display import plain
from assistant.query.matching import language_of
from assistant.sentences import sentences
from assistant.types import Language

# "[1]", "[1, 3]", with what leads up to it ("according to", "출처:") or away from it ("에 따르면").
# A bracket straight after a Latin letter, digit or bracket is an index (x[1]) and stays, as does
# inline code (the first branch).
_OWN_CITATION = re.compile(
    r"(?P<code>`[^`\n]*`)"
    r"|(?:[ \t]+|(?<![A-Za-z0-9_\])`]))"
    r"\(?(?:(?:출처|참고|자료|노트|문서|source|sources|note|notes|see)[ \t]*:?[ \t]*)?"
    r"[\[【](?:(?:출처|참고|자료|노트|문서|sources?|notes?|passages?)[ \t]*[:#]?[ \t]*)?\^?"
    r"\d{1,2}(?:[\],，~ \t\[-]+\d{1,2})*[\]】]\)?(?:번)?(?:에 따르면|에 의하면)?",
    re.IGNORECASE,
)
_INDEX = re.compile(r"(?P<code>`[^`\n]*`)|(?P<word>[A-Za-z0-9_\])]+)\[\d{1,2}(?:, ?\d{1,2})*\]")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})", re.MULTILINE)
_LEAD = re.compile(r"^\s*(?:답변|답|answer|assistant)\s*[::]\s*", re.IGNORECASE)
_NOTES_TAG = re.compile(r"</?notes>", re.IGNORECASE)
_NOT_WORD = re.compile(r"[\W_]+")
_HAN_OR_KANA = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")

_LOOP_LENGTH = 40  # characters; twice the same is emphasis, three times a loop
_LOOP_TIMES = 3
_FEW_WORDS = 4  # an answer of so few may be terms alone, which have no language


def fences(text: str) -> list[tuple[int, int]]:
    """Character spans of the fenced code blocks of ``text``; one left open runs to the end."""
    spans: list[tuple[int, int]] = []
    opened: tuple[int, str] | None = None
    for match in _FENCE.finditer(text):
        if opened is None:
            opened = (match.start(), match[1])
        elif match[1].startswith(opened[1]):
            end = text.find("\n", match.end())
            spans.append((opened[0], len(text) if end < 0 else end))
            opened = None
    if opened is not None:
        spans.append((opened[0], len(text)))
    return spans


def is_looping(text: str) -> bool:
    """Whether the end of ``text`` was said twice before: the model has begun to turn in circles."""
    tail = text[-_LOOP_LENGTH:]
    return len(tail) == _LOOP_LENGTH and text.count(tail) >= _LOOP_TIMES


def before_loop(text: str) -> str:
    """The whole sentences of a text that :func:`is_looping` cut; the last one never ended."""
    spans = sentences(text)
    return text[: spans[-2][1]] if len(spans) > 1 else ""


def tidy(text: str) -> str:
    """The answer without citations of the model's own, repeated sentences and stray labels.

    Code blocks are left as they are.
    """
    text = _LEAD.sub("", _NOTES_TAG.sub("", plain(text)))
    pieces: list[str] = []
    seen: set[str] = set()
    position = 0
    for start, end in [*fences(text), (len(text), len(text))]:
        prose = _OWN_CITATION.sub(lambda match: match["code"] or "", text[position:start])
        pieces.append(_without_repeats(prose, seen))
        pieces.append(text[start:end])
        position = end
    return re.sub(r"\n{3,}", "\n\n", "".join(pieces)).strip()


def without_references(text: str, sources: Sequence[str]) -> str:
    """``text`` without [n] straight behind a word, unless that stands in a source: x[1] is code.

    What :func:`tidy` leaves because it may be an index. Code is left as it is.
    """
    pieces: list[str] = []
    position = 0
    for start, end in [*fences(text), (len(text), len(text))]:
        pieces.append(
            _INDEX.sub(
                lambda match: (
                    match.group()
                    if match["code"] or any(match.group() in source for source in sources)
                    else match["word"]
                ),
                text[position:start],
            )
        )
        pieces.append(text[start:end])
        position = end
    return "".join(pieces)


def _without_repeats(prose: str, seen: set[str]) -> str:
    kept: list[str] = []
    position = 0
    for start, end in sentences(prose):
        words = _NOT_WORD.sub("", prose[start:end].casefold())
        if words and words in seen:
            kept.append(prose[position:start].rstrip())
        else:
            kept.append(prose[position:end])
            seen.add(words)
        position = end
    return "".join(kept) + prose[position:]


def is_in_language(text: str, language: Language) -> bool:
    """Whether an answer is in the language asked for; terms alone are in any.

    Qwen at times falls into Chinese, so a tenth of Han characters counts as neither language.
    """
    for start, end in reversed(fences(text)):
        text = text[:start] + text[end:]
    letters = len(_LETTER.findall(text))
    if 10 * len(_HAN_OR_KANA.findall(text)) > letters:
        return False
    if len(text.split()) <= _FEW_WORDS and language == "ko":
        return True
    return language_of(text) in (language, "other")
