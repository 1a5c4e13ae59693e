"""What every source adapter keeps to, run over all that discovery finds.

An adapter of a new kind needs an entry in `EXAMPLES`: a definition and answers
of its market, generated, with invented content only.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, ItemPage, ItemState, ParsedListing, SearchPage
from monitor.sources.discovery import build, discover
from monitor.sources.protocol import ItemSource, Source
from tests.answers import discuz, taobao
from tests.answers.definitions import DISCUZ, GOOFISH, HTML, JSON, RSS, TAOBAO, TELEGRAM, changed
from tests.answers.goofish import detail, envelope, row, search
from tests.answers.pages import answer_to, feed, goods, html_page, json_page
from tests.answers.telegram import Post, posts, preview

COUNT = 12


@dataclass(frozen=True, slots=True)
class Example:
    """A kind's definition, a page of `COUNT` results, one without any, and an item."""

    definition: str
    results: str
    nothing: str
    item: str


EXAMPLES = {
    "html": Example(
        HTML,
        html_page(goods(COUNT)),
        html_page([], extra='<p class="nothing">没有</p>'),
        '<div id="item"><h1>台灯</h1><p class="text">说明</p><i class="state">在售</i></div>',
    ),
    "json": Example(
        JSON,
        json_page(goods(COUNT), total=COUNT),
        json_page([]),
        '{"code": 0, "data": {"title": "台灯", "text": "说明", "price": 3, "status": 2}}',
    ),
    "rss": Example(RSS, feed(goods(COUNT)), feed([]), "<div id=item><h1>台灯</h1></div>"),
    "goofish": Example(
        GOOFISH,
        envelope(search([row(number) for number in range(COUNT)])),
        envelope(search([], hasItems=False, numFound=0)),
        envelope(detail()),
    ),
    "discuz": Example(
        DISCUZ,
        discuz.found(goods(COUNT)),
        discuz.found([]),
        discuz.thread("台灯", "说明"),
    ),
    "taobao": Example(
        TAOBAO,
        taobao.results([taobao.row(number) for number in range(COUNT)], jsonp=""),
        taobao.results([]),
        "",
    ),
    "telegram": Example(
        TELEGRAM,
        preview(posts(COUNT)),
        preview([], extra='<div class="tme_no_messages_found">No posts found</div>'),
        preview([Post(7, "台灯")]),
    ),
}
KINDS = sorted(EXAMPLES)
BLOCKED = (
    "<script>location.href='https://x.example/_____tmd_____/punish?x5secdata=1'</script>",
    "<html><title>安全验证</title></html>",
    '{"rgv587_flag":"sm","url":"https://x.example/deny_h5"}',
    "<html><p>请先登录</p></html>",
    "<html><p>操作过于频繁</p></html>",
)
HOSTILE = (
    "",
    "\x00" * 1_000,
    "\ud800\udfff",
    "[" * 200_000,
    '{"a":' * 200_000,
    "<div>" * 200_000,
    "<rss><a>" + "<b>" * 20_000,
    "cb(" * 50_000,
    "<font size=1><p>" * 20_000,
    "<" * 500_000,
    "&" * 500_000,
    '{"data": ' + '"\\ud800",' * 3 + "}",
    "null",
    "1e400",
)


def source_of(kind: str) -> Source:
    """The adapter over its example."""
    return build(changed(EXAMPLES[kind].definition))


SOURCES = {kind: source_of(kind) for kind in KINDS}


def test_every_adapter_has_an_example() -> None:
    """Without one nobody knows whether it keeps to anything."""
    missing = set(discover()) - set(EXAMPLES)
    assert not missing, f"add {missing} to EXAMPLES in tests/contract/test_sources.py"


def check_listing(found: ParsedListing) -> None:
    """What the store and the classifiers rely on."""
    assert found.native_id
    assert found.title or found.description
    assert found.url == "" or found.url.startswith(("http://", "https://"))
    assert all(link.startswith(("http://", "https://")) for link in found.picture_urls)
    assert found.price_minor is None or (
        isinstance(found.price_minor, int) and 0 <= found.price_minor <= 10**15
    )
    assert found.published_at is None or found.published_at.utcoffset() is not None
    written = json.dumps(dict(found.extra), allow_nan=False, ensure_ascii=False)
    for text in (found.native_id, found.url, found.title, found.description, written):
        text.encode()
    for text in (found.price_raw, found.seller_name, found.seller_id, found.region):
        (text or "").encode()


