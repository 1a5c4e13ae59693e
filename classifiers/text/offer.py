"""The offer, read out: prices, stock, what is in it, where it comes from, where it goes.

Words come from ``classifiers/lexicon/offer_words.csv`` and are looked up in the view in
which disguises are undone; money and numbers of units come from
`classifiers.text.amounts`; where the deal goes on comes from words, from the contacts
that were found, and from what stands around a messenger's name (加微信 is a way to the
seller, 微信解封 is a target). Time is linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, TypeVar

from classifiers.contract import Contact, ContactKind, Mention, Offer, Quantity, UnitPrice
from classifiers.lexicon.offers import NOTHING, OfferField, OfferWord, offer_words
from classifiers.text.amounts import read_amounts, read_sums
from classifiers.text.characters import Operator
from classifiers.text.identifiers import find_identifiers
from classifiers.text.lexicon import PhraseFinder, PhraseMatch, longest
from classifiers.text.normalise import Normalised

__all__ = ["OfferReader", "shipped_offer_reader"]

MESSENGERS: Final = frozenset({"wechat", "qq", "telegram", "whatsapp"})
"""Services that are a target as often as a way to the seller."""

MARKETS: Final = frozenset({"xianyu", "taobao", "pinduoduo"})
"""The same, where the deal goes on in a shop there."""

ACCOUNT: Final = "account"
CONTACTED: Final = {
    ContactKind.WECHAT: "wechat",
    ContactKind.QQ: "qq",
    ContactKind.TELEGRAM: "telegram",
    ContactKind.PHONE: "phone",
    ContactKind.EMAIL: "email",
    ContactKind.NETDISK: "netdisk_link",
}
WAYS: Final = (
    ("wechat", r"v信?|vx|wx|微信?|薇信?|威信?|卫星|绿泡泡?|徽信?"),
    ("qq", r"q+|扣+|企鹅|球球"),
    ("telegram", r"tg|飞机|纸飞机|小飞机|电报|tele|✈"),
    ("bat", r"蝙蝠|🦇|bat|bf"),
    ("potato", r"土豆|🥔|potato|td"),
    ("whatsapp", r"whats ?app|ws"),
)
ADDED: Final = re.compile(
    r"(?:(?:➕|\+|加|添|嘉|家|伽|佳)(?:我|个)?|联系|请加) ?(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in WAYS)
    + r")(?![a-z])"
)
LABELLED: Final = re.compile(
    r"(?<![a-z0-9])(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in WAYS)
    + r")(?: ?号)? ?(?:[:=@]|➕|->|→)"
)
LED_TO: Final = re.compile(r"(?:加|➕|\+|上|换|留|走|发|搜|找|on|via|my|add)(?:我|你|个)? ?$")
TALKED: Final = re.compile(
    r" ?(?:[:@=]|➕|联系|聊|谈|私|详|同号|交易|见|号? ?[:=]|me\b|only|[a-z0-9_]{1,8}\*\*)"
)
SHOPPED_BEFORE: Final = re.compile(r"(?:走|去|上)$")
SHOPPED: Final = re.compile(r"(?:可|店铺?|直接|那边|有|能|上){0,3}(?:拍|下单|链接|交易|付款|担保)")
OPENED: Final = re.compile(
    r" ?(?:的)?(?:冻结|解封|解冻|封号|被封|实名|认证|辅助|老号|小号|新号|号(?![:=]|码)|账号|accounts?\b)"
)
ITS_ACCOUNT: Final = re.compile(
    r"(?: ?(?:真人|实名|认证|成年|企业|店铺|开店|[老小白新女男满]){0,2}号(?![主码商段称:=])| (?:aged |verified )?(?:accounts?|accs?)(?![a-z]))"
)
DENIED: Final = re.compile(
    r"(?:不|无|没|没有|非|别|勿|拒|拒绝|谢绝|免|不含|不带|不支持|不接受|不提供|不做|不走|不用|不要|无需|不需要?|不需|不包|不卖|不是|不出|不接|没(?:上|跑|做|进|录)"
    r"|(?<![a-z])no|(?<![a-z])not|without|don't need|never) ?(?:any )?$"
)
DENIED_REACH: Final = 10
LOCKED: Final = re.compile(
    r"解封|解冻|恢复|申诉|找回|解限|异常|unfreeze|unban|unlock|recover|restrict|lock off"
)
LOCKED_REACH: Final = 8
CONTACT_REACH: Final = 12
READ_CHARS: Final = 19_900
"""Amounts are read so far. An assessed text is cut a hundred characters later, where half a
person's number could no longer be told from a price."""
CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
Item = TypeVar("Item", Mention, UnitPrice, Quantity)


