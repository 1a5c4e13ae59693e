"""The API as an application; the console's server mounts it under `PATH`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from monitor import __version__
from monitor.api import captures, sellers, statistics, triage
from monitor.api.problems import Unauthorised, handle_problems
from monitor.pipeline.workspace import Workspace
from monitor.services.setup import user_of_token

__all__ = ["PATH", "UPLOADS", "create_api"]

PATH = "/api/v1"
UPLOADS = frozenset({PATH + captures.PATH})
"""Addresses that bound by themselves what is sent to them."""
MAX_TOKEN_CHARS = 200
bearer = HTTPBearer(auto_error=False, description="`monitor tokens add` prints one.")


def create_api(workspace: Workspace) -> FastAPI:
    """The API over an open workspace.

    Its description is at ``openapi.json``, without a token; everything else needs one.
    """
    api = FastAPI(
        title="Face-trade monitor",
        version=__version__,
        description="Suspected listings and sellers, what people do with them, numbers; captures.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )

    def require_token(
        request: Request,
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    ) -> None:
        """Whoever holds a live token may ask; what they do is done in their name."""
        token = given.credentials if given else ""
        holder = user_of_token(workspace, token) if 0 < len(token) <= MAX_TOKEN_CHARS else None
        if holder is None:
            raise Unauthorised
        request.state.user = holder[0]

    for part in (statistics, triage, sellers, captures):
        api.include_router(part.routes(workspace), dependencies=[Depends(require_token)])
    handle_problems(api)
    return api
