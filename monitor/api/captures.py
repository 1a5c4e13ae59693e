"""`POST /captures`: a browser's export or a partner's feed, taken in as if it had been fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from monitor.api.problems import SIGN_IN, documented
from monitor.pipeline.captures import AnswerResult, Spool, Taken, take_capture
from monitor.pipeline.workspace import Workspace

__all__ = ["MAX_BYTES", "PATH", "routes"]

PATH = "/captures"
MAX_BYTES = 64 * 1024 * 1024
MAX_UPLOADS = 8
"""At the same time: each takes up to `MAX_BYTES` of the data folder's disk."""
SILENCE_S = 60.0
RETRY_S = "5"
EXAMPLE = Taken(7, False, 1, (AnswerResult(0, "goofish", "ok", "", 30, 0, 28, 1),))


class Asked(BaseModel):
    """What a capture cannot say itself. Unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(
        "",
        max_length=64,
        description="Whose answers these are; empty: each is given to the source that knows "
        "it again.",
    )
    term: str = Field("", max_length=200, description="What had been searched for.")


def routes(workspace: Workspace) -> APIRouter:
    """The route."""
    router = APIRouter(tags=["captures"])
    uploads = _Uploads()

    @router.post(PATH, response_model=Taken, responses=_responses(), openapi_extra=BODY)
    async def take(
        request: Request,
        asked: Annotated[Asked, Query()],
        idempotency_key: Annotated[str, Header(max_length=200)] = "",
    ) -> Any:
        """Record each answer of a HAR file, or one JSON, JSONP, HTML or feed body.

        The same body, or the same `Idempotency-Key`, is recorded once: sent again, it is
        answered as before with `is_repeat`. What was broken off is gone on with.
        """
        _refuse_packed(request)
        user = request.state.user
        key = f"request {user} {idempotency_key}" if idempotency_key else ""
        with uploads.one(), _spool(workspace) as spool:
            await _receive(request, spool)
            return await run_in_threadpool(
                take_capture,
                workspace,
                spool,
                "",
                workspace.database.now(),
                source=asked.source,
                term=asked.term,
                key=key,
                actor=user,
            )

    return router


class _Uploads:
    """How many captures are on their way. Used on the event loop only."""

    def __init__(self) -> None:
        self._count = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        if self._count >= MAX_UPLOADS:
            detail = f"{MAX_UPLOADS} captures are on their way; try again"
            raise HTTPException(503, detail, {"Retry-After": RETRY_S})
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1


def _spool(workspace: Workspace) -> Spool:
    folder = workspace.settings.data_dir
    try:
        # A machine that only serves may have no data folder.
        return Spool(folder if folder.is_dir() else None)
    except OSError as error:
        raise HTTPException(507, f"no room for it: {error.strerror}") from None


def _refuse_packed(request: Request) -> None:
    """A few bytes could unpack to any number of them, and forms hold files in pieces."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise HTTPException(415, "send the capture unpacked, without Content-Encoding")
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise HTTPException(415, "send the capture itself as the body, not a form")


async def _receive(request: Request, spool: Spool) -> None:
    too_large = HTTPException(413, f"larger than {MAX_BYTES // 1024**2} MiB; use the folder")
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAX_BYTES:
        raise too_large
    now = asyncio.get_running_loop().time
    try:
        async with asyncio.timeout(SILENCE_S) as patience:
            async for piece in request.stream():
                patience.reschedule(now() + SILENCE_S)
                if spool.size + len(piece) > MAX_BYTES:
                    raise too_large
                spool.write(piece)
    except TimeoutError:
        raise HTTPException(408, f"nothing came for {SILENCE_S:.0f} s") from None
    except ClientDisconnect:
        raise HTTPException(400, "the body was broken off") from None
    except OSError as error:
        raise HTTPException(507, f"no room for it: {error.strerror}") from None


def _responses() -> dict[int | str, dict[str, Any]]:
    problems = {
        401: SIGN_IN,
        404: "no source 'shop'",
        409: "other bytes came under this key before",
        413: "larger than 64 MiB; use the folder",
        415: "send the capture unpacked, without Content-Encoding",
        422: "the file is empty",
        503: "another process has taken this capture over",
        507: "no room for it: No space left on device",
    }
    example = {"application/json": {"example": asdict(EXAMPLE)}}
    return {200: {"content": example}, **documented(problems)}


BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
