"""Parts of a document into nodes: passages small enough to embed, whole enough to cite.

A section that fits is one node, however small: joined with its neighbours it is found no better,
makes prompts longer, and its citation could no longer name it. A longer one is cut between
paragraphs, then between sentences, and only a sentence too long by itself between tokens; tables
and code are cut between lines, and only when they must be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from assistant.ingestion.text import language
from assistant.protocols import Tokenizer
from assistant.sentences import fenced, sentences
from assistant.types import Node, Part, Place

SPLITTER_VERSION = "2"
"""Changes whenever the same file would give other nodes: by another splitter, another reader."""

_PART_BREAK = "\n\n"
_NAME_CHARACTERS = 100  # of a heading, in the context
_WINDOW = 4_000  # characters the tokenizer is given at once of a text without any boundary


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the document that is not cut. ``prose`` may be repeated as overlap."""

    start: int
    end: int
    tokens: int
    prose: bool


@dataclass(frozen=True, slots=True)
class _Section:
    """A part and its pieces. ``start`` is its own, ``body`` where its heading ends."""

    start: int
    body: int
    place: Place
    pieces: tuple[_Piece, ...]

    @property
    def content(self) -> tuple[_Piece, ...]:
        """The pieces after the heading."""
        return tuple(piece for piece in self.pieces if piece.start >= self.body)


def document_text(parts: Sequence[Part]) -> str:
    """The text node offsets count in."""
    return _PART_BREAK.join(part.text for part in parts)


def split(
    title: str,
    parts: Sequence[Part],
    tokenizer: Tokenizer,
    *,
    node_tokens: int,
    overlap_tokens: int,
) -> list[Node]:
    """Nodes in the order of the text, each within one page, cell and section.

    ``node.text`` is ``document_text(parts)[node.start : node.end]``; context and text together
    have at most ``node_tokens`` tokens, but for the few that arise where pieces meet. Where a
    section is cut, up to ``overlap_tokens`` of whole sentences are repeated. A node has the line
    it begins at if its part has one. Time is linear in the length of the text.
    """
    return _Splitter(title, parts, tokenizer, node_tokens, overlap_tokens).nodes()


