"""The particles of Korean, which depend on how the word before them ends."""

from __future__ import annotations

import re

# With a final consonant, without one. ``(으)로`` is short after ㄹ as well.
_PARTICLES = {"이(가)": "이가", "을(를)": "을를", "은(는)": "은는", "과(와)": "과와"}
_WRITTEN = re.compile(r"(\w)([\"'’”)\]`]*)(이\(가\)|을\(를\)|은\(는\)|과\(와\)|\(으\)로)")
_RIEUL = 8
# How digits are read: 영 일 이 삼 사 오 육 칠 팔 구.
_DIGIT_FINALS = (21, 8, 0, 16, 0, 0, 1, 8, 8, 0)


class Said(str):
    """A template whose particles fit what is filled in."""

    __slots__ = ()

    def format(self, *values: object, **named: object) -> str:
        return fitted(str.format(self, *values, **named))


def has_particle(text: str) -> bool:
    """Whether ``text`` holds a particle that is written both ways."""
    return any(particle in text for particle in (*_PARTICLES, "(으)로"))


def fitted(text: str) -> str:
    """``text`` with ``이(가)`` and its like as they are said; as written after foreign letters."""
    return _WRITTEN.sub(_fit, text)


def _fit(found: re.Match[str]) -> str:
    letter, marks, particle = found.groups()
    if "가" <= letter <= "힣":
        final = (ord(letter) - ord("가")) % 28
    elif letter in "0123456789":
        final = _DIGIT_FINALS[int(letter)]
    else:
        return found[0]
    if particle == "(으)로":
        said = "로" if final in (0, _RIEUL) else "으로"
    else:
        said = _PARTICLES[particle][final == 0]
    return f"{letter}{marks}{said}"
