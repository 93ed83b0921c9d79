"""Whether a claim denies what a sentence says, or affirms what it denies.

By the words of denial alone: antonyms ("rises", "falls") are not compared.
"""

from __future__ import annotations

import re

_KOREAN_DENIAL = re.compile(
    r"(?:지|지는|지도|지를|질|진)\s?(?:않|못)|(?<![가-힣])(?:안|못)\s(?=[가-힣])(?!안\s)"
    r"|(?<![가-힣])(?:안|못)(?=하|되|돼|됩|한|된|함|됨)"
    r"|없(?!애|앨|앴)|아니(?!라|고\b)|아닙|아닌(?! )|아님|아닐"
)
_ENGLISH_DENIAL = re.compile(
    r"\b(?:not|never|no|none|neither|nor|cannot|nothing|nobody)\b|n['’]t\b", re.IGNORECASE
)
# What may lie behind a denial without one of the words above.
_HINT = re.compile(
    r"아니|없|않|못|불가|불필요|불편|불충분|미지원|금지|대신|제외|말고|외에|거부|거절|실패|반대|달리"
    r"|부족|취소|삭제|중단|폐지|생략|어렵|힘들"
    r"|\b(?:without|unable|impossible|fail\w*|lack\w*|instead|rather|except|exclud\w+|only|less"
    r"|fewer|unlike|differ\w*|wrong|refus\w+|reject\w+|prevent\w*|avoid\w*|ban\w*|hardly"
    r"|missing|absent|absence|deni\w+|prohibit\w*|forb\w+|un(?!i|d)\w+|in\w+able)\b",
    re.IGNORECASE,
)
_YES = re.compile(
    r"\s*(?:네|예|맞습니다|그렇습니다|yes|right|correct)\s*(?:[,.!]|$)", re.IGNORECASE
)
_NO = re.compile(r"\s*(?:아니요|아니오|아닙니다|no)\s*(?:[,.!]|$)", re.IGNORECASE)

_KOREAN_DENIED = re.compile(
    r"(?P<verb>[가-힣]{2,12})(?:지|지는|지도)\s?(?:않|못)"
    r"|(?P<able>[가-힣]{1,12}) 수(?:는|가|도)? ?없"
    r"|(?P<noun>[가-힣A-Za-z0-9]{2,24}?)(?:이|가|은|는|도)? (?:없|아니|아닙|아닌)"
)
_ENGLISH_DENIED = re.compile(
    r"(?:\b(?:not|never|cannot)|n['’]t)\s+(?:be\s+|been\s+|a\s+|an\s+|the\s+)?(?P<word>[A-Za-z]{3,})",
    re.IGNORECASE,
)


def denies(text: str) -> bool:
    """Whether there is a plain denial in ``text``."""
    return denials(text) > 0


def denials(text: str) -> int:
    """How many plain denials there are in ``text``."""
    return sum(1 for each in (_KOREAN_DENIAL, _ENGLISH_DENIAL) for _ in each.finditer(text))


def says_yes_or_no(text: str) -> bool:
    """Whether ``text`` begins with yes or no."""
    return bool(_YES.match(text) or _NO.match(text))


def contradicts(claim: str, sentence: str, question: str) -> bool:
    """Whether ``claim`` says no where ``sentence`` has nothing of it, or yes to what it denies.

    What the question denies itself the claim may repeat.
    """
    if denies(question):
        return False
    affirmed = _YES.match(claim)
    said_no = _NO.match(claim)
    body = claim[said_no.end() :] if said_no else claim
    if denies(body):
        return not denies(sentence) and not _HINT.search(sentence)
    if said_no:
        return False
    if affirmed and denies(sentence):
        return True
    return _affirms_denied(body, sentence)


def _affirms_denied(claim: str, sentence: str) -> bool:
    for match in _KOREAN_DENIED.finditer(sentence):
        rest = sentence[: match.start()] + sentence[match.end() :]
        if match["able"]:
            if re.search(rf"{re.escape(match['able'])} 수(?:는|가|도)? ?있", claim):
                return True
        elif match["verb"]:
            verb = _forms(match["verb"])
            if verb.search(claim) and not verb.search(rest):
                return True
        elif re.search(rf"{re.escape(match['noun'])}(?:이|가|은|는|도)? ?있", claim):
            return True
    for match in _ENGLISH_DENIED.finditer(sentence):
        stem = match["word"].lower()[:5]
        rest = sentence[: match.start()] + sentence[match.end() :]
        found = re.search(rf"\b{stem}", claim, re.IGNORECASE)
        if found and not re.search(rf"\b{stem}", rest, re.IGNORECASE):
            return True
    return False


def _forms(stem: str) -> re.Pattern[str]:
    """The forms of a Korean verb: its last syllable may take a final consonant ("하", "합")."""
    first = ord(stem[-1]) - (ord(stem[-1]) - ord("가")) % 28
    last = f"{chr(first)}-{chr(first + 27)}"
    last += {"하": "해-햏", "되": "돼-됗"}.get(stem[-1], "")
    return re.compile(f"{re.escape(stem[:-1])}[{last}]")


def bare_reply(claim: str) -> bool:
    """Whether a claim is a yes or no and nothing else, so that the question is what it claims."""
    return any(
        (match := pattern.match(claim)) is not None and not claim[match.end() :].strip(" .!,")
        for pattern in (_YES, _NO)
    )
