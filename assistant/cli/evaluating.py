"""The command that measures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli import shapes
from assistant.cli.console import notice, write
from assistant.cli.options import AsJson, open_desk
from assistant.cli.progress import EvaluationView
from assistant.display import plain
from assistant.errors import ConfigError


def evaluate(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(help="Notes with a questions.jsonl (try data/), or a BEIR folder."),
    ] = None,
    retrieval_only: Annotated[
        bool, typer.Option("--retrieval-only", help="Leave the language model out.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, help="Ask that many, drawn at random.")
    ] = None,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--compare",
            metavar="A B",
            help="Instead: two results of one set, saved with --json; says what differs.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure retrieval and answers on questions whose answers are known.

    The folder gets a library of its own; yours is not touched. Every figure comes with its 95%
    confidence interval where one can be drawn; --json has each question with its verdict. Two such
    results are compared with --compare: which differences are more than chance, by a paired test,
    and which questions changed most.
    """
    if (folder is None) == (compare is None):
        raise ConfigError(
            "name a folder to evaluate, or two results to compare",
            "assistant eval DIR --json > a.json; assistant eval --compare a.json b.json",
        )
    if compare is not None:
        _compare(*compare, as_json=as_json)
    elif folder is not None:
        _evaluate(context, folder, retrieval_only, limit, as_json=as_json)


def _evaluate(
    context: typer.Context, folder: Path, retrieval_only: bool, limit: int | None, *, as_json: bool
) -> None:
    with open_desk(context) as desk:
        report = EvaluationView().follow(
            desk.evaluate(folder.expanduser(), answers=not retrieval_only, limit=limit)
        )
        for told in getattr(report, "notes", ()):
            notice(told)
        if as_json:
            write(shapes.dump(report.to_json()))
        else:
            write("\n\n".join(table.text() for table in report.tables()))


def _compare(first: Path, second: Path, *, as_json: bool) -> None:
    # Not at the top: the evaluation room brings NumPy along.
    from assistant.evaluation.comparing import compare_runs
    from assistant.evaluation.saved import load_run

    result = compare_runs(load_run(first.expanduser()), load_run(second.expanduser()))
    if as_json:
        write(shapes.dump(result.to_json()))
        return
    blocks = [f"A: {result.first}\nB: {result.second}"]
    if not result.settings:
        blocks.append("A and B note the same settings and versions")
    blocks += [table.text() for table in result.tables()]
    blocks.append("\n".join(result.verdicts()))
    write(plain("\n\n".join(blocks)))
