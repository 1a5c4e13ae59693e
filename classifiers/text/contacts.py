"""How a seller asks to be reached, read from the folded view.

Every pattern is bounded, so that time stays linear in the text. A service is
added as a row of `SERVICES`; what an account of it looks like stands beside it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from classifiers.contract import Contact, ContactKind
from classifiers.text.digits import Run, digit_runs
from classifiers.text.identifiers import PHONE, phone_pieces
from classifiers.text.normalise import Normalised

__all__ = ["find_contacts", "mask"]


@dataclass(frozen=True, slots=True)
class _Service:
    """A service: words for it, and how its accounts are written.

    Attributes:
        cue: alternatives of a regular expression over folded text.
        account: an account in letters; the empty string where there is none.
        digits: how many digits an account in digits has.
    """

    kind: ContactKind
    cue: str
    account: str
    digits: range


SERVICES: Final = (
    _Service(
        ContactKind.WECHAT,
        r"[微薇威维徽vw]\W?信|weixin|wechat|绿泡泡|卫星|薇|微|(?<![a-z])(?:vx|wx|wxin|v)(?![a-z])",
        r"[a-z][a-z0-9_\-]{5,19}",
        range(5, 14),
    ),
    _Service(
        ContactKind.QQ,
        r"(?<![a-z])qq|扣\W?扣|企\W?鹅|球球|🐧|(?<![a-z])q(?![a-z])|[扣抠叩]|群|裙",
        "",
        range(5, 12),
    ),
    _Service(
        ContactKind.TELEGRAM,
        r"telegram|(?<![a-z])(?:tele|tg)(?![a-z])|飞\W?机|电报|✈",
        r"@?[a-z][a-z0-9_]{4,31}",
        range(0),
    ),
    _Service(
        ContactKind.OTHER,
        r"土豆|蝙蝠|potato|whats ?app|(?<![a-z])(?:signal|skype|session|kik|wickr|line|discord)(?![a-z])",
        r"@?[a-z0-9][a-z0-9_.#\-]{4,31}",
        range(5, 15),
    ),
)
# What may stand between a service and the account.
GLUE: Final = r"(?:[^\w\n，。；！？,;!?]|号|是|为|同|搜|加|id){0,8}"
CUED_ACCOUNT: Final = tuple(
    re.compile(rf"(?:{service.cue})(?P<glue>{GLUE})(?P<account>{service.account})(?![a-z0-9_@])")
    if service.account
    else None
    for service in SERVICES
)
CUE_BEFORE: Final = tuple(re.compile(rf"(?:{service.cue}){GLUE}$") for service in SERVICES)
CUE_REACH: Final = 20
# A word follows a service's name as often as an account does ("wechat verified"):
# without a colon or an @, an account shows a digit or an underscore.
ACCOUNT_MARK: Final = re.compile(r"[0-9_@]")
GLUE_MARK: Final = re.compile(r"[:=]|号|id")

HANDLE: Final = re.compile(r"(?<![a-z0-9._%+\-@/])@[a-z][a-z0-9_]{4,31}(?![a-z0-9_@]|\.[a-z])")
URL_TEXT: Final = r"[a-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]"
HOST: Final = (
    r"(?:[a-z0-9\-]{1,63}\.){1,4}"
    r"(?:com|cn|net|org|top|xyz|cc|vip|me|io|ru|club|shop|link|site|online|info|app|co|la|nz|to|gg)"
    r"(?![a-z0-9\-])"
)
LINK: Final = re.compile(
    rf"https?://{URL_TEXT}{{3,2000}}+"
    rf"|(?<![a-z0-9.@\-]){HOST}(?::\d{{1,5}})?(?:/{URL_TEXT}{{0,2000}}+)?"
)
LINK_HOST: Final = re.compile(r"(?:https?://)?(?:[^/@]{0,64}@)?([^/:?#]{1,255})[^/]{0,8}/?")
TELEGRAM_HOSTS: Final = frozenset({"t.me", "telegram.me", "telegram.dog"})
NETDISK_HOSTS: Final = re.compile(
    r"(?:pan\.(?:baidu|xunlei|quark)|yun\.baidu|(?:www\.)?(?:aliyundrive|alipan)|.*lanzou[a-z]{0,2}"
    r"|(?:www\.)?123pan|cloud\.189|share\.weiyun|drive\.(?:google|uc)|(?:www\.)?mediafire"
    r"|(?:www\.)?gofile|(?:www\.)?mega|(?:www\.)?terabox)\.[a-z]{2,4}"
)
MAIL_NAME: Final = "abcdefghijklmnopqrstuvwxyz0123456789._%+-"
MAIL_DOMAIN: Final = re.compile(
    r"[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){0,3}\.[a-z]{2,10}(?![a-z0-9])"
)
ABROAD: Final = range(8, 15)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A contact before overlaps are settled; the earlier found wins."""

    kind: ContactKind
    value: str
    start: int
    end: int


