"""The shipped listings: enough of everything, and nothing in them that could be real."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import date

import pytest

from classifiers.contract import Category
from monitor.demo.drawings import KINDS
from monitor.demo.listings import MarketListing, load_listings, read_listings
from monitor.errors import InputError

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@pytest.fixture(scope="module")
def listings() -> list[MarketListing]:
    """All shipped listings."""
    return load_listings()


def folded(listing: MarketListing) -> str:
    """Everything that a page shows of a listing and its later states, width folded."""
    texts = [listing.title, listing.description, listing.price, listing.seller]
    for change in listing.changes:
        texts += [change.title or "", change.description or "", change.price or ""]
    return unicodedata.normalize("NFKC", "\n".join(texts))


def digit_runs(text: str) -> list[str]:
    """Runs of digits, single separators between them left out."""
    return [re.sub(r"\D", "", run) for run in re.findall(r"\d(?:[ .\-]?\d)*", text)]


def has_luhn_digit(number: str) -> bool:
    """Whether the last digit is the check digit that payment cards have."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def could_be_id_number(number: str) -> bool:
    """Whether any rule of an 18-digit identity number holds: province, date, or check digit."""
    if len(number) != 18:
        return False
    weighted = sum(int(digit) * weight for digit, weight in zip(number, ID_WEIGHTS, strict=False))
    try:
        date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
        is_date = True
    except ValueError:
        is_date = False
    has_province = 11 <= int(number[:2]) <= 91
    return has_province or is_date or "10X98765432"[weighted % 11] == number[-1]


def test_there_are_at_least_340_listings_of_all_sorts(listings: list[MarketListing]) -> None:
    """A person should see the real mixture: offers, look-alikes and ordinary goods."""
    assert len(listings) >= 340
    assert sum(listing.label == "offer" for listing in listings) >= 130
    assert sum(listing.looks_like is not None for listing in listings) >= 150
    plain = [each for each in listings if each.label == "ordinary" and each.looks_like is None]
    assert len(plain) >= 60
    english = [each for each in listings if each.title.isascii()]
    assert len(english) >= 24


def test_each_category_has_plain_offers_and_look_alikes(listings: list[MarketListing]) -> None:
    """Every trade that the monitor knows must be seen to be told from its neighbours."""
    offers = Counter(listing.category for listing in listings)
    look_alikes = Counter(listing.looks_like for listing in listings)
    for category in Category:
        assert offers[category] >= 10, category
        assert look_alikes[category] >= 6, category


def test_each_id_is_there_once_and_no_text_is_there_twice(listings: list[MarketListing]) -> None:
    """Ids are keys everywhere, and a copy would count twice in a tally."""
    assert len({listing.id for listing in listings}) == len(listings)
    texts = {(listing.title, listing.description) for listing in listings}
    assert len(texts) == len(listings)


def test_the_market_moves_during_the_first_three_minutes(listings: list[MarketListing]) -> None:
    """What appears, changes and vanishes is what a watch is for."""
    later = [each for each in listings if each.appears_after_s is not None]
    assert len(later) >= 40
    assert all(each.appears_after_s <= 180 for each in later if each.appears_after_s is not None)
    assert len({each.label for each in later}) == 2
    assert sum(bool(listing.changes) for listing in listings) >= 10
    assert sum(listing.vanishes_after_s is not None for listing in listings) >= 5


def test_no_text_holds_a_number_that_could_be_a_persons(listings: list[MarketListing]) -> None:
    """Planted victims' numbers fail every real check, and no mobile number can be dialled."""
    for listing in listings:
        for run in digit_runs(folded(listing)):
            assert not re.search(r"1[3-9]\d{9}", run), listing.id
            assert not could_be_id_number(run), listing.id
            assert not (13 <= len(run) <= 19 and has_luhn_digit(run)), listing.id


def test_contacts_cannot_belong_to_anybody(listings: list[MarketListing]) -> None:
    """Accounts are marked as samples, QQ numbers never begin with a zero, links lead nowhere."""
    for listing in listings:
        text = folded(listing)
        for name in re.findall(r"@[a-z0-9_-]+|[a-z]+_[a-z0-9_]+", text):
            assert "demo" in name or "sample" in name, (listing.id, name)
        for number in re.findall(r"\d{6,}", text):
            assert number.startswith(("000", "1000000")), (listing.id, number)
        for host in re.findall(r"(?:https?://)?([\w-]+(?:\.[\w-]+)*\.(?:com|cn|net|io|me))", text):
            assert host.endswith("example.com"), listing.id


def test_a_planted_number_is_there_for_the_redaction_to_cut(listings: list[MarketListing]) -> None:
    """The demo shows that victims' identifiers never reach the store."""
    runs = [run for listing in listings for run in digit_runs(folded(listing))]
    assert any(len(run) >= 15 for run in runs)


def test_each_picture_can_be_drawn(listings: list[MarketListing]) -> None:
    """A misspelt kind would silently show a parcel."""
    assert {listing.picture for listing in listings} <= set(KINDS)


def test_prices_come_in_the_forms_of_real_markets(listings: list[MarketListing]) -> None:
    """Unknown, below one, with thousands and in ten thousands."""
    prices = {listing.price for listing in listings}
    assert {"面议", "¥0.50", "1.2万", "当前价¥30"} <= prices
    assert any("," in price for price in prices)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ('{"id": "1"}', "title"),
        ('{"id": "1", "title": "a", "label": "offer"}', "an offer has a category"),
        ('{"id": "1", "title": "a", "colour": "red"}', "colour"),
        ('{"id": "../x", "title": "a"}', "id"),
    ],
)
def test_a_broken_line_is_named(line: str, reason: str) -> None:
    """Whoever edits the data is told where and why."""
    good = '{"id": "0", "title": "a"}'
    with pytest.raises(InputError, match=f"goods.jsonl:3: .*{reason}"):
        list(read_listings(f"{good}\n\n{line}\n", origin="goods.jsonl"))
