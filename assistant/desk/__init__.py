"""The headless core that every face works through."""

from assistant.desk.desk import Desk

__all__ = ["Desk"]
