"""One contract for every index of hits: same documents, same queries, same answers."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import InputError, SearchError
from monitor.search.protocol import HitDocument, HitIndex, HitQuery
from monitor.search.sqlite import SqliteHitIndex
from tests.contract.search_indexes import KINDS, open_index

START = datetime(2026, 5, 1, tzinfo=UTC)


pytestmark = pytest.mark.timeout(400)
"""A server may have to start first."""


@pytest.fixture(params=KINDS)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HitIndex]:
    """An empty index of each kind."""
    opened = open_index(request, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[HitIndex]:
    """An index that is emptied within a moment, for many tries.

    That Elasticsearch answers as it does is shown by `test_search_alike.py`.
    """
    with closing(SqliteHitIndex(tmp_path / "index.db")) as opened:
        yield opened


def document(hit_id: int, text: str = "出人脸四件套", **changes: object) -> HitDocument:
    base = HitDocument(
        hit_id=hit_id,
        revision=1,
        source="market",
        native_id=f"n{hit_id}",
        url="https://market.example/1",
        title=text[:20],
        text=text,
        decision="hit",
        score=0.9,
        categories=("face_id_bundle",),
        intent="sell",
        keywords=("人脸四件套",),
        status="open",
        verdict="",
        seller="",
        region="",
        price_minor=50,
        currency="CNY",
        first_seen_at=START,
        found_at=START + timedelta(minutes=hit_id),
    )
    return replace(base, **changes)


def ids(index: HitIndex, **query: object) -> list[int]:
    """Ids on the first page, which must hold all matches."""
    page = index.find(HitQuery(**query))  # type: ignore[arg-type]
    assert page.total == len(page.documents)
    return [found.hit_id for found in page.documents]


def test_a_document_comes_back_as_it_went_in(index: HitIndex) -> None:
    """Nothing is lost on the way."""
    full = document(
        1,
        seller="小明**",
        seller_id="7",
        family="12",
        region="广东",
        price_minor=None,
        keywords=("a", "b"),
        found_at=START + timedelta(microseconds=1),
    )
    index.put([full])
    assert index.find(HitQuery()).documents == (full,)


def test_hits_are_found_by_the_ids_of_seller_and_family(index: HitIndex) -> None:
    """As words, exactly."""
    index.put(
        [
            document(1, seller_id="1", family="12"),
            document(2, seller_id="12", family="12"),
            document(3, seller_id="1"),
        ]
    )
    assert ids(index, filters={"family": ["12"]}) == [2, 1]
    assert ids(index, filters={"seller_id": ["1"]}) == [3, 1]
    assert ids(index, filters={"seller_id": ["1"], "family": ["12"]}) == [1]
    assert index.count_by(HitQuery(), "family") == [("12", 2)]


def test_newest_come_first_and_ties_by_id(index: HitIndex) -> None:
    """One order, so that paging never skips."""
    index.put([document(1), document(3, found_at=START), document(2, found_at=START)])
    assert ids(index) == [1, 3, 2]


WANTED = {
    "人脸": [3, 1],
    "人脸四件套": [1],
    "四件套": [2, 1],
    "脸四": [1],
    "套": [2, 1],
    "件": [2, 1],
    "人脸 床品": [],
    "四件套 纯棉": [2],
    '"纯棉 四件套"': [2],
    '"四件套 纯棉"': [],
    "kyc": [3],
    "KYC Docs": [3],
    '"docs kyc"': [],
    "20": [1],
    "20套": [1],
    "200": [],
    "ｋｙｃ": [3],
    "识": [3],
    "别": [3],
    "“纯棉 四件套”": [2],
    "yc": [],
    "": [3, 2, 1],
    "  ": [3, 2, 1],
}


def test_words_phrases_and_single_characters(index: HitIndex) -> None:
    """Words all occur; a run of Chinese is a phrase; one character is enough."""
    index.put(
        [
            document(1, "出 人 脸四件套\n一手 20套"),
            document(2, "床品 纯棉四件套"),
            document(3, "KYC docs 人脸识别"),
        ]
    )
    assert {query: ids(index, text=query) for query in WANTED} == WANTED


OPERATORS = (
    '" OR 1',
    "a* NEAR b",
    "terms:人脸",
    "^人",
    "{a b}",
    "人脸 AND NOT",
    '"""',
    "f1",
    "人\x00脸",
    "\ud800x",
    "(",
    "%_",
    "-人脸",
)


