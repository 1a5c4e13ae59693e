"""What is on show, and since when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from classifiers.contract import Category
from monitor.demo.listings import Change, MarketListing
from monitor.demo.shelf import Shelf
from monitor.domain.clock import ManualClock
from monitor.errors import ConflictError, InputError, NotFoundError


def listing(listing_id: str, title: str = "四件套", **fields: object) -> MarketListing:
    """A listing with little in it."""
    return MarketListing.model_validate({"id": listing_id, "title": title, **fields})


def found(shelf: Shelf, text: str = "") -> list[str]:
    """Ids that a search finds, in order."""
    return [shown.listing.id for shown in shelf.search(text).listings]


def test_a_planned_listing_appears_at_its_time_however_late_one_looks(clock: ManualClock) -> None:
    """The bench of latency needs the moment itself and not that of the first look."""
    start = clock.now()
    shelf = Shelf([listing("a"), listing("b", appears_after_s=10)], clock)
    clock.advance(9.9)
    assert found(shelf) == ["a"]
    with pytest.raises(NotFoundError):
        shelf.appeared_at("b")
    clock.advance(60)
    assert found(shelf) == ["b", "a"]
    assert shelf.appeared_at("b") == start + timedelta(seconds=10)
    assert shelf.appeared() == {"a": start, "b": start + timedelta(seconds=10)}


def test_a_still_market_moves_only_from_its_beginning(clock: ManualClock) -> None:
    """The demo lets the first looks end before anything appears."""
    shelf = Shelf([listing("a", appears_after_s=10)], clock, is_moving=False)
    clock.advance(1000)
    assert found(shelf) == []
    shelf.begin()
    begun = clock.now()
    clock.advance(9)
    shelf.begin()
    clock.advance(1)
    assert found(shelf) == ["a"]
    assert shelf.appeared_at("a") == begun + timedelta(seconds=10)


def test_edits_and_removals_come_as_planned(clock: ManualClock) -> None:
    """A listing changes its words, keeps its place, and goes."""
    plan = listing(
        "a", changes=[{"after_s": 5, "title": "三件套", "price": "¥2"}], vanishes_after_s=8
    )
    shelf = Shelf([plan, listing("b", published_s_ago=100)], clock)
    assert found(shelf, "四件套") == ["a", "b"]
    clock.advance(5)
    shown = shelf.get("a")
    assert shown is not None
    assert (shown.listing.title, shown.listing.price, shown.edits) == ("三件套", "¥2", 1)
    assert found(shelf, "三件套")[0] == "a"
    clock.advance(3)
    assert shelf.get("a") is None
    assert shelf.was_removed("a")
    assert not shelf.was_removed("b")
    assert len(shelf) == 1


def test_callers_can_move_it_too(clock: ManualClock) -> None:
    """Fault tests add, edit and remove at moments of their own."""
    shelf = Shelf([], clock)
    clock.advance(30)
    at = shelf.add(listing("a", changes=[Change(after_s=5, price="¥9").model_dump()]))
    assert at == clock.now() == shelf.appeared_at("a")
    shelf.edit("a", title="手持照", description="新")
    assert found(shelf, "手持照") == ["a"]
    clock.advance(5)
    shown = shelf.get("a")
    assert shown is not None
    assert (shown.listing.price, shown.listing.title) == ("¥9", "手持照")
    shelf.remove("a")
    assert found(shelf) == []
    assert shelf.was_removed("a")


def test_impossible_moves_are_refused_and_change_nothing(clock: ManualClock) -> None:
    """A test that moves the market wrongly must hear of it."""
    shelf = Shelf([listing("a")], clock)
    with pytest.raises(ConflictError):
        shelf.add(listing("a", "other"))
    with pytest.raises(NotFoundError):
        shelf.edit("b", title="x")
    with pytest.raises(NotFoundError):
        shelf.remove("b")
    for changes in ({}, {"id": "c"}, {"title": ""}, {"price": 3}, {"pictures": 99}):
        with pytest.raises(InputError):
            shelf.edit("a", **changes)
    shelf.remove("a")
    with pytest.raises(ConflictError):
        shelf.add(listing("a"))
    with pytest.raises(ConflictError):
        Shelf([listing("x"), listing("x")], clock)


def test_newest_come_first(clock: ManualClock) -> None:
    """A watch reads the first pages: what appears must be there."""
    shelf = Shelf([listing("old", published_s_ago=50), listing("new", published_s_ago=1)], clock)
    shelf.add(listing("newest"))
    assert found(shelf) == ["newest", "new", "old"]


def test_without_a_match_there_are_recommendations_or_nothing(clock: ManualClock) -> None:
    """The two kinds of zero that a monitor must tell apart."""
    goods = [
        listing(str(number), "手持云台", category=Category.FACE_ID_BUNDLE, label="offer")
        for number in range(30)
    ]
    shelf = Shelf(goods, clock)
    verdict = shelf.search("手持身份证照")
    assert verdict.is_related
    assert len(verdict.listings) == 20
    assert shelf.search("火星").listings == ()
    assert not shelf.search("火星").is_related
    assert not shelf.search("云台").is_related
