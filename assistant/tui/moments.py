"""Dates, hours and spans of time as people of each language write them."""

from __future__ import annotations

from datetime import datetime

from assistant.display import plain
from assistant.tui.strings import S


def local_time(moment: str) -> str:
    """An ISO 8601 time in this machine's zone, to the minute; as it stands when it is not one."""
    then = _read(moment)
    return plain(moment) if then is None else S.moment(then)


def short_time(moment: str) -> str:
    """The hour of today, the day of this year, or the date; at most ten cells."""
    then = _read(moment)
    if then is None:
        return plain(moment)[:10]
    today = now()
    if then.date() == today.date():
        return S.hour(then)
    return S.day(then) if then.year == today.year else f"{then:%Y-%m-%d}"


def duration(seconds: float) -> str:
    """``8 s``, ``2 min``, ``1 h 5 min``: how people say how long."""
    if seconds < 90:
        return S.seconds.format(count=max(0, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 90:
        return S.minutes.format(count=minutes)
    return S.hours.format(hours=minutes // 60, minutes=minutes % 60)


def now() -> datetime:
    """This moment, in this machine's zone."""
    return datetime.now().astimezone()


def _read(moment: str) -> datetime | None:
    try:
        return datetime.fromisoformat(moment).astimezone()
    except ValueError:
        return None
