"""Captured answers: HAR files and single bodies; what is broken is reported, nothing is lost."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.page import Answer, RowProblem
from monitor.errors import InputError
from monitor.sources import captures
from monitor.sources.captures import claimants, read_capture
from monitor.sources.discovery import build
from tests.answers.definitions import GOOFISH, HTML, JSON, RSS, changed
from tests.answers.goofish import envelope, row, search
from tests.answers.pages import Goods, feed, goods, html_page, json_page

SEARCH = "https://market.example/search?q=x&page=1"


def entry(
    text: Any, *, url: str = SEARCH, mime: str = "text/html", status: int = 200, **content: Any
) -> dict[str, Any]:
    """One entry of a HAR file."""
    return {
        "startedDateTime": "2026-08-05T10:00:00.500Z",
        "request": {"method": "GET", "url": url},
        "response": {"status": status, "content": {"mimeType": mime, "text": text, **content}},
    }


def har(path: Path, *entries: Any) -> Path:
    """A HAR file."""
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}), encoding="utf-8")
    return path


def test_a_har_gives_its_text_answers_in_order(tmp_path: Path) -> None:
    """Pictures, styles and entries without a body are passed over."""
    file = har(
        tmp_path / "a.har",
        entry("<p>1</p>"),
        entry("iVBOR", mime="image/png", encoding="base64"),
        entry(""),
        entry("body{}", mime="text/css"),
        entry('{"a":1}', url="https://market.example/api", mime="application/json", status=403),
    )
    first, second = read_capture(file)
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert (first.text, first.url, first.status) == ("<p>1</p>", SEARCH, 200)
    assert first.fetched_at == datetime(2026, 8, 5, 10, 0, 0, 500_000, tzinfo=UTC)
    assert (second.url, second.status) == ("https://market.example/api", 403)


def test_bodies_in_base64_are_decoded(tmp_path: Path) -> None:
    """Browsers write them when they were not UTF-8."""
    body = base64.b64encode("<p>人脸</p>".encode("gbk")).decode()
    (answer,) = read_capture(har(tmp_path / "a.har", entry(body, encoding="base64")))
    assert isinstance(answer, Answer)
    assert answer.text == "<p>人脸</p>"


def test_a_broken_entry_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    """One bad entry loses itself."""
    file = har(
        tmp_path / "a.har",
        entry("<p>1</p>"),
        {"request": {}},
        None,
        entry("!!", encoding="base64"),
        entry(5),
        entry("<p>2</p>", status="x"),  # type: ignore[arg-type]
        entry("<p>3</p>"),
    )
    found = list(read_capture(file))
    assert [each.row for each in found if isinstance(each, RowProblem)] == [1, 2, 3, 4, 5]
    assert [each.text for each in found if isinstance(each, Answer)] == ["<p>1</p>", "<p>3</p>"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.har", "{", "not a HAR"),
        ("a.har", '{"log": {"entries": 5}}', "no list"),
        ("a.har", "[1]", "not a HAR"),
        ("a.har", "[" * 100_000, "not a HAR"),
        ("a.json", "", "empty"),
        ("a.json", " \n", "empty"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    """One clear error that names the file."""
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words) as caught:
        read_capture(file)
    assert str(file) in str(caught.value)


def test_missing_files_and_folders_say_so(tmp_path: Path) -> None:
    """The error names the path."""
    for path in (tmp_path, tmp_path / "none.har"):
        with pytest.raises(InputError, match=str(path)):
            read_capture(path)


def test_a_file_over_the_cap_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is parsed, with the limit in the message."""
    monkeypatch.setattr(captures, "MAX_ANSWER_BYTES", 1024 * 1024)
    file = tmp_path / "big.json"
    file.write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(InputError, match="larger than 1 MiB"):
        read_capture(file)


def test_a_saved_page_knows_its_address(tmp_path: Path) -> None:
    """Browsers write it into a comment."""
    file = tmp_path / "page.html"
    url = "https://market.example/search?q=x"
    file.write_text(f"<!-- saved from url=({len(url):04d}){url} -->\n<p>x</p>", encoding="utf-8")
    (answer,) = read_capture(file)
    assert isinstance(answer, Answer)
    assert answer.url == url


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_saved_body_is_decoded(tmp_path: Path, encoding: str) -> None:
    """Without a header, UTF-8 and then GB18030 are tried."""
    file = tmp_path / "a.json"
    file.write_bytes('{"a": "人脸"}'.encode(encoding))
    (answer,) = read_capture(file)
    assert isinstance(answer, Answer)
    assert answer.text == '{"a": "人脸"}'
    assert answer.url == ""


def test_a_har_under_another_name_is_known(tmp_path: Path) -> None:
    """Exports are called .json, too; JSON that merely has entries is no HAR."""
    file = har(tmp_path / "export.json", entry("<p>1</p>"), entry("<p>2</p>"))
    assert len(list(read_capture(file))) == 2
    other = tmp_path / "other.json"
    other.write_text('{"entries": [1, 2]}', encoding="utf-8")
    assert len(list(read_capture(other))) == 1


def test_sources_know_their_own_answers(tmp_path: Path) -> None:
    """By address, or by what is in a body that has none."""
    sources = [build(changed(text)) for text in (HTML, JSON, RSS, GOOFISH)]
    file = har(
        tmp_path / "a.har",
        entry(html_page(goods(1))),
        entry(json_page(goods(1)), url="https://market.example/api/search", mime="text/json"),
        entry(feed(goods(1)), url="https://market.example/feed.xml", mime="application/rss+xml"),
        entry(envelope(search([row(1)])), url="https://x.example/", mime="application/json"),
        entry("<p>x</p>", url="https://other.example/"),
    )
    taken = [
        [source.definition.name for source, _ in claimants(sources, answer)]
        for answer in read_capture(file)
        if isinstance(answer, Answer)
    ]
    assert taken == [["shop"], ["api"], ["feed"], ["goofish"], []]
    for text, name in (
        (html_page([Goods("1", "x")]), "shop"),
        (json_page(goods(1)), "api"),
        (feed(goods(1)), "feed"),
        (envelope(search([row(1)])), "goofish"),
    ):
        saved = tmp_path / "body"
        saved.write_text(text, encoding="utf-8")
        (answer,) = read_capture(saved)
        assert isinstance(answer, Answer)
        assert [source.definition.name for source, _ in claimants(sources, answer)] == [name]
