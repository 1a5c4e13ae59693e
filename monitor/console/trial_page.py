"""Trying words out: a text against all keywords, and a word before it becomes a keyword."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from classifiers.contract import Category
from monitor.console.desk import Desk
from monitor.console.hit_page import SHOWN_CHARS, cleaned
from monitor.console.marking import mark
from monitor.domain.keyword import Severity
from monitor.services import trials

__all__ = ["TEST_PATH", "routes"]

TEST_PATH = "/keywords/test"


def routes(desk: Desk) -> APIRouter:
    """Both pages. Their addresses stand before the one of a keyword by its id."""
    router = APIRouter()

    @router.api_route(TEST_PATH, methods=["GET", "HEAD"])
    def empty(request: Request) -> Response:
        """The form that takes a text."""
        session = desk.require(request)
        return desk.render(request, "test.html", session=session, trial=None)

    @router.post(TEST_PATH)
    def test(
        request: Request,
        text: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        """What the monitor says of the text, which is neither stored nor in an address."""
        session = desk.require_form(request, csrf)
        trial = trials.try_text(desk.workspace, text.replace("\r\n", "\n"))
        found = trial.assessment
        tokens = mark(trial.text[:SHOWN_CHARS], found.evidence, found.identifiers)
        return desk.render(
            request,
            "test.html",
            session=session,
            trial=trial,
            tokens=tokens,
            marked={token.number for token in tokens},
            left_out=max(0, len(trial.text) - SHOWN_CHARS),
            scores=sorted(found.categories.items(), key=lambda item: -item[1]),
        )

    @router.api_route("/keywords/candidate", methods=["GET", "HEAD"])
    def candidate(request: Request, term: str = "") -> Response:
        """What a word would match among the newest stored texts, and the form that adds it."""
        session = desk.require(request)
        return desk.render(
            request,
            "candidate.html",
            session=session,
            trial=trials.try_term(desk.workspace, cleaned(term)),
            categories=tuple(Category),
            severities=tuple(Severity),
        )

    return router
