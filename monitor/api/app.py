"""The API as an application; the console's server mounts it under `PATH`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from monitor import __version__
from monitor.api import statistics
from monitor.api.problems import Unauthorised, handle_problems
from monitor.pipeline.workspace import Workspace
from monitor.services.setup import user_of_token

__all__ = ["PATH", "create_api"]

PATH = "/api/v1"
MAX_TOKEN_CHARS = 200
bearer = HTTPBearer(auto_error=False, description="`monitor tokens add` prints one.")


def create_api(workspace: Workspace) -> FastAPI:
    """The API over an open workspace.

    Its description is at ``openapi.json``, without a token; everything else needs one.
    """
    api = FastAPI(
        title="Face-trade monitor",
        version=__version__,
        description="Numbers about suspected listings, looks, verdicts and alerts.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )

    def require_token(
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    ) -> None:
        """Whoever holds a live token may ask."""
        token = given.credentials if given else ""
        if not 0 < len(token) <= MAX_TOKEN_CHARS or user_of_token(workspace, token) is None:
            raise Unauthorised

    api.include_router(statistics.routes(workspace), dependencies=[Depends(require_token)])
    handle_problems(api)
    return api
