"""Every index of hits filters and counts what was read out of offers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.errors import InputError
from monitor.search.protocol import HitIndex, HitQuery
from tests.contract.search_indexes import KINDS, open_index
from tests.contract.test_search_index import document

OFFERS = {
    1: {"target": ("wechat", "qq"), "price": ("30",), "unit": ("set",)},
    2: {"target": ("wechat",), "origin": ("loan_platform",)},
    3: {"price": ("30", "25")},
    4: {},
}


pytestmark = pytest.mark.timeout(400)
"""A server may have to start first."""


@pytest.fixture(params=KINDS)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HitIndex]:
    """Four hits, three of them with something read out."""
    opened = open_index(request, tmp_path)
    opened.put(document(hit_id, offer=offer) for hit_id, offer in OFFERS.items())
    yield opened
    opened.close()


FILTERS: tuple[tuple[dict[str, list[str]], list[int]], ...] = (
    ({"offer_target": ["wechat"]}, [2, 1]),
    ({"offer_target": ["qq", "alipay"]}, [1]),
    ({"offer_target": ["wechat"], "offer_origin": ["loan_platform"]}, [2]),
    ({"offer_target": ["wechat"], "offer_price": ["30"]}, [1]),
    ({"offer_price": ["30"]}, [3, 1]),
    ({"offer_target": ["30"]}, []),
)


def test_any_value_of_a_field_and_all_fields(index: HitIndex) -> None:
    """The same rule as for every other filter."""
    for filters, expected in FILTERS:
        page = index.find(HitQuery(filters=filters))
        assert [found.hit_id for found in page.documents] == expected, filters
        assert page.total == len(expected)


def test_values_are_counted(index: HitIndex) -> None:
    """How many hits name what."""
    assert index.count_by(HitQuery(), "offer_target") == [("wechat", 2), ("qq", 1)]
    wechat = HitQuery(filters={"offer_target": ["wechat"]})
    assert index.count_by(wechat, "offer_origin") == [("loan_platform", 1)]


def test_an_offer_comes_back_as_it_went_in_and_changes_with_its_hit(index: HitIndex) -> None:
    """A newer revision replaces what could be filtered before."""
    (first,) = index.find(HitQuery(filters={"offer_target": ["qq"]})).documents
    assert first.offer == OFFERS[1]
    index.put([document(1, revision=2, offer={"target": ("soul",)})])
    assert index.find(HitQuery(filters={"offer_target": ["qq"]})).total == 0
    assert index.find(HitQuery(filters={"offer_target": ["soul"]})).total == 1


def test_an_unknown_field_is_refused(index: HitIndex) -> None:
    """A typo is not an empty result."""
    with pytest.raises(InputError, match="offer_smell"):
        index.find(HitQuery(filters={"offer_smell": ["x"]}))
