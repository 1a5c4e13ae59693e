"""Keywords: add, edit (a new version), retire, history, test, statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from classifiers.contract import Assessment, Category, Listing, Term
from monitor.domain.keyword import Keyword, KeywordDraft
from monitor.errors import ConflictError, InputError, NotFoundError
from monitor.pipeline.judging import term_of
from monitor.pipeline.workspace import Workspace
from monitor.store import keywords as store
from monitor.store import people, statistics
from monitor.store.database import Transaction

__all__ = [
    "KeywordStatistics",
    "add",
    "check_draft",
    "edit",
    "find",
    "get",
    "history",
    "list_keywords",
    "match",
    "retire",
    "stats",
]

MAX_TERM_CHARS = 100
MAX_KEY_CHARS = 200
"""Of the term folded for comparison; a few signs unfold to whole words."""
MAX_OWNER_CHARS = 100
MAX_LANGUAGE_CHARS = 8
MAX_WEIGHT = 3.0
KeywordStatistics = statistics.KeywordStatistics


def check_draft(draft: KeywordDraft) -> KeywordDraft:
    """The draft with its term trimmed; raises `InputError` naming what is wrong."""
    term = " ".join(draft.term.split())
    if not term:
        raise InputError("term: empty")
    if len(term) > MAX_TERM_CHARS:
        raise InputError(f"term: longer than {MAX_TERM_CHARS} characters")
    if len(store.term_key(term)) > MAX_KEY_CHARS:
        raise InputError("term: signs that stand for whole words make it too long")
    if len(draft.owner) > MAX_OWNER_CHARS:
        raise InputError(f"owner: longer than {MAX_OWNER_CHARS} characters")
    if len(draft.language) > MAX_LANGUAGE_CHARS:
        raise InputError(f"language: longer than {MAX_LANGUAGE_CHARS} characters")
    for name, text in (("term", term), ("owner", draft.owner), ("reason", draft.reason)):
        if any(ord(char) < 0x20 or 0xD800 <= ord(char) <= 0xDFFF for char in text):
            raise InputError(f"{name}: holds control characters or broken Unicode")
    if draft.category not in set(Category):
        raise InputError(f"category: {draft.category!r} is none of {', '.join(Category)}")
    if not 0 < draft.weight <= MAX_WEIGHT:
        raise InputError(f"weight: {draft.weight} is not in (0, {MAX_WEIGHT}]")
    if draft.expires_at is not None and draft.expires_at.tzinfo is None:
        raise InputError("expires_at: has no time zone")
    return replace(draft, term=term)


def find(tx: Transaction, reference: str) -> Keyword:
    """A keyword by id or by term; raises `NotFoundError`."""
    found = store.by_term(tx, reference)
    if found is None and reference.isdecimal() and len(reference) < 19:
        found = store.get(tx, int(reference))
    if found is None:
        raise NotFoundError(f"no keyword {reference!r}")
    return found


def add(workspace: Workspace, draft: KeywordDraft, *, actor: str) -> Keyword:
    """Add a keyword, or revive a retired one as a new version.

    Raises:
        InputError: a field is wrong.
        ConflictError: the term is there already.
    """
    draft = check_draft(draft)
    with workspace.database.write() as tx:
        return add_in(tx, draft, actor=actor, now=workspace.database.now())


def add_in(tx: Transaction, draft: KeywordDraft, *, actor: str, now: datetime) -> Keyword:
    """`add` inside a caller's transaction; the draft has been checked."""
    existing = store.by_term(tx, draft.term)
    if existing is not None and existing.retired_at is not None:
        keyword = store.revise(tx, existing, draft, action="revive", actor=actor, now=now)
    else:
        keyword = store.add(tx, draft, actor=actor, now=now)
    _audit(tx, keyword, actor, now)
    return keyword


def edit(workspace: Workspace, reference: str, changes: dict[str, Any], *, actor: str) -> Keyword:
    """Write a new version with some fields changed.

    Raises:
        NotFoundError: no such keyword.
        InputError: a field is wrong.
        ConflictError: nothing would change, it is retired, or the new term is taken.
    """
    with workspace.database.write() as tx:
        keyword = find(tx, reference)
        draft = check_draft(replace(keyword.draft, **changes))
        return edit_in(tx, keyword, draft, actor=actor, now=workspace.database.now())


