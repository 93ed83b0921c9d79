"""How soon the chat is on screen, against the smallest Textual application.

    python benchmarks/first_paint.py [--runs 15] [--cold] [--library FOLDER]

Both are started in turn in a pseudo-terminal of 118 by 34; the time is from the start of the
process to the moment the terminal has been sent the text that the first screen must show. Byte
code is there for both, as pip leaves it. With ``--cold`` the system's page cache is dropped before
each start (Linux, as root).
"""

from __future__ import annotations

import argparse
import compileall
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

import assistant

HELLO = """
from textual.app import App, ComposeResult
from textual.widgets import Footer, Static

class Hello(App):
    def compose(self) -> ComposeResult:
        yield Static("Hello")
        yield Footer()

Hello().run()
"""
SIZE = (34, 118)
PATIENCE_SECONDS = 60.0


def first_paint(command: list[str], shown: bytes, environ: dict[str, str]) -> float:
    """Seconds from the start of ``command`` until ``shown`` was written to its terminal."""
    started = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], command, environ)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    written = b""
    try:
        while shown not in written:
            left = started + PATIENCE_SECONDS - time.perf_counter()
            if left <= 0 or not select.select([terminal], [], [], left)[0]:
                raise SystemExit(f"{command} showed no {shown!r}")
            written += os.read(terminal, 65536)
        return time.perf_counter() - started
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def drop_caches() -> None:
    """Have the next start read everything from the disk."""
    subprocess.run(["sync"], check=True)
    Path("/proc/sys/vm/drop_caches").write_text("3")


def main() -> None:
    """Measure in turn, and print medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--library", type=Path, help="a library to open, instead of an empty one")
    options = parser.parse_args()
    compileall.compile_dir(Path(assistant.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            **os.environ,
            "ASSISTANT_HOME": folder,
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
        }
        environ.pop("LC_ALL", None)
        if options.library:
            environ["ASSISTANT_LIBRARY"] = str(options.library)
        commands = {
            "hello": ([sys.executable, "-c", HELLO], b"Hello"),
            "assistant": ([sys.executable, "-m", "assistant"], b"Ask your notes"),
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for run in range(options.runs + (not options.cold)):
            for name, (command, shown) in commands.items():
                if options.cold:
                    drop_caches()
                seconds = first_paint(command, shown, environ)
                if run or options.cold:  # the first warm start is not warm
                    times[name].append(seconds)
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    for name, seconds in times.items():
        low, high = min(seconds), max(seconds)
        sys.stdout.write(f"{name:10} median {medians[name]:.3f} s ({low:.3f} to {high:.3f})\n")
    sys.stdout.write(f"ratio {medians['assistant'] / medians['hello']:.2f}\n")


if __name__ == "__main__":
    main()
