"""Victims' identifiers: found so that they can be cut out, and never kept.

Cutting too much beats leaking: a chain of 15 digits or more goes even when no
checksum agrees with it. A seller's own telephone is a contact
(`classifiers.text.contacts`); a telephone in a row of data is a victim's.
"""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Final

from classifiers.contract import Identifier, IdentifierKind
from classifiers.text.digits import Run, digit_runs
from classifiers.text.normalise import Normalised

__all__ = ["find_identifiers", "is_bank_card", "is_id_number", "phone_pieces"]

CUT_FROM_DIGITS: Final = 15
LONGEST_NUMBER: Final = 19
ID_LENGTH: Final = 18
OLD_ID_LENGTH: Final = 15
# GB 11643-1999: ISO 7064 MOD 11-2.
ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS: Final = "10x98765432"
EARLIEST_BIRTH: Final = date(1900, 1, 1)
# Leading digits of the first level of GB/T 2260.
PROVINCES: Final = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
        "91",
    ]
)
# ISO/IEC 7812: 3 travel, 4 and 5 and 2 card schemes, 6 UnionPay, 9 domestic.
CARD_STARTS: Final = "345629"
CARD_LENGTHS: Final = range(16, 20)
PHONE: Final = re.compile(r"(?:0{0,2}86)?(1[3-9]\d{9})")

ROW_LABEL: Final = re.compile(
    r"(?:姓名|名字|身份证号?|证件号码?|户主|机主|号主|持卡人|客户|name|id no\.?)[^\n]{0,24}$"
)
# Between a label and a number, these say that the number is the seller's.
SELLER_CUE: Final = re.compile(r"联系|咨询|加我|微信|薇|vx|wx|qq|扣扣|私聊|找我|电联|contact|call")
# 张某 13000000000: a name, a little punctuation, a telephone.
NAME_BEFORE: Final = re.compile(r"(?:^|[^\u4e00-\u9fff])[\u4e00-\u9fff]{2,4}[ ,，、|\t:：\-]{1,3}$")
ROWS_OF_DATA: Final = 3


def is_id_number(digits: str) -> bool:
    """Whether this is a resident identity number: 18 with a right checksum, or the old 15."""
    if digits[:2] not in PROVINCES:
        return False
    if len(digits) == OLD_ID_LENGTH:
        return digits.isdigit() and _is_birth_date("19" + digits[6:12])
    if len(digits) != ID_LENGTH or not digits[:17].isdigit():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, ID_WEIGHTS, strict=False))
    return ID_CHECKS[total % 11] == digits[17] and _is_birth_date(digits[6:14])


def _is_birth_date(digits: str) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return born >= EARLIEST_BIRTH


def is_bank_card(digits: str) -> bool:
    """Whether this is a payment card number: 16 to 19 digits, a known start, the Luhn check."""
    if len(digits) not in CARD_LENGTHS or not digits.isdigit() or digits[0] not in CARD_STARTS:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def _pieces(run: Run) -> list[tuple[int, int]]:
    """Cut a chain that is longer than any number into numbers, at its gaps."""
    digits = run.digits
    if len(digits) <= LONGEST_NUMBER and (is_id_number(digits) or is_bank_card(digits)):
        return [(0, len(digits))]
    pieces: list[tuple[int, int]] = []
    start = at = 0
    for group in run.groups():
        if PHONE.fullmatch(group) or is_id_number(group) or is_bank_card(group):
            pieces += [(start, at)] if at > start else []
            pieces.append((at, at + len(group)))
            start = at + len(group)
        at += len(group)
    return pieces + ([(start, at)] if at > start else [])


def _is_size_list(run: Run) -> bool:
    """Whether these are sizes or models in rising order (35 36 37 ...), not one number."""
    groups = run.groups()
    if len(groups) < 5 or any(len(group) > 3 or not group.isdigit() for group in groups):
        return False
    numbers = [int(group) for group in groups]
    return all(left < right for left, right in pairwise(numbers))


def phone_pieces(run: Run) -> list[tuple[int, int]]:
    """Half-open places in ``run.digits`` of Chinese mobile numbers, country code included."""
    return [
        (start, end)
        for start, end in _pieces(run)
        if PHONE.fullmatch(run.digits[start:end].rstrip("x"))
    ]


def find_identifiers(view: Normalised, runs: list[Run] | None = None) -> tuple[Identifier, ...]:
    """Victims' identifiers in a folded view, in text order, not overlapping.

    Args:
        view: from `classifiers.text.normalise.fold`.
        runs: the view's digit runs, when the caller has them already.
    """
    runs = digit_runs(view) if runs is None else runs
    found: list[Identifier] = []
    phones: list[tuple[Run, int, int]] = []
    lines_with_numbers: set[int] = set()
    lines = _LineCounter(view.text)
    for run in runs:
        if len(run.digits) < 11 or _is_size_list(run):
            continue
        for start, end in _pieces(run):
            digits = run.digits[start:end]
            if PHONE.fullmatch(digits.rstrip("x")):
                phones.append((run, start, end))
            elif len(digits) >= CUT_FROM_DIGITS:
                found.append(Identifier(_kind(digits), *run.span(view, start, end)))
                lines_with_numbers.add(lines.at(run.places[start]))
    found += _victims_phones(view, phones, lines_with_numbers)
    return tuple(sorted(found, key=lambda identifier: identifier.start))


def _kind(digits: str) -> IdentifierKind:
    if is_id_number(digits):
        return IdentifierKind.ID_NUMBER
    if is_bank_card(digits):
        return IdentifierKind.BANK_CARD
    is_like_id = digits[:2] in PROVINCES and len(digits) in (OLD_ID_LENGTH, ID_LENGTH)
    return IdentifierKind.ID_NUMBER if is_like_id else IdentifierKind.BANK_CARD


class _LineCounter:
    """Numbers of lines, for places asked in rising order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._line = 0

    def at(self, place: int) -> int:
        if place < self._place:
            return self._text.count("\n", 0, place)
        self._line += self._text.count("\n", self._place, place)
        self._place = place
        return self._line


def _victims_phones(
    view: Normalised,
    phones: list[tuple[Run, int, int]],
    lines_with_numbers: set[int],
) -> list[Identifier]:
    labelled: list[tuple[Run, int, int]] = []
    beside_names: list[tuple[Run, int, int]] = []
    lines = _LineCounter(view.text)
    for phone in phones:
        run, start, _ = phone
        place = run.places[start]
        before = view.text[max(0, place - 40) : place]
        before = before[before.rfind("\n") + 1 :]
        label = ROW_LABEL.search(before)
        if lines.at(place) in lines_with_numbers or (label and not SELLER_CUE.search(label[0])):
            labelled.append(phone)
        elif NAME_BEFORE.search(before) and not SELLER_CUE.search(before):
            beside_names.append(phone)
    victims = labelled + (beside_names if len(beside_names) >= ROWS_OF_DATA else [])
    return [
        Identifier(IdentifierKind.PHONE, *run.span(view, start, end)) for run, start, end in victims
    ]
