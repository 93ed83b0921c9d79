"""Questions that only make sense after the one before, made into ones that stand alone.

Rules, no model: on conversations that they were not made by (benchmarks/followups.py,
docs/answers.md) they find more than a small model's rewriting, which takes seconds. What they write
is made of the words of the question and of the conversation, so it can bring in nothing new.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.library.lexical import analyse
from assistant.library.library import Library
from assistant.query.rewriting import HANGUL, asks_of_another, rewritten
from assistant.query.topic import topic
from assistant.types import Answer, Language, Retrieval, Scope

_CONNECTIVE = re.compile(
    r"^(?:(?P<on>그럼|그러면|그렇다면|그래서|그러니까|그리고|또|so|then|and|ok(?:ay)?)"
    r"|(?P<aside>그런데|근데|하지만|한데|but|now|well))(?=[\s,.…?]|$)[\s,.…]*",
    re.IGNORECASE,
)
_TOPIC_CHANGE = re.compile(
    r"^(?:(?:그런데|근데|자|아|and|now|so|but|ok(?:ay)?)[\s,]+)?(?:"
    r"(?:좀\s*)?(?:다른|딴)\s*(?:얘기|얘긴|이야기|질문|주제|거|것)\S*|(?:주제|화제)를?\s*(?:바꿔|돌려)\S*"
    r"|그건 그렇고|각설하고|여담\S*"
    r"|by the way|something else|on another (?:note|topic|subject)|(?:a\s+)?different "
    r"(?:question|topic|subject)|(?:an?\s+)?unrelated(?: question)?"
    r"|chang(?:e|ing) (?:the )?(?:subject|topic)"
    r")[\s,.:;…—-]*",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"(?:^|\s)(?:[그이저][건것게걸거]|[그이저]거|거기|여기|그때|그중|그보다|그들"
    r"|(?:그|이|저) \S|그렇게|그런 |그래\b)"
    r"|\b(?:it|its|that|this|those|these|they|them|their|there|one)\b"
    r"|\bsince then\b|\bafter that\b",
    re.IGNORECASE,
)
# What asks for something without saying about what, as the analyser writes it.
_GENERIC = frozenset(
    (
        *("설명", "자세히", "예", "예시", "이유", "까닭", "좀", "다시", "뜻", "의미", "알리", "들"),
        *(
            "말하",
            "하",
            "있",
            "없",
            "되",
            "왜",
            "더",
            "그렇",
            "어떻",
            "어느",
            "얼마",
            "수",
            "것",
            "거",
        ),
        *("경우", "그래", "그러", "이러", "어떤", "무엇", "무슨", "언제", "주", "쓰"),
        *("explain", "more", "detail", "exampl", "mean", "reason", "again", "pleas", "tell", "one"),
        *("after", "about", "there"),
    )
)
# A name, as far as letters tell: capitals within or all over, a digit, a sign that ties.
_NAME = re.compile(
    r"(?<![A-Za-z0-9_])(?=[A-Za-z0-9_./-]*(?:[a-z][A-Z]|[A-Z]{2}|[A-Za-z]\d|\d[A-Za-z]|_))"
    r"[A-Za-z0-9_][A-Za-z0-9_./-]*"
)
_DEFINES = re.compile(r"[가-힣A-Za-z0-9)](?:이?란|이란 무엇\S*|이?라는 (?:게|것)\S*)\s*[?？]*$")
_ADDS = re.compile(r"(?:^|\s)(?:더|또|다른|추가로) |\b(?:more|another|else|other)\b", re.IGNORECASE)
_TWO_QUESTIONS = re.compile(r"[?？]\s+\S")  # "how much is it? Why so?"
_REUSED = 1  # passages of the turn before
_FARTHEST = 4  # turns
_FEW = 2  # content words with which a question is too short to be one of its own
_WHOLE = 4  # content words with which one that begins "and …" is whole


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as the conversation makes it.

    ``standalone`` is it in full, the same words where it stands alone. ``earlier`` is the turn that
    it refers back to, None where it does not. ``language`` is that of the answer where the
    question only asks for another one ("and in Korean?"); ``of_another`` that it asks the same of
    something else ("and B?").
    """

    question: str
    standalone: str
    earlier: tuple[str, Answer] | None = None
    language: Language | None = None
    of_another: bool = False

    @property
    def carried(self) -> tuple[str, Answer] | None:
        """The turn that goes into the prompt.

        Not where the same is asked of another thing: rewriting makes such a question whole, and
        what was read of the same notes is read again behind another beginning.
        """
        if self.of_another and not _TWO_QUESTIONS.search(self.standalone):
            return None
        return self.earlier

    @property
    def rewriting(self) -> str:
        """``standalone`` where it is not what was asked."""
        return "" if self.standalone == self.question else self.standalone


