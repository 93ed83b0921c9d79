"""What a question is about: the words that a later "it" stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.library.lexical import Morpheme, morphemes
from assistant.sentences import sentences

_HANGUL = re.compile(r"[가-힣]")
_NOUNS = frozenset({"NNG", "NNP", "NNB", "NR", "SL", "SN", "SH", "XPN", "XSN", "XR"})
_JOINS = frozenset({"JKG", "SW", "SSO", "SSC", "SO", "SP", "SY"})
_ASKS = frozenset({"얼마", "뭐", "무엇", "누구", "어디", "언제", "몇", "어느"})

_LEAD = re.compile(
    r"^(?:(?:and|so|then|but|now|ok|okay)\W+)*"
    r"(?:(?:what|which|who|when|where|why|how)\b(?:\s+(?:much|many|long|often|large|big|far|fast"
    r"|old|high|else|exactly))?\s*)?"
    r"(?:(?:is|are|was|were|does|do|did|can|could|should|shall|may|might|must|will|would|has|have"
    r"|had)\b\s*)?(?:(?:i|we|you|one)\s+(?:(?:do|use|know|say)\s+(?:about|with|for)?\s*)?)?",
    re.IGNORECASE,
)
_TELL = re.compile(
    r"^(?:please\s+)?(?:explain|describe|define|tell me about|summari[sz]e|show me|compare)\s+",
    re.IGNORECASE,
)
# Where the subject of an English question ends: its verb, which no list of all verbs is needed for.
_VERB = re.compile(
    r"\s(?:mean|means|learn|do|build|use|uses|used|work|works|need|needs|merge|predict|cost|costs"
    r"|save|saves|grow|shrink|ask|happen|share|reach|differ|hold|take|say|contain|keep|choose|drop"
    r"|produce|run|store|make|help|improve|compare|look|change|start|measure|compute|handle|send|go|live|come|stay|belong"
    r"|get|give|require|have|has|be|become|train|trained|stand|called|different|necessary|needed"
    r"|important|useful|defined|computed|chosen|set|for|better|slower|faster)\b.*$",
    re.IGNORECASE,
)
_CAUSED = re.compile(
    r"^(?:what|who|which\s+\S+)\s+(?:\w+ed|uses?|has|have|needs?)\s+(?=\S)", re.IGNORECASE
)
_DID = re.compile(r"^(?:\w+\W+){0,3}?(?:does|do|did|can|could|should|will|would)\b", re.IGNORECASE)
# A name, as far as its letters tell, with the words of its kind in front of it.
_NAME = re.compile(
    r"(?:(?:the|a|an) )?(?:[\w./#-]*(?:[a-z][A-Z]|[A-Z]{2}|\d|_)[\w./#()-]*)(?: cache| code \d+)?"
)
_WHICH = re.compile(r"^\W*(?:which|who)\b|(?:^|\s)(?:어느|어떤|누가|누구)", re.IGNORECASE)


def topic(question: str, answer: str = "") -> str:
    """The thing asked about, in the question's own words; empty where there is none to be seen.

    ``answer`` is what was answered. Of a question for which of several ("which format has …?") it
    is the thing answered with, if that begins the answer.
    """
    question = question.strip().rstrip("?？.! ")
    if _HANGUL.search(question):
        return _korean(question)
    if _WHICH.search(question) and (named := _before_shared(question, answer)):
        return named
    return _english(question)


def chunks(found: Sequence[Morpheme]) -> list[tuple[int, int, str]]:
    """Noun phrases among ``found``: start, end and the tag of what follows, ``""`` at the end."""
    phrases: list[tuple[int, int, str]] = []
    start: int | None = None
    end = 0
    for morpheme in found:
        is_noun = morpheme.tag in _NOUNS and morpheme.form not in _ASKS
        if is_noun:
            start = morpheme.start if start is None else start
            end = morpheme.end
        elif start is not None and morpheme.tag in _JOINS:
            end = morpheme.end if morpheme.tag == "SSC" else end
        elif start is not None:
            phrases.append((start, end, morpheme.tag))
            start = None
    if start is not None:
        phrases.append((start, end, ""))
    return phrases


def _korean(question: str) -> str:
    found = morphemes(question)
    phrases = chunks(found)
    if not phrases:
        return ""
    # "BERT에 넣을 수 있는 토큰은 …": what the marked noun is described by belongs to it, up to
    # there. "haneul-a1에는": a particle between the noun and 은/는.
    marked = [m for m in found if m.tag == "JX" and m.form in ("은", "는", "이란", "란", "ᆫ")]
    for morpheme in marked[:1]:
        before = [phrase for phrase in phrases if phrase[1] <= morpheme.start]
        if before:
            return question[: before[-1][1]].strip()
    for tag in ("JKS", "JKO"):
        for _, end, follows in phrases:
            if follows == tag:
                return question[:end].strip()
    start, end, _ = phrases[0]
    return question[start:end].strip()


def _english(question: str) -> str:
    rest = _CAUSED.sub("", question)
    if rest == question:
        rest = _TELL.sub("", _LEAD.sub("", question))
    subject = _VERB.sub("", f" {rest}").strip() or rest.strip()
    if _DID.match(question) and (name := _NAME.match(subject)):
        return name[0]
    return subject


def _before_shared(question: str, answer: str) -> str:
    """What stands in the answer before it repeats the question: "bf16" of "bf16 has the range"."""
    spans = sentences(answer)
    if not spans:
        return ""
    asked = {word.casefold() for word in re.findall(r"\w+", question)}
    words = list(re.finditer(r"[\w./#-]+", answer[: spans[0][1]]))
    for count, word in enumerate(words):
        stem = word[0].casefold().rstrip("s")
        if count and (word[0].casefold() in asked or any(w.rstrip("s") == stem for w in asked)):
            return answer[words[0].start() : words[count - 1].end()] if count <= 5 else ""
    return ""