class _Splitter:
    def __init__(
        self,
        title: str,
        parts: Sequence[Part],
        tokenizer: Tokenizer,
        node_tokens: int,
        overlap_tokens: int,
    ) -> None:
        self._title = title
        self._parts = parts
        self._text = document_text(parts)
        self._tokenizer = tokenizer
        self._node_tokens = node_tokens
        self._overlap_tokens = overlap_tokens
        self._contexts: dict[tuple[str, tuple[str, ...]], tuple[str, int]] = {}

    def nodes(self) -> list[Node]:
        nodes: list[Node] = []
        for section in self._sections():
            context, context_tokens = self._context(section.place)
            room = max(self._node_tokens - context_tokens, 1)
            line, counted = section.place.line, section.start
            for start, end in self._cut(section, room):
                text = self._text[start:end]
                if line is not None:
                    line += self._text.count("\n", counted, start)
                    counted = start
                nodes.append(
                    Node(
                        text=text,
                        place=replace(section.place, line=line),
                        start=start,
                        end=end,
                        language=language(text),
                        context=context,
                    )
                )
        return nodes

    # ------------------------------------------------------------------ sections

    def _sections(self) -> list[_Section]:
        """Parts with their blocks counted, all in one call of the tokenizer."""
        starts = list(accumulate((len(p.text) + len(_PART_BREAK) for p in self._parts), initial=0))
        blocks = [
            [(start + first, start + end, prose) for first, end, prose in _blocks(part.text)]
            for part, start in zip(self._parts, starts, strict=False)
        ]
        counts = iter(self._count([(first, end) for own in blocks for first, end, _ in own]))
        sections = [
            _Section(
                start,
                start + _heading_end(part),
                part.place,
                tuple(_Piece(first, end, next(counts), prose) for first, end, prose in own),
            )
            for part, start, own in zip(self._parts, starts, blocks, strict=False)
            if own
        ]
        followers = [*sections[1:], None]
        return [s for s, after in zip(sections, followers, strict=True) if not _is_bare(s, after)]

    # ------------------------------------------------------------------ cutting

    def _cut(self, section: _Section, room: int) -> Iterator[tuple[int, int]]:
        """Spans of the nodes of a section."""
        # A heading with nothing beneath it is all there is to say.
        pieces = list(section.content or section.pieces)
        if sum(piece.tokens for piece in pieces) <= room:
            yield pieces[0].start, pieces[-1].end
            return
        pieces = [small for piece in pieces for small in self._small(piece, room)]
        overlap = min(self._overlap_tokens, room // 4)
        # Even shares rather than full nodes and a crumb.
        total = sum(piece.tokens for piece in pieces)
        share = total / -(-total // (room - overlap))
        start, tokens, fresh, last = pieces[0].start, 0, 0, pieces[0]
        for piece in pieces:
            if fresh and (tokens + piece.tokens > room or fresh >= share):
                yield start, last.end
                start, tokens = self._overlap(start, last, piece, min(overlap, room - piece.tokens))
                fresh = 0
            tokens += piece.tokens
            fresh += piece.tokens
            last = piece
        yield start, last.end

    def _small(self, piece: _Piece, room: int) -> Iterator[_Piece]:
        """A piece as pieces that fit: sentences or lines, and stretches of tokens if need be."""
        if piece.tokens <= room:
            yield piece
            return
        block = self._text[piece.start : piece.end]
        spans = sentences(block) if piece.prose else _line_spans(block)
        spans = [(piece.start + start, piece.start + end) for start, end in spans]
        for (start, end), tokens in zip(spans, self._count(spans), strict=True):
            if tokens <= room:
                yield _Piece(start, end, tokens, piece.prose)
            else:
                yield from self._stretches(start, end, room)

    def _stretches(self, start: int, end: int, room: int) -> Iterator[_Piece]:
        while start < end:
            stop = min(start + _WINDOW, end)
            if stop < end:  # rather between words
                space = self._text.rfind(" ", start + _WINDOW // 2, stop)
                stop = space if space > 0 else stop
            window = self._text[start:stop]
            offsets = self._tokenizer.offsets(window)
            edges = [offset for offset, _ in offsets[::room]][1:]
            for first, last in pairwise([0, *edges, len(window)]):
                text = window[first:last]
                if text.strip():
                    left = start + first + len(text) - len(text.lstrip())
                    right = start + last - len(text) + len(text.rstrip())
                    yield _Piece(left, right, min(room, len(offsets)), prose=False)
            start = stop

    def _overlap(self, start: int, last: _Piece, piece: _Piece, limit: int) -> tuple[int, int]:
        """Where the node of ``piece`` begins, to repeat whole sentences, and their tokens."""
        begin, tokens = piece.start, 0
        if not last.prose or limit <= 0:
            return begin, tokens
        offset = max(start, last.start)
        # The last few are enough: a sentence has at least one token.
        tail = sentences(self._text[offset : last.end])[-limit:]
        spans = [(offset + first, offset + end) for first, end in reversed(tail)]
        for (first, _), count in zip(spans, self._count(spans), strict=True):
            if tokens + count > limit or first <= start:  # never all of the node before
                break
            begin, tokens = first, tokens + count
        return begin, tokens

    # ------------------------------------------------------------------ counting

    def _count(self, spans: Sequence[tuple[int, int]]) -> list[int]:
        if not spans:
            return []
        # A text without boundaries is counted in windows: no tokenizer promises linear time.
        texts, owners = [], []
        for owner, (start, end) in enumerate(spans):
            for window in range(start, end, _WINDOW):
                texts.append(self._text[window : min(window + _WINDOW, end)])
                owners.append(owner)
        counts = [0] * len(spans)
        for owner, count in zip(owners, self._tokenizer.count(texts), strict=True):
            counts[owner] += count
        return counts

    def _context(self, place: Place) -> tuple[str, int]:
        """Title, sheet and headings, at most a third of a node, and its tokens."""
        key = (place.sheet, place.headings)
        if key not in self._contexts:
            names: list[str] = []
            for name in (self._title, place.sheet, *place.headings):
                name = name[:_NAME_CHARACTERS].strip()
                if name and name not in names:
                    names.append(name)
            context = " › ".join(names)
            limit = self._node_tokens // 3
            offsets = self._tokenizer.offsets(context)
            if len(offsets) > limit:  # the innermost headings say most
                context = context[offsets[-limit][0] :].lstrip(" ›")
            self._contexts[key] = (context, min(len(offsets), limit))
        return self._contexts[key]


def _is_bare(section: _Section, following: _Section | None) -> bool:
    """Whether a section is but a heading, and what follows stands under it and names it."""
    if following is None:
        return False
    above, below = section.place.headings, following.place.headings
    return not section.content and above == below[: len(above)]


def _blocks(text: str) -> Iterator[tuple[int, int, bool]]:
    """Paragraphs, lists, tables, formulas and code as (start, end, prose), without blank lines."""
    lines = text.split("\n")
    kind, start, end, position = "", 0, 0, 0
    for line, in_code, in_formula in zip(lines, fenced(lines), _displayed(lines), strict=True):
        here = "code" if in_code else "formula" if in_formula else _kind(line.strip())
        if kind and (here != kind or here == "heading"):
            yield start, end, kind == "prose"
            kind = ""
        if here and not kind:
            kind, start = here, position + len(line) - len(line.lstrip())
        end = position + len(line.rstrip())
        position += len(line) + 1
    if kind:
        yield start, end, kind == "prose"


def _displayed(lines: Sequence[str]) -> list[bool]:
    """For each line, whether it belongs to a formula between two lines that are ``$$``."""
    marks = [number for number, line in enumerate(lines) if line.strip() == "$$"]
    inside = [False] * len(lines)
    for first, last in zip(marks[::2], marks[1::2], strict=False):
        inside[first : last + 1] = [True] * (last + 1 - first)
    return inside


def _kind(line: str) -> str:
    if re.match(r"#{1,6}\s", line):
        return "heading"
    if line.startswith("|"):
        return "table"
    return "prose" if line else ""


def _line_spans(block: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\S(?:[^\n]*\S)?", block)]


def _heading_end(part: Part) -> int:
    """Where the text after a part's own heading begins; 0 if the part does not begin with it."""
    if not part.place.headings:
        return 0
    for pattern in (r".*", r"(?s:.*?)(?=\n\n|\Z)"):  # a line, or a heading printed on several
        head = re.match(pattern, part.text)
        if head and _letters(head[0]) == _letters(part.place.headings[-1]):
            return head.end()
    return 0


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
