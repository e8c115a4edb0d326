"""The HTTP application: every operation behind one gate.

The gate admits (`access`), checks the path and the body (`operations`, `shapes`), calls the
handler, and turns every failure into a problem with a next step (`errors`). A route exists only
through the table of operations or as a file of the console, so none can be left without a lock.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web

from callcenter.live.bus import Bus
from callcenter.settings import Secrets
from callcenter.store.people import People, Role

from . import access, calls, connecting, health, places, seats
from . import figures as figure_operations
from . import tasks as task_operations
from .boundaries import BoundaryOperations
from .console import Console
from .errors import Missing
from .events import EventStreams
from .failures import as_problem
from .figures_source import FiguresSource
from .floor import Floor, Notes
from .headers import secure
from .incidents import IncidentOperations
from .metrics import Metrics
from .openapi import PARAMETER_PATTERNS, describe, own_operation
from .operations import (
    BODY_LIMIT_BYTES,
    SERVICES,
    Asked,
    Operation,
    Services,
    Who,
    read_body,
    read_query,
)
from .recognition import RecognitionOperations
from .responses import ResponseOperations
from .rosters import RosterOperations
from .sign_in import SignInDesk
from .staffing import StaffingOperations
from .task_source import TaskSource
from .tuning import TuningOperations

IDLE_CONNECTION_S = 75.0
"""A connection that sends no whole request for so long is closed."""
OPERATIONS = web.AppKey("operations", tuple[Operation, ...])

_NOBODY = Who("", Role.OFFICER)
_PATTERNS = {name: re.compile(pattern) for name, pattern in PARAMETER_PATTERNS.items()}
_METRICS = web.AppKey("metrics", Metrics)


def build_app(
    floor: Floor,
    people: People,
    bus: Bus,
    journal: Notes,
    secrets: Secrets,
    console_dir: Path,
    *,
    tasks: TaskSource,
    figures: FiguresSource,
    incidents: IncidentOperations | None = None,
    tuning: TuningOperations | None = None,
    staffing: StaffingOperations | None = None,
    rosters: RosterOperations | None = None,
    boundaries: BoundaryOperations | None = None,
    recognition: RecognitionOperations | None = None,
    responses: ResponseOperations | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> web.Application:
    """The application; run it with `runner`."""
    metrics = Metrics()
    streams = EventStreams(metrics)
    app = web.Application(middlewares=[_observe], client_max_size=BODY_LIMIT_BYTES)
    app[SERVICES] = Services(floor, people, bus, journal, tasks, figures)
    app[access.TOKEN_CHECK] = access.TokenCheck(secrets.api_token)
    if rosters:
        app[access.OFFICER_OF_LINK] = rosters.officer_of_link
    app[_METRICS] = metrics
    description: dict[str, Any] = {}
    operations = (
        *SignInDesk(clock).operations(),
        *calls.OPERATIONS,
        *connecting.OPERATIONS,
        *(incidents.operations() if incidents else ()),
        *seats.OPERATIONS,
        *places.OPERATIONS,
        *task_operations.OPERATIONS,
        *figure_operations.OPERATIONS,
        *(tuning.operations() if tuning else ()),
        *(staffing.operations() if staffing else ()),
        *(rosters.operations() if rosters else ()),
        *(boundaries.operations() if boundaries else ()),
        *(recognition.operations() if recognition else ()),
        *(responses.operations() if responses else ()),
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
        query = None if operation.query is None else read_query(request, operation.query)
        body = None
        if operation.body is not None:
            body = await read_body(request, operation.body, operation.body_bytes)
        answer = await operation.handler(Asked(request, request.app[SERVICES], who, body, query))
        if isinstance(answer, web.StreamResponse):
            return answer
        return web.json_response({operation.listed_as: answer} if operation.listed_as else answer)

    return enter


def _check_path(request: web.Request) -> None:
    for name, value in request.match_info.items():
        if not _PATTERNS[name].fullmatch(value):
            raise Missing(f"there is no such {name.removesuffix('_id')}")


@web.middleware
async def _observe(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Measure, and answer every failure with a problem."""
    started = time.monotonic()
    try:
        response = await handler(request)
    except ConnectionError:  # the asker has left: nobody to answer
        raise
    except Exception as error:  # the last place that can answer the asker
        response = as_problem(error, f"{request.method} {_route(request)}").response()
        if isinstance(error, web.HTTPMethodNotAllowed):
            response.headers[hdrs.ALLOW] = ",".join(sorted(error.allowed_methods))
    if not isinstance(response, web.WebSocketResponse):
        took_s = time.monotonic() - started
        request.app[_METRICS].answered(request.method, _route(request), response.status, took_s)
    return response


def _route(request: web.Request) -> str:
    """The path as the table has it: no ids in labels and logs."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"
