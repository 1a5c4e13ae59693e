"""Keywords and their versions."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, select, update

from monitor.domain.keyword import Keyword, KeywordDraft, Severity
from monitor.errors import ConflictError, NotFoundError
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.locks import lock_keywords

__all__ = ["add", "all_keywords", "by_term", "get", "history", "revise", "stamp", "term_key"]

_k, _v = t.keyword, t.keyword_version


def term_key(term: str) -> str:
    """One key for spellings that nobody would keep apart (width, case, outer spaces)."""
    return " ".join(unicodedata.normalize("NFKC", term).casefold().split())


def _columns() -> Select[Any]:
    return select(_v, _k.c.retired_at).join(_k, _k.c.id == _v.c.keyword_id)


def _keyword(row: Row[Any]) -> Keyword:
    draft = KeywordDraft(
        term=row.term,
        category=row.category,
        language=row.language,
        severity=Severity(row.severity),
        weight=row.weight,
        search=row.search,
        sources=tuple(row.sources),
        owner=row.owner,
        reason=row.reason,
        expires_at=row.expires_at,
    )
    return Keyword(
        id=row.keyword_id,
        version=row.number,
        version_id=row.id,
        draft=draft,
        created_at=row.created_at,
        created_by=row.created_by,
        action=row.action,
        retired_at=row.retired_at,
    )


def all_keywords(tx: Transaction, ids: Iterable[int] | None = None) -> list[Keyword]:
    """The newest version of every keyword (or of `ids`), retired ones included, by id."""
    query = _columns().where(_v.c.number == _k.c.version).order_by(_k.c.id)
    if ids is not None:
        query = query.where(_k.c.id.in_(list(ids)))
    return [_keyword(row) for row in tx.execute(query)]


def get(tx: Transaction, keyword_id: int) -> Keyword:
    """The newest version; raises `NotFoundError`."""
    found = all_keywords(tx, [keyword_id])
    if not found:
        raise NotFoundError(f"no keyword with id {keyword_id}")
    return found[0]


def by_term(tx: Transaction, term: str) -> Keyword | None:
    """The newest version of the keyword with this term, however it is spelt, or None."""
    query = _columns().where(_v.c.number == _k.c.version, _k.c.term_key == term_key(term))
    row = tx.execute(query).first()
    return _keyword(row) if row else None


def history(tx: Transaction, keyword_id: int) -> list[Keyword]:
    """All versions, oldest first; raises `NotFoundError`."""
    rows = tx.execute(_columns().where(_k.c.id == keyword_id).order_by(_v.c.number)).all()
    if not rows:
        raise NotFoundError(f"no keyword with id {keyword_id}")
    return [_keyword(row) for row in rows]


def stamp(tx: Transaction) -> int:
    """A number that grows whenever any keyword changes."""
    newest: int = tx.execute(select(func.coalesce(func.max(_v.c.id), 0))).scalar_one()
    return newest


def add(tx: Transaction, draft: KeywordDraft, *, actor: str, now: datetime) -> Keyword:
    """Write version 1; raises `ConflictError` when the term exists, retired or not."""
    lock_keywords(tx)
    existing = by_term(tx, draft.term)
    if existing:
        state = "retired" if existing.retired_at else "there already"
        raise ConflictError(f"keyword {existing.id} ({existing.term}) is {state}")
    values = {"term_key": term_key(draft.term), "version": 1, "created_at": now}
    keyword_id = tx.execute(insert(_k).values(values).returning(_k.c.id)).scalar_one()
    _write_version(tx, keyword_id, 1, draft, "add", actor, now)
    return get(tx, keyword_id)


def revise(
    tx: Transaction,
    keyword: Keyword,
    draft: KeywordDraft,
    *,
    action: str,
    actor: str,
    now: datetime,
) -> Keyword:
    """Write the version after `keyword`.

    Raises:
        ConflictError: somebody wrote one meanwhile, or the new term belongs to another keyword.
    """
    lock_keywords(tx)
    other = by_term(tx, draft.term)
    if other and other.id != keyword.id:
        raise ConflictError(f"keyword {other.id} has the term {draft.term} already")
    retired_at = now if action == "retire" else None
    if action == "edit":
        retired_at = keyword.retired_at
    done = tx.execute(
        update(_k)
        .where(_k.c.id == keyword.id, _k.c.version == keyword.version)
        .values(version=keyword.version + 1, term_key=term_key(draft.term), retired_at=retired_at)
    )
    if done.rowcount != 1:
        raise ConflictError(f"keyword {keyword.id} was changed by someone else; look again")
    _write_version(tx, keyword.id, keyword.version + 1, draft, action, actor, now)
    return get(tx, keyword.id)


def _write_version(
    tx: Transaction,
    keyword_id: int,
    number: int,
    draft: KeywordDraft,
    action: str,
    actor: str,
    now: datetime,
) -> None:
    tx.execute(
        insert(_v).values(
            keyword_id=keyword_id,
            number=number,
            term=draft.term,
            category=draft.category,
            language=draft.language,
            severity=draft.severity.value,
            weight=draft.weight,
            search=draft.search,
            sources=list(draft.sources),
            owner=draft.owner,
            reason=draft.reason,
            expires_at=draft.expires_at,
            created_at=now,
            created_by=actor,
            action=action,
        )
    )
