"""One table entry per operation: routes, access, body checks and `openapi.json` come from it.

A handler is a coroutine that gets an `Asked` and returns what becomes the JSON answer (or a
response of its own). It runs only for the roles of its `Operation`, with a checked body.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from callcenter.live.bus import Bus
from callcenter.store.people import People, Role

from .errors import BadInput, TooLarge, WrongType
from .figures_source import FiguresSource
from .floor import Floor, Notes
from .task_source import TaskSource
from .viewing import Viewings

BODY_LIMIT_BYTES = 64 * 1024
BODY_TIMEOUT_S = 10.0

PUBLIC: frozenset[Role] = frozenset()
EVERYONE = frozenset(Role)
STAFF = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN})
LEADERS = frozenset({Role.SUPERVISOR, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks. ``token`` is the session's secret, empty for the API token."""

    name: str
    role: Role
    seat: str | None = None
    officer: str | None = None
    token: str = ""
    expires_at: str | None = None


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers work with."""

    floor: Floor
    people: People
    bus: Bus
    journal: Notes
    tasks: TaskSource
    figures: FiguresSource
    viewings: Viewings = field(default_factory=Viewings)


SERVICES = web.AppKey("services", Services)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that may be answered."""

    request: web.Request
    services: Services
    who: Who
    body: BaseModel | None = None
    query: BaseModel | None = None

    @property
    def floor(self) -> Floor:
        """The running service."""
        return self.services.floor

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return self.request.remote or "unknown"


Handler = Callable[[Asked], Awaitable[Any]]
B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API. No ``roles``: for everybody, signed in or not.

    With ``listed_as`` the handler returns a list of ``answer`` and the answer is an object that
    has it under this name: an object can grow, a bare list cannot.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    roles: frozenset[Role]
    body: type[BaseModel] | None = None
    body_bytes: int = BODY_LIMIT_BYTES
    query: type[BaseModel] | None = None
    """Parameters behind the ``?``; where none are named, what comes there is passed over."""
    answer: type[BaseModel] | None = None
    listed_as: str = ""
    answer_type: str = "application/json"
    websocket: bool = False
    by_link: bool = False
    """An officer's own link opens it too; it opens nothing else."""


def body_of(asked: Asked, model: type[B]) -> B:
    """The checked body as the model that the operation names."""
    if not isinstance(asked.body, model):
        raise TypeError(f"the operation declares no {model.__name__}")
    return asked.body


def query_of(asked: Asked, model: type[B]) -> B:
    """The checked parameters as the model that the operation names."""
    if not isinstance(asked.query, model):
        raise TypeError(f"the operation declares no {model.__name__}")
    return asked.query


def read_query(request: web.Request, model: type[BaseModel]) -> BaseModel:
    """Check the parameters behind the ``?``. Raises `BadInput`."""
    for name in request.query:
        if len(request.query.getall(name)) > 1:
            raise BadInput(f"{name[:40]}: expected once")
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as error:
        raise BadInput(_explain(error)) from None


async def read_body(
    request: web.Request, model: type[BaseModel], limit_bytes: int = BODY_LIMIT_BYTES
) -> BaseModel:
    """Read and check a JSON body. Raises `BadInput`, `TooLarge`, `WrongType`."""
    content = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for part in request.content.iter_any():
                content += part
                if len(content) > limit_bytes:
                    raise TooLarge(
                        f"the body is larger than {limit_bytes} bytes",
                        f"Send less: a request body here may have {limit_bytes // 1024} KiB.",
                    )
    except TimeoutError:
        raise BadInput("the body did not arrive in time", code="slow_body") from None
    if content and request.content_type != "application/json":
        raise WrongType("the body is not declared as JSON")
    try:
        return model.model_validate_json(bytes(content) or b"{}")
    except ValidationError as error:
        raise BadInput(_explain(error)) from None


def _explain(error: ValidationError) -> str:
    """What is wrong and where, without repeating what was sent."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part)[:40] for part in first["loc"])
    text = "the body is not JSON" if first["type"] == "json_invalid" else first["msg"]
    return f"{place}: {text}" if place else text
