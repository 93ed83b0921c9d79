"""Small to big: what was found as a small node is read with the rest of its section.

A section too long for one node is cut, and the sentence that answers may stand beside the cut, or
need what stands there to be understood. Search keeps to the nodes, which are precise; the prompt
may take their neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.library.library import Library
from assistant.types import Source, StoredNode, Surroundings


def widen(
    sources: Sequence[Source], library: Library, count: Callable[[str], int], *, most: int
) -> tuple[Source, ...]:
    """The same sources, each with neighbours from its own section up to ``most`` tokens.

    A neighbour that is itself among ``sources`` is left to stand by itself. ``count`` gives the
    tokens of a text. ``node_id`` and the order stay; ``text`` and ``place`` are those of all that
    a source now holds.
    """
    offered = {source.node_id for source in sources}
    return tuple(
        _widened(source, library.section(source.node_id), offered, count, most)
        for source in sources
    )


def surroundings(source: Source, library: Library) -> Surroundings:
    """What the document says right before and after ``source``, as far as a neighbour of it goes.

    Nothing where the library holds another text there by now.
    """
    beside = library.beside(source.node_id)
    here = next((i for i, stored in enumerate(beside) if stored.id == source.node_id), None)
    if here is None or beside[here].node.text not in source.text:
        return Surroundings()
    node = beside[here].node
    before = after = ""
    if here > 0:
        earlier = beside[here - 1].node
        before = earlier.text[: max(0, len(earlier.text) - max(0, earlier.end - node.start))]
    if here + 1 < len(beside):
        later = beside[here + 1].node
        after = later.text[max(0, node.end - later.start) :]
    # A passage that was widened holds its neighbour already.
    return Surroundings(
        "" if before in source.text else before, "" if after in source.text else after
    )


def _widened(
    source: Source,
    section: Sequence[StoredNode],
    offered: set[int],
    count: Callable[[str], int],
    most: int,
) -> Source:
    here = next((i for i, stored in enumerate(section) if stored.id == source.node_id), None)
    if here is None:
        return source
    first = last = here
    # What follows first: a passage is begun more often than it is ended.
    for step in (1, -1, 1, -1):
        beside = last + 1 if step > 0 else first - 1
        if not 0 <= beside < len(section) or section[beside].id in offered:
            continue
        low, high = min(first, beside), max(last, beside)
        if count(_joined(section[low : high + 1])) <= most:
            first, last = low, high
    if first == last:
        return source
    chosen = section[first : last + 1]
    return replace(source, text=_joined(chosen), place=chosen[0].node.place)


def _joined(stored: Sequence[StoredNode]) -> str:
    """The text of consecutive nodes, what they repeat of each other once."""
    text, end = "", 0
    for each in stored:
        node = each.node
        if text and node.start < end:
            text += node.text[end - node.start :]
        elif text:
            in_line = node.start == end + 1 and not node.text.startswith("|")
            text += (" " if in_line else "\n" if node.start == end + 1 else "\n\n") + node.text
        else:
            text = node.text
        end = node.end
    return text