def find_contacts(view: Normalised, runs: list[Run] | None = None) -> tuple[Contact, ...]:
    """Sellers' contacts in a folded view, in text order, not overlapping.

    Args:
        view: from `classifiers.text.normalise.fold`.
        runs: the view's digit runs, when the caller has them already.
    """
    runs = digit_runs(view) if runs is None else runs
    kept: list[_Candidate] = []
    taken: set[int] = set()
    for candidate in _candidates(view, runs):
        places = range(candidate.start, candidate.end)
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(candidate)
    kept.sort(key=lambda candidate: candidate.start)
    return tuple(_contact(view, candidate) for candidate in kept)


def _candidates(view: Normalised, runs: list[Run]) -> Iterator[_Candidate]:
    yield from _mails(view.text)
    yield from _links(view.text)
    yield from _cued_accounts(view.text)
    yield from _numbers(view.text, runs)
    for handle in HANDLE.finditer(view.text):
        yield _Candidate(ContactKind.TELEGRAM, handle[0].lstrip("@"), *handle.span())


def _mails(text: str) -> Iterator[_Candidate]:
    at = text.find("@")
    while at >= 0:
        before = text[max(0, at - 64) : at]
        name = before[len(before.rstrip(MAIL_NAME)) :].lstrip("._%+-")
        domain = MAIL_DOMAIN.match(text, at + 1)
        if name and domain:
            value = f"{name}@{domain[0]}"
            yield _Candidate(ContactKind.EMAIL, value, at - len(name), domain.end())
        at = text.find("@", at + 1)


def _links(text: str) -> Iterator[_Candidate]:
    for link in LINK.finditer(text):
        value = link[0].rstrip(".,;:!?'()[]*")
        host_match = LINK_HOST.match(value)
        host = host_match[1] if host_match else ""
        if host in TELEGRAM_HOSTS:
            kind = ContactKind.TELEGRAM
            account = value.rpartition("/")[2].lstrip("+")
            if account and host not in account:
                yield _Candidate(
                    kind, account, link.start() + value.rfind(account), link.start() + len(value)
                )
            continue
        kind = ContactKind.NETDISK if NETDISK_HOSTS.fullmatch(host) else ContactKind.LINK
        yield _Candidate(kind, value, link.start(), link.start() + len(value))


def _cued_accounts(text: str) -> Iterator[_Candidate]:
    for service, pattern in zip(SERVICES, CUED_ACCOUNT, strict=True):
        if pattern is None:
            continue
        for found in pattern.finditer(text):
            account = found["account"]
            if ACCOUNT_MARK.search(account) or GLUE_MARK.search(found["glue"]):
                yield _Candidate(service.kind, account.lstrip("@"), *found.span("account"))


def _numbers(text: str, runs: list[Run]) -> Iterator[_Candidate]:
    for run in runs:
        digits = run.digits.rstrip("x")
        places = run.places
        cued = _cued_number(text, run, digits)
        if cued is not None:
            yield cued
        for start, end in phone_pieces(run):
            phone = PHONE.fullmatch(run.digits[start:end].rstrip("x"))
            if phone is not None:
                yield _Candidate(ContactKind.PHONE, phone[1], places[start], places[end - 1] + 1)
        if places[0] and text[places[0] - 1] == "+" and len(digits) in ABROAD:
            yield _Candidate(ContactKind.PHONE, digits, places[0], places[len(digits) - 1] + 1)


def _cued_number(text: str, run: Run, digits: str) -> _Candidate | None:
    """The number right after the name of a service: its first group, or all when spaced out."""
    first = run.places[0]
    before = text[max(0, first - CUE_REACH) : first]
    for service, cue in zip(SERVICES, CUE_BEFORE, strict=True):
        if not cue.search(before):
            continue
        for length in (len(digits), len(run.groups()[0])):
            if length in service.digits:
                last = run.places[length - 1] + 1
                return _Candidate(service.kind, digits[:length], first, last)
    return None


def _contact(view: Normalised, candidate: _Candidate) -> Contact:
    start, end = view.span(candidate.start, candidate.end)
    shown = view.original[start:end]
    value = candidate.value
    if candidate.kind in (ContactKind.LINK, ContactKind.NETDISK):
        # The path of a link means something else in other case.
        written = unicodedata.normalize("NFKC", shown)
        value = written if written.lower() == value else value
    return Contact(candidate.kind, value, start, end, mask(shown, candidate.kind))


def mask(shown: str, kind: ContactKind) -> str:
    """What may be shown of an account: as long as it, with most of it starred out.

    A mail address keeps its domain and a link its host.

    >>> mask("abcdef89", ContactKind.WECHAT)
    'ab*****9'
    """
    if kind is ContactKind.EMAIL:
        name, at, domain = shown.partition("@")
        return mask(name, ContactKind.OTHER) + at + domain
    if kind in (ContactKind.LINK, ContactKind.NETDISK):
        host = LINK_HOST.match(shown)
        kept = host.end() if host else 0
        return shown[:kept] + "*" * (len(shown) - kept)
    head, tail = (2, 1) if len(shown) > 7 else (1, 1) if len(shown) > 4 else (0, 0)
    return shown[:head] + "*" * (len(shown) - head - tail) + shown[len(shown) - tail :]
