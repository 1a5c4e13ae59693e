"""Verdicts on each rule of a source, with examples that show nothing private."""

from __future__ import annotations

import pytest

from monitor.sources.check import check_search, mask
from monitor.sources.discovery import build
from tests.answers.definitions import GOOFISH, HTML, JSON, RSS, changed
from tests.answers.goofish import envelope, row, search
from tests.answers.pages import Goods, answer_to, feed, goods, html_page, json_page


def test_each_selector_says_in_how_many_rows_it_found_something() -> None:
    """Lost rows count as well: they are what a check is for."""
    text = html_page([Goods("1", "一"), Goods("", "二"), Goods("3", "三", region="")])
    verdicts = {each.field: each for each in check_search(build(changed(HTML)), answer_to(text))}
    assert list(verdicts)[:2] == ["container", "row"]
    assert (verdicts["container"].expression, verdicts["container"].found) == ("#list", 1)
    assert verdicts["row"].example == "3"
    native_id = verdicts["native_id"]
    assert (native_id.expression, native_id.found, native_id.rows) == ("::attr(data-id)", 2, 3)
    assert native_id.is_required
    assert not native_id.is_good
    assert (verdicts["region"].found, verdicts["region"].is_good) == (2, True)
    assert verdicts["counts.want_count"].example == "12人想要"
    assert verdicts["total"].found == 1


def test_a_page_without_the_list_shows_it() -> None:
    """The container's verdict is the bad one."""
    verdicts = check_search(build(changed(HTML)), answer_to("<p>x</p>"))
    assert not verdicts[0].is_good
    assert verdicts[0].field == "container"


@pytest.mark.parametrize(
    ("definition", "text", "field"),
    [
        (JSON, json_page(goods(2)), "native_id"),
        (RSS, feed(goods(2)), "title"),
        (GOOFISH, envelope(search([row(1), row(2)])), "price_raw"),
    ],
)
def test_every_kind_of_source_can_be_checked(definition: str, text: str, field: str) -> None:
    """Expressions, entries, or, for fixed shapes, the listings themselves."""
    verdicts = {
        each.field: each for each in check_search(build(changed(definition)), answer_to(text))
    }
    assert (verdicts[field].found, verdicts[field].rows) == (2, 2)
    assert verdicts[field].is_good


@pytest.mark.parametrize("definition", [HTML, JSON, RSS, GOOFISH])
@pytest.mark.parametrize("text", ["", "{", "<p>", "[1]", "<div>" * 400_000])
def test_a_check_never_fails(definition: str, text: str) -> None:
    """Any page gives verdicts, though bad ones."""
    verdicts = check_search(build(changed(definition)), answer_to(text))
    assert not any(each.is_good for each in verdicts)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("¥28.50", "¥28.50"),
        ("电话13900000000", "电话•••••••••••"),
        ("１３９０００００", "••••••••"),
        ("a" * 100, "a" * 22 + "…"),
        (["/1.jpg", "/2.jpg"], "/1.jpg"),
        ("a\nb\x1b[0m", "a b[0m"),
        (12, "12"),
        (None, ""),
    ],
)
def test_examples_are_short_and_masked(value: object, shown: str) -> None:
    """A number that could be a phone is dotted out."""
    assert mask(value) == shown
