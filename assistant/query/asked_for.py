"""What kind of thing a question asks for, and whether a text holds one: a number, a time, a name.

A sentence without any number answers no "how many", however much of the question it repeats. Only
what letters and digits tell is looked at, so a kind is told where a question says it outright; most
questions ask for none of these, and of them nothing is known.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["number", "money", "share", "time", "name", ""]
"""``share`` is a percentage, ``time`` a date, year or clock time; empty where none is seen."""

_I = re.IGNORECASE
_TIME = re.compile(
    r"^\W*(?:since |until |by |from )?when (?:is|was|are|were|did|do|does|will|would|has|have|had"
    r"|should|must|can|could|may|might)\b(?!.*,\s*(?:what|who|which|how|where)\b)"
    r"|\b(?:what|which) (?:\w+ )?(?:year|date|day|month|century|decade|time|era)s?\b(?! of\b)"
    r"|언제|몇\s?(?:년(?:도|에|이|부터|까지|인)|월|일(?!\s*동안)|시(?!간)|세기)|며칠(?!\s*(?:동안|간|이나))"
    r"|(?:연도|년도|날짜|일자|일시|시각|해)(?:는|은|가|이|를|을)?\s*(?:무엇|언제|몇|\W*$)"
    r"|어느\s(?:해|달|날|시기|시대|세기)",
    _I,
)
_SHARE = re.compile(
    r"\bwhat (?:percent|percentage|share|proportion|fraction)\b|\bhow many percent\b"
    r"|몇\s?(?:퍼센트|프로|%|％)|(?:비율|확률|지지율|득표율|점유율)(?:은|는|이|가)?\s*(?:얼마|몇|\W*$)",
    _I,
)
_MONEY = re.compile(
    r"\bwhat (?:is|was|are|were) the (?:\w+ ){0,2}(?:price|cost|fee|salary)s?\b"
    r"|\bhow much (?:money\b|.*\bcosts?\b)"
    r"|(?:가격|금액|요금|비용|연봉|월급|상금)(?:은|는|이|가)?\s*(?:얼마|몇|무엇|\W*$)|몇\s?(?:원|달러|유로|엔)",
    _I,
)
_NUMBER = re.compile(
    r"\bhow (?:many|much|long|old|tall|far|large|big|wide|deep|high|heavy|fast)\b"
    r"|\bwhat (?:is|was|are|were) the (?:\w+ )?(?:number|population|age|height|length|size)\b"
    r"|\bwhat (?:\w+ ){0,2}(?:accuracy|frequency|temperature|score|recall|precision|batch size"
    r"|learning rate)(?:@\d+)? (?:did|does|do|is|was|were|are|has|had)\b"
    r"|\b(?:to )?what number\b|\bphone number\b"
    r"|몇|얼마(?!나\s\S*(?:중요|다르|영향))"
    r"|(?:개수|갯수|횟수|인원|나이|점수|정확도|학습률|인구|면적|넓이|높이|길이|무게|속도|온도|번호|[가-힣]\s수"
    r"|(?:명|건|권|석|층|자|생|객|원|구|워|터|획)수)(?:은|는|이|가|를|을)?\s*(?:얼마|몇|무엇|알려|말해|\W*$)",
    _I,
)
_NAME = re.compile(r"^\W*(?:\w+ )?who\b|\bwhose\b|\bwho (?:is|was|did|has)\b", _I)

_DIGIT = re.compile(r"\d")
_SPELT = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fifteen|twenty"
    r"|thirty|forty|fifty|sixty|hundreds?|thousands?|millions?|billions?|half|third|quarters?|once"
    r"|twice|none|zero|no|dozens?|single|several|all|both|double|triple)\b"
    r"|(?:^|[\s(])(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|스무|서른|마흔|쉰|첫)\s?(?:개|명|번|사람|가지"
    r"|차례|마리|살|달|시간|배|곳|권|대(?!로)|쪽|장|팀|편|척|층|줄|건|시|주|군데|분|쌍|학기|단계|시도|째|학년|칸|장면)"
    r"|(?:^|[\s(])(?:하나|둘|셋|넷|절반)(?=\W|[이가은는를을로의만다뿐]|$)|[일이삼사오육칠팔구십백천만억조]+\s?(?:개|명|번|년|월|일|원|차|회|배|층|단계)|없",
    _I,
)
_PAID = re.compile(
    r"[$€£¥₩]|\d\s?(?:만|억|천|백|조)?\s?(?:원|달러|유로|엔|파운드)|\b(?:dollars?|cents?|won|euros?|yen|pounds?"
    r"|krw|usd|eur|free)\b|무료|공짜",
    _I,
)
_SHARED = re.compile(
    r"\d|%|％|퍼센트|percent|\b(?:half|third|quarter|fifth|majority|most|all|none)\b|절반|반|과반|전부|대부분",
    _I,
)
_DATED = re.compile(
    r"\d|\b(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|century|today|yesterday|spring|summer"
    r"|\w+(?:teen|tie)th|autumn|winter|during|after|before|since|until|while|when|once|morning|noon|evening|night"
    r"|midnight|ago|era|period)\b"
    r"|[가-힣]요일|세기|당시|[이직]후|이전|[때뒤전후](?:에|부터|까지|로|인|였|\b)|오늘|어제|내일|매일|매주|봄|여름|가을"
    r"|겨울|아침|저녁|밤|정오|자정|시대",
    _I,
)
# A date is no answer to "how many", nor is a year.
_A_DATE = re.compile(
    r"\d{3,4}\s?년(?!\s?(?:전|간|동안|뒤|후))|\d{1,2}월(?:\s?\d{1,2}일)?"
    r"|\b(?:in|since|by|until|from|during|after|before|of|,)\s*(?:1\d{3}|20\d\d)s?\b"
    r"|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r"\s\d{1,2}(?:st|nd|rd|th)?(?:,?\s\d{4})?",
    _I,
)
_CAPITAL = re.compile(r"(?<![\w])[A-Z][\w’'-]*|[가-힣]{2,}")
_VALUE = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*|(?<![A-Za-z_\d.-])\d+(?:[.,]\d+)*")


def kind_asked_for(question: str) -> Kind:
    """The kind of thing that answers ``question``, as far as its wording says so outright."""
    if _MONEY.search(question):
        return "money"
    if _SHARE.search(question):
        return "share"
    if _TIME.search(question):
        return "time"
    if _NUMBER.search(question):
        return "number"
    return "name" if _NAME.search(question) else ""


def holds(kind: Kind, text: str, question: str) -> bool:
    """Whether ``text`` has something of ``kind`` that ``question`` has not said itself."""
    if not kind:
        return True
    known = set(_VALUE.findall(question))
    text = _VALUE.sub(lambda match: " " if match.group() in known else match.group(), text)
    if kind == "name":
        asked = question.casefold()
        return any(
            match.group().casefold() not in asked for match in _CAPITAL.finditer(text.lstrip())
        )
    if kind == "time":
        return bool(_DATED.search(text))
    if kind == "money":
        return bool(_PAID.search(text))
    if kind == "share":
        return bool(_SHARED.search(text))
    text = _A_DATE.sub(" ", text)
    return bool(_DIGIT.search(text) or _SPELT.search(text))
