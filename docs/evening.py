"""Write the transcript of an evening at the desk: the program in tmux, typed at, looked at.

    python docs/evening.py [evening.md]

Starts `assistant` as a student would, in a terminal of its own with a home of its own, types
Korean, presses keys, and writes what stood on the screen after each step. Nothing in the
transcript is made up: a step whose outcome does not appear ends the run with the screen as it is.
Needs tmux and the embedded models.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import paths

HERE = Path(__file__).parent
WIDTH, HEIGHT = 116, 32
PATIENCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Step:
    """What the student does, the keys for it, and what must then be on the screen."""

    told: str
    keys: Sequence[str]
    until: str
    """A regular expression."""
    gone: str = "\0"
    """Another, for what must no longer be there."""


BUSY = "esc 중지"

EVENING = (
    Step("**The first start** shows three steps; Enter turns them, Esc leaves.", (), "세 단계"),
    Step(
        "**Add a folder.** Ctrl+L, the folder's name, Enter. It is read in the background.",
        ("Escape", "wait:1", "C-l", "wait:1", "text:~/notes", "Enter"),
        r"문단 \d+개",
        "노트 추가 중",
    ),
    Step(
        "**Ask**, in Korean.",
        ("text:LoRA 기본 랭크를 8에서 16으로 올린 까닭은 무엇인가요?", "Enter"),
        "개 · qwen",
        BUSY,
    ),
    Step(
        "**Follow up**: *it* is put into words from the conversation, and shown.",
        ("text:그럼 그때 lora_alpha는 얼마가 됐어?", "Enter"),
        "개 · qwen",
        BUSY,
    ),
    Step(
        "**Open a source**: Ctrl+G goes from citation to citation.",
        ("C-g",),
        "출처",
    ),
    Step(
        "**Branch**: F9 takes the question back into the prompt; the first chat stays as it is.",
        ("Escape", "Escape", "F9", "C-u", "text:그럼 r=32는 왜 고르지 않았어?", "Enter"),
        "r=32는 왜",
        BUSY,
    ),
    Step(
        "**Search history**: Ctrl+O, `/`, a word.", ("C-o", "wait:1", "text:/", "text:랭크"), "LoRA"
    ),
    Step(
        "**Export** the chat that was found: Tab to the list, x.",
        ("Tab", "wait:1", "text:x", "wait:1", "C-u", "text:~/랭크.md", "Enter"),
        "저장했습니다",
    ),
)


class Terminal:
    """A tmux session on a server of its own."""

    def __init__(self, home: Path, command: str) -> None:
        self.base = ["tmux", "-u", "-f", "/dev/null", "-L", f"evening-{os.getpid()}"]
        environment = {
            "HOME": str(home),
            "ASSISTANT_HOME": str(home / ".assistant"),
            "ASSISTANT_INTERFACE__LANGUAGE": "ko",
            "LANG": "C.UTF-8",
            "COLORTERM": "truecolor",
        }
        told = (part for name, value in environment.items() for part in ("-e", f"{name}={value}"))
        size = ("-x", str(WIDTH), "-y", str(HEIGHT))
        self.tmux("new-session", "-d", "-s", "desk", *size, "-c", str(home), *told, command)

    def tmux(self, *arguments: str) -> str:
        done = subprocess.run([*self.base, *arguments], check=True, capture_output=True, text=True)
        return done.stdout

    def press(self, key: str) -> None:
        """One key by tmux's name, `text:` typed as it is, `wait:` seconds of nothing."""
        what, _, rest = key.partition(":")
        if what == "wait":
            time.sleep(float(rest))
        elif what == "text":
            self.tmux("send-keys", "-t", "desk", "-l", rest)
        else:
            self.tmux("send-keys", "-t", "desk", key)
        time.sleep(0.4)

    def screen(self) -> str:
        return "\n".join(
            line.rstrip() for line in self.tmux("capture-pane", "-p", "-t", "desk").splitlines()
        )

    def wait(self, pattern: str, gone: str = "\0") -> str:
        """The screen once ``pattern`` stands on it, ``gone`` does not, and it has come to rest."""
        end = time.monotonic() + PATIENCE_SECONDS
        before = ""
        while time.monotonic() < end:
            screen = self.screen()
            if re.search(pattern, screen) and not re.search(gone, screen) and screen == before:
                return screen
            before = screen
            time.sleep(1.0)
        raise SystemExit(f"{pattern!r} did not appear, or {gone!r} stayed:\n{self.screen()}")

    def close(self) -> None:
        subprocess.run([*self.base, "kill-server"], check=False, capture_output=True)


def evening(home: Path) -> str:
    """Play it; return the transcript as Markdown."""
    shutil.copytree(HERE.parent / "data", home / "notes")
    (home / ".assistant").mkdir()
    (home / ".assistant" / "models").symlink_to(paths.model_cache())
    command = shlex.quote(str(Path(sys.executable).with_name("assistant")))
    terminal = Terminal(home, command)
    parts: list[str] = []
    try:
        terminal.wait("노트에 물어보세요")
        for step in EVENING:
            for key in step.keys:
                terminal.press(key)
            screen = terminal.wait(step.until, step.gone)
            parts.append(f"{step.told}\n\n```text\n{screen.strip(chr(10))}\n```\n")
            sys.stderr.write(f"{step.told}\n")
        exported = (home / "랭크.md").read_text("utf-8").replace(str(home), "~")
        parts.append(f"`~/랭크.md`:\n\n````markdown\n{exported.strip()}\n````\n")
    finally:
        terminal.close()
    return "\n".join(parts)


def main() -> None:
    """Write the transcript, or print it."""
    with tempfile.TemporaryDirectory() as folder:
        told = evening(Path(folder))
    head = (
        f"# An evening at the desk\n\nWhat stood on a terminal of {WIDTH} × {HEIGHT} cells,\n"
        "written by `python docs/evening.py docs/evening.md`: sample notes, embedded models,\n"
        "an empty library at the start.\n\n"
    )
    text = head + told
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
