"""The body of an alert: thin, small, deterministic, and as published."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import monitor.alerts
from monitor.alerts.facts import (
    AlertFacts,
    AlertKind,
    EvidenceFacts,
    HitFacts,
    ListingFacts,
    RelistFacts,
)
from monitor.alerts.payload import MAX_BODY_BYTES, SUMMARIES, render
from monitor.alerts.wire import AlertEvent, schema_json

SCHEMA = Path(monitor.alerts.__file__).parent / "schema" / "alert-1.json"
AT = datetime(2026, 3, 1, 12, 30, 15, 999_999, tzinfo=UTC)

LISTING = ListingFacts(
    source="demo-market",
    native_id="A-1009",
    url="https://market.example/item/A-1009",
    title="人脸四件套 包过",
    excerpt="全新料子，量大从优。微信 ab*****9",
    first_seen_at=AT - timedelta(hours=2),
)
HIT = HitFacts(
    hit_id=42,
    listing=LISTING,
    score=0.97123456,
    decision="hit",
    categories=(("face_id_bundle", 0.97), ("id_document_sale", 0.4)),
    found_at=AT - timedelta(hours=1),
    keywords=("人脸四件套",),
    evidence=(EvidenceFacts("lexicon", "人脸四件套", "a kit of face photos and ID data"),),
    verdict_at=AT,
    reason="kit with handoff off the market",
    console_url="http://127.0.0.1:8600/hits/42",
    relist_of=RelistFacts("A-0999", ("same text",), AT - timedelta(days=3), AT),
)
FACTS = AlertFacts("msg_0123456789abcdef", AlertKind.HIT_CONFIRMED, AT, HIT)
PING = AlertFacts("msg_ping", AlertKind.ENDPOINT_PING, AT)


def test_the_body_says_what_the_schema_promises() -> None:
    """Field by field; nothing more than the published shape."""
    body = render(FACTS)
    event = json.loads(body)
    assert AlertEvent.model_validate_json(body, strict=True).model_dump(mode="json") == event
    assert list(event) == ["type", "timestamp", "data"]
    assert event["type"] == "hit.confirmed"
    assert event["timestamp"] == "2026-03-01T12:30:15Z"
    assert event["data"]["alert_id"] == "msg_0123456789abcdef"
    hit = event["data"]["hit"]
    assert (hit["hit_id"], hit["score"], hit["verdict_at"]) == (42, 0.9712, "2026-03-01T12:30:15Z")
    assert hit["categories"] == {"face_id_bundle": 0.97, "id_document_sale": 0.4}
    assert hit["listing"]["title"] == "人脸四件套 包过"
    assert hit["listing"]["url"] == LISTING.url


def test_the_published_schema_is_the_one_in_use() -> None:
    """The module's head says how to write it again."""
    assert SCHEMA.read_text(encoding="utf-8") == schema_json()


@pytest.mark.parametrize("kind", AlertKind)
def test_the_wording_never_says_more_than_suspected(kind: AlertKind) -> None:
    """An alert is a hint to a moderator, not a finding."""
    facts = PING if kind is AlertKind.ENDPOINT_PING else replace(FACTS, kind=kind)
    summary = json.loads(render(facts))["data"]["summary"]
    assert summary == SUMMARIES[kind]
    assert "susp" in summary.lower()
    assert not any(word in summary.lower() for word in ("criminal", "illegal", "guilty", "stolen"))


def test_the_same_facts_are_the_same_bytes() -> None:
    """The signature covers bytes, and an id must never stand for two bodies."""
    assert render(FACTS) == render(replace(FACTS))
    east = AT.astimezone(timezone(timedelta(hours=8)))
    assert render(replace(FACTS, created_at=east)) == render(FACTS)


def test_a_ping_is_about_nothing() -> None:
    """And everything else is about a hit."""
    assert json.loads(render(PING))["data"]["hit"] is None
    with pytest.raises(ValueError, match="hit"):
        render(replace(PING, hit=HIT))
    with pytest.raises(ValueError, match="hit"):
        render(replace(FACTS, hit=None))


