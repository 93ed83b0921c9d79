from __future__ import annotations

import json
import shutil
from collections import namedtuple
from pathlib import Path
from threading import Event, Thread

import pytest

from assistant.errors import ModelLoadError
from assistant.models.cache import convert_once, is_converted
from assistant.types import ModelProgress

SOURCE = "a" * 64


def write(folder: Path) -> None:
    (folder / "nested").mkdir()
    (folder / "nested" / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "source.scratch").write_bytes(b"not to be kept")


def convert(folder: Path, how: object = write, needed: int = 0) -> Path:
    return convert_once(folder, SOURCE, how, needed=needed, model="made-up")  # type: ignore[arg-type]


def test_a_conversion_is_whole_and_done_once(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "model"
    calls = []

    def counted(target: Path) -> None:
        calls.append(target)
        write(target)

    assert convert(folder, counted) == folder
    convert(folder, counted)
    assert len(calls) == 1
    assert is_converted(folder, SOURCE)
    assert not is_converted(folder, "b" * 64)
    assert not list(folder.glob("*.scratch"))


def test_an_interrupted_conversion_leaves_nothing_that_counts(tmp_path: Path) -> None:
    folder = tmp_path / "model"

    def interrupted(target: Path) -> None:
        write(target)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(folder, interrupted)
    assert not folder.exists()
    assert not is_converted(folder, SOURCE)
    convert(folder)
    assert is_converted(folder, SOURCE)


def test_what_a_killed_process_left_is_swept_away(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    partial = tmp_path / ".model.partial"
    partial.mkdir()
    (partial / "model.safetensors").write_bytes(b"wei")
    convert(folder)
    assert (folder / "model.safetensors").read_bytes() == b"weights"
    assert not partial.exists()


@pytest.mark.parametrize("damage", ["cut", "lost", "foreign", "marker"])
def test_a_damaged_or_foreign_folder_is_made_again(tmp_path: Path, damage: str) -> None:
    folder = convert(tmp_path / "model")
    if damage == "cut":
        (folder / "model.safetensors").write_bytes(b"wei")
    elif damage == "lost":
        (folder / "nested" / "config.json").unlink()
    elif damage == "foreign":
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(b"somebody else's")
    else:
        (folder / "converted.json").write_text(json.dumps([SOURCE]))
    assert not is_converted(folder, SOURCE)
    convert(folder)
    assert is_converted(folder, SOURCE)
    assert (folder / "model.safetensors").read_bytes() == b"weights"


def test_two_at_once_convert_once(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    entered, go = Event(), Event()
    calls: list[Path] = []
    heard: list[ModelProgress] = []

    def slow(target: Path) -> None:
        calls.append(target)
        entered.set()
        assert go.wait(30)
        write(target)

    def wait(event: ModelProgress) -> None:
        heard.append(event)
        go.set()

    first = Thread(target=convert, args=(folder, slow))
    first.start()
    assert entered.wait(30)
    convert_once(folder, SOURCE, slow, needed=0, model="made-up", progress=wait)
    first.join(30)
    assert len(calls) == 1
    assert "waiting" in heard[0].step
    assert is_converted(folder, SOURCE)


def test_a_disk_too_small_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(100, 50, 50))
    with pytest.raises(ModelLoadError, match="of disk are needed") as raised:
        convert(tmp_path / "model", needed=51)
    assert "ASSISTANT_HOME" in raised.value.hint
    assert not (tmp_path / "model").exists()


def test_a_write_error_is_ours(tmp_path: Path) -> None:
    def full(target: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(ModelLoadError, match="No space left"):
        convert(tmp_path / "model", full)
