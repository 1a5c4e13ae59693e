"""The queue: suspected listings in triage order, or what a search finds among them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from fastapi.responses import Response

from classifiers.contract import Category, Decision
from monitor.console.desk import Desk
from monitor.console.view import FILTERS, PAGE_SIZE, View
from monitor.domain.hit import Hit, HitStatus, Verdict
from monitor.errors import InputError, SearchError
from monitor.services import sources, triage, watches

__all__ = ["routes"]

CHOICES = {
    "status": tuple(HitStatus),
    "decision": tuple(Decision),
    "category": tuple(Category),
    "verdict": tuple(Verdict),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the queue.

    Attributes:
        rows: each hit with the address of its page.
        total: exact number of matches.
        first: place of the first row, 1 for the first match; None on later search pages.
        earlier: address of the page before, or None.
        later: address of the page after, or None.
        problem: why the search could not be made, for people, or "".
    """

    rows: list[tuple[Hit, str]]
    total: int
    first: int | None = 1
    earlier: str | None = None
    later: str | None = None
    problem: str = ""


def routes(desk: Desk) -> APIRouter:
    """The queue's route."""
    router = APIRouter()

    @router.api_route("/", methods=["GET", "HEAD"])
    def queue(request: Request) -> Response:
        """One page of it."""
        session = desk.require(request)
        view = View.of(request.query_params)
        found = _search(desk, view) if view.text else _in_order(desk, view)
        known = {**CHOICES, "source": _source_names(desk)}
        shown = [name for name in FILTERS if name in known or name in view.chosen]
        return desk.render(
            request,
            "queue.html",
            status=400 if found.problem else 200,
            session=session,
            view=view,
            found=found,
            filters=[(name, _options(known.get(name, ()), view, name)) for name in shown],
            now=desk.workspace.database.now(),
            is_all_taken=request.query_params.get("free") == "0",
            resting=sorted({circuit.source for circuit in watches.circuits(desk.workspace)}),
        )

    return router


def _in_order(desk: Desk, view: View) -> Found:
    offset = (view.page - 1) * PAGE_SIZE
    total = triage.count(desk.workspace, view.filter)
    rows = triage.queue(desk.workspace, view.filter, limit=PAGE_SIZE, offset=offset)
    return Found(
        rows=[
            (hit, f"/hits/{hit.id}?{view.at(offset + number).address}")
            for number, hit in enumerate(rows)
        ],
        total=total,
        first=offset + 1,
        earlier=_address(replace(view, page=view.page - 1)) if view.page > 1 else None,
        later=_address(replace(view, page=view.page + 1)) if offset + len(rows) < total else None,
    )


def _search(desk: Desk, view: View) -> Found:
    try:
        page = triage.search(desk.workspace, view.query)
    except (InputError, SearchError) as error:
        return Found([], 0, problem=str(error))
    hits = triage.load(desk.workspace, [document.hit_id for document in page.documents])
    return Found(
        rows=[(hit, f"/hits/{hit.id}?{view.start.address}") for hit in hits],
        total=page.total,
        first=None if view.cursor else 1,
        earlier=_address(view.start) if view.cursor else None,
        later=_address(replace(view, cursor=page.cursor)) if page.cursor else None,
    )


def _address(view: View) -> str:
    return f"/?{view.address}"


def _options(known: tuple[str, ...], view: View, name: str) -> list[tuple[str, tuple[str, ...]]]:
    """What can be chosen, each as the address writes it and its values; the choice is among it."""
    options: list[tuple[str, tuple[str, ...]]] = [(str(value), (str(value),)) for value in known]
    chosen = view.chosen.get(name, ())
    if chosen and (",".join(chosen), chosen) not in options:
        options.append((",".join(chosen), chosen))
    return options


def _source_names(desk: Desk) -> tuple[str, ...]:
    return tuple(source.name for source in sources.list_sources(desk.workspace))
