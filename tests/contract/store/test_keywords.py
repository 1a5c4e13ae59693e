"""Keywords keep every version, and two people can not overwrite each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain.clock import ManualClock
from monitor.domain.keyword import Keyword, KeywordDraft
from monitor.errors import ConflictError, NotFoundError
from monitor.store import keywords
from monitor.store.database import Database

DRAFT = KeywordDraft("人脸四件套", "face_id_bundle", reason="seen in reports")


def add(database: Database, draft: KeywordDraft = DRAFT) -> Keyword:
    with database.write() as tx:
        return keywords.add(tx, draft, actor="li", now=database.now())


def test_a_new_keyword_is_version_one(database: Database) -> None:
    """What was decided comes back as it went in."""
    keyword = add(database)
    assert (keyword.version, keyword.draft, keyword.created_by) == (1, DRAFT, "li")


@pytest.mark.parametrize("spelling", ["人脸四件套", " 人脸四件套 ", "KYC Docs", "ｋｙｃ　docs"])
def test_spellings_of_one_term_are_one_keyword(database: Database, spelling: str) -> None:
    """Width, case and outer spaces do not make another word."""
    add(database)
    add(database, replace(DRAFT, term="kyc docs"))
    with pytest.raises(ConflictError):
        add(database, replace(DRAFT, term=spelling))


def test_an_edit_is_a_new_version_and_the_old_one_stays(database: Database) -> None:
    """History answers what was searched for when."""
    first = add(database)
    changed = replace(DRAFT, weight=2.5)
    with database.write() as tx:
        second = keywords.revise(tx, first, changed, action="edit", actor="wu", now=database.now())
        assert [v.draft.weight for v in keywords.history(tx, first.id)] == [1.5, 2.5]
    assert (second.version, second.draft, second.action) == (2, changed, "edit")


def test_an_edit_of_an_old_version_is_refused(database: Database) -> None:
    """Two analysts edited: the second one looks again."""
    first = add(database)
    with database.write() as tx:
        keywords.revise(
            tx, first, replace(DRAFT, weight=2), action="edit", actor="a", now=database.now()
        )
    with pytest.raises(ConflictError, match="changed by someone else"), database.write() as tx:
        keywords.revise(
            tx, first, replace(DRAFT, weight=3), action="edit", actor="b", now=database.now()
        )


def test_a_term_of_another_keyword_cannot_be_taken(database: Database) -> None:
    """A rename must not make two keywords one."""
    add(database, replace(DRAFT, term="过人脸"))
    first = add(database)
    with pytest.raises(ConflictError, match="has the term"), database.write() as tx:
        keywords.revise(
            tx, first, replace(DRAFT, term="过人脸"), action="edit", actor="a", now=database.now()
        )


def test_a_retired_or_expired_keyword_is_not_active(database: Database, clock: ManualClock) -> None:
    """Neither is searched or matched."""
    expiring = add(database, replace(DRAFT, expires_at=clock.now() + timedelta(days=1)))
    assert expiring.is_active(clock.now())
    clock.advance(86400)
    assert not expiring.is_active(clock.now())
    other = add(database, replace(DRAFT, term="过脸"))
    with database.write() as tx:
        retired = keywords.revise(
            tx, other, other.draft, action="retire", actor="a", now=database.now()
        )
    assert not retired.is_active(clock.now())


def test_the_stamp_moves_with_every_change(database: Database) -> None:
    """The assessor is built anew exactly when it must be."""
    stamps = []
    with database.read() as tx:
        stamps.append(keywords.stamp(tx))
    keyword = add(database)
    with database.read() as tx:
        stamps.append(keywords.stamp(tx))
    with database.write() as tx:
        keywords.revise(
            tx, keyword, replace(DRAFT, weight=2), action="edit", actor="a", now=database.now()
        )
        stamps.append(keywords.stamp(tx))
    assert stamps == sorted(set(stamps))


def test_an_unknown_id_is_a_clear_error(database: Database) -> None:
    """The message names it."""
    with pytest.raises(NotFoundError, match="7"), database.read() as tx:
        keywords.get(tx, 7)
