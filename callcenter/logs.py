"""Logs: one JSON object a line on standard error. Callers' data never stands in the text.

Values that could be a caller's (numbers, words, places) may only be logged in fields whose name
begins with ``caller_``; `hide_caller_fields` leaves them out unless debugging was asked for.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

CALLER_PREFIX = "caller_"


def hide_caller_fields(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace marked fields by their length."""
    for name in [name for name in event if name.startswith(CALLER_PREFIX)]:
        event[name] = f"<{len(str(event[name]))} characters>"
    return event


def write_logs(*, level: int = logging.INFO, show_caller_data: bool = False) -> None:
    """Send structlog's and the standard library's logs to standard error as JSON lines."""
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    if not show_caller_data:
        processors.append(hide_caller_fields)
    structlog.configure(
        processors=[*processors, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s %(message)s")
