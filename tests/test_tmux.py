"""The program itself in a terminal: notes are added, Korean is typed, the screen is read."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

NOTE = """# 배치 정규화

배치 정규화는 미니배치의 평균과 분산으로 활성값을 정규화한다.
실험에서 학습률은 0.003으로 정했다.
"""
OTHER = """# 김치 담그기

배추를 소금물에 여섯 시간 절인다.
"""


class Terminal:
    """A tmux server of its own with the program in it."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self._tmux = ["tmux", "-u", "-S", str(folder / "tmux"), "-f", os.devnull]
        self._environ = environ
        command = f"{sys.executable} -m assistant"
        self._run("new-session", "-d", "-x", "110", "-y", "34", "-c", str(folder), command)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._tmux, *arguments],
            env=self._environ,
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
        return done.stdout

    def keys(self, *names: str) -> None:
        self._run("send-keys", *names)

    def type(self, text: str) -> None:
        self._run("send-keys", "-l", text)

    def screen(self) -> str:
        return self._run("capture-pane", "-p")

    def wait(self, pattern: str, seconds: float = 90) -> str:
        """The screen as soon as ``pattern`` is on it."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, shown := self.screen()):
            assert time.monotonic() < deadline, f"no {pattern!r} in\n{shown}"
            time.sleep(0.2)
        return shown

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "강의 노트"
    folder.mkdir()
    (folder / "배치 정규화.md").write_text(NOTE, "utf-8")
    (folder / "김치.md").write_text(OTHER, "utf-8")
    return folder


@pytest.fixture
def terminal(home_with_models: Path, tmp_path: Path) -> Iterator[Terminal]:
    kept = ("PATH", "HOME", "PYTHONPATH", "OMP_NUM_THREADS")
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    environ |= {
        "ASSISTANT_HOME": str(home_with_models),
        "ASSISTANT_INTERFACE__LANGUAGE": "ko",
        "ASSISTANT_MODELS__GENERATION": "qwen2.5-coder-0.5b-instruct",
        "ASSISTANT_ANSWER__MAX_TOKENS": "64",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
    }
    terminal = Terminal(tmp_path, environ)
    yield terminal
    terminal.close()


def test_an_answer_and_its_source_are_on_the_screen(terminal: Terminal, notes: Path) -> None:
    terminal.wait("세 단계로 시작하기")
    terminal.keys("Escape")
    terminal.wait("아직 노트가 없습니다")
    terminal.keys("C-l")
    terminal.wait("노트 폴더 추가")
    terminal.type(f"{notes}/")
    terminal.wait(re.escape(f"{notes.name}/"))
    terminal.keys("Enter")
    terminal.wait("문서 2개")
    terminal.wait("qwen2.5-coder-0.5b-instruct · cpu")
    terminal.type("실험에서 학습률은 얼마로 정했나요?")
    shown = terminal.wait("실험에서 학습률은 얼마로 정했나요")
    assert "정했나요?" in shown  # composed syllables, none of them torn
    terminal.keys("Enter")
    shown = terminal.wait(r"인용 \d+개|노트에 없음")
    assert "0.003" in shown
    assert "배치 정규화.md" in shown
    assert "김치" not in shown.partition("배치 정규화.md")[0]
    terminal.keys("C-q")
