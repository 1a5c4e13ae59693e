"""Generated listings: any number, repeatable, varied."""

from __future__ import annotations

import re
from collections import Counter

from classifiers.contract import Category
from monitor.demo.drawings import KINDS
from monitor.demo.synthetic import generate_listings


def test_the_same_seed_makes_the_same_listings() -> None:
    """A run with faults is compared with an undisturbed one."""
    assert generate_listings(200, seed=5) == generate_listings(200, seed=5)
    assert generate_listings(200, seed=5) != generate_listings(200, seed=6)


def test_shares_and_categories_are_kept() -> None:
    """Offers of every trade among ordinary goods, in about the share asked for."""
    listings = generate_listings(2_000, seed=1, offers_share=0.25)
    offers = [listing for listing in listings if listing.label == "offer"]
    assert 400 < len(offers) < 600
    assert set(Counter(listing.category for listing in offers)) == set(Category)
    assert all(listing.label == "ordinary" for listing in generate_listings(50, offers_share=0))
    assert all(listing.label == "offer" for listing in generate_listings(50, offers_share=1))
    assert generate_listings(0) == []


def test_wording_varies_and_no_slot_stays_open() -> None:
    """Copies of one text would be one family and measure nothing."""
    listings = generate_listings(2_000, seed=2)
    texts = {f"{listing.title}\n{listing.description}" for listing in listings}
    assert len(texts) > 1_900
    for listing in listings:
        shown = f"{listing.title}{listing.description}{listing.price}{listing.seller}"
        assert not re.search(r"[{}]", shown)
        assert listing.picture in KINDS


def test_some_offers_are_disguised_and_no_ordinary_goods_are() -> None:
    """A search for the plain word must not be enough, as on a real market."""
    listings = generate_listings(2_000, seed=4, offers_share=0.5)
    forms = re.compile(r"sfz|守持|仁脸|人月佥|石名|介封|薇信|huo化|四\*件\*套|証件")
    disguised = [each for each in listings if forms.search(f"{each.title}{each.description}")]
    assert len(disguised) > 60
    assert {each.label for each in disguised} == {"offer"}


def test_batches_can_stand_beside_each_other() -> None:
    """A moving market takes in more of them later."""
    first = generate_listings(100, seed=1)
    second = generate_listings(100, seed=2, first_number=100)
    assert not {each.id for each in first} & {each.id for each in second}


def test_no_number_could_be_a_persons() -> None:
    """Contacts are marked as samples, and no run of digits is long enough to be dialled."""
    for listing in generate_listings(1_000, seed=3, offers_share=1.0):
        text = f"{listing.title} {listing.description}"
        assert not re.search(r"(?<!\d)[1-9]\d{5,}", text)
