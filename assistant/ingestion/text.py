"""From the bytes of a file to text that is safe to store, compare and print."""

from __future__ import annotations

import codecs
import re
import unicodedata

from assistant.types import Language

# Longest mark first: the UTF-32 LE mark begins with the UTF-16 LE one.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 1 << 16  # bytes looked at where a guess is enough

# Terminal sequences: CSI, OSC and other strings up to their terminator, two-character escapes.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_NEWLINES = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_SPACES = re.compile(r"[\v\f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Control characters, lone surrogates, non-characters; then what has no width or turns the
# reading direction: soft hyphen, Hangul fillers, zero-width spaces, bidi controls, tags.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
    r"|[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
    # Joiners belong to emoji and some scripts, and only hide in Latin or Korean words.
    r"|(?<=[\x00-\u02af가-힣])[\u200c\u200d]"
)
_WESTERN = frozenset(
    "àâäáãåçèéêëìíîïñòóôöõøùúûüÿœæßÀÂÄÁÅÇÈÉÊËÎÍÏÑÔÖÓØÙÛÜÚŒÆ¿¡«»“”‘’„–—…•·°€§£µ±×½²³\xa0"
)
_HANGUL = re.compile(r"[가-힣ㄱ-ㆎ]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_LETTER_OUTSIDE = re.compile(r"[^\W\d_A-Za-zÀ-ɏ가-힣ㄱ-ㆎ]")


def decode(data: bytes) -> str:
    """The text of a file whose encoding nobody wrote down. Never fails.

    Tried in order: a byte order mark, UTF-16 without one (told by its NULs), UTF-8, CP949
    (which holds EUC-KR) where it reads as Korean, Windows-1252 (which holds Latin-1) where it
    reads as a Western language, charset-normalizer's guess, Latin-1. UTF-8 and CP949 may hold a
    few broken bytes; these become U+FFFD.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    utf16 = _utf16(data)
    if utf16:
        return data.decode(utf16, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass  # the next guess
    utf8 = data.decode("utf-8", "replace")
    if _mostly_whole(utf8):
        return utf8
    cp949 = data.decode("cp949", "replace")
    if _mostly_whole(cp949) and _reads_korean(cp949):
        return cp949
    western = data.decode("cp1252", "replace")
    if _reads_western(western):
        return western
    return _guess(data)


def is_binary(data: bytes) -> bool:
    """Whether these are no text at all: NUL bytes outside UTF-16 and UTF-32."""
    head = data[:_SAMPLE]
    if any(head.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS) or _utf16(head):
        return False
    return b"\0" in head


def clean(text: str) -> str:
    r"""NFC text of visible characters, ``\n`` and ``\t``; as many lines as it had.

    Escape sequences, control characters and characters without width are removed, any white
    space within a line is a plain space, and none is left at the ends of lines. Idempotent.
    """
    text = _NEWLINES.sub("\n", text)
    text = _ESCAPES.sub("", text)
    text = _SPACES.sub(" ", text)
    text = _UNSEEN.sub("", text)
    text = unicodedata.normalize("NFC", text)
    return "\n".join(line.rstrip(" \t") for line in text.split("\n"))


def language(text: str) -> Language:
    """The language of a passage by its letters, a Hangul syllable weighing as two Latin ones.

    Korean prose full of English terms is ``ko``; ``mixed`` has real stretches of both.
    """
    hangul = 2 * len(_HANGUL.findall(text))
    latin = len(_LATIN.findall(text))
    if hangul + latin == 0 or len(_LETTER_OUTSIDE.findall(text)) > hangul + latin:
        return "other"
    share = hangul / (hangul + latin)
    if share >= 0.5:
        return "ko"
    return "mixed" if share > 0.1 else "en"


def _utf16(data: bytes) -> str:
    """The UTF-16 flavour of ``data``, which has no byte order mark; "" when it is not UTF-16."""
    head = data[: _SAMPLE & ~1]
    if len(data) % 2 or b"\0" not in head:
        return ""
    # Spaces, digits and Latin letters have a NUL for their high byte; text has no U+0000.
    for encoding, high, low in (("utf-16-le", 1, 0), ("utf-16-be", 0, 1)):
        if 0 in head[high::2] and head[low::2].count(0) * 20 <= head[high::2].count(0):
            decoded = head.decode(encoding, "replace")
            strange = sum(unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs") for c in decoded)
            breaks = sum(decoded.count(c) for c in "\n\r\t")
            if _mostly_whole(decoded, ascii_counts=True) and (strange - breaks) * 50 <= len(
                decoded
            ):
                return encoding
    return ""


def _mostly_whole(text: str, *, ascii_counts: bool = False) -> bool:
    """Whether at most one in twenty of the characters that could tell is broken."""
    broken = text.count("\ufffd")
    whole = (len(text) if ascii_counts else len(_NON_ASCII.findall(text))) - broken
    return broken * 20 <= whole


def _reads_korean(text: str) -> bool:
    """Whether most of the characters beyond ASCII are the syllables Korean is written with.

    Accented Latin text that happens to decode gives rare syllables and hanja instead: real
    Korean keeps to the 2,350 syllables of KS X 1001, whose EUC-KR form always exists.
    """
    telling = _NON_ASCII.findall(text)
    common: int = sum(
        "가" <= character <= "힣" and len(character.encode("euc-kr", "ignore")) == 2
        for character in telling[:_SAMPLE]
    )
    return common * 2 >= min(len(telling), _SAMPLE)


def _reads_western(text: str) -> bool:
    """Whether its letters are mostly ASCII, and the others those of French, German or Spanish.

    charset-normalizer takes a short text of these languages for Czech.
    """
    sample = text[:_SAMPLE]
    beyond = _NON_ASCII.findall(sample)
    strange = sum(character not in _WESTERN for character in beyond)
    return strange * 10 <= len(beyond) and len(beyond) * 3 <= len(_LATIN.findall(sample))


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    encoding = best.encoding if best is not None else "latin-1"
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return data.decode("latin-1")
