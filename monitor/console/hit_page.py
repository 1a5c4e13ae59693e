"""A hit: the text with its evidence in place, all that explains it, and the verdict."""

from __future__ import annotations

import unicodedata
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
from monitor.domain.hit import Hit, HitStatus, Verdict
from monitor.domain.offer import OfferLine, offer_lines
from monitor.errors import ConflictError, InputError, SearchError
from monitor.services import evidence, triage

__all__ = ["routes"]

SHOWN_CHARS = 20_000
COMPARED_CHARS = 5_000
SHOWN_VERSIONS = 20
MAX_ID = 2**53

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
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        """Take a verdict; then on to the next hit that waits, or back to this one."""
        session = desk.require_form(request, csrf)
        if verdict not in set(Verdict):
            raise InputError("a verdict is confirmed, benign or unsure")
        detail = triage.detail(desk.workspace, hit_id)
        if version != detail.hit.version_id:
            raise ConflictError("the listing changed after this page was shown; look at it again")
        triage.triage(
            desk.workspace, hit_id, Verdict(verdict), reason=_clean(reason), actor=session.user
        )
        asked = View.of(QueryParams(view))
        if not go_on:
            return desk.go(f"/hits/{hit_id}?{_with_judged(asked, hit_id)}")
        following = _following(desk, asked, hit_id)
        if following is None:
            return desk.go(f"/?{asked.start.address}")
        return desk.go(f"/hits/{following[0]}?{_with_judged(following[1], hit_id)}")

    return router


def _offer(hit: Hit) -> dict[str, list[OfferLine]]:
    """What was read out of the text, by name."""
    found: dict[str, list[OfferLine]] = {}
    for line in offer_lines(hit.offer, hit.text, currency=hit.currency):
        found.setdefault(line.name, []).append(line)
    return found


def _clean(reason: str) -> str:
    # Controls and lone surrogates cannot be stored everywhere.
    return "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in reason)


def _with_judged(view: View, hit_id: int) -> str:
    address = view.address
    return f"{address}&judged={hit_id}" if address else f"judged={hit_id}"


def _judged(desk: Desk, hit_id: int) -> Hit | None:
    """The hit that was judged before, as it stands now: an address alone can claim nothing."""
    found = triage.load(desk.workspace, [hit_id]) if hit_id > 0 else []
    return found[0] if found and found[0].verdict else None


def _following(desk: Desk, view: View, hit_id: int) -> tuple[int, View] | None:
    """The next hit of the view that waits for a verdict, and the view with its place."""
    if view.text:
        try:
            page = triage.search(desk.workspace, view.start.query)
        except (InputError, SearchError):
            return None
        found = triage.load(desk.workspace, [document.hit_id for document in page.documents])
        waiting = [hit for hit in found if hit.status is HitStatus.OPEN and not hit.verdict]
        return next(((hit.id, view.start) for hit in waiting if hit.id != hit_id), None)
    if view.place is not None:
        # A closed hit leaves the view, and the next one takes its place.
        rows = triage.queue(desk.workspace, view.filter, limit=2, offset=view.place)
        for number, hit in enumerate(rows):
            if hit.id != hit_id and hit.status is HitStatus.OPEN:
                return hit.id, view.at(view.place + number)
    rows = triage.queue(desk.workspace, view.filter, limit=2)
    for number, hit in enumerate(rows):
        if hit.id != hit_id and hit.status is HitStatus.OPEN:
            return hit.id, view.at(number)
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
