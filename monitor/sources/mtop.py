"""The mtop envelope of Alibaba's markets: what its `ret` says (sources.md 2.1).

HTTP status is 200 for almost everything; `ret` decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer
from monitor.sources.blocks import Block

__all__ = ["GONE", "Envelope", "is_answer_of", "read_envelope"]

GONE = "ITEM_DEL_NOT_FOUND"
"""Part of the code for a deleted listing: an observation, not an error."""

# First match wins: a challenge is often told together with other codes.
CLASSES: tuple[tuple[Outcome, tuple[str, ...], str], ...] = (
    (
        Outcome.CHALLENGED,
        ("FAIL_SYS_USER_VALIDATE", "RGV587_ERROR", "RRXVV_ERROR", "::SM::", "被挤爆啦"),
        "risk control wants a human",
    ),
    (
        Outcome.CHALLENGED,
        ("FAIL_SYS_ILLEGAL_ACCESS", "非法请求", "ILLEGAL_REQUEST"),
        "the request was judged illegal",
    ),
    (
        Outcome.LOGIN_REQUIRED,
        ("FAIL_SYS_SESSION_EXPIRED", "MINI_LOGIN", "PASSPORT."),
        "the login has ended",
    ),
    (Outcome.TOKEN_STALE, ("FAIL_SYS_TOKEN_", "令牌过期"), "the short token has expired"),
    (
        Outcome.RATE_LIMITED,
        ("FAIL_SYS_TRAFFIC_LIMIT", "FAIL_SYS_USER_LIMIT"),
        "too many requests",
    ),
    (
        Outcome.TRANSPORT_ERROR,
        ("FAIL_SYS_SERVICE_FACADE_TIMEOUT", "FAIL_SYS_TIMEOUT", "ANDROID_SYS_"),
        "the market's own servers had trouble",
    ),
    (
        Outcome.SCHEMA_CHANGED,
        ("FAIL_SYS_API_NOT_FOUNDED", "FAIL_SYS_SERVICE_NOT_EXIST"),
        "the endpoint is gone",
    ),
    (
        Outcome.SCHEMA_CHANGED,
        ("FAIL_SYS_BIZPARAM_MISSED", "FAIL_BIZ_PARAM_ERROR"),
        "the request's parameters are not understood",
    ),
    (Outcome.NOT_FOUND, (GONE,), "the listing is deleted"),
)
PUNISH = ("_____tmd_____/punish", "/deny_h5", "sec.taobao.com/query.htm")
LOGIN = ("passport.goofish.com", "mini_login", "login.taobao.com", "login.jhtml")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A parsed envelope.

    Attributes:
        api: name of the interface, e.g. ``"mtop.taobao.idlemtopsearch.pc.search"``, or "".
        data: the payload; empty unless `block` is None.
        block: why there is no payload, or None.
        is_gone: the market says that the listing was deleted.
    """

    api: str
    data: dict[str, Any]
    block: Block | None = None
    is_gone: bool = False


def is_answer_of(api: str, answer: Answer) -> bool:
    """Whether an answer comes from an interface, by its address or, saved without one, by itself.

    The site's scripts name the interface, too: only what looks like an answer counts.
    """
    if api in answer.url.lower():
        return True
    text = answer.text.lstrip()
    is_body = text.startswith(("{", "mtopjsonp")) and '"ret"' in text
    return is_body and any(f'"{api}"' in end for end in (text[:20_000], text[-2_000:]))


def read_envelope(answer: Any) -> Envelope | None:
    """Take an envelope apart; None when it is not one at all."""
    if not isinstance(answer, dict):
        return None
    api = answer.get("api")
    api = api if isinstance(api, str) else ""
    data = answer.get("data")
    data = data if isinstance(data, dict) else {}
    if "ret" not in answer:
        return _without_ret(answer, api)
    ret = _joined(answer["ret"])
    links = f"{data.get('url')} {data.get('h5url')}"
    if any(part in links for part in PUNISH):
        block = Block(Outcome.CHALLENGED, "mtop: the answer leads to a challenge")
        return Envelope(api, {}, block)
    if any(part in links for part in LOGIN) and not ret.startswith("SUCCESS"):
        return Envelope(api, {}, Block(Outcome.LOGIN_REQUIRED, "mtop: the answer leads to a login"))
    folded = ret.upper()
    for outcome, codes, meaning in CLASSES:
        if any(code in folded for code in codes):
            block = Block(outcome, f"mtop: {meaning} ({_code(ret)})")
            return Envelope(api, {}, block, is_gone=GONE in folded)
    if ret.startswith("SUCCESS"):
        return Envelope(api, data)
    return Envelope(api, {}, Block(Outcome.SCHEMA_CHANGED, f"mtop: unknown code {_code(ret)}"))


def _without_ret(answer: dict[str, Any], api: str) -> Envelope | None:
    """Older endpoints answer a block without `ret` (sources.md 2.1)."""
    if "rgv587_flag" not in answer:
        return None
    link = str(answer.get("url"))
    if any(part in link for part in LOGIN):
        return Envelope(api, {}, Block(Outcome.LOGIN_REQUIRED, "the answer leads to a login"))
    return Envelope(api, {}, Block(Outcome.CHALLENGED, "rgv587_flag: risk control wants a human"))


def _joined(ret: Any) -> str:
    """Codes may stand in any of the strings: "CODE::text", or code and detail apart."""
    parts = ret if isinstance(ret, list) else [ret]
    return " ".join(part for part in parts[:10] if isinstance(part, str))[:2_000]


def _code(ret: str) -> str:
    """The machine word of `ret`, for people; the human text beside it is left out."""
    word = ret.partition("::")[0].strip()[:60]
    return word if word.isascii() and word.isprintable() and word else "unreadable"
