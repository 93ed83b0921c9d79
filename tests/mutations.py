"""Files broken at random: reading one gives text or an error of ours, and nothing else."""

from __future__ import annotations

import random
from pathlib import Path

from assistant.errors import AssistantError
from assistant.ingestion.readers import read


def survives(name: str, whole: bytes, *, times: int = 200) -> None:
    """Reads ``times`` mutations of a file: bytes changed, cut out, repeated, cut short."""
    chance = random.Random(name)
    for _ in range(times):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(data) + 1)
            length = chance.randrange(40)
            match chance.randrange(4):
                case 0:
                    data[place : place + 1] = chance.randbytes(1)
                case 1:
                    del data[place : place + length]
                case 2:
                    data[place:place] = data[place : place + length] * 3
                case _:
                    data[place:place] = chance.choice(b"\\{}[]$%<>`\n\0\xff#:").to_bytes()
        if chance.random() < 0.2:
            del data[chance.randrange(len(data) + 1) :]
        try:
            reading = read(Path(name), bytes(data))
        except AssistantError:
            continue
        lines = data.count(b"\n") + data.count(b"\r") + data.count(b"\x0b") + 10
        assert all(part.text.strip() for part in reading.parts)
        assert all((part.place.line or 1) <= lines * 2 for part in reading.parts)
