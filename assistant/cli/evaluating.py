"""The command that measures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli import shapes
from assistant.cli.console import notice, write
from assistant.cli.options import AsJson, open_desk
from assistant.cli.progress import EvaluationView
from assistant.display import plain
from assistant.errors import AssistantError, ConfigError, PathNotFound

if TYPE_CHECKING:
    from assistant.evaluation.report import Report


def evaluate(
    context: typer.Context,
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="DIR…",
            help="Notes with a questions.jsonl (try data/), or a BEIR set; several with --answers.",
        ),
    ] = None,
    answers: Annotated[
        bool,
        typer.Option(
            "--answers/--retrieval-only",
            help="Have a language model answer, and judge that too; or leave it out.",
        ),
    ] = False,
    limit: Annotated[
        list[int] | None,
        typer.Option(
            "--limit", "-n", min=1, help="Ask that many, drawn at random; once, or for each folder."
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="What --limit draws by.")] = 0,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make every answer anew, whatever was kept.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write FILE.md or FILE.json as well."),
    ] = None,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--compare",
            metavar="A B",
            help="Instead: two results of one set, saved as JSON; says what differs.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure retrieval, or answers, on questions whose answers are known.

    For either kind of folder: retrieval alone takes a minute or two and is what is measured by
    itself; --answers takes many seconds a question. Answers are kept as they are made: cut off,
    the same command goes on. A BEIR folder needs gold "answers" in its queries.jsonl for it, an
    empty list meaning that a refusal is right. Several folders are summed up together, as a set
    and its unanswerable twin should be.

    A folder gets a library of its own; yours is not touched. Every figure comes with its 95%
    confidence interval where one can be drawn; JSON has each question with its verdict. Two such
    results are compared with --compare: which differences are more than chance, by a paired test,
    and which questions changed most.
    """
    if (not folders) == (compare is None):
        raise ConfigError(
            "name a folder to evaluate, or two results to compare",
            "assistant eval DIR --json > a.json; assistant eval --compare a.json b.json",
        )
    write_file = _writer(output) if output else None
    if compare is not None:
        _compare(*compare, as_json=as_json)
        return
    found = [folder.expanduser() for folder in folders or ()]
    if not answers and (len(found) > 1 or len(limit or ()) > 1):
        raise ConfigError(
            "retrieval is measured on one folder at a time", "add --answers, or run it for each"
        )
    with open_desk(context) as desk:
        events = (
            desk.evaluate_answers(found, limits=limit or (), seed=seed, fresh=fresh)
            if answers
            else desk.evaluate(found[0], limit=limit[0] if limit else None, seed=seed)
        )
        try:
            report = EvaluationView().follow(events)
        except KeyboardInterrupt:
            if answers:
                notice("  → the answers that came are kept; the same command goes on from here")
            raise
    for told in getattr(report, "notes", ()):
        notice(told)
    if write_file is not None:
        write_file(report)
    if as_json:
        write(shapes.dump(report.to_json()))
    else:
        write(plain("\n\n".join(table.text() for table in report.tables())))


def _writer(file: Path) -> Callable[[Report], None]:
    """What writes a report to ``file``; asked for before the hours it takes to have one.

    Raises:
        ConfigError: the file is called neither .md nor .json.
        PathNotFound: its folder is not there.
    """
    file = file.expanduser()
    if file.suffix.lower() not in (".md", ".json"):
        raise ConfigError(f"{file} is neither a .md nor a .json file", "call it report.md")
    if not file.absolute().parent.is_dir():
        raise PathNotFound(f"no folder {file.absolute().parent}", "make it first")

    def write_report(report: Report) -> None:
        from assistant.evaluation.markdown import as_markdown

        whole = shapes.dump(report.to_json()) + "\n"
        text = whole if file.suffix.lower() == ".json" else as_markdown(report)
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            why = (error.strerror or type(error).__name__).lower()
            raise AssistantError(f"cannot write {file}: {why}", "name another file") from error

    return write_report


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
