"""What a question wants, told by its wording alone.

The rules are conservative: each needs a turn of phrase that hardly occurs otherwise, and what fits
none is ``plain``. A wrong kind costs more than none, since it changes what is searched and asked.
"""

from __future__ import annotations

import re

from assistant.types import QuestionKind

_I = re.IGNORECASE
_HANGUL = re.compile(r"[가-힣]")

# About the library and not about what the notes say: the whole question must be of this form.
_THINGS = r"(?:노트|파일|문서|자료|필기)"
_ITEMS = r"(?:notes?|files?|documents?)"
_LIBRARY = re.compile(
    r"^(?:"
    rf"(?:지금 |내 |제 |나한테 |라이브러리에 )*{_THINGS}(?:가|는|들이|들은|이|은)?\s*"
    r"(?:모두|전부|총|다|지금)?\s*(?:몇\s*(?:개|건|편)|얼마나)(?:\s*(?:나|가|이나))?"
    r"(?:야|예요|이에요|인가요|인지|니|지|\s*있\S*|\s*돼\S*|\s*되나\S*)?(?:\s*알려\s*\S+)?"
    rf"|how many {_ITEMS}(?: (?:do i have|are there|have i(?: got)?|are in (?:my|the) library"
    r"|does (?:my|the) library (?:hold|have)))*"
    rf"|(?:what|which) {_ITEMS} (?:do i have|are there|have i got)"
    r"(?: (?:about|on) (?P<about_en>.+?))?"
    rf"|(?:list|show)(?: me)?(?: all)?(?: my| the)? {_ITEMS}(?: (?:about|on) (?P<list_en>.+?))?"
    rf"|(?P<about_ko>.+?)(?:에 (?:대한|관한|대해)|\s관련)\s*{_THINGS}(?:가|는|이|은)?\s*"
    r"(?:뭐가|무엇이|어떤 게|어떤 것이|몇 개)?\s*(?:있\S*|뭐야|목록|보여 ?\S*)"
    rf"|(?:내 |제 |모든 |전체 )?{_THINGS}\s*목록\S*(?:\s*(?:보여|알려)\s*\S*)?"
    rf"|(?P<when_ko>.*?)(?:는|은|을|를)?\s*언제\s*(?:추가|넣|등록|저장|수집|들여)\S*"
    rf"|when did i (?:add|ingest|import|save) (?P<when_en>.+?)"
    rf"|(?:최근에|마지막으로|방금|어제|오늘)\s*(?:추가|넣|등록|바뀐|수집)\S*\s*{_THINGS}(?:는|은|가|이)?\s*\S*"
    rf"|(?:what|which) (?:{_ITEMS} )?(?:did i add|were added|have i added) (?:last|recently|today)"
    r")\s*[?？.!]*$",
    _I,
)
_WHICH_FILE = re.compile(
    rf"(?:어느|어떤|무슨)\s*{_THINGS}(?:에|에서|이|가).*"
    r"(?:있|나오|나와|적|쓰|써|설명|다루|말하)"
    rf"|(?:있|나오|적힌|적혀 있|다루|설명하)\S*\s*(?:{_THINGS})(?:은|는|이|가)?\s*"
    r"(?:어느|어떤|뭐|무엇|어디)"
    r"|(?:which|what) (?:file|note|document|pdf|slide|notebook)s?\s+"
    r"(?:says?|mentions?|explains?|has|have|contains?|talks?|describes?|covers?|tells?|discuss(?:es)?"
    r"|defines?|is .+ in|are .+ in|did i write)"
    r"|in (?:which|what) (?:file|note|document|pdf)s?\b"
    r"|where (?:in my notes|did i (?:write|note))",
    _I,
)
_SUMMARY = re.compile(
    r"^(?P<ko>.*?)(?:을|를|은|는|만|좀|의 내용을?|\s)*\s*(?:요약|정리)\s*(?:을|를)?\s*(?:좀\s*)?"
    r"(?:해\s*(?:줘\S*|주\S*|봐|라|달\S*)?|부탁\S*|하라|할래\S*|본\s*\S*|문\s*\S*)\s*[.!?]*$"
    r"|^(?:please )?(?:summari[sz]e|sum up|give me (?:a |the )?(?:short |brief )?summary of"
    r"|(?:write )?(?:a )?summary of)\s+(?P<en>.+?)\s*(?:please)?[.!?]*$",
    _I,
)
_SIDE = r"\S(?:[^,?!.]|\.(?=\S))*?"
_SIDES = (
    re.compile(
        rf"(?P<a>{_SIDE})\s*(?:와|(?<!결)과|이랑|랑|하고|및|vs\.?|대)\s+(?P<b>{_SIDE})"
        r"(?:의|은|는|이|가|을|를|\s사이의?|\s간의?)?\s*"
        r"(?:차이|다른 ?점|공통점|비교|(?:어떻게|뭐가|무엇이|어디가) (?:다르|달라|다른))"
    ),
    re.compile(
        rf"(?P<a>{_SIDE})(?:은|는|이|가)\s+(?P<b>{_SIDE})(?:와|과|이랑|랑|하고)\s+"
        r"(?:어떻게|뭐가|무엇이|어디가)\s*(?:다르|달라|다른)"
    ),
    re.compile(r"\bdifferences? between (?P<a>.+?) and (?P<b>.+?)\W*$", _I),
    re.compile(r"^compare (?P<a>.+?) (?:and|with|to|against) (?P<b>.+?)\W*$", _I),
    re.compile(
        r"\bhow (?:is|are|does|do) (?P<a>.+?) (?:different|differ)s? (?:from|to) (?P<b>.+?)\W*$", _I
    ),
    re.compile(r"^(?P<a>[^?]+?) (?:vs\.?|versus) (?P<b>[^?]+?)\W*$", _I),
)
_LIST = re.compile(
    r"(?:종류|목록|항목|단계|예시|방법)(?:를|을|는|은|들을|들은)?\s*(?:모두|전부|다|나열)"
    r"|(?:모두|전부|빠짐없이|다)\s*(?:나열|적어|써|말해|알려|열거)"
    r"|나열해|열거해"
    r"|종류(?:에는|는|가|로는)?\s*(?:뭐|무엇|어떤|몇)"
    r"|(?:에는|으로는|로는)\s*(?:뭐뭐|무엇무엇|어떤 것들?|무엇들|뭐가|무엇이|어떤 게)\S*\s*"
    r"(?:있|들)"
    r"|\b(?:list|name|enumerate) (?:all|every|the)\b|^list\b"
    r"|\bwhat are (?:all )?(?:the )?(?:different )?(?:types|kinds|ways|methods|forms) of\b"
    r"|\bwhat are all\b|\bwhich \w+(?: \w+)? are there\b"
    r"|\ball (?:of )?the \w+(?: \w+)? (?:that|which|we)\b",
    _I,
)
_CODE = re.compile(
    r"(?:코드|스니펫|명령어)(?:를|을)?\s*(?:좀\s*)?(?:보여|알려|줘|주세요|써 ?줘|찾아)"
    r"|(?:코드|명령어)(?:는|가|은|이)?\s*(?:뭐|무엇|어떻게 (?:돼|되|쓰|생))"
    r"|\b(?:show|give)(?: me)?(?: the| an?| some)?(?: \w+){0,2} (?:code|command|snippet)s?\b"
    r"|\b(?:code|command|snippet) (?:example|snippet)|\b(?:sample|example) code\b"
    r"|\bwhat (?:is the )?(?:code|command) (?:to|for|that|do)",
    _I,
)
_HOW_TO = re.compile(
    r"(?:하려면|하고 싶|려면)\s*(?:어떻게|무엇을|뭘)\s*(?:해|하)"
    r"|어떻게\s*(?:해야|하면 돼|하면 되|설치|설정|만들|쓰나|사용|실행|신청|고치|해결)"
    r"|(?:하는|쓰는|만드는|설치하는|설정하는|고치는|푸는|재는|여는)\s*(?:방법|법)(?:을|은|이|를)?\s*"
    r"(?:알려|설명|뭐|무엇|\W*$)"
    r"|(?:순서|절차)(?:를|는|가|대로)?\s*(?:알려|설명|뭐|무엇|어떻게)"
    r"|\bhow (?:do|can|should|would) (?:i|you|we|one)\b|\bhow to\b|\bwhat (?:are the )?steps\b"
    r"|\bstep[- ]by[- ]step\b|\bwhat should (?:i|we|one) do\b",
    _I,
)
_ASKING_WORD = re.compile(
    r"무엇|무슨|뭐|뭘|뭔|왜|어떻|어떤|어떠|어느|언제|어디|누가|누구|몇|며칠|얼마|까닭|이유|[가-힣]\s?중에?서?\s"
    r"|아니면|혹은|또는"
)
_YES_NO_KOREAN = re.compile(
    r"(?:나요|가요|까요|니까|은가|는가|을까|ㄹ까|니|냐|돼요?|되나|어요|아요|해요|[어아해돼야지죠])"
    r"\s*[?？]+$"
)
_YES_NO_ENGLISH = re.compile(
    r"^(?:so |and |then |but )?(?:is|are|was|were|do|does|did|can|could|should|will|would|has|have"
    r"|must|may)(?:n't)?\b(?!.*\bor\b)(?! (?:you|we) (?:tell|explain|show|list|give|describe"
    r"|summari[sz]e|compare)).*\?\s*$",
    _I,
)
_DEFINITION = re.compile(
    r"^\S+(?: \S+){0,3}?(?:이?란(?:\s*무엇\S*)?|(?:은|는|이|가)\s*(?:뭐야|뭔가요"
    r"|무엇인가요|무엇인가|뭐예요|뭐지|무엇이에요)|의?\s*(?:정의|뜻|의미)(?:은|는|가)?\s*\S*)\s*[?？]*$"
    r"|^what (?:is|are) (?:an? |the )?[\w./-]+(?: [\w./-]+){0,3}\s*\?*$|^define\b",
    _I,
)


