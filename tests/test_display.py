import os
import unicodedata
from pathlib import Path

import pytest

from assistant.display import count, plain, plain_path, size


def test_nothing_a_terminal_would_obey_is_left() -> None:
    evil = "a\x1b[31mred\x1b]0;title\x07\x9b2J\u202eb\r\nc\td"
    assert plain(evil) == "a[31mred]0;title2Jb\nc\td"


def test_text_is_composed() -> None:
    assert plain(unicodedata.normalize("NFD", "한국어")) == "한국어"


def test_a_file_name_stays_on_one_line_and_survives_bad_bytes() -> None:
    path = Path(os.fsdecode(b"/notes/\xffa\nb.md"))
    assert plain_path(path) == "/notes/�a b.md"


def test_paths_are_shown_from_where_the_user_stands() -> None:
    assert plain_path(Path("/a/b/c.md"), Path("/a")) == "b/c.md"
    assert plain_path(Path.home() / "x.md", Path("/a")) == "~/x.md"


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (491_400_064, "491 MB"), (3e9, "3.0 GB")],
)
def test_sizes(number: int, shown: str) -> None:
    assert size(number) == shown


def test_counts() -> None:
    assert [count(n, "passage") for n in (0, 1, 2000)] == [
        "0 passages",
        "1 passage",
        "2,000 passages",
    ]
