"""A report as a Markdown document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.display import plain
from assistant.evaluation.answer_report import AnswersReport, AskedQuestion
from assistant.evaluation.report import Report
from assistant.evaluation.tables import Table, percent

_MOST = 40  # questions listed: who wants them all reads the JSON
_SIGNS = re.compile(r"([\\`*_\[\]<>|#~])")


def as_markdown(report: Report) -> str:
    """What was found, on what, with which models and settings; for answers, what went wrong."""
    return "\n\n".join(_blocks(report)) + "\n"


def _blocks(report: Report) -> Iterator[str]:
    yield f"# Evaluation on {_inert(report.name)}"
    for table in report.tables():
        yield f"## {_inert(table.title)}"
        yield _table(table)
    if isinstance(report, AnswersReport):
        yield from _failures(report)
        systems = {one.name: one.system for one in report.sets}
    else:
        systems = {report.name: report.system}
    yield "## What was evaluated"
    names = dict.fromkeys(key for system in systems.values() for key in system)
    rows = ((key, *(system.get(key, "–") for system in systems.values())) for key in names)
    yield _table(Table("", ("setting", *systems), tuple(rows)))


def _failures(report: AnswersReport) -> Iterator[str]:
    wrong = [question for question in report.questions if _what(question)]
    if not wrong:
        return
    yield "## What went wrong"
    if len(wrong) > _MOST:
        yield f"The first {_MOST} of {len(wrong)}; the JSON report has all."
    rows = (
        (
            f"{each.set}: {each.question}",
            ", ".join(each.gold) or "–",
            each.answer.text or each.answer.error,
            each.answer.short or "–",
            _what(each),
        )
        for each in wrong[:_MOST]
    )
    columns = ("question", "gold answers", "answer", "short form", "what")
    yield _table(Table("", columns, tuple(rows)))


def _what(question: AskedQuestion) -> str:
    """What is wrong with a reply, in a few words; empty where nothing is."""
    answer, scores = question.answer, question.scores
    if answer.error:
        return "failed"
    if not question.answerable:
        return "" if answer.refused else "should have refused"
    if answer.refused:
        return "refused" if answer.offered else "refused; no right passage was found"
    right = scores.get("exact_match", scores.get("complete", 1.0))
    if right == 1.0:
        return ""
    told = [] if answer.offered else ["no right passage was found"]
    if "f1" in scores:
        told.append(f"F1 {percent(scores['f1'])}")
        told.append("holds the answer" if scores["holds_answer"] else "without the answer")
    else:
        told.append(f"{percent(scores['fact_recall'])}% of the facts")
    return "; ".join(told)


def _table(table: Table) -> str:
    rows = tuple(tuple(map(_inert, row)) for row in table.rows)
    return Table("", tuple(map(_inert, table.columns)), rows).markdown()


def _inert(text: str) -> str:
    """Text of notes and models on one line, none of it markup."""
    return _SIGNS.sub(r"\\\1", " ".join(plain(text).split()))
