"""Errors in one shape: problem details (RFC 9457), for every status."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from monitor.errors import (
    ConflictError,
    InputError,
    MonitorError,
    NotFoundError,
    SearchError,
    StoreError,
)

__all__ = ["MEDIA_TYPE", "Unauthorised", "documented", "handle_problems", "problem"]

MEDIA_TYPE = "application/problem+json"
SIGN_IN = "send a token that is valid: Authorization: Bearer mon_..."
TROUBLE = "the monitor cannot answer now; its log says why"


class Unauthorised(Exception):
    """No token came, or one that is not valid."""


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """An answer that says what went wrong."""
    return JSONResponse(
        _shape(status, detail), status_code=status, media_type=MEDIA_TYPE, headers=headers
    )


def _shape(status: int, detail: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }


def documented(examples: dict[int, str]) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, as OpenAPI describes them."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"example": _shape(status, detail)}},
        }
        for status, detail in examples.items()
    }


def handle_problems(api: FastAPI) -> None:
    """Turn errors into problems; nothing that was sent is sent back."""

    @api.exception_handler(Unauthorised)
    def unauthorised(_request: Request, _error: Exception) -> JSONResponse:
        return problem(401, SIGN_IN, {"WWW-Authenticate": "Bearer"})

    @api.exception_handler(RequestValidationError)
    def malformed(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        return problem(422, f"{first['loc'][-1]}: {first['msg']}")

    @api.exception_handler(HTTPException)
    def refused(_request: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers) if error.headers else None
        return problem(error.status_code, str(error.detail), headers)

    @api.exception_handler(MonitorError)
    def explained(_request: Request, error: MonitorError) -> JSONResponse:
        if isinstance(error, NotFoundError):
            return problem(404, str(error))
        if isinstance(error, ConflictError):
            return problem(409, str(error))
        if isinstance(error, InputError):
            return problem(422, str(error))
        if isinstance(error, SearchError | StoreError):
            return problem(503, str(error))
        return problem(500, TROUBLE)

    @api.exception_handler(Exception)
    def unforeseen(_request: Request, _error: Exception) -> JSONResponse:
        return problem(500, TROUBLE)
