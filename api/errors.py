"""Errors as problem details (RFC 9457): one table says which status each error of the platform has.

What only the operator can mend, such as a store that is away, is told to the log and not to whoever asks.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from core.errors import (
    CanhdongError,
    Conflict,
    Forbidden,
    NotFound,
    RetriableError,
    TooManyAttempts,
    Unauthenticated,
)

_LOG = logging.getLogger("api")
PROBLEM: Final = "application/problem+json"
_STATUS: tuple[tuple[type[CanhdongError], HTTPStatus], ...] = (
    (Unauthenticated, HTTPStatus.UNAUTHORIZED),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (TooManyAttempts, HTTPStatus.TOO_MANY_REQUESTS),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (RetriableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (CanhdongError, HTTPStatus.INTERNAL_SERVER_ERROR),
)
_AWAY: Final = "a store does not answer; try again later"
_FAULT: Final = "the platform met a fault; its log names it under this request id"
_SCHEMES: Final = 'Bearer realm="canhdong", Basic realm="canhdong", charset="UTF-8"'
_SCHEMA: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_DESCRIBED: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    int(status): {"description": status.phrase, "content": {PROBLEM: {"schema": _SCHEMA}}} for status in _DESCRIBED
}
"""What every route may answer beside its own, for the OpenAPI document."""


def problem(status: int, detail: str, request: Request, **members: object) -> JSONResponse:
    """A problem document: ``type``, ``title``, ``status``, ``detail``, ``instance``, ``request_id`` and more."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "request_id": _id_of(request),
        **members,
    }
    return JSONResponse(body, status, media_type=PROBLEM)


def _id_of(request: Request) -> str:
    """The request's id; empty in an application without :mod:`api.envelope`."""
    return str(getattr(request.state, "request_id", ""))


def of_error(error: CanhdongError, request: Request) -> JSONResponse:
    """The problem document of an error of the platform."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    detail = str(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error("request %s: %s", _id_of(request), error)
        detail = _AWAY if isinstance(error, RetriableError) else _FAULT
    answer = problem(status, detail, request)
    if isinstance(error, TooManyAttempts):
        answer.headers["Retry-After"] = str(error.wait_s)
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = _SCHEMES
    return answer


def fault(request: Request) -> JSONResponse:
    """The problem document of an error that nobody expected."""
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, _FAULT, request)


def install(app: FastAPI) -> None:
    """Let the application answer every error with a problem document."""
    app.add_exception_handler(CanhdongError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    return of_error(error, request) if isinstance(error, CanhdongError) else fault(request)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    faults = [{"where": ".".join(map(str, it["loc"])), "what": it["msg"]} for it in found]
    detail = "; ".join(f"{it['where']}: {it['what']}" for it in faults)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, request, errors=faults)


async def _http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        return fault(request)
    answer = problem(error.status_code, str(error.detail), request)
    answer.headers.update(error.headers or {})
    return answer
