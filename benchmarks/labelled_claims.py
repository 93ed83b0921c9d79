"""Claims about passages, known to be borne out by them or not; for benchmarks/verify_claims.py.

True ones are sentences of the notes in other endings, gold answers of KorQuAD and XQuAD put into
a statement by template and, across languages, sentences of Belebele's parallel passages. False
ones are the same with one number, date, name or "not" changed, and sentences of other passages.
Half true ones are a true and a false one in a single sentence. The rules here share nothing with
those of the program.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.desk import Desk
from assistant.evaluation.judging import holds_passage
from assistant.evaluation.questions import (
    QUESTION_FILE,
    Passage,
    make_absolute,
    read_beir,
    read_questions,
)
from assistant.sentences import sentences
from assistant.types import Place, Source

_NUMBER = re.compile(r"(?<![\w.-])\d+(?:[.,]\d+)*")
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b|\d{1,2}월 \d{1,2}일|\d{4}년")


@dataclass(frozen=True, slots=True)
class Labelled:
    """``kind``: how it came about. ``gold``: supported, partial or unsupported."""

    group: str
    languages: str
    kind: str
    gold: str
    question: str
    claim: str
    sources: tuple[Source, ...]
    key: str


def from_notes(folder: Path, desk: Desk, seed: int) -> Iterator[Labelled]:
    """Sentences of the notes in ``data/`` that answer its questions, where one is found."""
    rng = random.Random(seed)
    questions = [
        question
        for question in make_absolute(read_questions(folder / QUESTION_FILE), folder)
        if question.answerable and question.targets[0].passage
    ]
    told = [restated(question.targets[0].passage or "") for question in questions]
    for question, claim in zip(questions, told, strict=True):
        sources = desk.search(question.text, top_k=3).sources
        passage = question.targets[0].passage or ""
        if len(claim) < 20 or claim.startswith(("|", "#")) or "\n" in claim:
            continue
        if not any(holds_passage(source.text, passage) for source in sources):
            continue
        mine, asked = _language(claim), _language(question.text)
        others = [
            other
            for other in told
            if other != claim
            and _language(other) == mine
            and other[:1] not in "|#"
            and not any(holds_passage(source.text, other) for source in sources)
        ]
        item = _Item("notes", mine, question.text if asked == mine else "", sources, question.id)
        yield from item.all(claim, "sentence", rng.choice(others), None, rng)


def from_answers(folder: Path, group: str, limit: int, seed: int) -> Iterator[Labelled]:
    """Gold answers put into a statement by what their question asks for."""
    rng = random.Random(seed)
    dataset = read_beir(folder)
    order = {passage.id: place for place, passage in enumerate(dataset.corpus)}
    by_passage: dict[str, list[str]] = {}
    for query in dataset.queries:
        for gold in dataset.qrels[query.id]:
            by_passage.setdefault(gold, []).extend(query.answers)
    queries = list(dataset.queries)
    rng.shuffle(queries)
    done = 0
    for query in queries:
        gold = next(iter(dataset.qrels[query.id]))
        answer = query.answers[0].strip() if query.answers else ""
        claim = stated(query.text, answer)
        if not claim or done >= limit:
            continue
        done += 1
        sources = _around(dataset.corpus, order[gold])
        wrong = [
            other.strip()
            for other in by_passage[gold]
            if _alike(other, answer) and other.strip() not in query.text
        ] or [other for other in by_passage[rng.choice(list(by_passage))] if _alike(other, answer)]
        swapped = stated(query.text, rng.choice(wrong)) if wrong else None
        text = dataset.corpus[rng.randrange(len(dataset.corpus))].text
        beside = rng.choice([text[start:end] for start, end in sentences(text)])
        language = _language(claim)
        item = _Item(group, language, query.text, sources, query.id)
        yield from item.all(claim, "answer", restated(beside), swapped, rng)


def across(one: Path, other: Path, limit: int, seed: int) -> Iterator[Labelled]:
    """Sentences of the passages in ``one``, put to the same passages in ``other``'s language."""
    rng = random.Random(seed)
    mine = {passage.id: passage for passage in read_beir(one).corpus}
    theirs = list(read_beir(other).corpus)
    places = list(range(len(theirs)))
    rng.shuffle(places)
    done = 0
    for place in places:
        passage = mine.get(theirs[place].id)
        if passage is None or done >= limit:
            continue
        spans, foreign = sentences(passage.text), sentences(theirs[place].text)
        if len(spans) != len(foreign) or len(spans) < 2:
            continue
        done += 1
        start, end = rng.choice(spans)
        text = mine[rng.choice(theirs).id].text
        beside = rng.choice([text[a:b] for a, b in sentences(text)])
        claim = passage.text[start:end]
        item = _Item(
            "belebele",
            f"{_language(claim)} on {_language(theirs[place].text)}",
            "",
            _around(theirs, place),
            passage.id,
        )
        yield from item.all(restated(claim), "sentence", restated(beside), None, rng)


