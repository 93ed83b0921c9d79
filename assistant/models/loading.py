"""One model is loaded at a time."""

from __future__ import annotations

from threading import Lock

ONE_AT_A_TIME = Lock()
"""Held while a library builds a model.

It sets torch's default dtype meanwhile, which all threads share, and then puts back what it found:
of two at once, one finds what the other has set.
"""