def test_a_query_is_words_whatever_it_looks_like(index: HitIndex) -> None:
    """Operators of the engine below are text here."""
    index.put([document(1, "plain words")])
    for query in OPERATORS:
        try:
            assert ids(index, text=query) == [], query
        except InputError:
            assert not any(char.isalnum() for char in query)


def test_a_query_that_cannot_be_read_is_a_clear_error(index: HitIndex) -> None:
    """Neither a crash nor everything."""
    many = " ".join(f"w{n}x" for n in range(40))
    for query in ("。，", "🆔", "人" * 1001, many, "-"):
        with pytest.raises(InputError, match="query"):
            index.find(HitQuery(text=query))


def test_filters_are_or_within_a_field_and_and_between_fields(index: HitIndex) -> None:
    """As the address bar promises."""
    index.put(
        [
            document(1, source="a", verdict="benign"),
            document(2, source="b"),
            document(3, source="c", categories=("id_document_sale", "face_id_bundle")),
            document(4, source="d", categories=("photo_harvesting_app",)),
        ]
    )
    assert ids(index, filters={"source": ["a", "b"]}) == [2, 1]
    assert ids(index, filters={"source": ["a", "b"], "verdict": ["benign"]}) == [1]
    assert ids(index, filters={"category": ["id_document_sale"]}) == [3]
    assert ids(index, filters={"category": ["id_document_sale", "face_id_bundle"]}) == [3, 2, 1]
    assert ids(index, filters={"category": ["face_id_bundle"], "source": ["d"]}) == []
    assert ids(index, filters={"source": []}) == [4, 3, 2, 1]
    assert ids(index, filters={"source": ["'; DROP TABLE hit; --"]}) == []
    assert ids(index, filters={"source": ["a", "unknown"]}) == [1]
    assert ids(index, text="人脸", filters={"source": ["unknown"]}) == []
    assert index.count_by(HitQuery(filters={"source": ["unknown"]}), "source") == []
    assert ids(index, filters={"source": [f"s{n}" for n in range(499)] + ["c"]}) == [3]
    with pytest.raises(InputError, match="filter"):
        index.find(HitQuery(filters={"source": [f"s{n}" for n in range(501)]}))
    with pytest.raises(InputError, match="filter"):
        index.find(HitQuery(filters={"password": ["x"]}))


def test_time_and_score_bound_the_matches(index: HitIndex) -> None:
    """`since` is included, `until` is not."""
    index.put([document(n, score=n / 10) for n in range(1, 6)])
    since, until = START + timedelta(minutes=2), START + timedelta(minutes=4)
    assert ids(index, since=since, until=until) == [3, 2]
    assert ids(index, min_score=0.4) == [5, 4]


def test_counts_are_exact_with_and_without_a_query(index: HitIndex) -> None:
    """Facets of all hits, and of the matching ones; empty values are left out."""
    index.put(
        [
            document(1, region="广东"),
            document(2, "床品", region="浙江"),
            document(3, region="广东"),
            document(4),
        ]
    )
    assert index.count_by(HitQuery(), "region") == [("广东", 2), ("浙江", 1)]
    assert index.count_by(HitQuery(text="人脸"), "region") == [("广东", 2)]
    assert index.count_by(HitQuery(filters={"region": ["浙江"]}), "decision") == [("hit", 1)]
    with pytest.raises(InputError, match="facet"):
        index.count_by(HitQuery(), "text")


