"""Whether the service lives, whether it is ready, and what is wrong with it.

``/healthz`` and ``/readyz`` answer without sign-in and therefore say only yes or no by name; the
reasons are in ``/api/v1/health``.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from .operations import EVERYONE, PUBLIC, STAFF, Asked, Operation
from .shapes import Health, Ready, Speech


async def alive(_asked: Asked) -> dict[str, Any]:
    """The event loop answers."""
    return {"status": "ok"}


async def ready(asked: Asked) -> web.Response:
    """Whether calls are conducted."""
    found = await asked.floor.health()
    checks = {name: value for name, value in found.items() if isinstance(value, bool)}
    good = all(checks.values())
    return web.json_response({"ready": good, "checks": checks}, status=200 if good else 503)


async def health(asked: Asked) -> dict[str, Any]:
    """What works and what does not, with reasons."""
    return await asked.floor.health()


async def speech(asked: Asked) -> dict[str, Any]:
    """Whether speech is recognised, and if not, why."""
    return await asked.floor.speech()


OPERATIONS = (
    Operation("GET", "/healthz", alive, "Whether the process answers", PUBLIC, answer=Health),
    Operation("GET", "/readyz", ready, "Whether calls are conducted", PUBLIC, answer=Ready),
    Operation("GET", "/api/v1/health", health, "What works, with reasons", STAFF, answer=Health),
    Operation(
        "GET", "/api/v1/speech", speech, "Whether speech is recognised", EVERYONE, answer=Speech
    ),
)