def understand(question: str, history: Sequence[tuple[str, Answer]]) -> Understood:
    """``question`` after ``history``, oldest turn first."""
    question = question.strip()
    if not history:
        return Understood(question, question)
    if (change := _TOPIC_CHANGE.match(question)) and question[change.end() :]:
        return Understood(question, question[change.end() :])
    asked, answer = history[-1]
    # A chat stored by an earlier version does not tell what its questions stood for.
    before = answer.standalone or understand(asked, history[-_FARTHEST:-1]).standalone
    connective = _CONNECTIVE.match(question)
    core = question[connective.end() :] if connective else question
    spoken = " ".join(
        text for q, a in history for text in (q, a.standalone, a.text if not a.refused else "")
    )
    if not refers_back(core, spoken, connective.lastgroup if connective else None):
        return Understood(question, core if connective and core else question)
    about = topic(before, "" if answer.refused else answer.text)
    standalone, language = rewritten(core, before, about)
    of_another = language is None and asks_of_another(core)
    return Understood(question, standalone, history[-1], language, of_another)


def refers_back(core: str, spoken: str, connective: str | None) -> bool:
    """Whether ``core``, a question less its "and", "그럼", needs the conversation ``spoken``.

    It does when it points ("it", "그건"), asks the same of something else ("and B?"), or says too
    little. A name that was not spoken of makes it a question of its own.
    """
    if not core or asks_of_another(core):
        return True
    if _DEFINES.search(core):
        return False
    said = {term for term in analyse(core) if not term.startswith("~")} - _GENERIC
    korean = bool(HANGUL.search(core))
    if _PRONOUN.search(core):
        # In a question with much of its own "it" is about something in the question itself.
        opens = _PRONOUN.match(core) is not None
        return opens or len(said) <= (_WHOLE if korean else _WHOLE + 1)
    names = {word.casefold() for word in _NAME.findall(core)}
    is_new = not names <= {word.casefold() for word in _NAME.findall(spoken)}
    if is_new and len(core.split()) > 1:
        return False
    if len(said) < _FEW:
        return True
    if connective == "on":
        return len(said) <= _WHOLE
    if names or _ADDS.search(core):
        return len(said) <= _FEW + 1
    return not said - set(analyse(spoken))


def condense(question: str, history: Sequence[tuple[str, Answer]]) -> str:
    """What to search for: ``question`` as one that stands alone."""
    return understand(question, history).standalone


def with_earlier(
    found: Retrieval, understood: Understood, library: Library, scope: Scope
) -> Retrieval:
    """``found`` with the passage that the turn before rested on, if that was not found again.

    It takes the last place, and only as it still stands in the library: "why?" is often answered
    where the answer before was. "And B?" is not.
    """
    if understood.earlier is None or understood.of_another or len(found.sources) < 2:
        return found
    answer = understood.earlier[1]
    cited = {citation.n for citation in answer.citations}
    earlier = [s for s in answer.sources if s.n in cited][:_REUSED]
    known = library.nodes([source.node_id for source in earlier])
    known_here = {source.node_id for source in found.sources}
    reused = [
        source
        for source in earlier
        if source.node_id not in known_here
        and (stored := known.get(source.node_id)) is not None
        and stored.node.text == source.text
        and scope.holds(source.path, source.node_id)
    ]
    if not reused or len(found.sources) - len(reused) < len(scope.pinned):
        return found
    kept = found.sources[: len(found.sources) - len(reused)]
    least = min((source.score for source in kept), default=0.0)
    sources = [*kept, *(replace(source, score=least, legs=()) for source in reused)]
    numbered = tuple(replace(source, n=n) for n, source in enumerate(sources, start=1))
    return replace(found, sources=numbered)
