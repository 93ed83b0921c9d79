"""Fit and measure the support of sentences (assistant/query/verifying.py) on labelled claims.

    python benchmarks/verify_claims.py DATA EVALSETS [--answers 120] [--across 80]

DATA is a folder of notes with questions.jsonl, EVALSETS one with BEIR folders korquad, xquad_en,
belebele_ko and belebele_en. Claims are made by benchmarks/labelled_claims.py and cut into halves
by passage: one fits the constants, which are printed, the other tells what the verdicts of the
program, with the constants it has, are worth. Needs the embedding model, no language model.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from labelled_claims import Labelled, across, from_answers, from_notes
from sklearn.linear_model import LogisticRegression

from assistant import config
from assistant.desk import Desk
from assistant.protocols import Encoder
from assistant.query.matching import Grounds
from assistant.query.verifying import Candidate, judge, nearest
from assistant.types import Support

_LEVELS: tuple[Support, ...] = ("supported", "partial", "unsupported")
_LANGUAGES = ("ko", "en", "ko on en", "en on ko")


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim, what was said of it, and the sentence it was held against."""

    item: Labelled
    said: Support
    checked: bool
    near: Candidate | None

    @property
    def fits(self) -> bool:
        """Whether it is of the half that constants are fitted on."""
        key = f"{self.item.group}{self.item.key}"
        return hashlib.md5(key.encode()).digest()[0] % 2 == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("evalsets", type=Path)
    parser.add_argument("--answers", type=int, default=120, help="questions of KorQuAD and XQuAD")
    parser.add_argument("--across", type=int, default=80, help="passages of Belebele, each way")
    arguments = parser.parse_args()
    sets = arguments.evalsets
    with tempfile.TemporaryDirectory() as scratch:
        desk = Desk(replace(config.load(), library=Path(scratch)))
        for _ in desk.ingest([arguments.data.absolute()]):
            pass
        claims = [
            *from_notes(arguments.data.absolute(), desk, 0),
            *from_answers(sets / "korquad", "korquad", arguments.answers, 1),
            *from_answers(sets / "xquad_en", "xquad", arguments.answers, 2),
            *across(sets / "belebele_ko", sets / "belebele_en", arguments.across, 3),
            *across(sets / "belebele_en", sets / "belebele_ko", arguments.across, 4),
        ]
        judged = judge_all(claims, desk.load_encoder())
        desk.close()
    fit("_WITHIN_LANGUAGE", [each for each in judged if each.fits], 5)
    fit("_ACROSS_LANGUAGES", [each for each in judged if each.fits], 1)
    report([each for each in judged if not each.fits])


def judge_all(claims: Sequence[Labelled], encoder: Encoder) -> list[Judged]:
    """The program's verdict on each claim."""
    judged: list[Judged] = []
    grounds: tuple[tuple[str, str, str], Grounds] | None = None
    for item in claims:
        key = (item.group, item.languages, item.key)
        if grounds is None or grounds[0] != key:
            grounds = key, Grounds(item.sources, encoder)
        verdict = judge(item.claim, item.question, grounds[1])
        near = nearest(item.claim, item.question, grounds[1])
        judged.append(Judged(item, verdict.support, bool(verdict.faults), near))
    return judged


def fit(name: str, judged: Sequence[Judged], count: int) -> None:
    """Print the constants; what is wrong to the letter alone is no matter of likeness."""
    some = [
        each
        for each in judged
        if each.near is not None
        and len(each.near.features) == count
        and not each.checked
        and each.item.kind in ("sentence", "answer", "name", "other", "half")
    ]
    model = LogisticRegression(C=10.0, class_weight="balanced").fit(
        np.array([each.near.features for each in some if each.near]),
        np.array([each.item.gold == "supported" for each in some]),
    )
    constants = ", ".join(f"{value:.2f}" for value in (model.intercept_[0], *model.coef_[0]))
    print(f"{name} = ({constants})  # {len(some)} claims")


def report(judged: Sequence[Judged]) -> None:
    """Print, for the half that nothing was fitted on, what became of each kind of claim."""
    print(
        "\n| claims | n | "
        + " | ".join(_LEVELS)
        + " | by a check |\n|---|---:|---:|---:|---:|---:|"
    )
    for languages in _LANGUAGES:
        kinds = dict.fromkeys(e.item.kind for e in judged if e.item.languages == languages)
        for kind in sorted(kinds):
            some = [e for e in judged if (e.item.languages, e.item.kind) == (languages, kind)]
            said = Counter(each.said for each in some)
            cells = [f"{100 * said[level] / len(some):.0f}" for level in _LEVELS]
            checked = 100 * sum(each.checked for each in some) / len(some)
            print(f"| {languages}: {kind} | {len(some)} | {' | '.join(cells)} | {checked:.0f} |")
    print("\n| claims | level | precision | recall |\n|---|---|---:|---:|")
    for languages in (*_LANGUAGES, "all"):
        some = [e for e in judged if languages in (e.item.languages, "all")]
        for level in ("supported", "unsupported"):
            # A half true sentence is neither: to call it supported is wrong, unsupported is not.
            right = {level} | ({"partial"} if level == "unsupported" else set())
            said_so = [each for each in some if each.said == level]
            true = [each for each in some if each.item.gold == level]
            precision = sum(each.item.gold in right for each in said_so) / max(len(said_so), 1)
            recall = sum(each.said == level for each in true) / max(len(true), 1)
            print(f"| {languages} | {level} | {100 * precision:.1f} | {100 * recall:.1f} |")


if __name__ == "__main__":
    main()
