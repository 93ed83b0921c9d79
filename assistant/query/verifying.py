"""Whether the sources bear out what an answer says, sentence by sentence.

What can be compared to the letter is: a number, a date, a name, code or a "not" that the source
does not have makes a sentence unsupported, however alike the rest is. For the rest a probability is
estimated from how much of the sentence its best source sentence holds, by words and, where the two
are in different languages, by meaning (benchmarks/verify_claims.py, docs/answers.md).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.library.lexical import analyse
from assistant.query.checks import Stated, Text
from assistant.query.clauses import clauses
from assistant.query.draft import fences
from assistant.query.kinds import kind_of
from assistant.query.matching import Grounds, SourceSentence, language_of, trigrams
from assistant.query.orders import orders, reports
from assistant.query.polarity import bare_reply, denies
from assistant.sentences import sentences
from assistant.types import Claim, Fault, Support

# Logistic models, constant and slopes, printed by benchmarks/verify_claims.py.
_WITHIN_LANGUAGE = (-7.36, 2.26, 3.05, -4.97, 4.88, 4.43)
_ACROSS_LANGUAGES = (-4.33, 11.19)
_SUPPORTED = 0.5
_PARTIAL = 0.15
"""Least probabilities, chosen on the half of the claims that the models are fitted on."""

_FEW_WORDS = 3

_CODE_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d+)?(?:e-?\d+)?|\"[^\"\n]*\"|'[^'\n]*'")
_KEYWORDS = (
    "import from as def class return for in if else elif while with try except lambda not and or is"
    " None True False print self int str float list dict set len range pass assert yield const let"
    " var function new public static void 0 1"
)
_CODE_COMMON = frozenset(_KEYWORDS.split())
_MOST_OF_CODE = 0.8
"""Share of a code block's names and literals that a source must have for partial support."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What bears out one claim: ``sentence`` is None where nothing comes near."""

    support: Support
    score: float
    sentence: SourceSentence | None
    faults: tuple[Fault, ...] = ()


