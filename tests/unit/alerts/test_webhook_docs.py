"""The page for receivers tells what the code does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.alerts.facts import (
    AlertFacts,
    AlertKind,
    EvidenceFacts,
    HitFacts,
    ListingFacts,
    RelistFacts,
)
from monitor.alerts.payload import render
from monitor.alerts.schedule import DELAYS_S
from monitor.alerts.signing import generate_secret, sign
from monitor.alerts.wire import schema_json

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "webhooks.md"
AT = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
UNIT_S = {"s": 1, "min": 60, "h": 3600}


@pytest.fixture
def page() -> str:
    """The page."""
    return PAGE.read_text(encoding="utf-8")


def block(page: str, language: str) -> str:
    """The only fenced block in a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return str(found)


def table(page: str, first_header: str) -> list[list[str]]:
    """Cells of the table whose first column has this header."""
    lines = page.partition(f"| {first_header} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_snippet_accepts_what_we_sign_and_nothing_else(page: str) -> None:
    """Receivers copy it."""
    scope: dict[str, Any] = {}
    exec(block(page, "python"), scope)  # noqa: S102 - the page's own code is what is tested
    verify = scope["verify"]
    old, new = generate_secret(), generate_secret()
    body = "{“人脸”}".encode()
    now = datetime.now(UTC)
    headers = sign("msg_1", now, body, [new, old])
    assert verify(new, headers, body)
    assert verify(old, headers, body)
    assert not verify(new, headers, body + b" ")
    assert not verify(generate_secret(), headers, body)
    assert not verify(new, {**headers, "webhook-id": "msg_2"}, body)
    late = sign("msg_1", now - timedelta(minutes=6), body, [new])
    assert not verify(new, late, body)


def test_the_example_is_a_real_body(page: str) -> None:
    """Rendered from facts, not written by hand."""
    listing = ListingFacts(
        source="demo-market",
        native_id="A-1009",
        url="https://market.example/item/A-1009",
        title="人脸四件套 包过",
        excerpt="全新料子，量大从优。微信 ab*****9",
        first_seen_at=AT - timedelta(hours=2),
    )
    hit = HitFacts(
        hit_id=42,
        listing=listing,
        score=0.9712,
        decision="hit",
        categories=(("face_id_bundle", 0.97), ("id_document_sale", 0.4)),
        found_at=AT - timedelta(hours=1),
        keywords=("人脸四件套",),
        evidence=(EvidenceFacts("lexicon", "人脸四件套", "a kit of face photos and ID data"),),
        verdict_at=AT,
        reason="kit with handoff off the market",
        console_url="http://127.0.0.1:8600/hits/42",
        relist_of=RelistFacts(
            native_id="A-0998",
            reasons=("same text", "same seller"),
            first_seen_at=AT - timedelta(days=7),
            last_seen_at=AT - timedelta(days=2),
        ),
    )
    body = render(AlertFacts("msg_0123456789abcdef", AlertKind.HIT_CONFIRMED, AT, hit))
    shown = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    assert block(page, "json").strip() == shown


def fields(schema: dict[str, Any], part: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """Path and description of every field below a part of the schema."""
    for field, about in part["properties"].items():
        options = (about, about.get("items", {}), *about.get("anyOf", []))
        refs = [option["$ref"].rpartition("/")[2] for option in options if "$ref" in option]
        below = [schema["$defs"][ref] for ref in refs]
        yield f"{path}{field}", about.get("description") or below[0]["description"]
        for inner in below:
            yield from fields(
                schema, inner, f"{path}{field}" + ("[]." if "items" in about else ".")
            )


def test_every_field_is_explained(page: str) -> None:
    """With the words of the schema."""
    explained = [(cells[0].strip("`"), cells[1]) for cells in table(page, "field")]
    schema = json.loads(schema_json())
    assert explained == list(fields(schema, schema, ""))


def test_every_type_is_explained(page: str) -> None:
    """In the order of the code."""
    assert [cells[0].strip("`") for cells in table(page, "`type`")] == list(AlertKind)


def test_the_schedule_is_the_one_in_use(page: str) -> None:
    """Receivers plan their maintenance by it."""
    (row,) = table(page, "attempt")
    waits = [cell.split() for cell in row[1:]]
    assert tuple(int(number) * UNIT_S[unit] for number, unit in waits) == DELAYS_S
