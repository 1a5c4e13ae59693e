"""Values come back as they went in, whatever a page held and on whichever database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from monitor.domain.outcome import Outcome
from monitor.errors import StoreError
from monitor.store import keywords, polls, watches
from monitor.store import tables as t
from monitor.store.database import Database
from monitor.store.writing import insert_missing, one_of

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def poll(database: Database, *, detail: str = "", total: int | None = None, **notes: Any) -> int:
    """A finished look with one page."""
    with database.write() as tx:
        source = watches.put_source(tx, "shop", "html", {}, now=NOW)
        poll_id = polls.start(
            tx,
            source_id=source.id,
            watch_id=None,
            keyword_version_id=None,
            origin="capture",
            is_baseline=True,
            now=NOW,
        )
        polls.add_page(
            tx,
            poll_id,
            rows=1,
            new_listings=1,
            changed_listings=0,
            hits=0,
            total_claimed=total,
            problems=[],
            notes=notes,
        )
        polls.finish(tx, poll_id, Outcome.OK, detail, now=NOW)
    return poll_id


def test_characters_that_no_database_stores_are_replaced(database: Database) -> None:
    """NUL and half a surrogate pair come from hostile pages; all else stays, emoji too."""
    text = "a\x00b\ud83dc\udc00d\u0001\u200b😀人\ufeff"
    shown = "a\ufffdb\ufffdc\ufffdd\u0001\u200b😀人\ufeff"
    poll_id = poll(database, detail=text, said=text, deep=[{text: [text, 1]}])
    with database.read() as tx:
        found = polls.get(tx, poll_id)
    assert found.detail == shown
    assert found.notes == {"said": shown, "deep": [{shown: [shown, 1]}]}


def test_a_backslash_that_looks_like_an_escape_stays(database: Database) -> None:
    """Six characters that a person wrote are no NUL."""
    poll_id = poll(database, said="\\u0000 \\ud800", n=None)
    with database.read() as tx:
        assert polls.get(tx, poll_id).notes == {"said": "\\u0000 \\ud800", "n": None}


def test_a_number_that_json_does_not_know_becomes_null(database: Database) -> None:
    """Python reads NaN from a market's JSON; PostgreSQL does not."""
    poll_id = poll(database, wants=[float("nan"), float("inf"), 1.5, 10**40])
    with database.read() as tx:
        assert polls.get(tx, poll_id).notes == {"wants": [None, None, 1.5, 10**40]}


@pytest.mark.parametrize(("claimed", "kept"), [(None, None), (0, 0), (7, 7), (10**30, 2**31 - 1)])
def test_a_market_may_claim_any_number_of_results(
    database: Database, claimed: int | None, kept: int | None
) -> None:
    """Also one that fits no column."""
    poll_id = poll(database, total=claimed)
    with database.read() as tx:
        assert polls.get(tx, poll_id).total_claimed == kept


def test_texts_are_in_one_order_on_both_databases(database: Database) -> None:
    """By code points: capitals first, Chinese last, whatever the server's language is."""
    names = ["人", "b", "A", "é", "a", "B", "照", "_", "𠀀"]
    with database.write() as tx:
        for name in names:
            watches.put_source(tx, name, "html", {}, now=NOW)
        found = [source.name for source in watches.all_sources(tx)]
    assert found == sorted(names)


def test_the_ledger_orders_looks_without_a_keyword_or_outcome_first(database: Database) -> None:
    """NULL comes first on SQLite and last on PostgreSQL, unless it is said."""
    poll(database)
    with database.write() as tx:
        source = watches.source_by_name(tx, "shop")
        draft = keywords.KeywordDraft("人脸四件套", "face_id_bundle")
        keyword = keywords.add(tx, draft, actor="li", now=NOW)
        for version_id in (keyword.version_id, None):
            polls.start(
                tx,
                source_id=source.id,
                watch_id=None,
                keyword_version_id=version_id,
                origin="live",
                is_baseline=False,
                now=NOW,
            )
    with database.read() as tx:
        rows = polls.outcomes_by_source(tx, NOW)
    assert [(row.term, row.outcome, row.looks) for row in rows] == [
        ("", None, 1),
        ("", Outcome.OK, 1),
        ("人脸四件套", None, 1),
    ]


def test_a_text_that_is_too_long_never_appears_in_the_error(postgres_store: str) -> None:
    """PostgreSQL refuses it; the error names the trouble and not the value."""
    database = Database(postgres_store)
    with pytest.raises(StoreError, match="too long") as caught, database.write() as tx:
        tx.execute(insert(t.host_slot).values(host="secret" * 99, next_free_at=NOW))
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__
    with database.read() as tx:
        assert tx.execute(select(t.host_slot)).all() == []
    database.close()


def test_an_error_about_a_value_does_not_repeat_it(postgres_url: str) -> None:
    """PostgreSQL quotes what it could not read; it may be somebody's number."""
    database = Database(postgres_url)
    try:
        with (
            pytest.raises(StoreError, match=r"a value does not fit \(22P02\)") as told,
            database.write() as tx,
        ):
            tx.execute(text("SELECT CAST(:number AS integer)"), {"number": "x110101200001011234"})
        assert "1101" not in str(told.value)
    finally:
        database.close()


def test_a_set_of_rows_says_how_many_were_missing(database: Database) -> None:
    """Whoever adds or changes decides by it."""
    rows = [{"host": f"h{n}", "next_free_at": NOW} for n in range(3)]
    with database.write() as tx:
        counts = [insert_missing(tx, t.host_slot, rows[:n], ["host"]) for n in (0, 2, 2, 3)]
        chosen = select(t.host_slot.c.host).where(one_of(tx, t.host_slot.c.host, {"h0", "h2", "?"}))
        found = sorted(tx.execute(chosen).scalars())
        nothing = tx.execute(select(t.host_slot).where(one_of(tx, t.host_slot.c.host, []))).all()
    assert counts == [0, 2, 0, 1]
    assert (found, nothing) == (["h0", "h2"], [])
