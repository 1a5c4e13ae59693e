"""The statistics page as a browser meets it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET  # the page's own output
from collections.abc import Iterator

import httpx
import pytest

from monitor.console.charts import Bar, bar_chart, column_chart, shortened
from monitor.console.server import ConsoleServer
from monitor.services import setup
from tests.planting import BUNDLE, MONDAY, OFFER, Plant, row

EVIL = "<script>alert(1)</script>\u202e\"'>"


@pytest.fixture
def browser(planted: Plant) -> Iterator[httpx.Client]:
    """Signed in."""
    token = setup.new_token(planted.workspace, user="admin", role="admin", name="console")
    with (
        ConsoleServer(planted.workspace, "127.0.0.1", 0) as server,
        httpx.Client(base_url=server.url, trust_env=False) as client,
    ):
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/login").text)
        assert found
        client.post("/login", data={"token": token, "csrf": found.group(1)})
        yield client


def charts(page: str) -> list[ET.Element]:
    """The page's charts, each proved to be well-formed."""
    found = re.findall(r'<svg class="chart".*?</svg>', page, re.DOTALL)
    return [ET.fromstring(svg) for svg in found]  # noqa: S314 - our own page


def test_every_chart_says_what_it_shows_and_has_its_table(browser: httpx.Client) -> None:
    """For those who see it and those who hear it."""
    page = browser.get("/statistics").text
    drawn = charts(page)
    assert len(drawn) >= 8
    for chart in drawn:
        title, description = chart.find("title"), chart.find("desc")
        assert title is not None
        assert description is not None
        assert title.text
        assert description.text
        assert chart.attrib["aria-labelledby"] == f"{title.attrib['id']} {description.attrib['id']}"
    for section in re.findall(r"<section.*?</section>", page, re.DOTALL):
        if 'class="chart"' in section:
            assert "<table>" in section


def test_the_numbers_of_the_questions_stand_in_it(browser: httpx.Client) -> None:
    """Two of three judged were confirmed."""
    page = browser.get("/statistics", headers={"accept-language": "en"}).text
    assert "67% (2/3)" in page
    assert "5 hits and reviews were found" in page
    assert "Not shown: nobody has judged" in page


def test_it_needs_no_script_no_style_and_nobody_else(browser: httpx.Client) -> None:
    """The content security policy would stop them."""
    answer = browser.get("/statistics")
    assert "script" not in answer.headers["content-security-policy"]
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", answer.text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", answer.text)


def test_a_hostile_sellers_name_is_shown_and_harmless(
    browser: httpx.Client, planted: Plant
) -> None:
    """Also inside a picture."""
    planted.look("south", BUNDLE, MONDAY, row("evil", f"{OFFER} 恶", seller=EVIL))
    planted.index()
    page = browser.get("/statistics").text
    assert "<script" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page
    assert charts(page)


@pytest.mark.parametrize(("language", "word"), [("zh", "上升词"), ("en", "Rising terms")])
@pytest.mark.parametrize("days", [7, 30, 90, 365])
def test_all_times_are_drawn_in_both_languages(
    browser: httpx.Client, language: str, word: str, days: int
) -> None:
    """Days, weeks or months wide."""
    answer = browser.get(f"/statistics?days={days}", headers={"accept-language": language})
    assert answer.status_code == 200
    assert word in answer.text


def test_filters_narrow_all_of_it(browser: httpx.Client) -> None:
    """Both at once; an unknown one is named."""
    address = "/statistics?source=north&category=photo_animation_tool"
    page = browser.get(address, headers={"accept-language": "en"})
    assert "1 hits and reviews" in page.text
    unknown = browser.get("/statistics?source=%3Cnowhere%3E")
    assert unknown.status_code == 400
    assert "&lt;nowhere&gt;" in unknown.text
    assert browser.get("/statistics?days=soon").status_code == 200


def test_nobody_sees_it_without_a_session(browser: httpx.Client) -> None:
    """As every page."""
    browser.cookies.clear()
    answer = browser.get("/statistics?days=7")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?to=/statistics")


def test_columns_stay_inside_the_picture_and_keep_their_proportions() -> None:
    """The tallest fits, a zero is nothing, parts stand on each other."""
    chart = column_chart(
        ["a", "b"], [(30, 10), (0, 0)], ticks=["a", "b"], legend=("seen", "not seen")
    )
    (seen, rest), (none, _) = (column.parts for column in chart.columns)
    assert seen[1] == pytest.approx(3 * rest[1])
    assert rest[0] + rest[1] == pytest.approx(seen[0])
    assert seen[0] + seen[1] == chart.base
    assert rest[0] >= 0
    assert none[1] == 0
    assert all(0 <= column.left < column.left + column.width <= 1 for column in chart.columns)


def test_ticks_of_a_long_time_are_few_and_of_a_short_one_all() -> None:
    """So that labels never touch."""
    many = column_chart(["x"] * 31, [(1,)] * 31, ticks=[str(n) for n in range(31)])
    assert [(label, anchor) for _, label, anchor in many.ticks] == [
        ("0", "start"),
        ("10", "middle"),
        ("20", "middle"),
        ("30", "end"),
    ]
    few = column_chart(["x"] * 5, [(1,)] * 5, ticks=list("abcde"))
    assert [label for _, label, _ in few.ticks] == list("abcde")


def test_a_long_label_is_cut_where_it_would_meet_its_value() -> None:
    """Chinese characters are twice as wide."""
    assert shortened("人" * 40) == "人" * 15 + "…"
    assert shortened("short") == "short"
    assert bar_chart([Bar("a", "1", 0.5)] * 3).height == 3 * bar_chart([]).height
