"""Age filters: what a window becomes in each unit, and where a source file may ask for one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from monitor.domain.gap import Window
from monitor.sources.ages import AgeUnit, age_values
from monitor.sources.discovery import build
from monitor.sources.json import JsonSource
from monitor.sources.requests import RequestOptions
from tests.answers.definitions import JSON, changed
from tests.answers.pages import answer_to, goods, json_page

SINCE = datetime(2026, 3, 1, 17, 30, 0, 400_000, tzinfo=UTC)
WINDOW = Window(SINCE, SINCE + timedelta(hours=50))
URL = "https://market.example/api/search"
BODY = """body = { text = "{term}", page = "{page}", since = "{newer_than}" }
age_unit = "seconds\""""


def source() -> JsonSource:
    """The interface's source with an age filter."""
    body = next(line for line in JSON.splitlines() if line.startswith("body = "))
    built = build(changed(JSON, (body, BODY)))
    assert isinstance(built, JsonSource)
    return built


def built(request: Mapping[str, Any], **values: str | int) -> Any:
    """The form of a request with these values."""
    options = {"url": URL, "method": "POST", **request}
    return RequestOptions.model_validate(options).build({"term": "x", **values})


@pytest.mark.parametrize(
    ("unit", "newer", "older"),
    [
        ("seconds", 1772386200, 1772566201),
        ("milliseconds", 1772386200000, 1772566201000),
        ("days", 3, 0),
        ("date", "2026-03-02", "2026-03-05"),
        ("datetime", "2026-03-02T01:30:00+08:00", "2026-03-04T03:30:01+08:00"),
    ],
)
def test_a_window_is_never_made_smaller(unit: AgeUnit, newer: object, older: object) -> None:
    """Parts of a second, of a day and the last day itself are inside."""
    values = age_values(WINDOW, unit, "Asia/Shanghai")
    assert values == {"newer_than": newer, "older_than": older}


def test_a_search_without_a_window_has_no_filter() -> None:
    """Whole values and values with other text around are left out alike, in lists as well."""
    form = {"q": "{term}", "since": "{newer_than}", "filter": "days:{newer_than};"}
    assert built({"form": form, "age_unit": "days"}).form == (("q", "x"),)
    filled = built({"form": form, "age_unit": "days"}, newer_than=3)
    assert filled.form == (("q", "x"), ("since", "3"), ("filter", "days:3;"))
    body = {"q": "{term}", "filters": ["new", "days:{newer_than}"]}
    assert built({"body": body, "age_unit": "days"}).json == {"q": "x", "filters": ["new"]}


@pytest.mark.parametrize(
    "request_",
    [
        {"form": {"q": "{term}", "since": "{newer_than}"}},
        {"form": {"q": "{term}"}, "age_unit": "days"},
        {"form": {"q": "{term}", "until": "{older_than}"}, "age_unit": "days"},
        {"form": {"q": "{term}", "since": "{newer_than}"}, "age_unit": "weeks"},
        {"url": URL + "?since={newer_than}", "form": {"q": "{term}"}, "age_unit": "days"},
        {"form": {"q": "{term}"}, "headers": {"X-Since": "{newer_than}"}, "age_unit": "days"},
    ],
    ids=["no unit", "no filter", "only an end", "unknown unit", "in the address", "in a header"],
)
def test_an_age_filter_that_cannot_work_is_refused(request_: dict[str, Any]) -> None:
    """Before the source is stored, not in the night of the first gap."""
    with pytest.raises(ValidationError, match=r"newer_than|age_unit"):
        RequestOptions.model_validate({"url": URL, "method": "POST", **request_})


def test_all_pages_of_a_window_ask_for_it() -> None:
    """The next page is asked for with the same numbers as the first."""
    api = source()
    first = api.window_request("x", WINDOW)
    assert first is not None
    assert first.json == {"text": "x", "page": 1, "since": 1772386200}
    page = api.parse_search(answer_to(json_page(goods(3), more=True), URL, request=first))
    assert page.next_request is not None
    assert page.next_request.json == {"text": "x", "page": 2, "since": 1772386200}
    usual = api.search_request("x")
    assert usual is not None
    assert usual.json == {"text": "x", "page": 1}
