"""Line charts as SVG, for the documents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT = 720, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 200, 40, 50
_COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#57606a", "#0a7ea4", "#bf3989")

Points = Sequence[tuple[float, float]]


def line_chart(
    title: str,
    x: str,
    y: str,
    lines: Mapping[str, Points],
    *,
    log_x: bool = False,
    log_y: bool = False,
    bar: float | None = None,
) -> str:
    """An SVG document; ``bar`` is a value of y to draw a dashed line at."""
    xs = [point[0] for points in lines.values() for point in points]
    ys = [point[1] for points in lines.values() for point in points]
    across = _Axis(xs, log_x, _LEFT, _WIDTH - _RIGHT)
    up = _Axis([*ys, *([bar] if bar is not None else [])], log_y, _HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="sans-serif" font-size="12" fill="#24292f">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="22" font-size="15">{escape(title)}</text>',
        _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 12, x, "middle"),
        f'<text transform="translate(16 {(_TOP + _HEIGHT - _BOTTOM) / 2}) rotate(-90)"'
        f' text-anchor="middle">{escape(y)}</text>',
    ]
    for value in across.ticks():
        place = across.place(value)
        parts.append(_line(place, _TOP, place, _HEIGHT - _BOTTOM, "#d0d7de"))
        parts.append(_text(place, _HEIGHT - _BOTTOM + 16, _number(value), "middle"))
    for value in up.ticks():
        place = up.place(value)
        parts.append(_line(_LEFT, place, _WIDTH - _RIGHT, place, "#d0d7de"))
        parts.append(_text(_LEFT - 6, place + 4, _number(value), "end"))
    if bar is not None:
        parts.append(
            _line(
                _LEFT,
                up.place(bar),
                _WIDTH - _RIGHT,
                up.place(bar),
                "#24292f",
                ' stroke-dasharray="5 4"',
            )
        )
    for number, (name, points) in enumerate(lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        places = [(across.place(a), up.place(b)) for a, b in sorted(points)]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in places]
        height = _TOP + 10 + 20 * number
        parts.append(
            f'<circle cx="{_WIDTH - _RIGHT + 18}" cy="{height - 4}" r="4" fill="{colour}"/>'
        )
        parts.append(_text(_WIDTH - _RIGHT + 28, height, name, "start"))
    return "\n".join((*parts, "</svg>")) + "\n"


class _Axis:
    def __init__(self, values: Sequence[float], log: bool, start: float, end: float) -> None:
        self._log = log
        self._start, self._end = start, end
        if log:
            self._low = math.floor(math.log10(min(values)))
            self._high = max(math.ceil(math.log10(max(values))), self._low + 1)
        else:
            low, high = min(values), max(values)
            room = (high - low or 1.0) * 0.05
            self._low, self._high = low - room, high + room

    def place(self, value: float) -> float:
        position = math.log10(value) if self._log else value
        share = (position - self._low) / (self._high - self._low)
        return self._start + share * (self._end - self._start)

    def ticks(self) -> list[float]:
        if self._log:
            return [10.0**power for power in range(int(self._low), int(self._high) + 1)]
        step = 10.0 ** math.floor(math.log10(self._high - self._low))
        step = next(s for s in (step, step / 2, step / 5) if (self._high - self._low) / s >= 4)
        first = math.ceil(self._low / step)
        return [number * step for number in range(first, math.floor(self._high / step) + 1)]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, more: str = "") -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{more}/>'
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.4g}"
