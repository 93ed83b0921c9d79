"""Where the columns of a scanned page are, from its ink alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from assistant.ingestion.readers.pdf_layout import gutter_of

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_STRIP = 16  # pixels: a third of the height of small print at 300 dpi
_SIZE = 40.0  # pixels, about that of small print
_REGIONS = 12  # a page of more is no text in columns


def regions(image: Picture) -> list[tuple[int, int, int, int]]:
    """Boxes (left, upper, right, lower) of a grey picture, in reading order.

    Bands from the top down, and the columns within them; the whole where no columns show.
    """
    import numpy as np

    whole = (0, 0, image.width, image.height)
    if min(image.size) < 8 * _STRIP:
        return [whole]
    pixels: Any = np.asarray(image.reduce(4))
    dark = pixels < (int(pixels.min()) + int(pixels.max())) // 2
    rows = [list(_runs(strip)) for strip in _strips(dark)]
    gutter = gutter_of([(left, right, _SIZE) for row in rows for left, right in row])
    if gutter is None:
        return [whole]
    boxes: list[tuple[int, int, int, int]] = []
    across = [any(left < gutter < right for left, right in row) for row in rows]
    middle = int(gutter)
    number = 0
    for is_across, group in groupby(across):
        upper, number = number * _STRIP, number + len(list(group))
        lower = min(number * _STRIP, image.height)
        sides = ((0, image.width),) if is_across else ((0, middle), (middle, image.width))
        boxes += ((left, upper, right, lower) for left, right in sides)
    return boxes if len(boxes) <= _REGIONS else [whole]


def _strips(dark: Any) -> Any:
    """A row for each strip, dark where it or a neighbour is: so it sees its line's full height."""
    import numpy as np

    height = _STRIP // 4
    short = -dark.shape[0] % height
    padded = np.pad(dark, ((0, short), (0, 0)))
    strips: Any = padded.reshape(-1, height, dark.shape[1]).any(axis=1)
    seen: Any = strips.copy()
    seen[1:] |= strips[:-1]
    seen[:-1] |= strips[1:]
    return seen


def _runs(dark: Any) -> Iterator[tuple[float, float]]:
    """Left and right edges, in pixels, of what is dark in a row, but for gaps within words."""
    import numpy as np

    (places,) = np.nonzero(dark)
    if not len(places):
        return
    breaks = np.nonzero(np.diff(places) * 4 > _SIZE * 0.9)[0]
    starts = [places[0], *places[breaks + 1]]
    ends = [*places[breaks], places[-1]]
    for start, end in zip(starts, ends, strict=True):
        yield float(start) * 4, float(end + 1) * 4
