"""What the commands share: options, and a desk to put them to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.console import notice
from assistant.cli.progress import ModelBar
from assistant.desk import Desk
from assistant.types import EVERYTHING, Scope

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
TopK = Annotated[
    int | None, typer.Option("--top-k", "-k", min=1, max=50, help="How many passages.")
]
InNotebook = Annotated[
    str, typer.Option("--notebook", "-b", help="Only what is in this notebook.", metavar="NAME")
]
InPaths = Annotated[
    list[Path] | None,
    typer.Option("--in", help="Only this folder or file; may be repeated.", metavar="PATH"),
]
Pinned = Annotated[
    list[Path] | None,
    typer.Option(
        "--pin",
        help="Always offer the best of this file or folder; may be repeated.",
        metavar="PATH",
    ),
]
Excluded = Annotated[
    list[Path] | None,
    typer.Option(
        "--exclude", help="Never offer this file or folder; may be repeated.", metavar="PATH"
    ),
]


@contextmanager
def open_desk(context: typer.Context) -> Iterator[Desk]:
    """A desk that shows on stderr how models are prepared when one has to be."""
    with ModelBar() as bar:
        desk = Desk(context.obj, progress=bar, notice=notice)
        try:
            yield desk
        finally:
            desk.close()


def absolute(paths: Sequence[Path] | None) -> list[Path]:
    """Paths as the library names them."""
    from assistant.ingestion.discover import absolute as as_stored

    return [as_stored(path) for path in paths or ()]


def scope_of(
    desk: Desk,
    notebook: str,
    paths: Sequence[Path] | None,
    pinned: Sequence[Path] | None = None,
    excluded: Sequence[Path] | None = None,
) -> Scope:
    """The scope that ``--notebook``, ``--in``, ``--pin`` and ``--exclude`` speak of."""
    if not any((notebook, paths, pinned, excluded)):
        return EVERYTHING
    return desk.scope(
        notebook=notebook,
        paths=absolute(paths),
        pinned=absolute(pinned),
        excluded=absolute(excluded),
    )