def kind_of(question: str) -> QuestionKind:
    """The kind of a question that stands alone; a long one is ``plain``.

    Beyond some hundred characters a question is pasted text, and the expressions, whose time
    grows with the cube of its length, would be at it for seconds.
    """
    question = " ".join(question.split())
    if len(question) > _LONGEST:
        return "plain"
    if _LIBRARY.match(question):
        return "library"
    if _WHICH_FILE.search(question):
        return "which_file"
    if _SUMMARY.match(question):
        return "summary"
    if sides(question):
        return "comparison"
    if _CODE.search(question):
        return "code"
    if _LIST.search(question):
        return "list"
    if _HOW_TO.search(question):
        return "how_to"
    if _DEFINITION.search(question):
        return "definition"
    if _is_yes_no(question):
        return "yes_no"
    return "plain"


def sides(question: str) -> tuple[str, str] | None:
    """The two things that a question compares; None where it compares none."""
    if len(question) > _LONGEST:
        return None
    for pattern in _SIDES:
        if match := pattern.search(question.strip().rstrip("?？.! ")):
            one, other = match["a"].strip(" ,"), match["b"].strip(" ,")
            if one and other and max(len(one), len(other)) <= _LONGEST_SIDE:
                # "2024년과 2025년의 랭크": what both have is said once.
                _, of, shared = other.partition("의 ")
                return (f"{one}{of}{shared}" if of and "의 " not in one else one), other
    return None