def test_counts_follow_changes_and_removals(index: HitIndex) -> None:
    """A document that changes its region leaves the old one."""
    index.put([document(1, region="广东"), document(2, region="广东")])
    index.put([document(1, region="浙江", revision=2)])
    index.remove([2, 99])
    assert index.count_by(HitQuery(), "region") == [("浙江", 1)]
    assert ids(index, text="人脸") == [1]


def test_an_older_revision_never_overwrites_a_newer_one(index: HitIndex) -> None:
    """Order of arrival does not matter."""
    index.put([document(1, "新文字", revision=5)])
    index.put([document(1, "旧文字", revision=4)])
    assert ids(index, text="新文") == [1]
    assert ids(index, text="旧文") == []
    assert index.revisions(0, 10) == [(1, 5)]


def test_revisions_are_walked_in_order(index: HitIndex) -> None:
    """The drift check reads all of them in pieces."""
    index.put([document(n, revision=n * 2) for n in (5, 1, 3)])
    assert index.revisions(0, 2) == [(1, 2), (3, 6)]
    assert index.revisions(3, 2) == [(5, 10)]


def test_pages_hold_every_match_once(index: HitIndex) -> None:
    """Also among documents of the same moment, and while new ones arrive."""
    index.put([document(n, found_at=START) for n in range(1, 24)])
    seen: list[int] = []
    page = index.find(HitQuery(limit=5))
    while True:
        seen += [found.hit_id for found in page.documents]
        assert page.total >= 23
        if page.cursor is None:
            break
        index.put([document(100 + len(seen))])
        page = index.find(HitQuery(limit=5, cursor=page.cursor))
    assert seen == list(range(23, 0, -1))


def test_moments_close_together_keep_their_order_over_pages(index: HitIndex) -> None:
    """Ids that grow while times fall, a microsecond apart: time comes first."""
    found = [document(n, found_at=START - timedelta(microseconds=n)) for n in range(1, 9)]
    index.put(found)
    for limit in (1, 2, 5):
        for query in (HitQuery(limit=limit), HitQuery(text="人脸", limit=limit)):
            assert walk(index, query, total=8) == found


def test_a_made_up_cursor_is_refused(index: HitIndex) -> None:
    """It came from an address bar."""
    for cursor in ("", "!!", "MTo", "人", "OTk5OTk5OTk5OTk5OTk5OTk5OTk6MQ=="):
        with pytest.raises(InputError, match="cursor"):
            index.find(HitQuery(cursor=cursor))


def test_clear_forgets_everything(index: HitIndex) -> None:
    """A rebuild starts from nothing."""
    index.put([document(1)])
    index.clear()
    assert ids(index) == []
    assert index.count_by(HitQuery(), "source") == []
    index.put([document(1)])
    assert ids(index, text="人脸") == [1]


def test_readers_and_writers_share_it(index: HitIndex) -> None:
    """Threads of the console and the pipeline at once."""
    errors: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(20):
                page = index.find(HitQuery(text="人脸"))
                assert page.total >= len(page.documents)
        except BaseException as error:  # noqa: BLE001 - shown by the main thread
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(1, 40):
        index.put([document(n)])
    for thread in threads:
        thread.join()
    assert not errors
    assert index.find(HitQuery(text="人脸")).total == 39


def test_a_batch_that_names_a_hit_twice_keeps_the_newer(index: HitIndex) -> None:
    """Whichever comes first."""
    index.put([document(1, "新文字", revision=3), document(1, "旧文字", revision=2)])
    index.put([document(2, "旧文字", revision=2), document(2, "新文字", revision=2)])
    assert ids(index, text="新文字") == [2, 1]
    assert index.find(HitQuery()).total == 2
    assert index.count_by(HitQuery(), "source") == [("market", 2)]


def test_a_batch_that_fails_is_not_kept_at_all(index: HitIndex) -> None:
    """The caller tries all of it again."""

    def broken() -> Iterator[HitDocument]:
        yield document(1)
        raise RuntimeError("the store went away")

    with pytest.raises(RuntimeError):
        index.put(broken())
    assert index.find(HitQuery()).total == 0
    index.put([document(1)])
    assert index.find(HitQuery()).total == 1


