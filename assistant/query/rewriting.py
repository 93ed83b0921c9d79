"""A follow-up in full words: what was left out or pointed at is put in its place."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from assistant.library.lexical import morphemes
from assistant.query.topic import chunks
from assistant.types import Language

HANGUL = re.compile(r"[가-힣]")

_ASKED_IN = (
    r"^(?:(?:can|could) you )?(?:(?:say|tell me|explain|answer|repeat) (?:it |that |this )?)?"
    r"in {english}(?: please)?\W*$"
    r"|^(?:\S+ 말고 )?(?:다시 |그걸 |그거 )?(?:{korean})로(?:는|도|요)?"
    r"(?: (?:다시|좀|말|설명|알려|대답|답|번역|해|써)\S*){{0,3}}\W*$"
)
_IN_KOREAN = re.compile(
    _ASKED_IN.format(english="korean", korean="한국어|한국말|우리말|국어"), re.IGNORECASE
)
_IN_ENGLISH = re.compile(_ASKED_IN.format(english="english", korean="영어"), re.IGNORECASE)
_WHY = re.compile(
    r"^(?:왜(?:요|죠|지|\s*그\S*)?|이유(?:는|가)?\S*|까닭은?\S*|why(?: (?:so|not|is that|that))?"
    r"|how come)\W*$",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"^(?:예를 들\S*|예시?(?:는|를|가)?\S*(?: \S+)?|for (?:example|instance)|(?:an )?examples?"
    r"|such as(?: what)?|like what)\W*$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"^(?:(?:좀 )?더 (?:자세히|설명)\S*.*|자세히\S*.*"
    r"|(?:tell me |any )?more(?: (?:details?|about it))?(?: please)?|go on"
    r"|explain(?: more| further)?|in (?:more )?detail)\W*$",
    re.IGNORECASE,
)
_THEN = re.compile(
    r"^(?:(?:그 ?)?다음(?:은|에는?)?\S*|(?:after (?:that|it)|next|then)|what (?:next|then)|)\W*$",
    re.IGNORECASE,
)
_WHAT_OF = re.compile(
    r"^(?:(?:what|how) about|and|or)\s+(?P<other>.+?)\W*$"
    r"|^(?P<bare>(?:the |an? )?[\w./#()-]+(?: [\w./#()-]+){0,2})\s*\?*$",
    re.IGNORECASE,
)
_KOREAN_WHAT_OF = re.compile(
    r"^(?P<other>\S+(?: \S+){0,3}?)"
    r"(?P<particle>에서는|에는|에선|으로는|로는|은|는|이?라면|이?면|도)"
    r"(?:요|어때\S*|\s+어때\S*|\s+어떻\S*|\s+어떤\S*)?\s*[?？.]*$"
)
_ONE = re.compile(r"^(?:the )?(?P<which>[\w-]+) ones?$", re.IGNORECASE)
_ENGLISH_PRONOUN = re.compile(
    r"\b(?P<its>its|their)\b"
    r"|\b(?P<it>it(?! takes?\b)|they|them|that|this|those|these)\b(?!\s+(?:is|are)\s+\w+ing)"
    r"|\b(?P<there>there)\b|\b(?P<then>since then)\b",
    re.IGNORECASE,
)
_DEMONSTRATIVE = re.compile(
    r"\b(?:that|this|those|these)\s+(?P<noun>method|model|value|approach|technique|server|machine|"
    r"algorithm|setting|step|thing|number|one)\b",
    re.IGNORECASE,
)
_KOREAN_PRONOUN = re.compile(
    r"(?:^|(?<=\s))(?:"
    r"(?P<subject>(?:그|이|저)(?:건|것은|거는|것는))"
    r"|(?P<agent>(?:그|이|저)(?:게|것이|거가))"
    r"|(?P<object>(?:그|이|저)(?:걸|것을|거를)(?!로))"
    r"|(?P<by>(?:그|이|저)(?:걸로|것으로|거로))"
    r"|(?P<of>(?:그|이|저)(?:것의|거의))"
    r"|(?P<than>그보다|이보다)"
    r"|(?P<place>(?:거기|여기)(?:에서는|에서|서|에|는)?)"
    r"|(?P<bare>(?:그|이|저)(?:것|거)(?=\S*))"
    r"|(?P<that>(?:그|이|저) (?=\S))"
    r"|(?P<when>그때)"
    r")"
)
_GENERIC_NOUN = re.compile(r"(?:방법|모델|기법|개념|서버|값|것|알고리즘|방식|사람|팀|조|색인|형식)")
# What is asked about a happening; the time meant is that of the happening itself.
_ASPECT = re.compile(r"(?<=[가-힣]) (?:까닭|이유|원인|목적|방법|결과|배경)$")
_SAME = 0.5  # likeness from which two names are taken for things of one kind
_SAME_END = 0.3  # what the same last syllable adds: 까치조 and 제비조
_LONGEST = 4  # words of what is asked about instead
_ASKS = re.compile(r"(?:무엇|무슨|뭐|뭘|누가|누구|언제|어디|얼마|어떻게|어떤|어느|몇|왜)")
_LATIN_NAME = re.compile(
    r"(?<![A-Za-z0-9_])(?=[A-Za-z0-9_./#+-]*(?:[a-z][A-Z]|[A-Z]{2}|[A-Z](?=[\s가-힣]|$)|\d|[_-]\w))"
    r"[A-Za-z0-9_][A-Za-z0-9_./#+-]*(?:\(\))?"
)


def rewritten(core: str, before: str, about: str) -> tuple[str, Language | None]:
    """``core`` after the question ``before``, which is about ``about``; and the language asked for.

    Every word of the result is of one of the three, or one of the few that join them.
    """
    core = core.strip()
    asked = before.rstrip("?？. ")
    about = about or asked
    korean = bool(HANGUL.search(core)) or (
        not re.search(r"[A-Za-z]", core) and bool(HANGUL.search(before))
    )
    if _IN_KOREAN.match(core):
        return f"{before} ({'한국어로' if korean else 'in Korean'})", "ko"
    if _IN_ENGLISH.match(core):
        return f"{before} ({'영어로' if korean else 'in English'})", "en"
    if _WHY.match(core):
        return (f"{asked}? 왜 그런가요?" if korean else f"{asked}? Why?"), None
    if _EXAMPLE.match(core):
        return (
            f"{about}의 예는 무엇인가요?" if korean else f"What is an example of {about}?"
        ), None
    if _MORE.match(core):
        return (
            f"{joined(about, '을를')} 더 자세히 설명해 주세요."
            if korean
            else f"Tell me more about {about}."
        ), None
    if _THEN.match(core):
        return (f"{asked}? 그다음은?" if korean else f"{asked}? And after that?"), None
    if korean:
        return _korean(core, before, about), None
    return _english(core, before, about), None


# --------------------------------------------------------------------------- Korean


def _korean(core: str, before: str, about: str) -> str:
    replaced = _KOREAN_PRONOUN.sub(lambda match: _named(match, about), core)
    if replaced != core:
        return replaced
    if match := _KOREAN_WHAT_OF.match(core):
        other, particle = match["other"], match["particle"]
        if exchanged := exchange(before, other, about):
            return exchanged
        if particle.endswith("면"):
            return f"{about}: {core}"
        return f"{about}의 {other}{particle}?"
    return f"{about}: {core}"


def _named(match: re.Match[str], about: str) -> str:
    match match.lastgroup:
        case "subject":
            return joined(about, "은는")
        case "agent":
            return joined(about, "이가")
        case "object":
            return joined(about, "을를")
        case "by":
            return f"{about}로" if _ends_in_vowel(about) or _ends_in_l(about) else f"{about}으로"
        case "of":
            return f"{about}의"
        case "than":
            return f"{about}보다"
        case "place":
            return f"{about}에서"
        case "when":
            return f"{_ASPECT.sub('', about)} 때"
        case "that":
            rest = match.string[match.end() :]
            noun = _GENERIC_NOUN.match(rest)
            return f"{about} " if noun and not about.endswith(noun[0]) else f"{about}의 "
    return about


def joined(noun: str, particles: str) -> str:
    """``noun`` with the one of two particles that its last sound asks for: 은는, 이가, 을를."""
    return noun + particles[_ends_in_vowel(noun)]


def _ends_in_vowel(noun: str) -> bool:
    last = noun.rstrip(")]`'\"")[-1:] or "a"
    if HANGUL.match(last):
        return (ord(last) - 0xAC00) % 28 == 0
    # As read out in Korean: 엘, 엠, 엔, 알 and 영, 일, 삼, 육, 칠, 팔 end in a consonant.
    return last.casefold() not in "lmnr013678"


def _ends_in_l(noun: str) -> bool:
    last = noun[-1:]
    return last in "lLrR178" or (bool(HANGUL.match(last)) and (ord(last) - 0xAC00) % 28 == 8)


# --------------------------------------------------------------------------- English


def _english(core: str, before: str, about: str) -> str:
    if match := _WHAT_OF.match(core):
        other = match["other"] or match["bare"]
        if one := _ONE.match(other):
            return _other_one(before, one["which"]) or f"{before} {core}"
        if not _ENGLISH_PRONOUN.search(other):
            if match["bare"] and not _LATIN_NAME.search(other):
                return f"{about}: {core}"  # "Backup?": something of it, not something else
            return exchange(before, other, about) or f"{before.rstrip('? ')}: {other}?"
    replaced = _DEMONSTRATIVE.sub(about, core, count=1)
    if replaced == core:
        replaced = _ENGLISH_PRONOUN.sub(lambda match: _english_name(match, about), core, count=1)
    if replaced == core:
        return f"{about}: {core}"
    return replaced[:1].upper() + replaced[1:]


def _english_name(match: re.Match[str], about: str) -> str:
    if match["its"]:
        return f"{about}'s"
    if match["then"]:
        return f"since {about}"
    return f"in {about}" if match["there"] else about


def _other_one(before: str, which: str) -> str:
    """``before`` with another adjective to the noun that has one: the short → the long partition"""
    match = list(re.finditer(r"\bthe (\w+)(?= \w+\W*$)", before))
    if not match:
        return ""
    last = match[-1]
    return f"{before[: last.start(1)]}{which}{before[last.end(1) :]}"


# --------------------------------------------------------------------------- and B?


def asks_of_another(core: str) -> bool:
    """Whether ``core`` only asks the same of something else, or in another language.

    "bf16은?", "what about B?", "한국어로는?".
    """
    if _IN_KOREAN.match(core) or _IN_ENGLISH.match(core):
        return True
    if HANGUL.search(core):
        return bool(_KOREAN_WHAT_OF.match(core)) and not _ASKS.search(core)
    match = re.match(r"(?:what|how) about\s+(?P<other>.+?)\W*$", core, re.IGNORECASE)
    return match is not None and len(match["other"].split()) <= _LONGEST


def exchange(before: str, other: str, about: str) -> str:
    """``before`` asked of ``other``: in the place of what is most like it; empty if nothing is.

    A name that is like nothing stands for what ``before`` is about.
    """
    other = other.strip()
    best = (_SAME, -1, -1)
    for start, end in _names(before):
        alike = _likeness(before[start:end], other)
        if alike > best[0] or (alike == best[0] and end - start > best[2] - best[1]):
            best = (alike, start, end)
    if best[1] < 0:
        start = before.find(about)
        if start < 0 or HANGUL.search(other):
            return ""
        best = (_SAME, start, start + len(about))
    _, start, end = best
    rest = before[end:]
    if particle := re.match(r"(은|는|이|가|을|를|과|와)(?=[\s?？]|$)", rest):
        pair = next(p for p in ("은는", "이가", "을를", "과와") if particle[0] in p)
        return before[:start] + joined(other, pair) + rest[1:]
    return before[:start] + other + rest


def _names(text: str) -> list[tuple[int, int]]:
    """Spans of the noun phrases of ``text``, of their parts, and of what is written like a name."""
    spans = {match.span() for match in _LATIN_NAME.finditer(text)}
    if HANGUL.search(text):
        for start, end, _ in chunks(morphemes(text)):
            words = [
                (m.start() + start, m.end() + start) for m in re.finditer(r"\S+", text[start:end])
            ]
            spans |= {(a, b) for i, (a, _) in enumerate(words) for _, b in words[i : i + _LONGEST]}
            # "까치조의 정확도": the owner by itself.
            spans |= {(a, b - 1) for a, b in set(spans) if text[b - 1] == "의" and b - a > 2}
    return sorted(spans)


def _likeness(one: str, other: str) -> float:
    """How alike two names are, in letters and in how they are written: 0 to 1, a bit more."""
    letters = SequenceMatcher(None, one.casefold(), other.casefold()).ratio()
    if HANGUL.search(one) or HANGUL.search(other):
        both = bool(HANGUL.search(one)) and bool(HANGUL.search(other))
        same_end = both and len(one) > 1 and one[-1] == other[-1]
        return letters + (_SAME_END if same_end else 0.0)
    shape = SequenceMatcher(None, _shape(one), _shape(other)).ratio()
    return (letters + shape) / 2


def _shape(name: str) -> str:
    name = re.sub(r"\d+", "0", name)
    name = re.sub(r"[a-z]+", "a", name)
    return re.sub(r"[A-Z]+", "A", name)
