"""The HTTP application: every operation behind one gate.

The gate admits (`access`), checks the path and the body (`operations`, `shapes`), calls the
handler, and turns every failure into a problem with a next step (`errors`). A route exists only
through the table of operations or as a file of the console, so none can be left without a lock.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from callcenter.asterisk.errors import AmiError
from callcenter.calls import errors as call_errors
from callcenter.live.bus import Bus
from callcenter.settings import Secrets, Settings
from callcenter.store.errors import StoreError
from callcenter.store.people import People, Role

from . import access, calls, health, places, seats
from .console import Console
from .errors import ApiError, Conflict, Missing, NotNow
from .events import EventStreams
from .floor import Floor, Notes
from .headers import secure
from .metrics import Metrics
from .openapi import describe, own_operation
from .operations import BODY_LIMIT_BYTES, SERVICES, Asked, Operation, Services, Who, read_body
from .shapes import CALL_ID_PATTERN, ID_PATTERN
from .sign_in import SignInDesk

IDLE_CONNECTION_S = 75.0
"""A connection that sends no whole request for so long is closed."""
OPERATIONS = web.AppKey("operations", tuple[Operation, ...])

_NOBODY = Who("", Role.OFFICER)
_CALL_ID = re.compile(CALL_ID_PATTERN)
_ID = re.compile(ID_PATTERN)
_METRICS = web.AppKey("metrics", Metrics)

_log = structlog.get_logger(__name__)


def build_app(
    floor: Floor,
    people: People,
    bus: Bus,
    journal: Notes,
    settings: Settings,
    secrets: Secrets,
    console_dir: Path,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> web.Application:
    """The application; run it with `runner`."""
    del settings  # nothing in them concerns the API yet but its address
    metrics = Metrics()
    streams = EventStreams(metrics)
    app = web.Application(middlewares=[_observe], client_max_size=BODY_LIMIT_BYTES)
    app[SERVICES] = Services(floor, people, bus, journal)
    app[access.TOKEN_CHECK] = access.TokenCheck(secrets.api_token)
    app[_METRICS] = metrics
    description: dict[str, Any] = {}
    operations = (
        *SignInDesk(clock).operations(),
        *calls.OPERATIONS,
        *seats.OPERATIONS,
        *places.OPERATIONS,
        *streams.operations(),
        *health.OPERATIONS,
        *metrics.operations(),
        own_operation(description),
    )
    description.update(describe(operations))
    app[OPERATIONS] = operations
    _add_routes(app, operations)
    app.router.add_get("/{path:.*}", Console(console_dir).serve)
    app.on_response_prepare.append(secure)
    app.on_shutdown.append(streams.close)
    return app


def runner(app: web.Application) -> web.AppRunner:
    """How the application is to be run: no access log (paths name calls), no idle connections."""
    return web.AppRunner(app, access_log=None, keepalive_timeout=IDLE_CONNECTION_S)


def _add_routes(app: web.Application, operations: Sequence[Operation]) -> None:
    for operation in operations:
        app.router.add_route(operation.method, operation.path, _gate(operation))


def _gate(operation: Operation) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def enter(request: web.Request) -> web.StreamResponse:
        who = await access.admit(request, operation) if operation.roles else _NOBODY
        _check_path(request)
        body = None if operation.body is None else await read_body(request, operation.body)
        answer = await operation.handler(Asked(request, request.app[SERVICES], who, body))
        if isinstance(answer, web.StreamResponse):
            return answer
        return web.json_response({operation.listed_as: answer} if operation.listed_as else answer)

    return enter


def _check_path(request: web.Request) -> None:
    for name, value in request.match_info.items():
        if not (_CALL_ID if name == "call_id" else _ID).fullmatch(value):
            raise Missing(f"there is no such {name.removesuffix('_id')}")


@web.middleware
async def _observe(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Measure, and answer every failure with a problem."""
    started = time.monotonic()
    try:
        response = await handler(request)
    except asyncio.CancelledError:
        raise
    except Exception as error:  # the last place that can answer the asker
        problem = _problem(request, error)
        if problem is None:
            raise
        response = problem
    if not isinstance(response, web.WebSocketResponse):
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "none"
        took_s = time.monotonic() - started
        request.app[_METRICS].answered(request.method, route, response.status, took_s)
    return response


def _problem(request: web.Request, error: Exception) -> web.Response | None:
    match error:
        case ApiError():
            return error.response()
        case call_errors.UnknownCall():
            return Missing(str(error)).response()
        case call_errors.NotNow():
            return Conflict(str(error)).response()
        case StoreError():
            _log.warning("api_without_store", route=request.path.partition("?")[0][:40])
            return NotNow("the database does not answer").response()
        case AmiError():
            return NotNow("Asterisk does not answer").response()
        case web.HTTPException():
            return _of_http(error)
        case ConnectionError():
            return None
    _log.error("api_failed", method=request.method, error=type(error).__name__, exc_info=error)
    return ApiError("something went wrong on our side").response()


def _of_http(error: web.HTTPException) -> web.Response:
    problem = ApiError(
        error.reason.lower(), "See /api/v1/openapi.json.", code=f"http_{error.status}"
    )
    problem.status = error.status
    answer = problem.response()
    if isinstance(error, web.HTTPMethodNotAllowed):
        answer.headers["Allow"] = ",".join(sorted(error.allowed_methods))
    return answer