def test_text_that_no_encoding_knows_loses_nothing_else(index: HitIndex) -> None:
    """Half a character, a zero byte, a hundred kilobytes: the other words are found."""
    hostile = "人脸 \ud800 \x00 " + "\u0301\u0316" * 50_000 + " docs"
    index.put([document(1, hostile, seller="\udfff", keywords=("\x00",)), document(2, "docs")])
    assert ids(index, text="人脸 docs") == [1]
    assert ids(index, filters={"keyword": ["\x00"]}) == [1]
    assert ids(index, filters={"seller": ["\ud800"]}) == []
    index.remove([1])
    assert ids(index, text="docs") == [2]


def test_any_year_keeps_its_place(index: HitIndex) -> None:
    """Clocks go wrong; order and bounds stay exact to the microsecond."""
    for revision, year in enumerate((1900, 1970, 2400, 9999)):
        at = datetime(year, 6, 1, 1, 1, 1, 1, tzinfo=UTC)
        later = at + timedelta(microseconds=1)
        index.put(
            [
                document(2, revision=revision, found_at=at),
                document(1, revision=revision, found_at=later),
            ]
        )
        assert ids(index) == [1, 2]
        assert ids(index, since=later) == [1]
        assert ids(index, until=later) == [2]


def test_what_is_closed_says_so(index: HitIndex) -> None:
    """And opens nothing again behind one's back."""
    index.put([document(1)])
    index.close()
    index.close()
    with pytest.raises(SearchError):
        index.find(HitQuery())
    with pytest.raises(SearchError):
        index.put([document(1)])


WORDS = st.text(alphabet="人脸四件套ab1 ", max_size=12)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.lists(WORDS, max_size=8), query=st.text(alphabet="人脸四件套", min_size=1, max_size=4)
)
def test_a_run_of_chinese_matches_exactly_where_it_stands(
    embedded: HitIndex, texts: list[str], query: str
) -> None:
    """Compared with looking at every text, white space inside Chinese ignored."""
    embedded.clear()
    embedded.put([document(n, text) for n, text in enumerate(texts, start=1)])
    expected = [n for n, text in enumerate(texts, start=1) if query in "".join(text.split())]
    assert sorted(ids(embedded, text=query)) == expected


SELLERS = ("", "甲", "乙")
MOMENTS = (0, 1, 7_000_000, 8_400_000, 60_000_000)
"""Microseconds: the same moment, the same few seconds, and apart."""
CHANGES = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.integers(1, 3),
        st.sampled_from(["人脸", "人 脸 20", "四件套 kyc", "kyc", ""]),
        st.sampled_from(SELLERS),
        st.sampled_from([(), ("a",), ("a", "b"), ("b", "a")]),
        st.sampled_from([0.1, 0.5, 0.9]),
        st.sampled_from(MOMENTS),
        st.booleans(),
    ),
    max_size=14,
)
QUERIES = st.fixed_dictionaries(
    {
        "text": st.sampled_from(["", "人脸", "kyc", "脸", "四件套 kyc", "20"]),
        "seller": st.lists(st.sampled_from(SELLERS[1:]), max_size=2),
        "keyword": st.lists(st.sampled_from(["a", "b", "c"]), max_size=2),
        "min_score": st.sampled_from([0.0, 0.5, 0.51]),
        "since": st.none() | st.sampled_from(MOMENTS),
        "until": st.none() | st.sampled_from(MOMENTS),
        "limit": st.integers(1, 4),
    }
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=CHANGES, wanted=QUERIES)
def test_any_history_answers_as_a_plain_list_would(
    embedded: HitIndex, changes: list[Any], wanted: dict[str, Any]
) -> None:
    """Puts, replacements, late arrivals and removals, under any mix of filters and paging."""
    embedded.clear()
    kept: dict[int, HitDocument] = {}
    removed: set[int] = set()
    for hit_id, revision, text, seller, keywords, score, moment, is_removed in changes:
        if hit_id in removed:
            continue
        new = document(
            hit_id,
            text,
            revision=revision,
            seller=seller,
            keywords=keywords,
            score=score,
            found_at=START + timedelta(microseconds=moment),
        )
        embedded.put([new])
        if hit_id not in kept or kept[hit_id].revision <= revision:
            kept[hit_id] = new
        if is_removed:
            embedded.remove([hit_id])
            removed.add(hit_id)
            del kept[hit_id]
    query = HitQuery(
        text=wanted["text"],
        filters={"seller": wanted["seller"], "keyword": wanted["keyword"]},
        since=_moment(wanted["since"]),
        until=_moment(wanted["until"]),
        min_score=wanted["min_score"],
        limit=wanted["limit"],
    )
    expected = sorted(
        (one for one in kept.values() if _fits(one, query)),
        key=lambda one: (one.found_at, one.hit_id),
        reverse=True,
    )
    assert walk(embedded, query, total=len(expected)) == expected
    for facet in ("seller", "keyword"):
        values = Counter(v for one in expected for v in _values(one, facet))
        assert embedded.count_by(query, facet) == sorted(
            values.items(), key=lambda pair: (-pair[1], pair[0])
        )
    assert embedded.revisions(0, 99) == [(n, kept[n].revision) for n in sorted(kept)]


