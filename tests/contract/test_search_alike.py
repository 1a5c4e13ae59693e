"""Whatever is indexed and asked for: Elasticsearch answers as the embedded index does."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.search.protocol import HitDocument, HitIndex, HitQuery
from monitor.search.sqlite import SqliteHitIndex
from tests.contract.search_indexes import KINDS, open_index
from tests.contract.test_search_index import START, document, walk

pytestmark = pytest.mark.timeout(400)
"""A server may have to start first."""

TEXTS = st.text(alphabet="人脸四件套ab1，。 \n\u0301é𠀀", max_size=14)
VALUES = st.sampled_from(["", "甲", "乙", "a b", "\x00", "\ud800", "\ufdd0x"])
DOCUMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "text": TEXTS,
            "seller": VALUES,
            "keywords": st.lists(VALUES, max_size=3).map(tuple),
            "offer": st.dictionaries(
                st.sampled_from(["target", "price"]), st.lists(VALUES, max_size=2), max_size=2
            ),
            "score": st.sampled_from([0.1, 0.5, 0.9]),
            "found_at": st.sampled_from([0, 1, 8_400_000, 10**12]).map(
                lambda us: START + timedelta(microseconds=us)
            ),
        }
    ),
    min_size=1,
    max_size=10,
)
QUERY_TEXTS = st.text(alphabet='人脸四件套ab1 "', max_size=6).filter(
    lambda text: not text.strip() or any(char.isalnum() for char in text)
)
QUERIES = st.fixed_dictionaries(
    {
        "text": QUERY_TEXTS,
        "seller": st.lists(VALUES, max_size=2),
        "keyword": st.lists(VALUES, max_size=2),
        "offer_target": st.lists(VALUES, max_size=1),
        "min_score": st.sampled_from([0.0, 0.5]),
        "since": st.none() | st.just(START + timedelta(microseconds=1)),
        "limit": st.integers(1, 4),
    }
)
NUMBERS = itertools.count(1)
FACETS = ("seller", "keyword", "offer_target", "offer_price")


@pytest.fixture(params=[kind for kind in KINDS if kind != "sqlite"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HitIndex]:
    """Filled further with every try: each has a source and ids of its own."""
    with closing(open_index(request, tmp_path)) as opened:
        yield opened


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[HitIndex]:
    with closing(SqliteHitIndex(tmp_path / "index.db")) as opened:
        yield opened


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(made=DOCUMENTS, asked=st.lists(QUERIES, min_size=1, max_size=4))
def test_both_give_the_same_hits_in_the_same_order_with_the_same_counts(
    server: HitIndex, embedded: HitIndex, made: list[dict[str, Any]], asked: list[dict[str, Any]]
) -> None:
    """Also for half characters, zero bytes, characters beyond 16 bits and one-character words."""
    number = next(NUMBERS)
    source = f"try{number}"
    documents: list[HitDocument] = [
        replace(document(number * 100 + n, one["text"]), source=source, **_fields(one))
        for n, one in enumerate(made)
    ]
    for index in (server, embedded):
        assert index.put(documents) == {}
    for wanted in asked:
        query = HitQuery(
            text=wanted["text"],
            filters={
                "source": [source],
                **{facet: wanted[facet] for facet in ("seller", "keyword", "offer_target")},
            },
            min_score=wanted["min_score"],
            since=wanted["since"],
            limit=wanted["limit"],
        )
        total = embedded.find(query).total
        assert walk(server, query, total=total) == walk(embedded, query, total=total)
        for facet in FACETS:
            assert server.count_by(query, facet) == embedded.count_by(query, facet)
        by_day = {"interval": "day", "zone": "Asia/Shanghai"}
        assert server.histogram(query, **by_day) == embedded.histogram(query, **by_day)  # type: ignore[arg-type]


def _fields(one: dict[str, Any]) -> dict[str, Any]:
    offer = {name: tuple(values) for name, values in one["offer"].items()}
    return {**{key: one[key] for key in one if key not in ("text", "offer")}, "offer": offer}
