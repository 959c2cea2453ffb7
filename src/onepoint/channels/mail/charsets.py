"""Bytes to text where the label cannot be trusted: Chinese mail says GB2312 and means GB18030, or says nothing at all."""

import codecs

from onepoint.core.text import normal_form

#: What a label is taken for: the larger set that holds the smaller one.
_MEANT = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "ms936": "gb18030", "gb18030": "gb18030", "chinese": "gb18030", "csgb2312": "gb18030", "iso-ir-58": "gb18030",
    "big5": "big5hkscs", "big-5": "big5hkscs", "x-big5": "big5hkscs", "cn-big5": "big5hkscs",
    "hz-gb-2312": "hz", "utf8": "utf-8", "utf-8": "utf-8", "unicode-1-1-utf-8": "utf-8", "utf8mb4": "utf-8",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "ascii", "ascii": "ascii", "ansi_x3.4-1968": "ascii",
    "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "shift_jis": "cp932", "windows-31j": "cp932",
}  # fmt: skip
_GUESSES = ("utf-8", "gb18030", "big5hkscs")
#: Fewer bytes outside ASCII may be good UTF-8 by accident (the two characters of 联通 in GBK are).
_SURE_OF_UTF8 = 12
#: Codecs that are no character sets, or that let a short text grow.
_REFUSED = {"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "rot13", "mbcs", "oem"}


def decoded(content: bytes, label: str = "") -> str:
    """The text, whatever it was labelled: never raises, never drops bytes silently (U+FFFD stands for each)."""
    for codec in _candidates(content, label):
        try:
            return _tidied(content.decode(codec))
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return _tidied(content.decode(_known(label) or "utf-8", "replace"))


def _candidates(content: bytes, label: str) -> list[str]:
    meant = _known(label)
    outside = sum(byte > 127 for byte in content[:65536])
    found = [meant] if meant and not (meant == "ascii" and outside) else []
    if outside >= _SURE_OF_UTF8 and meant in ("gb18030", "big5hkscs", "cp1252"):
        found.insert(0, "utf-8")  # mislabelled; text in another set is not good UTF-8 for that long
    return [*found, *(guess for guess in _GUESSES if guess not in found)]


def _known(label: str) -> str:
    """The codec a label means; empty when nobody knows it."""
    name = label.strip().strip("'\"").lower()
    if name in _MEANT:
        return _MEANT[name]
    if not name or not name.isascii():
        return ""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    return found.name if found._is_text_encoding and found.name not in _REFUSED else ""


def _tidied(text: str) -> str:
    """Without NUL and byte-order mark, with plain line ends, in the letters it will be kept in: some become several."""
    text = normal_form("NFC", text)
    return text.replace("\x00", "").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
