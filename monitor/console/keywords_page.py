"""Keywords: what each brought, and the forms that add, change, watch and retire one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from classifiers.contract import Category
from monitor.console.desk import Desk
from monitor.console.hit_page import Id, cleaned
from monitor.console.status_page import sight
from monitor.domain.keyword import Keyword, KeywordDraft, Severity
from monitor.errors import ConflictError, InputError
from monitor.services import keywords, sources, watches

__all__ = ["routes"]

STATES = ("active", "expired", "retired")
INTERVALS_S = (900, 1800, 3600, 21_600, 86_400)
PAGE_SIZE = 100
MAX_PAGE = 10_000

Text = Annotated[str, Form()]
Page = Annotated[int, Query(ge=1, le=MAX_PAGE)]


class Given(BaseModel):
    """What the form of a keyword brings."""

    term: str = ""
    category: str = ""
    severity: Severity = Severity.MEDIUM
    weight: float = 0.0
    search: bool = False
    owner: str = ""
    reason: str = ""
    expires: str = ""
    version: int = 0
    csrf: str = ""

    def fields(self, expires_before: datetime | None = None) -> dict[str, Any]:
        """Fields of a draft besides its term and what the form does not ask for."""
        return {
            "category": self.category,
            "severity": self.severity,
            "weight": self.weight,
            "search": self.search,
            "owner": cleaned(self.owner),
            "reason": cleaned(self.reason),
            "expires_at": _expires(self.expires, expires_before),
        }


def routes(desk: Desk) -> APIRouter:
    """The list, one keyword's page, and their forms."""
    router = APIRouter()
    _add_pages(router, desk)
    _add_forms(router, desk)
    return router


def _add_pages(router: APIRouter, desk: Desk) -> None:
    @router.api_route("/keywords", methods=["GET", "HEAD"])
    def overview(
        request: Request, state: str = "active", category: str = "", page: Page = 1
    ) -> Response:
        """Keywords with most hits first."""
        session = desk.require(request)
        chosen = category if category in set(Category) else ""
        state = state if state in STATES else ""
        found = [
            keyword
            for keyword in keywords.list_keywords(
                desk.workspace, categories=[chosen] if chosen else (), with_retired=True
            )
            if state in {"", _state(desk, keyword)}
        ]
        brought = {one.keyword_id: one for one in keywords.stats(desk.workspace)}
        found.sort(key=lambda one: -brought[one.id].hits if one.id in brought else 0)
        first = (page - 1) * PAGE_SIZE
        return desk.render(
            request,
            "keywords.html",
            session=session,
            rows=[
                (keyword, _state(desk, keyword), brought.get(keyword.id))
                for keyword in found[first : first + PAGE_SIZE]
            ],
            total=len(found),
            first=first + 1,
            page=page,
            page_size=PAGE_SIZE,
            filters=urlencode({"state": state, "category": chosen}),
            state=state,
            states=STATES,
            category=chosen,
            categories=tuple(Category),
        )

    @router.api_route("/keywords/{keyword_id}", methods=["GET", "HEAD"])
    def show(request: Request, keyword_id: Id) -> Response:
        """One of them."""
        session = desk.require(request)
        workspace = desk.workspace
        keyword = keywords.get(workspace, keyword_id)
        watched = [one for one in watches.list_watches(workspace) if one.keyword_id == keyword_id]
        places = {one.source for one in watched}
        stats = keywords.stats(workspace)
        return desk.render(
            request,
            "keyword.html",
            session=session,
            keyword=keyword,
            state=_state(desk, keyword),
            brought=next((one for one in stats if one.keyword_id == keyword_id), None),
            watches=watched,
            sight=sight,
            unwatched=[
                one.name for one in sources.list_sources(workspace) if one.name not in places
            ],
            intervals=INTERVALS_S,
            history=keywords.history(workspace, keyword.term)[::-1],
            categories=tuple(Category),
            severities=tuple(Severity),
        )


def _add_forms(router: APIRouter, desk: Desk) -> None:
    @router.post("/keywords")
    def add(request: Request, given: Annotated[Given, Form()]) -> Response:
        """Add one, or revive a retired one."""
        session = desk.require_form(request, given.csrf)
        draft = KeywordDraft(term=cleaned(given.term), **given.fields())
        added = keywords.add(desk.workspace, draft, actor=session.user)
        return desk.go(f"/keywords/{added.id}")

    @router.post("/keywords/{keyword_id}/edit")
    def edit(request: Request, keyword_id: Id, given: Annotated[Given, Form()]) -> Response:
        """Write a new version of the one that was shown."""
        session = desk.require_form(request, given.csrf)
        keyword = keywords.get(desk.workspace, keyword_id)
        if given.version != keyword.version:
            raise ConflictError("the keyword changed after this page was shown; look at it again")
        changes = given.fields(keyword.draft.expires_at)
        keywords.edit(desk.workspace, keyword.term, changes, actor=session.user)
        return desk.go(f"/keywords/{keyword_id}")

    @router.post("/keywords/{keyword_id}/retire")
    def retire(request: Request, keyword_id: Id, reason: Text = "", csrf: Text = "") -> Response:
        """Search and match it no longer."""
        session = desk.require_form(request, csrf)
        term = keywords.get(desk.workspace, keyword_id).term
        keywords.retire(desk.workspace, term, reason=cleaned(reason), actor=session.user)
        return desk.go(f"/keywords/{keyword_id}")

    @router.post("/keywords/{keyword_id}/watch")
    def watch(
        request: Request,
        keyword_id: Id,
        source: Text = "",
        every_s: Annotated[float, Form()] = 0.0,
        csrf: Text = "",
    ) -> Response:
        """Search it in a source at an interval."""
        session = desk.require_form(request, csrf)
        term = keywords.get(desk.workspace, keyword_id).term
        watches.add(desk.workspace, source, [term], interval_s=every_s, actor=session.user)
        return desk.go(f"/keywords/{keyword_id}#watches-h")


def _state(desk: Desk, keyword: Keyword) -> str:
    if keyword.retired_at is not None:
        return "retired"
    return "active" if keyword.is_active(desk.now()) else "expired"


def _expires(text: str, before: datetime | None) -> datetime | None:
    """The beginning of a day in UTC; a day that is left as it was keeps its time."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError("expires: a date such as 2026-12-31, or nothing") from None
    if before is not None and before.astimezone(UTC).date() == day:
        return before
    return datetime.combine(day, time(), UTC)