@dataclass(frozen=True, slots=True)
class _Item:
    group: str
    languages: str
    question: str
    sources: tuple[Source, ...]
    key: str

    def all(
        self, claim: str, kind: str, beside: str, swapped: str | None, rng: random.Random
    ) -> Iterator[Labelled]:
        yield self._of(claim, kind, "supported")
        if changed := other_number(claim, self.question, rng):
            kind = "date" if _YEAR.search(claim) else "number"
            yield self._of(changed, kind, "unsupported")
        if swapped and swapped != claim:
            yield self._of(swapped, "name", "unsupported")
        if denied := negated(claim):
            yield self._of(denied, "negation", "unsupported")
        if len(beside) > 15:
            yield self._of(beside, "other", "unsupported")
            if both := joined(claim, beside):
                yield self._of(both, "half", "partial")

    def _of(self, claim: str, kind: str, gold: str) -> Labelled:
        return Labelled(
            self.group, self.languages, kind, gold, self.question, claim, self.sources, self.key
        )


def _around(corpus: Sequence[Passage], place: int) -> tuple[Source, ...]:
    """The passage and its two neighbours, which are often of the same article."""
    places = [place, *(p for p in (place - 1, place + 1) if 0 <= p < len(corpus))]
    return tuple(
        Source(n, n, Path("/", corpus[p].id), Place(), corpus[p].title, corpus[p].text, 1.0)
        for n, p in enumerate(places, start=1)
    )


def _language(text: str) -> str:
    return "ko" if len(re.findall(r"[가-힣]", text)) > len(text) / 5 else "en"


def _alike(one: str, other: str) -> bool:
    one, other = one.strip(), other.strip()
    digits = bool(re.search(r"\d", one)) == bool(re.search(r"\d", other))
    apart = one.casefold() not in other.casefold() and other.casefold() not in one.casefold()
    return digits and apart and len(one) < 3 * len(other) + 5


# --------------------------------------------------------------------------- wording

_POLITE = (
    ("이다.", "입니다."), ("한다.", "합니다."), ("된다.", "됩니다."), ("있다.", "있습니다."),
    ("없다.", "없습니다."), ("않다.", "않습니다."), ("는다.", "습니다."), ("았다.", "았습니다."),
    ("었다.", "었습니다."), ("했다.", "했습니다."), ("였다.", "였습니다."), ("됐다.", "됐습니다."),
)  # fmt: skip


def restated(sentence: str) -> str:
    """The sentence as an answer would say it: polite, without bullet, markup and remarks."""
    text = re.sub(r"\s+", " ", sentence).strip()
    text = re.sub(r"^(?:[-*+>] |\d+[.)] )", "", text).replace("**", "")
    text = re.sub(r" ?\([^()]*\)", "", text)
    for plain, polite in _POLITE:
        if text.endswith(plain):
            return text.removesuffix(plain) + polite
    return text


