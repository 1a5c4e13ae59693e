"""Sellers: those with most suspected listings, and one with all that is known of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from monitor.console.desk import Desk
from monitor.domain.seller import SellerFilter
from monitor.services import sellers, sources

__all__ = ["routes"]

PAGE_SIZE = 50
MAX_ID = 2**53
MAX_PAGE = 100_000

Id = Annotated[int, Path(ge=1, le=MAX_ID)]
Page = Annotated[int, Query(ge=1, le=MAX_PAGE)]
Source = Annotated[str, Query(max_length=64)]


def routes(desk: Desk) -> APIRouter:
    """The pages of sellers."""
    router = APIRouter()

    @router.api_route("/sellers", methods=["GET", "HEAD"])
    def overview(request: Request, page: Page = 1, source: Source = "") -> Response:
        """Sellers with most hits first."""
        session = desk.require(request)
        offset = (page - 1) * PAGE_SIZE
        chosen = SellerFilter(source=(source,) if source else ())
        return desk.render(
            request,
            "sellers.html",
            session=session,
            found=sellers.list_sellers(desk.workspace, chosen, limit=PAGE_SIZE, offset=offset),
            first=offset + 1,
            page=page,
            page_size=PAGE_SIZE,
            source=source,
            sources=[one.name for one in sources.list_sources(desk.workspace)],
        )

    @router.api_route("/sellers/{seller_id}", methods=["GET", "HEAD"])
    def show(request: Request, seller_id: Id) -> Response:
        """One of them."""
        session = desk.require(request)
        return desk.render(
            request,
            "seller.html",
            session=session,
            detail=sellers.detail(desk.workspace, seller_id),
        )

    return router
