"""Known pictures on whichever database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.domain.picture import KnownPicture
from monitor.errors import NotFoundError
from monitor.store import known_pictures
from monitor.store.database import Database

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def known(digit: str, label: str = "bad", *, at: datetime = NOW) -> KnownPicture:
    return KnownPicture(0, digit * 64, label, f"case {digit}", "li", at)


def test_what_is_added_comes_back_and_what_is_known_stays_as_it_is(database: Database) -> None:
    with database.write() as tx:
        known_pictures.add(tx, [known("1"), known("2", "good")])
        known_pictures.add(tx, [known("2", "bad"), known("3")])
        found = known_pictures.all_known(tx)
        assert [(each.fingerprint[0], each.label) for each in found] == [
            ("1", "bad"),
            ("2", "good"),
            ("3", "bad"),
        ]
        assert found[0].added_at == NOW
        assert known_pictures.labels(tx, ["2" * 64, "9" * 64]) == {"2" * 64: "good"}
        assert len(known_pictures.entries(tx)) == 3


def test_thousands_are_added_at_once(database: Database) -> None:
    many = [KnownPicture(0, f"{at:064x}", "good", f"n{at}", "li", NOW) for at in range(2500)]
    with database.write() as tx:
        known_pictures.add(tx, many)
        assert len(known_pictures.labels(tx, [each.fingerprint for each in many])) == 2500


def test_the_stamp_tells_one_removed_and_one_added_instead(database: Database) -> None:
    with database.write() as tx:
        known_pictures.add(tx, [known("1"), known("2")])
        before = known_pictures.stamp(tx)
        assert known_pictures.stamp(tx) == before
        last = known_pictures.all_known(tx)[-1]
        assert known_pictures.remove(tx, last.id).name == "case 2"
        known_pictures.add(tx, [known("3", at=NOW + timedelta(seconds=1))])
        # Even where a database gives the removed entry's id to the new one.
        assert known_pictures.stamp(tx) != before


def test_what_is_not_there_cannot_be_removed(database: Database) -> None:
    with database.write() as tx, pytest.raises(NotFoundError, match="no known picture with id 9"):
        known_pictures.remove(tx, 9)