def check_page(page: SearchPage) -> None:
    """Rows exactly when the outcome says so, each id once."""
    assert bool(page.listings) is (page.outcome is Outcome.OK)
    ids = [found.native_id for found in page.listings]
    assert len(set(ids)) == len(ids)
    for found in page.listings:
        check_listing(found)
    json.dumps(dict(page.notes), allow_nan=False)
    assert "\n" not in page.detail
    assert page.total is None or page.total >= 0
    if page.outcome not in (Outcome.OK, Outcome.EMPTY, Outcome.RELATED_ONLY):
        assert page.detail
        assert page.next_request is None


def check_item(page: ItemPage) -> None:
    """A listing only where one was read; gone only as a sure observation."""
    if page.outcome is not Outcome.OK:
        assert page.listing is None
        assert page.state is ItemState.UNKNOWN
    if page.state is ItemState.GONE:
        assert page.listing is None
    if page.listing is not None:
        check_listing(page.listing)


def check_all(kind: str, answer: Answer) -> SearchPage:
    """Both parsers on one answer; neither may raise."""
    source = SOURCES[kind]
    page = source.parse_search(answer)
    check_page(page)
    if isinstance(source, ItemSource):
        check_item(source.parse_item(answer))
    return page


@pytest.mark.parametrize("kind", KINDS)
def test_results_are_read_in_order(kind: str) -> None:
    """All rows, none lost."""
    page = check_all(kind, answer_to(EXAMPLES[kind].results))
    assert page.outcome is Outcome.OK
    assert len(page.listings) == COUNT
    assert page.problems == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_true_zero_is_empty(kind: str) -> None:
    """And nothing else is."""
    page = check_all(kind, answer_to(EXAMPLES[kind].nothing))
    assert page.outcome is Outcome.EMPTY
    for text in (*BLOCKED, *HOSTILE):
        outcome = check_all(kind, answer_to(text)).outcome
        assert outcome not in (Outcome.OK, Outcome.EMPTY), text[:80]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", BLOCKED)
def test_a_block_is_named_as_one(kind: str, text: str) -> None:
    """A captcha, a login wall or flood control is never a changed page."""
    assert check_all(kind, answer_to(text)).outcome.is_block


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_is_read_and_a_block_is_not_gone(kind: str) -> None:
    """Gone is the measure of success, so nothing else may look like it."""
    source = SOURCES[kind]
    if not isinstance(source, ItemSource):
        return
    page = source.parse_item(answer_to(EXAMPLES[kind].item))
    check_item(page)
    assert page.outcome is Outcome.OK
    assert page.listing is not None
    for text in (*BLOCKED, *HOSTILE):
        for status in (200, 403, 500):
            found = source.parse_item(answer_to(text, status=status))
            assert found.state is not ItemState.GONE


@pytest.mark.parametrize("kind", KINDS)
def test_parsers_are_pure(kind: str) -> None:
    """The same answer gives the same page, in any order, from any thread."""
    source = SOURCES[kind]
    answer = answer_to(EXAMPLES[kind].results)
    before = copy.deepcopy(answer)
    first = source.parse_search(answer)
    source.parse_search(answer_to(EXAMPLES[kind].nothing))
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(source.parse_search, [answer] * 12))
    assert all(page == first for page in pages)
    assert answer == before
    assert source_of(kind).parse_search(answer) == first


@pytest.mark.parametrize("kind", KINDS)
def test_requests_stay_on_the_market_whatever_the_term(kind: str) -> None:
    """A term never changes host, path or structure."""
    source = SOURCES[kind]
    plain = source.search_request("x")
    for term in ("", "a/../b?c#d&e=f", "\r\nHost: evil", '"}{', "\ud800", "{term}", "照" * 5_000):
        request = source.search_request(term)
        if plain is None or request is None:
            assert plain is request
            continue
        assert request.url.partition("?")[0] == plain.url.partition("?")[0]
        assert request.url.isascii()
        assert request.url.isprintable()
        assert " " not in request.url