def claims_in(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences of an answer that say something, headings and table rows left out.

    Each ends where a citation can stand. Code blocks are none of them.
    """
    code = fences(text)
    opened: int | None = None
    for start, end in sentences(text):
        if any(begin <= start < stop for begin, stop in code):
            continue
        line = text[text.rfind("\n", 0, start) + 1 : end].lstrip()
        if line.startswith(("#", "|")) or not trigrams(text[start:end]):
            continue
        if opened is not None:
            start = opened
        # A sentence that seems to end inside inline code goes on: "`a. b` is a path."
        opened = start if text.count("`", start, end) % 2 else None
        if opened is None:
            yield start, end


def verify(text: str, question: str, grounds: Grounds) -> tuple[Claim, ...]:
    """A claim for each sentence and each code block of ``text``, in order."""
    blocks = fences(text)
    spans = sorted([*claims_in(text), *blocks])
    found = []
    for start, end in spans:
        words = text[start:end]
        is_code = (start, end) in blocks
        verdict = (
            judge_code(words, question, grounds) if is_code else judge(words, question, grounds)
        )
        where = verdict.sentence
        found.append(
            Claim(
                start=start,
                end=end,
                support=verdict.support,
                score=verdict.score,
                n=where.source.n if where else 0,
                source_start=where.start if where else 0,
                source_end=where.end if where else 0,
                faults=verdict.faults,
            )
        )
    return tuple(found)


def judge(claim: str, question: str, grounds: Grounds) -> Verdict:
    """How far the source sentence that comes nearest bears out one sentence of an answer.

    What compares two things may take each from another sentence, and is borne out in part where
    each of its clauses is borne out at all.
    """
    verdict = _judge_whole(claim, question, grounds)
    if verdict.support != "unsupported" or verdict.faults or kind_of(question) != "comparison":
        return verdict
    each = [_judge_whole(clause, question, grounds) for clause in clauses(claim)]
    if len(each) < 2 or any(one.support == "unsupported" for one in each):
        return verdict
    return Verdict("partial", min(one.score for one in each), each[0].sentence)


def _judge_whole(claim: str, question: str, grounds: Grounds) -> Verdict:
    best = nearest(claim, question, grounds)
    if best is None:
        return Verdict("unsupported", 0.0, None)
    stated, asked = Stated.of(claim), Text("" if _affirms(claim, question) else question)
    faults = tuple(_faults(stated, best, asked, grounds))
    if faults:
        return Verdict("unsupported", 0.0, best.sentence, faults)
    if best.probability < _PARTIAL:
        # What two sentences hold between them, or what stands in a source and may not be what was
        # asked for, is no more than half a proof.
        looser = nearest(claim, question, grounds, pairs=True)
        if _is_terse(claim) and (looser is None or looser.probability < _SUPPORTED):
            looser = nearest(claim, "", grounds)
        if looser is None or looser.probability < _SUPPORTED:
            return Verdict("unsupported", best.probability, best.sentence)
        faults = tuple(_faults(stated, looser, asked, grounds))
        if faults:
            return Verdict("unsupported", 0.0, looser.sentence, faults)
        return Verdict("partial", _PARTIAL, looser.sentence)
    beside = best.probability < _SUPPORTED or _elsewhere(stated, best, asked, grounds)
    return Verdict("partial" if beside else "supported", best.probability, best.sentence)


def _affirms(claim: str, question: str) -> bool:
    """Whether ``claim`` says yes to a question: then what it repeats of it is what it claims."""
    return kind_of(question) == "yes_no" and not denies(claim)


def judge_code(block: str, question: str, grounds: Grounds) -> Verdict:
    """How many of the names and literals of a code block stand in the source that has most."""
    body = "\n".join(block.splitlines()[1:])
    words = dict.fromkeys(word.strip("\"'") for word in _CODE_WORD.findall(body))
    wanted = [word for word in words if word and word not in _CODE_COMMON]
    asked = Text(question)
    best: tuple[float, SourceSentence | None, list[str]] = (0.0, None, wanted)
    for source in grounds.sources:
        place = grounds.text(source)
        missing = [w for w in wanted if not place.names(w) and not asked.names(w)]
        share = 1.0 - len(missing) / len(wanted) if wanted else 0.0
        if share > best[0]:
            own = [s for s in grounds.sentences if s.source.n == source.n]
            nearest = max(own, key=lambda s: len(s.trigrams & trigrams(body)), default=None)
            best = share, nearest, missing
    share, where, missing = best
    support: Support = "unsupported" if share < _MOST_OF_CODE else "partial"
    if wanted and not missing:
        support = "supported"
    faults = tuple(Fault("code", word) for word in missing) if where else ()
    return Verdict(support, share, where, faults)


# --------------------------------------------------------------------------- what comes near


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may bear a claim out; ``position`` is its index among those of the grounds.

    ``features`` (0 to 1 each) are five where the claim is in its language, else one. ``relevance``
    is how much of the question it and its passage hold.
    """

    sentence: SourceSentence
    position: int
    features: tuple[float, ...]
    relevance: float = 0.0

    @property
    def same_language(self) -> bool:
        return len(self.features) > 1

    @property
    def probability(self) -> float:
        """Of bearing the claim out, as far as words or meaning tell."""
        return _logistic(
            _WITHIN_LANGUAGE if self.same_language else _ACROSS_LANGUAGES, self.features
        )

    @property
    def rank(self) -> float:
        """The best of several has the highest."""
        if not self.same_language:
            return 2.5 * self.probability
        whole, new, around, *_ = self.features
        return whole + new + 0.5 * around + 0.3 * self.relevance


def nearest(
    claim: str, question: str, grounds: Grounds, *, pairs: bool = False
) -> Candidate | None:
    """The sentence that holds most of ``claim``, rather one whose source has its numbers and names.

    A reply of a few words, "yes" or "403", claims what the question asks. With ``pairs`` a sentence
    is taken together with the one before it. One that tells the reader what to answer bears nothing
    out but a claim that reports it.
    """
    said = f"{question} {claim}" if _is_terse(claim) else claim
    candidates = list(_by_words(said, question, grounds, pairs=pairs))
    if not pairs:
        candidates += _by_meaning(said, grounds)
    if not reports(claim):
        candidates = [found for found in candidates if not orders(found.sentence.text)]
    candidates.sort(key=lambda found: found.rank, reverse=True)
    stated, asked = Stated.of(claim), Text(question)
    for found in candidates:
        if found.probability >= _PARTIAL and not _missing(stated, found, asked, grounds):
            return found
    return candidates[0] if candidates else None


def _is_terse(claim: str) -> bool:
    return bare_reply(claim) or len(claim.split()) <= _FEW_WORDS


def _by_words(claim: str, question: str, grounds: Grounds, *, pairs: bool) -> Iterator[Candidate]:
    """Sentences in the claim's language (or of none), weighed by the words they hold."""
    language = language_of(claim)
    near = [
        (position, sentence)
        for position, sentence in enumerate(grounds.sentences)
        if sentence.language in (language, "other") or language == "other"
    ]
    if not near:
        return
    stated, asked = trigrams(claim), trigrams(question)
    # A claim may repeat the question in other words than the source's; what it adds counts too.
    added = stated - asked
    terms, known = frozenset(analyse(claim)), frozenset(analyse(question))
    for position, sentence in near:
        passage = grounds.passage(sentence.source)
        grams, words = sentence.trigrams, grounds.terms(position)
        before = grounds.sentences[position - 1] if position and pairs else sentence
        if before.source.n == sentence.source.n:
            grams, words = grams | before.trigrams, words | grounds.terms(position - pairs)
        whole = grounds.share(stated, grams)
        new = grounds.share(added, grams)
        around = grounds.share(stated, passage)
        features = (
            whole,
            new,
            around,
            _part(terms, words),
            _part(terms, grounds.passage_terms(sentence.source) | known),
        )
        # Where passages hold the same short claim the question tells which is meant.
        relevance = grounds.share(asked, passage) + grounds.share(asked, grams)
        yield Candidate(sentence, position, features, relevance)


def _by_meaning(claim: str, grounds: Grounds) -> Iterator[Candidate]:
    """Sentences in other languages, weighed by how alike they are."""
    for position, alike in grounds.likeness(claim).items():
        yield Candidate(grounds.sentences[position], position, (alike,))


def _part(wanted: frozenset[str], held: frozenset[str]) -> float:
    return len(wanted & held) / len(wanted) if wanted else 1.0


def _logistic(model: Sequence[float], features: Sequence[float]) -> float:
    constant, *slopes = model
    logit = constant + sum(w * f for w, f in zip(slopes, features, strict=True))
    return 1.0 / (1.0 + math.exp(-logit))


# --------------------------------------------------------------------------- what must agree


def _faults(stated: Stated, found: Candidate, asked: Text, grounds: Grounds) -> Iterator[Fault]:
    yield from stated.faults(
        [grounds.text(found.sentence.source)],
        asked,
        found.sentence.text,
        same_language=found.same_language,
    )


def _missing(stated: Stated, found: Candidate, asked: Text, grounds: Grounds) -> list[Fault]:
    """Faults but that of saying the opposite, which is no reason to look elsewhere."""
    return [fault for fault in _faults(stated, found, asked, grounds) if fault.kind != "negation"]


def _elsewhere(stated: Stated, found: Candidate, asked: Text, grounds: Grounds) -> bool:
    """Whether a number or name stands in the passage only far from the sentence."""
    near = [
        Text(grounds.sentences[position].text)
        for position in range(found.position - 1, found.position + 2)
        if 0 <= position < len(grounds.sentences)
        and grounds.sentences[position].source.n == found.sentence.source.n
    ]
    places = [*near, grounds.heading(found.sentence.source)]
    return any(
        fault.kind != "negation"
        for fault in stated.faults(
            places, asked, found.sentence.text, same_language=found.same_language
        )
    )