class OfferReader:
    """Reads offers out of texts; safe to call from several threads.

    Args:
        words: what the words mean.
    """

    def __init__(self, words: Iterable[OfferWord]) -> None:
        phrases = [(phrase, word) for word in words for phrase in word.phrases]
        self._words = [word for _, word in phrases]
        self._finder = PhraseFinder(phrase for phrase, _ in phrases)

    def read(
        self, folded: Normalised, plain: Normalised, contacts: Sequence[Contact] = ()
    ) -> Offer:
        """What the text says of each field.

        Args:
            folded: the view for numbers.
            plain: the view in which disguises are undone, of the same text.
            contacts: what `classifiers.text.contacts` found in it.
        """
        mentions: dict[OfferField, list[Mention]] = {field: [] for field in OfferField}
        for field, mention in self._named(plain, contacts):
            mentions[field].append(mention)
        prices, quantities = _amounts(folded, contacts)
        return Offer(
            unit_prices=_once(prices),
            quantities=_once(quantities),
            contents=_once(mentions[OfferField.CONTENTS]),
            origins=_once(mentions[OfferField.ORIGINS]),
            targets=_once(mentions[OfferField.TARGETS]),
            delivery=_once(mentions[OfferField.DELIVERY]),
            handoff=_once([*mentions[OfferField.HANDOFF], *_ways(folded), *_contacted(contacts)]),
        )

    def _named(
        self, plain: Normalised, contacts: Sequence[Contact]
    ) -> Iterator[tuple[OfferField, Mention]]:
        ways = [contact.start for contact in contacts]
        found = [match for match in self._finder.find(plain) if _is_word(plain, match)]
        for match in longest(found):
            for field, value, until in self._meanings(plain, match, ways):
                yield field, Mention(value, *plain.span(match.start, until))

    def _meanings(
        self, view: Normalised, match: PhraseMatch, ways: Sequence[int]
    ) -> Iterator[tuple[OfferField, str, int]]:
        """What a word says here: field, value, and where its words end in the view."""
        word, text = self._words[match.phrase], view.text
        before = text[max(0, match.start - DENIED_REACH) : match.start]
        if word.value == NOTHING or DENIED.search(before):
            return
        near = text[max(0, match.start - LOCKED_REACH) : match.end + LOCKED_REACH]
        if word.field is OfferField.CONTENTS and word.value == ACCOUNT and LOCKED.search(near):
            return
        field = word.field
        if word.value in MESSENGERS and field in (OfferField.TARGETS, OfferField.HANDOFF):
            field = _messenger(view, match, field, ways)
        elif field is OfferField.TARGETS and word.value in MARKETS:
            shop = SHOPPED.match(text, match.end)
            if shop or SHOPPED_BEFORE.search(before):
                yield OfferField.HANDOFF, "other_market", shop.end() if shop else match.end
                return
        yield field, word.value, match.end
        if field is OfferField.TARGETS and not LOCKED.search(near):
            account = ITS_ACCOUNT.match(text, match.end)
            if account:
                yield OfferField.CONTENTS, ACCOUNT, account.end()


