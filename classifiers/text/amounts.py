"""Prices a unit, sums of money and numbers of units, read from a folded text.

Numbers are found first (`classifiers.text.numerals`), then each is asked what stands
right before and after it: a unit (80/套), a unit before it (每套80), a count of units before
or after it (十套三百), a threshold (100套以上6.5), or none of these (一口价300). No
pattern looks further than a few characters, so time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from classifiers.text.numerals import CHINESE, REACH, Number, read_numbers
from classifiers.text.units import NEVER_STOCK, TIMES, UNIT, UNIT_MATCH, UNITS, unit_of

__all__ = ["BULK", "Amount", "read_amounts", "read_sums"]

PER_UNIT: Final = re.compile(
    rf" ?(?:(?P<stroke>/) ?[一1]?|[一每](?:个(?=号|账号))?| 1(?!\d)|per |an? |(?:each|every) |(?= ?(?:each|ea|apiece)(?![a-z]))) ?(?P<unit>{UNIT})"
)
# 每套, 单套, per set: a unit that a price follows.
UNIT_BEFORE: Final = re.compile(
    rf"(?:每|单|按|per |a |(?=整套|全套))(?P<unit>{UNIT})(?P<rest>[^\d\n,，。;；、/|]{{0,7}})$"
)
# What may stand between a unit and its price; nothing that says something else.
PRICE_GLUE: Final = re.compile(
    r"(?:[ :=~@¥$€£\-—]|价格?|按|卖|售|只要|只需|只收|只|才|收费|收|要|算|给|是|就|打包|一共|共|合计|总共|结|拿|得|付|for|at|only|is|走|仅需|仅){0,5}"
)
# A verb is no noun: 六十条过五十 counts twice.
DONE: Final = re.compile(r"[过退返送限升扣赔做出有]")
THRESHOLD: Final = re.compile(
    r"(?:以上|起批|起拿|起步|起售|起订|起|往上|开外|\+|or more|and up)[的是每套份条个张 :：=,，]{0,3}"
)
FOR: Final = re.compile(r" for ?[¥$€£]? ?")
THRESHOLD_BEFORE: Final = re.compile(r"(?:满|够|超过|超|over |min(?:imum)?\.? ?|moq ?:?)$")
MONTH_BEFORE: Final = re.compile(r"(?:一个月|每个?月) ?$")
MONTHLY_BEFORE: Final = re.compile(
    r"(?:包月|月租|月费|月付|月卡|monthly)(?:价|只要|[ :=])?[¥$€£]? ?$"
)
TIMED_BEFORE: Final = re.compile(
    r"(?:包天|日租|包年|年费|年租|包周|周租|日付|weekly|daily|yearly|日结)(?:价|只要|[ :=])?[¥$€£]? ?$"
)
# A number that something is counted with is no price.
COUNTED: Final = re.compile(
    rf" ?(?:[+多来余]? ?{UNIT}|分钟?|秒(?![发出到过解传])|小时|岁|后|点|%|折|成(?!功|交)|倍|级|代|种|款|家|项|样|连|图|要素|寸|cm|mm|mb|gb|g(?![a-z])"
    r"|度|路|楼|页|字|平台|省|国|亿|个|min|sec|hour|day|x|版|\.|/\d|:\d|-\d|~\d)"
)
BETWEEN: Final = frozenset({"", "/", " / ", " per ", " for "})
MINIMUM: Final = re.compile(r" ?(?:起|以上|以下|以内|之内|往上|开外|内|封顶|min|minimum|or more)")

NOT_ASKED: Final = re.compile(
    r"(?:原价|押金?|定金|订金|保证金|充值?|余额|额度|流水|满|立减|减|优惠|便宜|贵|加|另加|多|补|赔|返|送|省|运费|邮费|红包|奖励?|佣金|抽|提成"
    r"|预存|限额|欠|借|贷|存|罚|抵|退|涨|降|差|之前|以前|市面|别家|别人|外面|本来|deposit|save|balance|limit|budget|was|worth|refund|bonus|extra|\+)"
    r"(?:[ :是价了了要到收每一]|[一每](?:套|个|单|条|张|份)){0,3}[¥$€£]? ?$"
)
NOT_ASKED_AFTER: Final = re.compile(
    r"(?:元|块|u)?(?:押金|定金|订金|保证金|额度|余额|以内|以下|红包|优惠|off|deposit|运费|邮费|流水|起充)"
)
SUM_BEFORE: Final = re.compile(
    r"(?:价格?|价位|一口价|特价|现价?|一律|各|均价?|统一|平均|批量|永久|终身|买断|[周年季终]卡|源码|到手|报价|售价|打包|整包|仅需|仅售|仅|只要|只需|只卖|卖|学费|费用|收费|收|标价|单价|底价|包邮|秒杀|拿走|低至|批发|零售"
    r"|price|asking|only|just|cost|for)(?:是|为|都|全部|[ :=~@-]){0,3}[¥$€£]? ?$"
)
STOCK_BEFORE: Final = re.compile(
    r"(?:现货|现有|存货|库存|存量|库里|手里|手头|手上|还有|还剩|剩余|剩|余|共|总共|一共|合计|数量|总量|有|新到|到货|上新|新增|补货|stock|available|qty|left"
    r"|have|got|total|quantity|新料|出|收|打包|批|整包|今天|又来|来了|进了)(?:还有|有|了|约|大概|差不多|上|[ :=是]|in stock){0,3}$"
)
STOCK_AFTER: Final = re.compile(
    r" ?(?:available|left|in stock|ready|on hand|to go|现货|有货|在手|可发|库存)"
)
CLAUSE_BEFORE: Final = re.compile(r"[,，.。;；\n] ?$")
LAST: Final = re.compile(r"[\s,，.。;；!！]|$")
CLAUSE_AFTER: Final = re.compile(r" ?(?:[,，.。;；\n]|$)")
TIMES_BEFORE: Final = re.compile(r"(?<![a-z0-9])[x×] ?$")
STOCK_UNIT: Final = re.compile(r" ?[+多余]")
ENGLISH_LEFT: Final = re.compile(r" (?:available|left|in stock|on hand)(?![a-z])")
BARE_STOCK_BEFORE: Final = re.compile(
    r"(?:现货|存货|库存量?|存量|数量|总量|余量|还剩|剩余|仅剩|stock|qty|quantity|available)(?:还有|有|了|约|大概|[ :=是]){0,3}$"
)
NOT_STOCK_BEFORE: Final = re.compile(
    r"(?:每|限|限购|最多|最少|至少|满|第|买|送|带|含|配|附|退|已售|售出|卖出|卖了|成交|出了|做过|跑过|做了|过了|换|赔|每天|日|一天|每日|拿|订|换了|试|够|超过"
    r"|过|累计|服务|覆盖|月销|销量|sold|min|minimum|moq|take|buy|over|than|order|first|each|per|of|with|every|in)(?:[ :.了=约]|得|过){0,2}$"
)
NOT_STOCK_AFTER: Final = re.compile(
    r"/|一[套组份包]| ?(?:起|以上|以下|以内|之内|往上|内|封顶|a week|a day|per|min|minimum|or more|九折|八折|打折|包邮|免|送|左右的经验|成功)"
)
STOCK_SUFFIX: Final = re.compile(r" ?(?:多|余|来|\+|左右)? ?")
ENGLISH_COUNT: Final = re.compile(
    rf"\+? (?:(?!per |a |an |for |in |at )[a-z/\-]{{2,12}} ){{1,3}}(?P<unit>{UNIT})"
)
# Alone at the end of a clause, after words: a price as titles write it (教程 88).
ALONE_BEFORE: Final = re.compile(r"(?:[\u4e00-\u9fff]|[\u4e00-\u9fffa-z0-9)）] |[,，。;；!！\n])$")
ALONE_AFTER: Final = re.compile(
    r"(?:起|整|买断|带走|拿走|打包|带教程|包会)? ?(?:$|[\s,，。;；、!！|/)）])|(?:买断|带走|拿走|打包|整)"
)
ACCOUNT_BEFORE: Final = re.compile(r"[a-z\u4e00-\u9fff]号[¥$€£]?$")
NUMBERED_BEFORE: Final = re.compile(
    r"(?:[vq]|vx|wx|qq|tg|微信?|飞机|电报|扣扣?|群|号|编号|电话|手机|no|id|版本|骁龙|麒麟|天玑|第|年|月|日|code|win|android|ios|安卓|苹果|机型|满|近|约|共|数|到|至|后|前|龄|岁|比|率|分|[x×*\-~.:])[ :：.]*$"
)

MOST: Final = Decimal(10) ** 7
"""Yuan or units from which a number is something else."""

MOST_DIGITS: Final = 6
"""Of a price whose money is not named."""

BULK: Final = 50
"""A count of which one person has no need."""

SOME: Final = 10
"""The same where the unit is a whole kit, or nothing is said after the count."""

YEARS: Final = range(1950, 2100)
TITLE_REACH: Final = 40


@dataclass(frozen=True, slots=True)
class Amount:
    """Money or a number of units, and where it stands in the folded view.

    Attributes:
        start: first character.
        end: one past the last.
        unit_price_minor: hundredths of the currency, at least 1: of one unit, or of all
            where `unit` is None; None for a bare number of units.
        currency: as `classifiers.contract.UnitPrice` has it; None where no money is named.
        unit: as `classifiers.contract.UnitPrice` has it.
        quantity: number of units that is named, or None.
        is_stock: whether so many are on offer; else they are the base of a price, or the
            least that is sold.
    """

    start: int
    end: int
    unit_price_minor: int | None = None
    currency: str | None = None
    unit: str | None = None
    quantity: int | None = None
    is_stock: bool = False

    @property
    def is_bulk(self) -> bool:
        """Whether nobody needs so many for himself."""
        return self.quantity is not None and self.quantity >= BULK


def read_amounts(text: str) -> list[Amount]:
    """Unit prices and numbers of units in a folded text, in text order, not overlapping."""
    return _Amounts(text).read()


def read_sums(text: str, others: Sequence[Amount]) -> list[Amount]:
    """Money without a unit, and stock without one (现货50), outside of other amounts.

    Args:
        text: folded.
        others: what `read_amounts` found in it.
    """
    taken = bytearray(len(text) + 1)
    for amount in others:
        taken[amount.start : amount.end] = b"\x01" * (amount.end - amount.start)
    found = []
    for number in read_numbers(text):
        if any(taken[number.start : number.end]):
            continue
        read = _sum(text, number)
        if read:
            found.append(read)
    return found


def _sum(text: str, number: Number) -> Amount | None:
    before = text[max(0, number.start - REACH) : number.start]
    is_stock = BARE_STOCK_BEFORE.search(before) or TIMES_BEFORE.search(before)
    is_left = ENGLISH_LEFT.match(text, number.bare_end)
    if number.currency is None and (is_stock or is_left):
        if COUNTED.match(text, number.bare_end) and not STOCK_UNIT.match(text, number.bare_end):
            return None
        if not 1 <= number.value < MOST or number.value != int(number.value):
            return None
        count = int(number.value)
        return Amount(number.bare_start, number.bare_end, quantity=count, is_stock=True)
    if not _may_be_price(number) or NOT_ASKED.search(before):
        return None
    if text[number.bare_end : number.end].strip() == "分":
        return None
    if NOT_ASKED_AFTER.match(text, number.bare_end):
        return None
    if number.currency is None:
        if number.value < 2 or COUNTED.match(text, number.end):
            return None
        is_named = SUM_BEFORE.search(before) is not None
        if not is_named and not _stands_alone(text, number, before):
            return None
    unit = "account" if ACCOUNT_BEFORE.search(before) else None
    return _priced(number.start, number.end, number.money, number.currency, unit)


def _stands_alone(text: str, number: Number, before: str) -> bool:
    """Whether the number is a word of its own, as titles write a price (教程 88, 六百六)."""
    if number.value in YEARS or number.value < 2 or number.length == 1:
        return False
    if NUMBERED_BEFORE.search(before) or not ALONE_AFTER.match(text, number.end):
        return False
    return bool(ALONE_BEFORE.search(before)) and bool(
        CHINESE.search(text[max(0, number.start - TITLE_REACH) : number.start])
    )


def _may_be_price(number: Number) -> bool:
    if not 0 < number.money < MOST:
        return False
    return number.currency is not None or number.length <= MOST_DIGITS


def _priced(start: int, end: int, price: Decimal, currency: str | None, unit: str | None) -> Amount:
    return Amount(start, end, _minor(price), currency, unit)


def _minor(price: Decimal) -> int:
    return max(1, int((price * 100).to_integral_value()))


class _Amounts:
    """One text while it is read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._numbers = list(read_numbers(text))
        self._found: list[Amount] = []

    def read(self) -> list[Amount]:
        for place, number in enumerate(self._numbers):
            if self._found and number.bare_start < self._found[-1].end:
                continue
            # 一 alone counts what a price is for, or is part of a word; most numbers are this.
            if number.value <= 1 and number.currency is None and self._text[number.start] == "一":
                continue
            read = self._price(place) or self._count(number)
            if read is None:
                continue
            # A count of units that turns out to be the base of a price is no stock.
            while self._found and self._found[-1].end > read.start:
                self._found.pop()
            self._found.append(read)
        return self._found

    def _price(self, place: int) -> Amount | None:
        text, number = self._text, self._numbers[place]
        if not _may_be_price(number):
            return None
        before = text[max(0, number.start - REACH) : number.start]
        per = PER_UNIT.match(text, number.end)
        if per:
            if NOT_ASKED.search(before):
                return None
            if MONTH_BEFORE.search(before):
                return _priced(number.start, per.end(), number.money, number.currency, "month")
            return self._priced(
                number.start, per.end(), number, number.money, per["unit"], per.start("unit")
            )
        if number.currency is None and COUNTED.match(text, number.end):
            return None
        if NOT_ASKED_AFTER.match(text, number.bare_end):
            return None
        timed = MONTHLY_BEFORE.search(before) or TIMED_BEFORE.search(before)
        if timed:
            start = number.start - len(before) + timed.start()
            unit = "month" if MONTHLY_BEFORE.search(before) else None
            return _priced(start, number.end, number.money, number.currency, unit)
        return (
            self._after_unit(number, before)
            or self._after_count(place)
            or self._before_count(place)
        )

    def _after_unit(self, number: Number, before: str) -> Amount | None:
        """每套30, 单套3800, per face $2."""
        unit = UNIT_BEFORE.search(before)
        if unit is None or not self._is_glue(unit["rest"], unit["unit"]):
            return None
        offset = number.start - len(before)
        if NOT_ASKED.search(before[: unit.start()]):
            return None
        start = offset + unit.start()
        return self._priced(
            start, number.end, number, number.money, unit["unit"], offset + unit.start("unit")
        )

    def _is_glue(self, rest: str, unit: str) -> bool:
        """Whether what stands between a unit and a number makes it the unit's price."""
        if NOT_ASKED.search(rest):
            return False
        if PRICE_GLUE.fullmatch(rest):
            return True
        # 一张脸5毛, 每个号 150: the noun that is counted may come between.
        return unit not in TIMES and any(
            all(map(CHINESE.match, rest[:cut]))
            and not DONE.search(rest[:cut])
            and PRICE_GLUE.fullmatch(rest, cut)
            for cut in range(1, min(3, len(rest)) + 1)
        )

    def _after_count(self, place: int) -> Amount | None:
        """一套30, 十套三百, 100套以上6.5."""
        if place == 0:
            return None
        text, number, base = self._text, self._numbers[place], self._numbers[place - 1]
        if number.start - base.bare_end > REACH or base.currency is not None:
            return None
        if self._found and self._found[-1].unit_price_minor and base.start < self._found[-1].end:
            return None
        count = STOCK_SUFFIX.match(text, base.bare_end)
        unit = UNIT_MATCH.match(text, count.end() if count else base.bare_end)
        earlier = text[max(0, base.start - REACH) : base.start]
        if unit is None:
            threshold = THRESHOLD.fullmatch(text, base.bare_end, number.start)
            known = self._last_unit()
            is_several = FOR.fullmatch(text, base.bare_end, number.bare_start)
            if base.value < 2 or not (is_several or (threshold and known)):
                return None
            price = number.money / base.value if is_several else number.money
            amount = _priced(base.start, number.end, price, number.currency, known)
            return replace(amount, quantity=int(base.value))
        between = text[unit.end() : number.start]
        threshold = THRESHOLD.match(text, unit.end(), number.start)
        if threshold and PRICE_GLUE.fullmatch(text, threshold.end(), number.start):
            amount = self._priced(
                base.start, number.end, number, number.money, unit[0], unit.start()
            )
            return replace(amount, quantity=int(base.value))
        if not self._is_glue(between, unit[0]) or base.value <= 0:
            return None
        if base.value == 1:
            if NOT_ASKED.search(earlier):
                return None
            return self._priced(base.start, number.end, number, number.money, unit[0], unit.start())
        if NOT_ASKED.search(earlier) and not THRESHOLD_BEFORE.search(earlier):
            return None
        if THRESHOLD_BEFORE.search(earlier):
            amount = self._priced(
                base.start, number.end, number, number.money, unit[0], unit.start()
            )
            return replace(amount, quantity=int(base.value))
        is_loose = number.currency is None and " " in between
        if is_loose and BARE_STOCK_BEFORE.search(earlier):
            return None
        if unit[0] in ("天", "日", "年", "小时", "周", "星期", "季") and base.value > 1:
            return None
        price = number.money / base.value
        amount = self._priced(base.start, number.end, number, price, unit[0], unit.start())
        return replace(amount, quantity=int(base.value))

    def _before_count(self, place: int) -> Amount | None:
        """300元十套, 100u/5套."""
        if place + 1 == len(self._numbers):
            return None
        text, number, count = self._text, self._numbers[place], self._numbers[place + 1]
        between = text[number.end : count.start]
        if number.currency is None or between not in BETWEEN or count.currency:
            return None
        unit = UNIT_MATCH.match(text, count.bare_end)
        if unit is None or count.value < 2 or MINIMUM.match(text, unit.end()):
            return None
        if unit[0] in TIMES and unit[0] not in ("个月", "月"):
            return None
        price = number.money / count.value
        amount = self._priced(number.start, unit.end(), number, price, unit[0], unit.start())
        return replace(amount, quantity=int(count.value))

    def _last_unit(self) -> str | None:
        return next((a.unit for a in reversed(self._found) if a.unit_price_minor), None)

    def _priced(
        self, start: int, end: int, number: Number, price: Decimal, word: str, at: int
    ) -> Amount:
        unit = unit_of(self._text, word, at)
        return _priced(start, end, price, number.currency, unit)

    def _count(self, number: Number) -> Amount | None:
        """两万套, 300 fresh sets."""
        text = self._text
        if (
            number.currency
            or not 2 <= number.value < MOST * 10
            or number.value != int(number.value)
        ):
            return None
        suffix = STOCK_SUFFIX.match(text, number.bare_end)
        unit = UNIT_MATCH.match(text, suffix.end() if suffix else number.bare_end)
        word = unit[0] if unit else ""
        end = unit.end() if unit else 0
        at = unit.start() if unit else 0
        if unit is None:
            english = ENGLISH_COUNT.match(text, number.bare_end)
            if english is None:
                return None
            word, end, at = english["unit"], english.end(), english.start("unit")
        if word.rstrip("s") in NEVER_STOCK or word in NEVER_STOCK:
            return None
        before = text[max(0, number.start - REACH) : number.start]
        count = int(number.value)
        is_stock = (
            not NOT_STOCK_BEFORE.search(before)
            and not NOT_STOCK_AFTER.match(text, end)
            and (
                _is_many(count, word, is_last=LAST.match(text, end) is not None)
                or STOCK_BEFORE.search(before) is not None
                or STOCK_AFTER.match(text, end) is not None
                or self._is_clause(number.start, end)
            )
        )
        unit_name = unit_of(text, word, at)
        return Amount(number.start, end, unit=unit_name, quantity=count, is_stock=is_stock)

    def _is_clause(self, start: int, end: int) -> bool:
        """Whether nothing else is said between two marks: "..., ten units, ..."."""
        before = self._text[max(0, start - 2) : start]
        return (not before or CLAUSE_BEFORE.search(before) is not None) and CLAUSE_AFTER.match(
            self._text, end
        ) is not None


def _is_many(count: int, word: str, *, is_last: bool) -> bool:
    """Whether so many are a stock without a word that says so.

    A number of pieces at the end of a clause is one earlier (陌陌号三十个, ...) than one of
    pictures, which may be what a single kit holds.
    """
    unit = UNITS.get(word, UNITS.get(word.rstrip("s")))
    is_kit = unit in ("set", "record")
    is_whole = is_last and unit in ("piece", "account", "document", "person")
    return count >= (SOME if is_kit or is_whole else BULK)
