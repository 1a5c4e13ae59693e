"""Parsing of HTML: texts as people see them, and a guard against pages made to hurt."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.sources.columns import first_in_rows, outermost
from monitor.sources.markup import MarkupError, block_text, parse_html, visible_text

HOSTILE = {
    "unclosed formatting": "".join(f"<font size={n}><p>" for n in range(20_000)),
    "rebuilt formatting": "<p>" + "".join(f"<b a={n}>" for n in range(5_000)) + "<p>x" * 5_000,
    "hidden behind stray ends": "".join(f"<b a={n}></x>" for n in range(4_000)) + "<p></x>" * 4_000,
    "bottomless": "<div>" * 500_000,
    "bottomless and closed": "<div>" * 300_000 + "</div>" * 300_000,
    "bottomless spans": "<span>" * 100_000 + "</b>" * 100_000,
    "one tag of attributes": "<p " + " ".join(f"a{n}" for n in range(200_000)) + ">",
    "attributes without spaces": "<p " + "".join(f'a{n}="x"' for n in range(100_000)) + ">",
}
HARMLESS = {
    "less-than signs": "<" * 1_000_000,
    "comments": "<!--" * 200_000,
    "entities": "&amp;" * 500_000,
    "ends": "</p>" * 300_000,
    "breaks": "<br>" * 100_000,
    "list items": "<li>x" * 100_000,
    "cards": "<div class=card><p><b>x</b></p></div>" * 60_000,
    "a big picture in the page": '<img src="data:image/png;base64,' + "Ab/+" * 500_000 + '">',
    "a big script": "<script>var a=" + "[1,2,3],".join(["x<y"] * 60_000) + "</script><p>x",
    "nul bytes": "\x00" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_made_to_hurt_is_refused_at_once(name: str) -> None:
    """What would take minutes or gigabytes is not parsed."""
    started = time.perf_counter()
    with pytest.raises(MarkupError):
        parse_html(HOSTILE[name])
    assert time.perf_counter() - started < 30


@pytest.mark.parametrize("name", HARMLESS)
def test_a_big_page_is_read(name: str) -> None:
    """Size alone is no reason to refuse."""
    started = time.perf_counter()
    tree = parse_html(HARMLESS[name])
    assert tree.root is not None
    assert time.perf_counter() - started < 30


def test_breaks_and_blocks_separate_words() -> None:
    """Words of different lines do not run together, scripts are no text."""
    tree = parse_html(
        "<body><h3>Photo<br>animation</h3><div id=d><p>一</p><p>二 <b>三</b></p>"
        "<script>evil()</script><ul><li>四</li></ul></div></body>"
    )
    title, text = tree.css_first("h3"), tree.css_first("#d")
    assert title is not None
    assert text is not None
    assert title.text() == "Photo\nanimation"
    lines = [line for line in block_text(text).splitlines() if line.strip()]
    assert lines == ["一", "二 三", "四"]
    assert "evil" not in visible_text(tree)


def test_surrogates_do_not_matter() -> None:
    """A text that no charset has is parsed all the same."""
    assert parse_html("<p>\ud800台灯</p>").css_first("p") is not None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<li class=r>", "</li>", "<b>", "</b>", "<i class=x>", "</i>", "t", "<p>"]
        ),
        max_size=60,
    )
)
def test_one_run_over_the_list_finds_what_a_run_in_each_row_finds(parts: list[str]) -> None:
    """Sorting matches back into rows changes nothing but the time."""
    container = parse_html(f"<ul id=c>{''.join(parts)}</ul>").css_first("#c")
    assert container is not None
    rows = outermost(container, container.css(".r"))
    for selector in ("b", ".x", "i b", ".r", "p > i", "b:first-child"):
        found = first_in_rows(container, rows, selector)
        alone = [row.css_first(selector) for row in rows]
        assert [node and node.mem_id for node in found] == [node and node.mem_id for node in alone]


def test_a_row_inside_a_row_is_no_row() -> None:
    """Nested matches would be listed twice."""
    tree = parse_html(
        "<div id=c><div class=r>1<div class=r>2</div></div><div class=r>3</div></div>"
    )
    container = tree.css_first("#c")
    assert container is not None
    assert [row.text() for row in outermost(container, container.css(".r"))] == ["12", "3"]
