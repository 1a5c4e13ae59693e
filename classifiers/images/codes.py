"""QR codes and barcodes: where they are and what kind of place they lead to.

The content is read to tell a payment code from a contact and dropped at once: it names
accounts. No link is ever followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import zxingcpp

from classifiers.contract import Box
from classifiers.images.boxes import around
from classifiers.images.picture import Pixels
from classifiers.images.scale import reduced

__all__ = ["Code", "find_codes"]

EDGE: Final = 960
MAX_CODES: Final = 16
LINK_CHARS: Final = 2048
PLACES: Final = {
    "u.wechat.com": "wechat",
    "weixin.qq.com": "wechat",
    "wxp": "wechat_pay",
    "payapp.weixin.qq.com": "wechat_pay",
    "qr.alipay.com": "alipay",
    "qm.qq.com": "qq",
    "t.me": "telegram",
    "telegram.me": "telegram",
    "pan.baidu.com": "netdisk",
    "pan.quark.cn": "netdisk",
}
"""Hosts and schemes to what they are; everything else is only a link or a text."""


@dataclass(frozen=True, slots=True)
class Code:
    """One code.

    Attributes:
        kind: of the code, such as ``"QR Code"`` or ``"EAN-13"``.
        place: where it leads: a value of `PLACES`, ``"link"`` or ``"text"``.
        box: where it is.
    """

    kind: str
    place: str
    box: Box


def find_codes(pixels: Pixels) -> list[Code]:
    """The codes of a picture, at most 16."""
    seen = reduced(pixels, EDGE)
    height, width = seen.shape[:2]
    codes = []
    for code in zxingcpp.read_barcodes(seen)[:MAX_CODES]:
        at = code.position
        corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
        box = around([(corner.x, corner.y) for corner in corners], width, height)
        codes.append(Code(str(code.format), _place(code.text), box))
    return codes


def _place(content: str) -> str:
    """What kind of place the content names; the content goes no further."""
    try:
        link = urlsplit(content[:LINK_CHARS].strip())
        host = (link.hostname or "").removeprefix("www.")
    except ValueError:
        return "text"
    known = PLACES.get(host) or PLACES.get(link.scheme.lower())
    if known:
        return known
    return "link" if link.scheme.lower() in {"http", "https"} and host else "text"