def edit_in(
    tx: Transaction, keyword: Keyword, draft: KeywordDraft, *, actor: str, now: datetime
) -> Keyword:
    """`edit` inside a caller's transaction; the draft has been checked."""
    if keyword.retired_at is not None:
        raise ConflictError(f"keyword {keyword.id} ({keyword.term}) is retired; add it again")
    if draft == keyword.draft:
        raise ConflictError(f"keyword {keyword.id} ({keyword.term}): nothing changes")
    edited = store.revise(tx, keyword, draft, action="edit", actor=actor, now=now)
    _audit(tx, edited, actor, now)
    return edited


def retire(workspace: Workspace, reference: str, *, reason: str, actor: str) -> Keyword:
    """Stop searching and matching it; its history stays. A reason is required."""
    if not reason.strip():
        raise InputError("a reason is required to retire a keyword")
    with workspace.database.write() as tx:
        keyword = find(tx, reference)
        if keyword.retired_at is not None:
            raise ConflictError(f"keyword {keyword.id} ({keyword.term}) is retired already")
        now = workspace.database.now()
        draft = replace(keyword.draft, reason=reason.strip())
        retired = store.revise(tx, keyword, draft, action="retire", actor=actor, now=now)
        _audit(tx, retired, actor, now)
        return retired


def _audit(tx: Transaction, keyword: Keyword, actor: str, now: datetime) -> None:
    people.audit(
        tx,
        actor=actor,
        action=f"keyword.{keyword.action}",
        target=f"keyword:{keyword.id}@{keyword.version}",
        detail={"term": keyword.term},
        now=now,
    )


def list_keywords(
    workspace: Workspace,
    *,
    categories: Sequence[str] = (),
    source: str = "",
    with_retired: bool = False,
) -> list[Keyword]:
    """The newest versions, by category and term."""
    with workspace.database.read() as tx:
        found = store.all_keywords(tx)
    chosen = [
        keyword
        for keyword in found
        if (with_retired or keyword.retired_at is None)
        and (not categories or keyword.draft.category in categories)
        and (not source or source in keyword.draft.sources)
    ]
    return sorted(chosen, key=lambda keyword: (keyword.draft.category, keyword.term))


def get(workspace: Workspace, keyword_id: int) -> Keyword:
    """The newest version, by id alone: a term may look like one. Raises `NotFoundError`."""
    with workspace.database.read() as tx:
        return store.get(tx, keyword_id)


def history(workspace: Workspace, reference: str) -> list[Keyword]:
    """All versions, oldest first."""
    with workspace.database.read() as tx:
        return store.history(tx, find(tx, reference).id)


@dataclass(frozen=True, slots=True)
class TestedText:
    """What the lexicon and the whole assessor say of one text."""

    text: str
    assessment: Assessment


def match(workspace: Workspace, texts: Sequence[str], *, reference: str = "") -> list[TestedText]:
    """Test texts against one keyword (by id or term, or a term that is not stored) or all.

    Args:
        workspace: what is open.
        texts: each is assessed as a listing of its own.
        reference: restricts the lexicon to one keyword; a term that is unknown is
            tried as it would be if it were added.
    """
    if not reference:
        assessor, _ = workspace.assessor()
    else:
        assessor = workspace.judging.assessor([_term(workspace, reference)])
    return [TestedText(text, assessor.assess(_listing(text))) for text in texts]


def _listing(text: str) -> Listing:
    title, _, description = text.partition("\n")
    return Listing(title=title, description=description)


def _term(workspace: Workspace, reference: str) -> Term:
    try:
        with workspace.database.read() as tx:
            keyword = find(tx, reference)
    except NotFoundError:
        checked = check_draft(KeywordDraft(reference, Category.FACE_ID_BUNDLE.value))
        return Term(checked.term, Category(checked.category), checked.weight, "untried")
    return term_of(keyword)


def stats(workspace: Workspace) -> list[KeywordStatistics]:
    """For each keyword that was ever searched: looks, listings, hits, verdicts, precision."""
    with workspace.database.read() as tx:
        return statistics.by_keyword(tx)