def test_a_time_without_a_zone_is_refused() -> None:
    """It would be signed eight hours wrong."""
    with pytest.raises(ValueError, match="zone"):
        render(replace(FACTS, created_at=AT.replace(tzinfo=None)))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "http://a.example/" + "x" * 2000,
        "https://a.example/ b",
        "https://a.example/\n",
        "https://a.example/\ud800",
        "//a.example",
    ],
)
def test_a_link_is_whole_and_of_the_web_or_missing(url: str) -> None:
    """Receivers put it behind a button."""
    listing = replace(LISTING, url=url)
    event = json.loads(render(replace(FACTS, hit=replace(HIT, listing=listing))))
    assert event["data"]["hit"]["listing"]["url"] == ""


def test_a_title_cannot_rearrange_what_stands_around_it() -> None:
    """Line breaks, control characters and those that turn the reading direction go."""
    listing = replace(LISTING, title="a\u202eb\x00c\r\nd\ud800e\u2066f")
    event = json.loads(render(replace(FACTS, hit=replace(HIT, listing=listing))))
    assert event["data"]["hit"]["listing"]["title"] == "abc def"


def test_a_cut_text_shows_that_it_is_cut() -> None:
    """By an ellipsis inside its limit; a text that just fits is left alone."""
    for length, shown in ((300, "字" * 300), (301, "字" * 299 + "…"), (90_000, "字" * 299 + "…")):
        listing = replace(LISTING, title="字" * length)
        event = json.loads(render(replace(FACTS, hit=replace(HIT, listing=listing))))
        assert event["data"]["hit"]["listing"]["title"] == shown


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1.0, 7.0])
def test_a_score_is_a_probability(number: float) -> None:
    """Whatever a model may answer."""
    score = json.loads(render(replace(FACTS, hit=replace(HIT, score=number))))["data"]["hit"]
    assert 0 <= score["score"] <= 1


ANY_TEXT = st.one_of(
    st.text(max_size=50),
    st.sampled_from(["", "\U00020000" * 5000, '"\\' * 5000, "\x01" * 5000, "\ud800" * 5000]),
)


def facts_of(texts: list[str], kind: AlertKind) -> AlertFacts:
    """Facts in which every text is hostile and every list is long."""
    one, two, three = texts
    evidence = EvidenceFacts(one, two, three)
    listing = ListingFacts(one, two, "http://a.example/" + three, one, two, AT)
    hit = HitFacts(
        hit_id=2**63 - 1,
        listing=listing,
        score=0.5,
        decision=one,
        categories=tuple((f"{number}{two}", 1 / 3) for number in range(50)),
        found_at=AT,
        keywords=(three,) * 50,
        evidence=(evidence,) * 50,
        verdict_at=AT,
        reason=one,
        console_url="http://a.example/" + two,
        relist_of=RelistFacts(one, (two, three) * 9, AT, AT),
    )
    return AlertFacts(one, kind, AT, hit)


@given(st.lists(ANY_TEXT, min_size=3, max_size=3), st.sampled_from(list(AlertKind)[:4]))
@settings(max_examples=150, deadline=None)
def test_no_listing_makes_a_body_too_big_or_unreadable(texts: list[str], kind: AlertKind) -> None:
    """Four-byte characters, quotes to escape, control characters, surrogates: under 20 kB."""
    body = render(facts_of(texts, kind))
    assert len(body) < MAX_BODY_BYTES
    assert AlertEvent.model_validate_json(body).model_dump(mode="json") == json.loads(body)


def test_the_worst_case_fits() -> None:
    """Every field full of characters of four bytes."""
    body = render(facts_of(["\U00020000" * 90_000] * 3, AlertKind.HIT_SUSPECTED))
    assert 10_000 < len(body) < MAX_BODY_BYTES