def _is_word(view: Normalised, match: PhraseMatch) -> bool:
    """Whether one or two characters are a word here, and not pieces of their neighbours."""
    start, end = match.start, match.end
    text = view.text
    if not CHINESE.match(text[start]) or end - start > 2:
        return True
    goes_on = (
        end < len(text) and CHINESE.match(text[end]) and view.starts[end] == view.ends[end - 1]
    )
    if end - start == 1:
        return not goes_on
    if view.starts[start + 1] <= view.ends[start]:
        return True
    goes_before = (
        start > 0 and CHINESE.match(text[start - 1]) and view.starts[start] == view.ends[start - 1]
    )
    return not (goes_on or goes_before)


def _messenger(
    view: Normalised, match: PhraseMatch, field: OfferField, ways: Sequence[int]
) -> OfferField:
    """Whether a messenger's name is a way to the seller, or what the offer is about."""
    text, start = view.text, view.starts[match.start]
    # Who writes 薇信 hides a way to the seller, but 薇信号 is what is sold.
    is_hidden = Operator.HOMOPHONES in view.operators(match.start, match.end)
    if (is_hidden and text[match.end - 1] != "号") or field is OfferField.HANDOFF:
        is_opened = OPENED.match(text, match.end) and not LED_TO.search(
            text[max(0, match.start - 4) : match.start]
        )
        return OfferField.TARGETS if is_opened else OfferField.HANDOFF
    at = bisect_left(ways, start)
    is_named = at < len(ways) and ways[at] - start <= CONTACT_REACH
    leads = LED_TO.search(text[max(0, match.start - 4) : match.start])
    if is_named or leads or TALKED.match(text, match.end):
        return OfferField.HANDOFF
    return field


def _ways(folded: Normalised) -> Iterator[Mention]:
    for pattern in (ADDED, LABELLED):
        for match in pattern.finditer(folded.text):
            yield Mention(match.lastgroup or "", *folded.span(*match.span()))


def _contacted(contacts: Sequence[Contact]) -> Iterator[Mention]:
    for contact in contacts:
        if contact.kind in CONTACTED:
            yield Mention(CONTACTED[contact.kind], contact.start, contact.end)


def _amounts(
    folded: Normalised, contacts: Sequence[Contact]
) -> tuple[list[UnitPrice], list[Quantity]]:
    text = folded.text
    # Digits of a person's number or account are no price: what is read here is stored.
    taken = bytearray(len(folded.original))
    spans = [(contact.start, contact.end) for contact in contacts]
    spans += [(number.start, number.end) for number in find_identifiers(folded)]
    for start, end in spans:
        taken[start:end] = b"\x01" * (end - start)
    priced = read_amounts(text)
    named = "CNY" if CHINESE.search(text) else "USD"
    prices: list[UnitPrice] = []
    quantities: list[Quantity] = []
    for amount in sorted([*priced, *read_sums(text, priced)], key=lambda each: each.start):
        start, end = folded.span(amount.start, amount.end)
        if end > READ_CHARS or any(taken[start:end]):
            continue
        if amount.unit_price_minor is not None:
            currency = amount.currency or named
            prices.append(UnitPrice(amount.unit_price_minor, currency, amount.unit, start, end))
        elif amount.is_stock and amount.quantity:
            quantities.append(Quantity(amount.quantity, amount.unit, start, end))
    return prices, quantities


def _once(items: Iterable[Item]) -> tuple[Item, ...]:
    """Each value at its first place, in text order."""
    first: dict[tuple[object, ...], Item] = {}
    for item in sorted(items, key=lambda each: (each.start, each.end)):
        first.setdefault(_value(item), item)
    return tuple(first.values())


def _value(item: Mention | UnitPrice | Quantity) -> tuple[object, ...]:
    if isinstance(item, Mention):
        return (item.value,)
    if isinstance(item, UnitPrice):
        return (item.minor, item.currency, item.unit)
    return (item.count, item.unit)


@lru_cache(maxsize=1)
def shipped_offer_reader() -> OfferReader:
    """With the shipped words."""
    return OfferReader(offer_words())
