"""A hit: the text with its evidence in place, all that explains it, and the verdict."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import Response
from starlette.datastructures import QueryParams

from monitor.console.desk import Desk
from monitor.console.differences import Change, differences
from monitor.console.marking import mark
from monitor.console.view import View
from monitor.domain.casework import MuteKind
from monitor.domain.hit import Hit, HitStatus, Verdict
from monitor.domain.offer import OfferLine, offer_lines
from monitor.errors import ConflictError, InputError, SearchError
from monitor.services import claiming, evidence, triage

__all__ = ["SHOWN_CHARS", "Id", "cleaned", "following", "routes"]

SHOWN_CHARS = 20_000
COMPARED_CHARS = 5_000
SHOWN_VERSIONS = 20
MAX_ID = 2**53
NEAREST = 20
"""Hits after this one among which the next one that nobody works on is looked for."""
MUTE_DAYS = (1, 7, 30, 90, 365)

Id = Annotated[int, Path(ge=1, le=MAX_ID)]
Earlier = Annotated[int, Query(ge=0, le=MAX_ID)]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version and what changed since the one before of the same origin.

    A search page shows a part of what the item page says: only like is compared with like.
    """

    number: int
    origin: str
    created_at: datetime
    score: float | None
    title: str
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Where a hit stands in a view: its place (1 is the first), and the pages beside it."""

    place: int
    total: int
    earlier: str | None
    later: str | None


def routes(desk: Desk) -> APIRouter:
    """The hit's page and its verdict form."""
    router = APIRouter()

    @router.api_route("/hits/{hit_id}", methods=["GET", "HEAD"])
    def show(request: Request, hit_id: Id, judged: Earlier = 0, full: int = 0) -> Response:
        """Everything about one hit; `judged` names the hit whose verdict led here."""
        session = desk.require(request)
        view = View.of(request.query_params)
        detail = triage.detail(desk.workspace, hit_id)
        hit = detail.hit
        length = len(hit.text) if full else SHOWN_CHARS
        tokens = mark(hit.text[:length], hit.evidence, hit.identifiers)
        return desk.render(
            request,
            "hit.html",
            session=session,
            view=view,
            detail=detail,
            hit=hit,
            tokens=tokens,
            marked={token.number for token in tokens},
            left_out=max(0, len(hit.text) - length),
            scores=sorted(hit.categories.items(), key=lambda item: -item[1]),
            offer=_offer(hit),
            versions=_versions(detail.versions),
            neighbours=_neighbours(desk, view, hit_id),
            judged=_judged(desk, judged),
            now=desk.workspace.database.now(),
            mute_kinds=tuple(MuteKind),
            mute_days=MUTE_DAYS,
            evidence=evidence.of_listing(desk.workspace, hit.listing_id),
        )

    @router.post("/hits/{hit_id}/verdict")
    def judge(
        request: Request,
        hit_id: Id,
        verdict: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
        version: Annotated[int, Form()] = 0,
        view: Annotated[str, Form()] = "",
        go_on: Annotated[str, Form()] = "",
        override: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        """Take a verdict; then on to the next hit that waits, or back to this one."""
        session = desk.require_form(request, csrf)
        if verdict not in set(Verdict):
            raise InputError("a verdict is confirmed, benign or unsure")
        detail = triage.detail(desk.workspace, hit_id)
        if version != detail.hit.version_id:
            raise ConflictError("the listing changed after this page was shown; look at it again")
        had_it = detail.hit.holder(desk.workspace.database.now()) == session.user
        triage.triage(
            desk.workspace,
            hit_id,
            Verdict(verdict),
            reason=cleaned(reason),
            actor=session.user,
            is_forced=bool(override),
        )
        asked = View.of(QueryParams(view))
        if not go_on:
            return desk.go(f"/hits/{hit_id}?{_with_judged(asked, hit_id)}")
        found = following(desk, asked, hit_id, user=session.user)
        if found is None:
            return desk.go(f"/?{asked.start.address}")
        if had_it:
            # Who was a moment faster is named on the page that this leads to.
            with suppress(ConflictError):
                claiming.claim(desk.workspace, found[0], actor=session.user)
        return desk.go(f"/hits/{found[0]}?{_with_judged(found[1], hit_id)}")

    return router


def _offer(hit: Hit) -> dict[str, list[OfferLine]]:
    """What was read out of the text, by name."""
    found: dict[str, list[OfferLine]] = {}
    for line in offer_lines(hit.offer, hit.text, currency=hit.currency):
        found.setdefault(line.name, []).append(line)
    return found


def cleaned(text: str) -> str:
    """What a form brought, without controls and lone surrogates: not every store takes them."""
    return "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in text)


def _with_judged(view: View, hit_id: int) -> str:
    address = view.address
    return f"{address}&judged={hit_id}" if address else f"judged={hit_id}"


def _judged(desk: Desk, hit_id: int) -> Hit | None:
    """The hit that was judged before, as it stands now: an address alone can claim nothing."""
    found = triage.load(desk.workspace, [hit_id]) if hit_id > 0 else []
    return found[0] if found and found[0].verdict else None


def following(desk: Desk, view: View, hit_id: int, *, user: str) -> tuple[int, View] | None:
    """The next hit of a view that waits and that nobody else works on.

    Args:
        desk: the console's.
        view: where this hit was met.
        hit_id: this hit; never the answer.
        user: who asks.

    Returns:
        Its id, and the view with its place; None when there is none.
    """
    now = desk.workspace.database.now()

    def waits(hit: Hit) -> bool:
        is_free = hit.holder(now) in {"", user}
        return hit.id != hit_id and hit.status is HitStatus.OPEN and is_free

    if view.text:
        try:
            page = triage.search(desk.workspace, view.start.query)
        except (InputError, SearchError):
            return None
        found = triage.load(desk.workspace, [document.hit_id for document in page.documents])
        return next(((hit.id, view.start) for hit in found if waits(hit) and not hit.verdict), None)
    # A closed hit leaves the view, and the next one takes its place.
    for first in dict.fromkeys((view.place or 0, 0)):
        rows = triage.queue(desk.workspace, view.filter, limit=NEAREST, offset=first)
        for number, hit in enumerate(rows):
            if waits(hit):
                return hit.id, view.at(first + number)
    return None


def _neighbours(desk: Desk, view: View, hit_id: int) -> Neighbours | None:
    """None when the hit is no longer where the address says."""
    if view.place is None or view.text:
        return None
    first = max(0, view.place - 1)
    rows = triage.queue(desk.workspace, view.filter, limit=view.place - first + 2, offset=first)
    places = {hit.id: first + number for number, hit in enumerate(rows)}
    if places.get(hit_id) != view.place:
        return None
    beside = {place: f"/hits/{found}?{view.at(place).address}" for found, place in places.items()}
    return Neighbours(
        place=view.place + 1,
        total=triage.count(desk.workspace, view.filter),
        earlier=beside.get(view.place - 1),
        later=beside.get(view.place + 1),
    )


def _versions(rows: list[dict[str, Any]]) -> list[VersionRow]:
    """Newest first; a version that was assessed again stands once, with its last score."""
    by_number = {row["number"]: row for row in rows}
    before: dict[str, str] = {}
    found = []
    for number, row in sorted(by_number.items()):
        origin, title = row["origin"], row["title"]
        text = f"{title}\n{row['description']}" if row["description"] else title
        text = text[:COMPARED_CHARS]
        changes = differences(before[origin], text) if origin in before else []
        before[origin] = text
        found.append(VersionRow(number, origin, row["created_at"], row["score"], title, changes))
    return found[::-1][:SHOWN_VERSIONS]