def stated(question: str, answer: str) -> str | None:
    """Question and answer as one statement; None where no template fits."""
    question = question.strip().rstrip("?？ ")
    if _language(question) == "ko":
        if match := re.fullmatch(r"(.*\S[은는])", question):
            return f"{match[1]} {answer}입니다."
        match = re.fullmatch(
            r"(.*\S[은는이가]) (?:누구|무엇|어디|언제|얼마|몇 ?\S+|어느 \S+|무슨 \S+|어떤 \S+)"
            r"(?:인가요?|이었는가|였는가|입니까|일까요?)",
            question,
        )
        return f"{match[1]} {answer}입니다." if match else None
    if match := re.fullmatch(r"(?:What|Who) (is|are|was|were) (.+)", question):
        return f"{match[2][0].upper()}{match[2][1:]} {match[1]} {answer}."
    auxiliary = r"(?:is|are|was|were|did|does|do|has|have|had|can|could|would|will|should)"
    if match := re.fullmatch(rf"(?:Who|What) (?!{auxiliary}\b)(\w+(?:ed|s)\b .+)", question):
        return f"{answer} {match[1]}."
    if match := re.fullmatch(rf"(?:Which|What) \w+ (?!{auxiliary}\b)(\w+(?:ed|s)\b .+)", question):
        return f"{answer} {match[1]}."
    if match := re.fullmatch(r"In what year (?:was|were) (.+) (\w+ed|born|built)", question):
        return f"{match[1]} was {match[2]} in {answer}."
    return None


def other_number(claim: str, question: str, rng: random.Random) -> str | None:
    """The claim with one number that the question does not have changed."""
    found = [m for m in _NUMBER.finditer(claim) if m.group() not in question]
    if not found:
        return None
    match = rng.choice(found)
    digits = match.group()
    place = rng.choice([i for i, character in enumerate(digits) if character.isdigit()])
    new = rng.choice([d for d in "123456789" if d != digits[place]])
    return (
        claim[: match.start()] + digits[:place] + new + digits[place + 1 :] + claim[match.end() :]
    )


_DENIALS = (
    ("하지 않습니다.", "합니다."), ("되지 않습니다.", "됩니다."), ("가 아닙니다.", "입니다."),
    ("이 아닙니다.", "입니다."), ("수 없습니다.", "수 있습니다."), ("없습니다.", "있습니다."),
    ("하지 않았습니다.", "했습니다."),
    ("합니다.", "하지 않습니다."), ("됩니다.", "되지 않습니다."), ("있습니다.", "없습니다."),
    ("했습니다.", "하지 않았습니다."), ("됐습니다.", "되지 않았습니다."),
    ("되었습니다.", "되지 않았습니다."), ("입니다.", "이 아닙니다."),
)  # fmt: skip


def negated(claim: str) -> str | None:
    """The claim denied, or affirmed where it denies; None where no rule fits."""
    for one, other in _DENIALS:
        if claim.endswith(one):
            return claim.removesuffix(one) + other
    if _language(claim) == "ko":
        return None
    auxiliary = r"\b(is|are|was|were|can|could|will|should|must|may)"
    if re.search(r"\bnot\b|n't\b|\bnever\b|\bno\b", claim):
        less = re.sub(rf"{auxiliary} not\b", r"\1", claim)
        less = re.sub(r"\b(can)not\b", r"\1", less)
        return less if less != claim and not re.search(r"\bnot\b|n't\b|\bno\b", less) else None
    more = re.sub(
        r"\b(is|are|was|were|can|could|will|should|must|may)\b", r"\1 not", claim, count=1
    )
    return more if more != claim else None


def joined(one: str, other: str) -> str | None:
    """Two statements in one sentence."""
    if _language(one) == "en":
        return f"{one.rstrip('.')}, and {other[0].lower()}{other[1:]}"
    for ending, going_on in (("입니다.", "이고,"), ("합니다.", "하고,"), ("있습니다.", "있고,")):
        if one.endswith(ending):
            return f"{one.removesuffix(ending)}{going_on} {other}"
    return None
