"""Numbers in a folded text, and the money that is named around them.

80, 3.2k, 1万6, 三百五, 8块5, a dozen. No pattern looks further than a few characters, so
time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from classifiers.text.units import UNIT_MATCH

__all__ = ["CHINESE", "CURRENCIES", "REACH", "Number", "read_numbers"]

REACH: Final = 16
"""Characters before a number in which its unit and what it means are looked for."""

DIGIT_CHARS: Final = "零〇一二两三四五六七八九"
DIGITS: Final = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "〇": 0,
}
SCALES: Final = {"十": 10, "百": 100, "千": 1000, "万": 10000}
ENGLISH: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "dozen": 12,
    "hundred": 100, "thousand": 1000,
}  # fmt: skip
LETTER_SCALES: Final = {"w": 10**4, "万": 10**4, "k": 1000, "千": 1000, "百": 100, "m": 10**6}
NUMBER: Final = re.compile(
    # Powers of ten (1e5) are no way to write a price: neither of their numbers is read.
    r"(?<![\d.第])(?<!\de)(?<!\de[+\-])(?!0\d)(?P<digits>\d{1,3}(?:,\d{3}){1,3}(?!\d|,\d)|\d{1,9}(?![\d]))"
    r"(?!(?:[.,]\d{1,9}){0,4}e[+\-]?\d)"
    r"(?P<fraction>\.\d{1,4}(?![\d]))?(?![\d])(?: ?(?P<scale>[万千百](?!分)|[wkm](?![a-z]))(?P<tail>\d(?![\d.]))?)?"
    rf"|(?<![a-z])(?P<english>{'|'.join(ENGLISH)})(?: (?P<more>hundred|thousand|dozen))?(?![a-z])"
    rf"|(?<![第几数好])(?P<chinese>[{DIGIT_CHARS}十百千万]{{1,8}})(?![{DIGIT_CHARS}十百千万亿几川])"
)
NUMERAL: Final = re.compile(
    r"(?:(?:[D]?千)?(?:零?[D]?百)?(?:零?[D]?十)?(?:零?[D])?万)?"
    r"(?:零?[D]?千)?(?:零?[D]?百)?(?:零?[D]?十)?(?:零?[D])?".replace(
        "[D]", "[一二两三四五六七八九]"
    )
)
TENTH: Final = re.compile(
    rf"(?:(\d)(?!\d)|([一二两三四五六七八九半]))(?:毛|角)?(?!\d|[{DIGIT_CHARS.replace('一', '')}十百千万])"
)

CURRENCIES: Final = {
    "¥": "CNY", "$": "USD", "€": "EUR", "£": "GBP",
    "元": "CNY", "圆": "CNY", "块": "CNY", "块钱": "CNY", "rmb": "CNY", "人民币": "CNY", "cny": "CNY",
    "毛": "CNY", "角": "CNY", "毛钱": "CNY", "分": "CNY", "分钱": "CNY", "米": "CNY", "r": "CNY", "yuan": "CNY",
    "大洋": "CNY", "软妹币": "CNY",
    "刀": "USD", "美金": "USD", "美元": "USD", "美刀": "USD", "usd": "USD", "buck": "USD", "bucks": "USD",
    "dollar": "USD", "dollars": "USD", "u": "USDT", "usdt": "USDT", "个u": "USDT",
    "eur": "EUR", "euro": "EUR", "euros": "EUR", "欧": "EUR", "gbp": "GBP", "quid": "GBP", "镑": "GBP",
    "港币": "HKD", "hkd": "HKD", "xmr": "XMR", "btc": "BTC",
}  # fmt: skip
PARTS_OF_YUAN: Final = {"毛": 10, "毛钱": 10, "角": 10, "分": 100, "分钱": 100}
MONEY: Final = re.compile(
    r" ?(?:(?P<money>块钱|块|元|圆|rmb|人民币|cny|毛钱|毛|角|分钱|分(?=[一/每]|$|[\s,，。])|米(?=[一/每])|yuan|大洋"
    r"|软妹币|刀|美金|美元|美刀|usdt|usd|bucks?|dollars?|个u(?![a-z盘])|u(?![a-z盘])|r(?![a-z])|euros?|eur|欧(?![易洲美])"
    r"|gbp|quid|镑|港币|hkd)(?![a-z])|(?P<sign>[$¥€£]))"
)
SIGN_BEFORE: Final = re.compile(r"(?:[¥$€£]|(?:rmb|usdt|usd|us\$|cny|eur|gbp):?) ?$")

SIGN_ENDS: Final = frozenset("¥$€£ :btdypr")

# 共二十一台 counts; 二十一台 asks twenty for one.
IN_STOCK: Final = re.compile(r"(?:现货|现有|存货|库存|剩余?|还有|有|一?共|总共|手[里头上])$")
CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")


class Number(NamedTuple):
    """A number, with the money that is named around it.

    Attributes:
        start: first character, a sign of a currency before it included.
        bare_start: first character of the number itself.
        bare_end: one past the last of the number itself.
        end: one past the money after it.
        value: as counted.
        money: as paid; differs from `value` where parts of a yuan are named.
        currency: None where none is named.
        length: characters of the number.
    """

    start: int
    bare_start: int
    bare_end: int
    end: int
    value: Decimal
    money: Decimal
    currency: str | None
    length: int


def _chinese_value(text: str) -> Decimal | None:
    """The value of Chinese numerals, 三百五 and 一万二 included; None for 二三 and the like."""
    if not NUMERAL.fullmatch(text):
        return None
    total = section = current = 0
    last_scale = 1
    for char in text:
        if char in DIGITS:
            current = DIGITS[char]
            last_scale = 1 if char in "零〇" else last_scale
        elif char == "万":
            total = (total + section + current or 1) * 10000
            section = current = 0
            last_scale = 10000
        else:
            last_scale = SCALES[char]
            section += (current or 1) * last_scale
            current = 0
    if len(text) > 1 and text[-1] in DIGITS and text[-2] in "百千万" and last_scale >= 100:
        current *= last_scale // 10
    return Decimal(total + section + current)


def read_numbers(text: str) -> Iterator[Number]:
    """The numbers of a folded text, in order."""
    for match in NUMBER.finditer(text):
        start, end = match.span()
        chinese = match["chinese"]
        if match["english"]:
            value = Decimal(ENGLISH[match["english"]] * ENGLISH.get(match["more"] or "", 1))
        elif chinese:
            # 二十五一套 and 一百一位: the last character counts the unit.
            counts_one = len(chinese) > 1 and chinese[-1] == "一" and UNIT_MATCH.match(text, end)
            if counts_one and not IN_STOCK.search(text[max(0, start - REACH) : start]):
                chinese, end = chinese[:-1], end - 1
            named = _chinese_value(chinese)
            if named is None:
                continue
            value = named
        else:
            value = Decimal(match["digits"].replace(",", "") + (match["fraction"] or ""))
            scale = LETTER_SCALES.get(match["scale"] or "", 1)
            # 1万6 is 16,000.
            value = value * scale + int(match["tail"] or 0) * scale // 10
        yield _with_money(text, start, end, value)


def _with_money(text: str, start: int, end: int, value: Decimal) -> Number:
    first, last, paid = start, end, value
    currency = None
    sign = None
    if start and text[start - 1] in SIGN_ENDS:
        sign = SIGN_BEFORE.search(text[max(0, start - 5) : start])
    if sign:
        first -= len(sign[0])
        currency = CURRENCIES.get(sign[0].strip(" :").removeprefix("us"), "USD")
    money = MONEY.match(text, end)
    if money:
        word = money["money"] or money["sign"]
        last = money.end()
        currency = CURRENCIES[word]
        paid = value / PARTS_OF_YUAN.get(word, 1)
        tenth = TENTH.match(text, last) if word in ("块", "元", "毛") else None
        if tenth and not _counts_units(text, tenth):
            share = Decimal("0.5") if tenth[2] == "半" else Decimal(tenth[1] or DIGITS[tenth[2]])
            if tenth[2] != "半":
                share /= 10
            paid += share / PARTS_OF_YUAN.get(word, 1)
            last = tenth.end()
    return Number(first, start, end, last, value, paid, currency, end - start)


def _counts_units(text: str, tenth: re.Match[str]) -> bool:
    """Whether the digit after a price counts what follows (三块一套), not parts of a yuan."""
    if tenth[0][-1] in "毛角":
        return False
    # 十块一头, 八块一朵: there are more measure words than any list has.
    is_measured = tenth[0] == "一" and CHINESE.match(text, tenth.end()) is not None
    return is_measured or UNIT_MATCH.match(text, tenth.end()) is not None