def _cut(text: str, start: int, length: int, filling: str) -> str:
    place = start % (len(text) + 1)
    return text[:place] + filling + text[place + length :]


MUTATIONS = st.tuples(
    st.integers(0, 10**6), st.integers(0, 400), st.text("\x00<>\"'{}[]&;\ud800人1", max_size=6)
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", ["results", "item"])
def test_no_damage_makes_a_parser_fail(kind: str, part: str) -> None:
    """Pages that were cut, overwritten or mixed up give rows, problems or an outcome."""
    text = getattr(EXAMPLES[kind], part)

    @settings(max_examples=40, deadline=None)
    @given(st.lists(MUTATIONS, min_size=1, max_size=4))
    def damage(mutations: list[tuple[int, int, str]]) -> None:
        damaged = text
        for start, length, filling in mutations:
            damaged = _cut(damaged, start, length, filling)
        check_all(kind, answer_to(damaged))

    damage()


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_cut_anywhere_keeps_what_came_before(kind: str) -> None:
    """Cut at any place, no parser fails; cut pages are no empty ones."""
    text = EXAMPLES[kind].results
    for end in range(0, len(text), max(1, len(text) // 60)):
        answer = answer_to(text[:end], is_truncated=True)
        assert check_all(kind, answer).outcome is not Outcome.EMPTY


@pytest.mark.parametrize("kind", KINDS)
def test_no_bytes_make_a_parser_fail(kind: str) -> None:
    """Any body, any status, any address."""

    @settings(max_examples=50, deadline=None)
    @given(
        st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-16")),
        st.integers(100, 599),
        st.text(max_size=30),
        st.sampled_from(["", "<rss>", "<feed xmlns='x'>", "<ul id=list><li class=card>", "cb("]),
    )
    def fuzz(body: bytes, status: int, url: str, start: str) -> None:
        text = start + body.decode("utf-8", errors="surrogateescape")
        answer = replace(answer_to(text, url, status=status), body=start.encode() + body)
        check_all(kind, answer)

    fuzz()


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@pytest.mark.parametrize("kind", ["json", "goofish", "taobao"])
def test_no_shape_of_json_makes_a_parser_fail(kind: str) -> None:
    """Any value in any place of a valid answer."""
    document = json.loads(EXAMPLES[kind].results)
    paths = list(_paths(document))

    @settings(max_examples=80, deadline=None)
    @given(st.lists(st.tuples(st.sampled_from(paths), JSON_VALUES), min_size=1, max_size=3))
    def reshape(changes: list[tuple[tuple[str | int, ...], object]]) -> None:
        changed_document = copy.deepcopy(document)
        for path, value in changes:
            _put(changed_document, path, value)
        check_all(kind, answer_to(json.dumps(changed_document)))

    reshape()


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += _paths(inner, (*path, key))
    if isinstance(value, list):
        for place, inner in enumerate(value[:2]):
            found += _paths(inner, (*path, place))
    return found


def _put(document: object, path: tuple[str | int, ...], value: object) -> None:
    for step in path[:-1]:
        try:
            document = document[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return
    try:
        document[path[-1]] = value  # type: ignore[index]
    except (IndexError, TypeError):
        return


FIVE_MEGABYTES: dict[str, Callable[[], str]] = {
    "html": lambda: html_page(goods(12_000)),
    "json": lambda: json_page(goods(30_000)),
    "rss": lambda: feed(goods(9_000)),
    "goofish": lambda: envelope(search([row(number) for number in range(1_700)])),
    "telegram": lambda: preview(posts(8_000)),
    "taobao": lambda: taobao.results([taobao.row(number) for number in range(6_500)]),
    "discuz": lambda: discuz.found(goods(10_000)),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_five_megabytes_are_read(kind: str) -> None:
    """The first thousand rows count, the rest is reported."""
    text = FIVE_MEGABYTES[kind]()
    assert len(text.encode()) > 4_000_000
    page = check_all(kind, answer_to(text))
    assert len(page.listings) == 1_000
    assert page.problems[-1].field == "page"
