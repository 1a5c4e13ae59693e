"""The three shipped source files read the sample market whole, by the real adapters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from monitor.demo.listings import load_listings
from monitor.demo.market import Market
from monitor.demo.sources import SOURCE_NAMES, demo_source
from monitor.domain.clock import SystemClock
from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, ItemPage, ItemState, PageRequest, ParsedListing, SearchPage
from monitor.sources.html import HtmlSource
from monitor.sources.json import JsonSource
from monitor.sources.rss import RssSource

ADAPTERS: dict[str, type[HtmlSource | JsonSource | RssSource]] = {
    "html": HtmlSource,
    "json": JsonSource,
    "rss": RssSource,
}


@dataclass(frozen=True)
class Reader:
    """A source and a client without the politeness of the fetcher."""

    source: HtmlSource | JsonSource | RssSource
    http: httpx.Client

    def search(self, term: str) -> SearchPage:
        """The first page of results."""
        asked = self.source.search_request(term)
        assert asked is not None
        return self.source.parse_search(self._ask(asked))

    def all_pages(self, term: str) -> list[ParsedListing]:
        """All pages of results, each of which must be whole."""
        listings: list[ParsedListing] = []
        page = self.search(term)
        while True:
            assert page.outcome is Outcome.OK
            assert page.problems == ()
            assert "missing_fields" not in page.notes
            listings += page.listings
            if page.next_request is None:
                return listings
            page = self.source.parse_search(self._ask(page.next_request))

    def item(self, native_id: str) -> ItemPage:
        """The item page of a listing."""
        asked = self.source.item_request(native_id, "")
        assert asked is not None
        return self.source.parse_item(self._ask(asked))

    def _ask(self, asked: PageRequest) -> Answer:
        answer = self.http.request(asked.method, asked.url, json=asked.json)
        return Answer(
            url=asked.url,
            final_url=str(answer.url),
            status=answer.status_code,
            headers=dict(answer.headers),
            body=answer.content,
            text=answer.text,
            fetched_at=SystemClock().now(),
            request=asked,
        )


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    """The shipped goods, all that appear later left out."""
    with Market(load_listings(), is_moving=False) as opened:
        yield opened


@pytest.fixture(params=SOURCE_NAMES)
def reader(request: pytest.FixtureRequest, market: Market, http: httpx.Client) -> Reader:
    """Each source in turn."""
    definition = demo_source(request.param, market.base_url)
    return Reader(ADAPTERS[definition.kind].from_definition(definition), http)


@pytest.fixture
def normal_again(market: Market) -> Iterator[None]:
    """The market is one for all tests."""
    yield
    market.mode = "normal"


def test_each_face_gives_all_matches_over_all_pages(market: Market, reader: Reader) -> None:
    """The market's own search is the measure."""
    expected = [shown.listing for shown in market.shelf.search("四件套").listings]
    assert len(expected) > 20
    found = reader.all_pages("四件套")
    assert [listing.native_id for listing in found] == [listing.id for listing in expected]
    for listing, shown in zip(found, expected, strict=True):
        assert listing.title == " ".join(shown.title.split())
        assert listing.seller_name == shown.seller
        assert listing.url.partition("?")[0] == f"{market.base_url}/item/{shown.id}"
        assert listing.published_at is not None


def test_an_item_has_text_price_region_and_pictures(market: Market, reader: Reader) -> None:
    """What a closer look is for."""
    shown = next(each for each in market.shelf.listings() if each.price == "¥1,280")
    page = reader.item(shown.id)
    assert (page.outcome, page.state) == (Outcome.OK, ItemState.ON_SALE)
    listing = page.listing
    assert listing is not None
    assert listing.description == shown.description
    assert listing.price_minor == 128_000
    assert listing.region == shown.region
    assert listing.seller_id == shown.seller_id
    assert len(listing.picture_urls) == shown.pictures
    assert reader.http.get(listing.picture_urls[0]).content.startswith(b"\xff\xd8")


def test_prices_that_say_nothing_stay_unknown(market: Market, reader: Reader) -> None:
    """面议 is not zero, and 1.2万 is twelve thousand yuan."""
    by_price = {listing.price: listing.id for listing in market.shelf.listings()}
    for shown, minor in {"面议": None, "1.2万": 1_200_000, "¥0.50": 50, "当前价¥30": 3_000}.items():
        listing = reader.item(by_price[shown]).listing
        assert listing is not None
        assert (listing.price_raw, listing.price_minor) == (shown, minor)


def test_a_listing_that_was_taken_down_is_gone(market: Market, reader: Reader) -> None:
    """Also one that never was: the market knows it not."""
    last = market.shelf.listings()[-1].id
    market.remove(last)
    assert reader.item(last).state is ItemState.GONE
    assert reader.item("12345").state is ItemState.GONE


def test_a_true_zero_is_empty(reader: Reader) -> None:
    """Nothing in the market has a piece of this word."""
    assert reader.search("火星陨坑").outcome is Outcome.EMPTY


def test_recommendations_are_no_matches(reader: Reader) -> None:
    """A feed leaves them out; pages and JSON mark them."""
    page = reader.search("证件乐器批发市场")
    is_feed = isinstance(reader.source, RssSource)
    assert page.outcome is (Outcome.EMPTY if is_feed else Outcome.RELATED_ONLY)
    assert page.listings == ()


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [
        ("captcha", Outcome.CHALLENGED),
        ("login", Outcome.LOGIN_REQUIRED),
        ("garbage", Outcome.SCHEMA_CHANGED),
    ],
)
@pytest.mark.usefixtures("normal_again")
def test_trouble_is_named_and_never_empty_or_gone(
    market: Market, reader: Reader, mode: str, outcome: Outcome
) -> None:
    """Each mode has its outcome in each face, for searches and items."""
    shown = market.shelf.listings()[0].id
    market.mode = mode
    assert reader.search("证件").outcome is outcome
    page = reader.item(shown)
    assert page.outcome is outcome
    assert page.state is ItemState.UNKNOWN