def test_an_export_meets_the_hits_of_one_moment(index: HitIndex) -> None:
    """In the order of search, in pieces, whatever is written meanwhile."""
    found = [document(n) for n in range(1, 8)]
    index.put([*found, document(8, "床品")])
    exported = index.walk(HitQuery(text="人脸", limit=2))
    first = next(exported)
    index.put([document(0), document(99), document(2, "床品", revision=2)])
    index.remove([3])
    assert [first, *exported] == found[::-1]
    assert list(index.walk(HitQuery(text="无"))) == []


def test_a_rebuild_replaces_everything_and_answers_meanwhile(index: HitIndex) -> None:
    """Searches never see it half full."""
    index.put([document(1, "旧文字"), document(2, "旧文字")])
    with index.rebuilding() as filling:
        assert (filling.walked_to, filling.done) == (0, 0)
        assert filling.put([document(2, "新文字"), document(3, "新文字")]) == {}
        assert (filling.walked_to, filling.done) == (3, 2)
        assert ids(index, text="旧文字") == [2, 1]
    assert ids(index, text="文字") == [3, 2]
    assert ids(index, text="旧文字") == []
    assert not index.needs_rebuild


def test_a_rebuild_that_breaks_off_changes_nothing(index: HitIndex) -> None:
    """The next one succeeds."""
    index.put([document(1)])

    def break_off() -> None:
        with index.rebuilding() as filling:
            filling.put([document(2)])
            raise RuntimeError("the store went away")

    with pytest.raises(RuntimeError):
        break_off()
    assert ids(index) == [1]
    with index.rebuilding() as filling:
        filling.put([document(3)])
    assert 3 in ids(index)


def walk(index: HitIndex, query: HitQuery, *, total: int) -> list[HitDocument]:
    """All pages of a query, each of which must give the same total."""
    found: list[HitDocument] = []
    cursor = None
    while True:
        page = index.find(replace(query, cursor=cursor))
        assert page.total == total
        assert len(page.documents) <= query.limit
        found += page.documents
        cursor = page.cursor
        if cursor is None:
            return found


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else START + timedelta(microseconds=microseconds)


def _values(one: HitDocument, facet: str) -> tuple[str, ...]:
    return one.keywords if facet == "keyword" else (one.seller,) if one.seller else ()


def _fits(one: HitDocument, query: HitQuery) -> bool:
    """The query's meaning, written down as plainly as can be."""
    text = "".join(one.text.split())
    return (
        all(word in text for word in query.text.split())
        and all(
            not wanted or set(wanted) & set(_values(one, facet))
            for facet, wanted in query.filters.items()
        )
        and (query.since is None or one.found_at >= query.since)
        and (query.until is None or one.found_at < query.until)
        and one.score >= query.min_score
    )
