"""From bytes to text: header, then meta, then UTF-8, then GB18030.

Chinese pages often say nothing of their charset, or the wrong thing: servers add
``ISO-8859-1`` by default, and ``gb2312`` usually means the larger GBK. What is
declared is believed where it fits the bytes.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

__all__ = ["decode_body"]

HEAD_BYTES = 4096
MISREAD_SHARE = 0.1
"""Above this share of undecodable characters among the non-ASCII ones it is not UTF-8."""

# Only text codecs that web pages use: Python knows others ("zip", "unicode_escape",
# "utf-7") that a page must not be able to ask for, some of which make lone surrogates.
CODECS = {
    "utf-8": ("utf8", "unicode-1-1-utf-8"),
    "gb18030": ("gbk", "gb2312", "gb_2312-80", "gb_2312", "x-gbk", "cp936", "ms936", "chinese"),
    "big5hkscs": ("big5", "big5-hkscs", "cn-big5", "x-x-big5", "cp950"),
    "hz": ("hz-gb-2312",),
    "cp932": ("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "ms_kanji"),
    "euc_jp": ("euc-jp", "x-euc-jp"),
    "iso2022_jp": ("iso-2022-jp",),
    "cp949": ("euc-kr", "ks_c_5601-1987", "windows-949", "korean"),
    "cp874": ("tis-620", "windows-874"),
    "koi8_r": ("koi8-r", "koi8"),
    "koi8_u": ("koi8-u",),
    "utf-16-le": ("utf-16le", "utf-16"),
    "utf-16-be": ("utf-16be",),
    "cp1252": ("windows-1252", "iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii"),
    **{f"cp{number}": (f"windows-{number}",) for number in (1250, 1251, *range(1253, 1259))},
    **{f"iso8859_{part}": (f"iso-8859-{part}",) for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15)},
}
BY_LABEL = {label: codec for codec, labels in CODECS.items() for label in (codec, *labels)}
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WEAK = "cp1252"
"""Fits any bytes and is what servers say by default, so it is believed last."""

HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)
META_CHARSET = re.compile(
    rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE
)
XML_ENCODING = re.compile(
    rb"\s{0,64}<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE
)


def decode_body(body: bytes, content_type: str = "", *, is_truncated: bool = False) -> str:
    """Decode an answer's body; never fails.

    Args:
        body: after content decoding.
        content_type: the ``Content-Type`` header, or "".
        is_truncated: the end is missing, so a character cut in two is no sign
            of a wrong charset.

    Returns:
        Text without lone surrogates; what cannot be decoded is U+FFFD.
    """
    for mark, codec in MARKS:
        if body.startswith(mark):
            return _replace(body[len(mark) :], codec)
    declared = list(dict.fromkeys(_declared(body, content_type)))
    for codec in (*declared, "utf-8", "gb18030"):
        text = _strict(body, codec, is_truncated)
        if text is not None:
            return text
        if codec == "utf-8":
            patched = _replace(body, codec)
            if _is_nearly(patched):
                return patched
    return _replace(body, declared[0] if declared else "gb18030")


def _declared(body: bytes, content_type: str) -> Iterator[str]:
    """Codecs that the answer names, most credible first."""
    in_header = HEADER_CHARSET.search(content_type)
    header = BY_LABEL.get(in_header[1].lower()) if in_header else None
    if header and header != WEAK:
        yield header
    head = body[:HEAD_BYTES]
    found = META_CHARSET.search(head) or XML_ENCODING.match(head)
    inside = BY_LABEL.get(found[1].decode("ascii").lower()) if found else None
    if inside and inside != WEAK:
        # A page whose declaration can be read as ASCII is not UTF-16.
        yield "utf-8" if inside.startswith("utf-16") else inside
    if WEAK in (header, inside):
        yield "utf-8"
        yield WEAK


def _strict(body: bytes, codec: str, is_truncated: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(codec)().decode(body, final=not is_truncated)
    except UnicodeDecodeError:
        return None


def _replace(body: bytes, codec: str) -> str:
    return body.decode(codec, errors="replace")


def _is_nearly(text: str) -> bool:
    """Whether a few broken bytes are all that is wrong with a text read as UTF-8."""
    foreign = len(text) - len(text.encode("ascii", errors="ignore"))
    return text.count("\ufffd") <= MISREAD_SHARE * foreign
