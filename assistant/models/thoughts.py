"""What a reasoning model thinks before it answers, kept apart from the answer."""

from __future__ import annotations

import re

_OPEN = ("<think>", "<thinking>")
_CLOSE = re.compile(r"</think(?:ing)?>")


class Thoughts:
    """Lets an answer through and folds away ``<think>…</think>`` at its beginning.

    Some chat templates put ``<think>`` into the prompt, so that only the end of the thoughts is
    marked. Where they are ``expected`` nothing is let through before that mark, or the end.
    """

    def __init__(self, *, expected: bool = False) -> None:
        self.any = False
        """Something was thought."""
        self._held = ""  # of which it is not known yet what it is
        self._expected = expected
        self._answering = False
        self._fresh = False  # thoughts have just ended: blank space does not begin an answer

    def thought(self, text: str) -> None:
        """Told of thoughts that came in a field of their own: the text is then all answer."""
        if text:
            self.any = True
            self._expected = False

    def add(self, text: str) -> str:
        """What of the answer has become known with ``text``."""
        if self._answering:
            return self._begin(text)
        self._held += text
        begun = self._held.lstrip()
        opened = begun.startswith(_OPEN)
        if opened or self._expected:
            self.any = self.any or opened
            end = _CLOSE.search(begun)
            if end is None:
                return ""
            self.any = self._fresh = True
            return self._let(begun[end.end() :])
        if any(tag.startswith(begun) for tag in _OPEN):
            return ""
        return self._let(self._held)

    def end(self) -> str:
        """What was held back and turns out to be answer, now that no more comes."""
        held, self._held = self._held, ""
        return "" if held.lstrip().startswith(_OPEN) else held

    def _let(self, text: str) -> str:
        self._answering, self._held = True, ""
        return self._begin(text)

    def _begin(self, text: str) -> str:
        if self._fresh:
            text = text.lstrip()
            self._fresh = not text
        return text
