"""Ask your own notes, in Korean and English, on your own machine."""

__version__ = "0.1.0"