_LONGEST = 300  # characters
_LONGEST_SIDE = 60  # characters; more is a clause, and no thing


def code_for(question: str) -> str:
    """What a question of kind ``code`` wants code for, without the words that ask for code."""
    wanted = re.sub(r"\s*(?:줘요?|주세요|주실래요)?[?？.!\s]*$", "", _CODE.sub(" ", question))
    return wanted.strip() or question


def summary_of(question: str) -> str:
    """What a question of kind ``summary`` wants summarised, in its own words."""
    match = _SUMMARY.match(question.strip())
    return ((match["ko"] or match["en"] or "") if match else "").strip()


def library_about(question: str) -> tuple[str, str]:
    """What a question of kind ``library`` asks: of which notes ("about"), of when ("when"), ""."""
    match = _LIBRARY.match(question.strip())
    if match is None:
        return "", ""
    groups = match.groupdict()
    for what, names in (
        ("about", ("about_ko", "about_en", "list_en")),
        ("when", ("when_ko", "when_en")),
    ):
        for name in names:
            if groups[name]:
                return what, groups[name].strip()
    return "", ""


def _is_yes_no(question: str) -> bool:
    if _HANGUL.search(question):
        return bool(_YES_NO_KOREAN.search(question)) and not _ASKING_WORD.search(question)
    return bool(_YES_NO_ENGLISH.match(question))
