"""The answer to a yes-or-no question begun with yes or no, where its first sentence decides it.

By rule, behind the model: asked for yes or no a small one says nothing else, and is wrong more
often (docs/answers.md). A sentence of one clause that says all that the question says answers it by
its denial alone; any other stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.library.lexical import Morpheme, analyse, morphemes
from assistant.query.citations import Grounded
from assistant.query.matching import Grounds
from assistant.query.polarity import denials, says_yes_or_no
from assistant.query.verifying import judge
from assistant.types import Language

# What makes the sentence say more than one thing, or makes it depend on another.
_MORE_THAN_ONE = re.compile(
    r"[,;:()]|[가-힣](?:지만|으나|는데|은데|면|어야|아야|여야|해야|때만|경우|까지|뿐|만|거나|고|며)(?=\s)"
    r"|대신|제외|외에|일부|가끔|보통|때로"
    r"|\b(?:if|unless|only|except|but|while|although|though|when|whether|or|instead|rather"
    r"|without|some|sometimes|usually|often|may|might|partly|hardly|less|until|than|because)\b",
    re.IGNORECASE,
)
_BEGINNINGS = {
    ("ko", False): "네, ",
    ("ko", True): "아니요, ",
    ("en", False): "Yes, ",
    ("en", True): "No, ",
}
# A reason before what is said changes nothing of a yes; of a no it may be all that is denied.
_REASON = re.compile(r"[가-힣]서(?=\s)")
_NAMES = re.compile(r"\b[A-Z]\w*|\w*\d\w*|^\w+")  # and the first word, which is none
_NO_NAME = re.compile(r"(?:An?|The|It|Its|This|That|These|Those|They)\b")
# What a Korean predicate is put together with; none of it says what is asked.
_HELPERS = frozenset(("하", "되", "있", "없", "않", "못", "아니", "안", "수", "것", "거", "지"))
_CONTENT = frozenset(("NNG", "NNP", "NR", "XR", "VV", "VA", "VX", "SL", "SN", "SH", "NNB"))


def decided(grounded: Grounded, question: str, language: Language, grounds: Grounds) -> Grounded:
    """The same begun with yes or no, where its first sentence is borne out and says what is asked.

    Borne out without the question: numbers and names that a sentence may otherwise repeat from it
    are what a yes would affirm.
    """
    first = grounded.claims[0] if grounded.claims else None
    if first is None or first.support != "supported" or first.start:
        return grounded
    said = grounded.text[first.start : first.end]
    beginning = yes_or_no(said, question, language)
    if not beginning or judge(said, "", grounds).support != "supported":
        return grounded
    if _NO_NAME.match(said):
        said = said[0].lower() + said[1:]
    shift = len(beginning)
    claims = [
        replace(each, start=each.start + shift if each.start else 0, end=each.end + shift)
        for each in grounded.claims
    ]
    citations = [
        replace(
            each,
            claim_start=each.claim_start + shift if each.claim_start else 0,
            claim_end=each.claim_end + shift,
        )
        for each in grounded.citations
    ]
    text = f"{beginning}{said}{grounded.text[first.end :]}"
    return Grounded(text, tuple(citations), tuple(claims))


def yes_or_no(sentence: str, question: str, language: Language) -> str:
    """The yes or no, with a comma, that ``sentence`` answers ``question`` with; "" where none."""
    denied = denials(sentence)
    beginning = _BEGINNINGS.get((language, denied == 1), "")
    if says_yes_or_no(sentence) or denied > 1 or denials(question):
        return ""
    if _MORE_THAN_ONE.search(sentence) or (denied and _REASON.search(sentence)):
        return ""
    asked = {term for term in analyse(question) if not term.startswith("~")} - _HELPERS
    if not asked or not asked <= set(analyse(sentence)):
        return ""
    if not set(_NAMES.findall(question)[1:]) <= set(_NAMES.findall(sentence)):
        return ""
    if language == "ko" and _predicate(question) != _predicate(sentence):
        return ""
    return beginning


def _predicate(sentence: str) -> str:
    """The last word of a Korean sentence that says something: 필요 of "필요하지 않습니다"."""
    content = [each for each in morphemes(sentence) if _says(each)]
    return content[-1].form if content else ""


def _says(morpheme: Morpheme) -> bool:
    return morpheme.tag in _CONTENT and morpheme.form not in _HELPERS
