"""Every screen looks as it did: wide, narrow, in Korean, in high contrast.

``python -m tests.test_snapshots`` draws the kept pictures anew; look at the difference before it
is committed. Drawn by one version of Python, as wrapping and timing differ a little.
"""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

KEPT = Path(__file__).parent / "snapshots"
ROOT = KEPT.parent.parent
PYTHON = (3, 11)
LANGUAGES = {"wide": "en", "narrow": "en", "contrast": "en", "korean": "ko"}


def draw(folder: Path, variant: str, home: Path) -> None:
    """Draw all screens in one way; a process of its own, as keys are named at import."""
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")},
        "ASSISTANT_HOME": str(home / "assistant"),
        "HOME": str(home),
        "LANG": f"{LANGUAGES[variant]}_X.UTF-8",
        "LC_ALL": "",
        "LC_MESSAGES": "",
        "TZ": "UTC",
        "TEXTUAL_ANIMATIONS": "none",
        "COLORTERM": "truecolor",
        "NO_COLOR": "",
    }
    del environ["NO_COLOR"]
    subprocess.run(
        [sys.executable, "-m", "tests.snapshot_screens", str(folder), variant],
        env=environ,
        cwd=ROOT,
        check=True,
        timeout=120,
    )


@pytest.mark.skipif(sys.version_info[:2] != PYTHON, reason="drawn by another Python")
@pytest.mark.parametrize("variant", LANGUAGES)
def test_every_screen_looks_as_it_did(variant: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    now = tmp_path / "now"
    now.mkdir()
    draw(now, variant, home)
    kept = {file.name for file in KEPT.iterdir() if f".{variant}." in file.name}
    assert {file.name for file in now.iterdir()} == kept
    changed = [name for name in sorted(kept) if _text(KEPT / name) != _text(now / name)]
    assert changed == [], "\n".join(_difference(KEPT / name, now / name) for name in changed)


def _text(file: Path) -> str:
    return file.read_text("utf-8")


def _difference(before: Path, now: Path) -> str:
    lines = _text(before).splitlines(), _text(now).splitlines()
    return "\n".join(difflib.unified_diff(*lines, before.name, now.name, lineterm="", n=1))


def renew() -> None:
    """Draw all kept pictures anew."""
    KEPT.mkdir(exist_ok=True)
    for file in KEPT.glob("*.txt"):
        file.unlink()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        for variant in LANGUAGES:
            draw(KEPT, variant, home)


if __name__ == "__main__":
    renew()
