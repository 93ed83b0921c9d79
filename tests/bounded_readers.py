"""A reader that does what the file says, for tests of what reading is bounded by."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from assistant.errors import EmptyFile, ReadError
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.reading.beat import beat
from assistant.types import Part, Place

_hoard: list[bytes] = []


def read(path: Path, data: bytes) -> Reading:
    """Obeys the first word; anything else is text."""
    command, *arguments = data.decode().split()
    match command:
        case "hang":
            time.sleep(600)
        case "spin":  # without ever letting another thread run
            re.match(r"(a+)+$", "a" * 60 + "b")
        case "work":  # for many short steps
            for _ in range(int(arguments[0])):
                time.sleep(0.25)
                beat()
        case "eat":
            held = []
            while True:
                held.append(b"x" * 1_000_000)
                time.sleep(0.0005)
        case "demand":
            bytearray(1 << 40)
        case "keep":  # memory that is never given back
            _hoard.append(b"x" * (int(arguments[0]) * 1_000_000))
        case "crash":
            ctypes.string_at(0)
        case "leave":
            os._exit(3)
        case "panic":
            raise BaseException("a library gave up")
        case "print":
            sys.stdout.write("x" * 100_000)
            os.write(1, b"y" * 100_000)
            sys.stdin.read()
        case "start":  # a program that outlives its reader, unless it is ended with it
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            time.sleep(600)
        case "refuse":
            raise ReadError("refused", "a hint")
        case "empty":
            raise EmptyFile("empty")
    where = Place(3, 1, 7, ("하나", "two"), 4, "시트", 10, 20, 1.5)
    return Reading("제목", (Part(data.decode(), where), Part("둘", Place())), 5, (2, 4))
