"""Look: a listing again from its item page, for its full text, pictures, seller and state."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.domain.outcome import Outcome
from monitor.domain.page import ItemPage, ItemState
from monitor.errors import LeaseLost
from monitor.pipeline.asking import Scope, ask
from monitor.pipeline.assess import draft_listings
from monitor.pipeline.notify import tell_of_gone
from monitor.pipeline.picture_gate import ask_for_pictures
from monitor.pipeline.record import decide
from monitor.pipeline.workspace import Workspace
from monitor.sources.protocol import ItemSource
from monitor.store import hits, looks
from monitor.store import tables as t
from monitor.store.claims import Claim, hold, release
from monitor.store.database import Transaction
from monitor.store.looks import LookPlan
from monitor.store.record import record_listings

__all__ = ["look_at", "mark_gone"]

MAX_TRIES = 4
FIRST_RETRY_S = 300.0
BUDGET_WAIT_S = 300.0


def look_at(workspace: Workspace, claim: Claim) -> Outcome | None:
    """Read one claimed listing's item page.

    Returns:
        How it went, or None when the claim was lost, the source's budget for this hour
        or its host's for this day is spent or its item pages rest after a block (the
        look then waits).
    """
    database = workspace.database
    with database.read() as tx:
        plan = looks.plan(tx, claim.id)
        spent = looks.looks_since(tx, plan.source.id, database.now() - timedelta(hours=1))
    source = workspace.source(plan.source)
    request = (
        source.item_request(plan.native_id, plan.url) if isinstance(source, ItemSource) else None
    )
    try:
        if request is None or not isinstance(source, ItemSource):
            return _finish_without_page(workspace, claim)
        if spent >= workspace.settings.looks_per_hour:
            _wait(workspace, claim, BUDGET_WAIT_S)
            return None
        asked = ask(workspace, plan.source, Scope.ITEM, request, source.parse_item)
        if asked.is_resting:
            _release(workspace, claim)
            return None
        if asked.outcome is Outcome.BUDGET_SPENT:
            _wait(workspace, claim, asked.result.retry_after_s or BUDGET_WAIT_S)
            return None
        if asked.page is None or asked.outcome is not Outcome.OK:
            return _fail(workspace, claim, plan, asked.outcome)
        return _record(workspace, claim, plan, asked.page)
    except LeaseLost:
        return None


def _hold(workspace: Workspace, tx: Transaction, claim: Claim) -> datetime:
    now = workspace.database.now()
    hold(tx, t.listing, claim, until=now + timedelta(seconds=workspace.settings.lease_s))
    return now


def _record(workspace: Workspace, claim: Claim, plan: LookPlan, page: ItemPage) -> Outcome:
    is_gone = page.state is ItemState.GONE
    drafts = []
    if page.listing is not None and not is_gone:
        # The key is the row's: an item page may spell its id differently.
        listing = replace(page.listing, native_id=plan.native_id, state=page.state)
        drafts = draft_listings(workspace, plan.source.id, [listing], "item")
    with workspace.database.write() as tx:
        now = _hold(workspace, tx, claim)
        recorded = record_listings(tx, plan.source.id, drafts, now=now)
        for row in recorded:
            if row.needs_decision:
                hit = hits.load(tx, [plan.hit_id]) if plan.hit_id else []
                is_baseline = bool(hit) and hit[0].is_baseline
                decide(workspace, tx, row, is_baseline=is_baseline, now=now)
        ask_for_pictures(
            workspace, tx, recorded, drafts, source_id=plan.source.id, keyword_id=None, now=now
        )
        looks.finish(tx, claim, now=now)
        if is_gone:
            mark_gone(tx, plan.listing_id, now=now)
    return Outcome.OK


def mark_gone(tx: Transaction, listing_id: int, *, now: datetime) -> None:
    """Write that an item page said so, and tell whoever was told of its hit."""
    hit_id = looks.mark_gone(tx, listing_id, now=now)
    if hit_id is not None:
        hits.touch(tx, hit_id, now=now)
        tell_of_gone(tx, hit_id, now=now)


def _fail(workspace: Workspace, claim: Claim, plan: LookPlan, outcome: Outcome) -> Outcome:
    with workspace.database.write() as tx:
        now = _hold(workspace, tx, claim)
        is_last = plan.failures + 1 >= MAX_TRIES
        retry_at = now + timedelta(seconds=FIRST_RETRY_S * 2.0**plan.failures)
        looks.finish(tx, claim, now=now, retry_at=None if is_last else retry_at)
    return outcome


def _finish_without_page(workspace: Workspace, claim: Claim) -> Outcome:
    with workspace.database.write() as tx:
        now = _hold(workspace, tx, claim)
        looks.finish(tx, claim, now=now)
    return Outcome.DISALLOWED


def _wait(workspace: Workspace, claim: Claim, seconds: float) -> None:
    with workspace.database.write(durable=False) as tx:
        now = _hold(workspace, tx, claim)
        looks.put_off(tx, claim, until=now + timedelta(seconds=seconds))


def _release(workspace: Workspace, claim: Claim) -> None:
    with workspace.database.write(durable=False) as tx:
        release(tx, t.listing, claim)
