"""Old Vietnamese encodings of attribute tables: TCVN3 (ABC), VNI, Windows-1258, told apart by their words.

Files say little about it: a shapefile of a land office is labelled Windows-1252, or nothing, and holds TCVN3 or VNI. So
every candidate is tried, and the one whose words are Vietnamese syllables wins.

TCVN3 is one byte per lower-case letter (TCVN 5712:1993, VN3; capitals with a tone are lower-case letters in a capital
font). VNI is a base letter and a byte that carries circumflex, breve and tone; a few letters are single bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

UTF8, TCVN3, VNI, CP1258, CP1252 = "utf-8", "tcvn3", "vni", "cp1258", "cp1252"
NAMES: Final = {UTF8: "UTF-8", TCVN3: "TCVN3 (ABC)", VNI: "VNI", CP1258: "Windows-1258", CP1252: "Windows-1252"}
_CALLED: Final = {
    "abc": TCVN3,
    "tcvn": TCVN3,
    "tcvn-3": TCVN3,
    "utf8": UTF8,
    "vni-windows": VNI,
    "windows-1258": CP1258,
}
_SURE: Final = 0.6
_SAMPLE: Final = 4_000

# Letters of TCVN3 from 0xA1 on, a space where the code has none; 0xB0 to 0xB4 are combining tones.
_TCVN3_LETTERS: Final = (
    "ĂÂÊÔƠƯĐăâêôơưđ \u0300\u0309\u0303\u0301\u0323àảãáạ ằẳẵắ       ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò "
    "ỏõóọồổỗốộờởỡớợù ủũúụừửữứựỳỷỹýỵ"
)
_TCVN3: Final = {0xA1 + i: letter for i, letter in enumerate(_TCVN3_LETTERS) if letter != " "}

# VNI, lower case: what follows a base letter, as combining marks; letters of one byte. Capitals lie 0x20 lower.
_VNI_MARKS: Final = {
    0xF9: "\u0301", 0xF8: "\u0300", 0xFB: "\u0309", 0xF5: "\u0303", 0xEF: "\u0323",
    0xE2: "\u0302", 0xE1: "\u0302\u0301", 0xE0: "\u0302\u0300", 0xE5: "\u0302\u0309", 0xE3: "\u0302\u0303",
    0xE4: "\u0302\u0323", 0xEA: "\u0306", 0xE9: "\u0306\u0301", 0xE8: "\u0306\u0300", 0xFA: "\u0306\u0309",
    0xFC: "\u0306\u0303", 0xEB: "\u0306\u0323",
}  # fmt: skip
_VNI_LETTERS: Final = {
    0xED: "í", 0xEC: "ì", 0xE6: "ỉ", 0xF3: "ĩ", 0xF2: "ị", 0xEE: "ỵ", 0xF4: "ơ", 0xF6: "ư", 0xF1: "đ",
}  # fmt: skip
_CASE: Final = 0x20

_TONES: Final = frozenset("\u0300\u0309\u0303\u0301\u0323")
_ONSETS: Final = "ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdđghklmnpqrstvx]"
_NUCLEI: Final = (
    "uyê|uya|uyu|iêu|yêu|ươi|ươu|uôi|uây|oai|oay|oao|oeo|uao|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iu|oa|oă|oe|oi|ôi|ơi|oo|"
    "ua|uâ|uê|ui|uô|uơ|ưa|ưi|ươ|ưu|uy|yê|[aăâeêioôơuưy]"
)
_SYLLABLE: Final = re.compile(f"(?:{_ONSETS})?(?:{_NUCLEI})(?:ch|nh|ng|[cmnpt])?")
_WORD: Final = re.compile(r"[^\W\d_]+")
_FAIR_SIGNS: Final = frozenset("²³°–—“”\u2018\u2019…№×½¼\u00a0")


def known(name: str) -> str | None:
    """Our name of an encoding that someone wrote, None for one that nobody knows."""
    plain = name.strip().casefold().replace("_", "-")
    plain = _CALLED.get(plain, plain)
    if plain in {TCVN3, VNI}:
        return plain
    try:
        "".encode(plain)
    except LookupError:
        return None
    return plain


def decode(raw: bytes, encoding: str) -> str:
    """Text of bytes, composed (NFC); what the encoding does not know becomes U+FFFD."""
    if encoding == TCVN3:
        text = "".join(chr(b) if b < 0x80 else _TCVN3.get(b, "\ufffd") for b in raw)  # noqa: PLR2004 - ASCII ends
    elif encoding == VNI:
        text = _vni(raw)
    else:
        text = raw.decode(encoding, errors="replace")
    return unicodedata.normalize("NFC", text)


def recognised(texts: Iterable[bytes], stated: str = "") -> str:
    """The encoding in which texts make sense.

    Args:
        texts: What the file holds; those of ASCII alone tell nothing.
        stated: What the file says of itself ("" for nothing): taken where no candidate gives Vietnamese words.
    """
    told = [raw for raw in dict.fromkeys(texts) if not raw.isascii()][:_SAMPLE]
    if not told:
        return UTF8
    if all(_is_utf8(raw) for raw in told) and not all(raw.decode(UTF8, "ignore").isascii() for raw in told):
        return UTF8
    scores = {name: _vietnamese_share([decode(raw, name) for raw in told]) for name in (TCVN3, VNI, CP1258)}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] >= _SURE:
        return best
    plain = known(stated)
    return plain if plain is not None and plain != UTF8 else CP1252


def vietnamese(texts: Sequence[str]) -> float:
    """Share of the words with letters beyond ASCII that are Vietnamese syllables, 0 to 1; 0 where there is none."""
    return _vietnamese_share(texts)


def _is_utf8(raw: bytes) -> bool:
    """Whether bytes may be UTF-8; a letter cut in two by the end of a field is forgiven, and so proves nothing."""
    try:
        raw.decode(UTF8)
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def _vietnamese_share(texts: Sequence[str]) -> float:
    good = bad = 0
    for text in texts:
        rest = text
        for word in _WORD.findall(text):
            if not word.isascii():
                good, bad = (good + 1, bad) if _is_syllable(word) else (good, bad + 1)
            rest = rest.replace(word, "", 1)
        bad += sum(not sign.isascii() and sign not in _FAIR_SIGNS for sign in rest)
    return good / (good + bad) if good + bad else 0.0


@lru_cache(maxsize=4096)
def _is_syllable(word: str) -> bool:
    """Whether a word is a Vietnamese syllable: onset, nucleus, coda, one tone at most."""
    marks = unicodedata.normalize("NFD", word.casefold())
    tones = sum(mark in _TONES for mark in marks)
    if tones > 1 or not (word.islower() or word.isupper() or word[1:].islower()):
        return False
    bare = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
    return _SYLLABLE.fullmatch(bare) is not None


def _vni(raw: bytes) -> str:
    made: list[str] = []
    for byte in raw:
        lower = byte + _CASE if 0xC0 <= byte < 0xE0 else byte  # noqa: PLR2004 - the capitals
        if byte < 0x80:  # noqa: PLR2004 - ASCII ends
            made.append(chr(byte))
        elif lower in _VNI_LETTERS:
            letter = _VNI_LETTERS[lower]
            made.append(letter if lower == byte else letter.upper())
        else:
            follows = bool(made) and made[-1][-1:].isalpha()
            made.append(_VNI_MARKS.get(lower, "\ufffd") if follows else "\ufffd")
    return "".join(made)
