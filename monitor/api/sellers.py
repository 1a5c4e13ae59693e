"""Sellers, for programs; the same answers as `monitor sellers ...`. All masked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from monitor.api.problems import SIGN_IN, documented
from monitor.domain.seller import SellerFilter
from monitor.pipeline.workspace import Workspace
from monitor.services import sellers

__all__ = ["routes"]

MAX_NAMES = 50
PROBLEMS = documented(
    {
        401: SIGN_IN,
        404: "no seller with id 7",
        422: "limit: Input should be less than or equal to 1000",
        503: "the store cannot be read",
    }
)

Id = Annotated[int, Path(ge=1, le=2**53)]
Name = Annotated[str, Field(max_length=100)]


class Listed(BaseModel):
    """Which sellers, and which part of them. Unknown names are refused."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[list[Name], Field(max_length=MAX_NAMES)] = Field(
        [], description="Only of these markets."
    )
    everyone: bool = Field(False, description="Those without a suspected listing as well.")
    limit: int = Field(50, ge=1, le=1000, description="Most rows.")
    offset: int = Field(0, ge=0, le=1_000_000, description="Rows to leave out at the start.")


def routes(workspace: Workspace) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["sellers"], responses=PROBLEMS)

    @router.get("/sellers")
    def list_sellers(asked: Annotated[Listed, Query()]) -> sellers.SellerPage:
        """Sellers with most hits first."""
        chosen = SellerFilter(source=tuple(asked.source), with_hits=not asked.everyone)
        return sellers.list_sellers(workspace, chosen, limit=asked.limit, offset=asked.offset)

    @router.get("/sellers/{seller_id}")
    def show(seller_id: Id) -> sellers.SellerDetail:
        """One seller: what was seen of it, its suspected listings, accounts that may be its own."""
        return sellers.detail(workspace, seller_id)

    return router
