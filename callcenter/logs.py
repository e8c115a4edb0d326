"""Logs: one JSON object a line on standard error. Callers' data never stands in the text.

Values that could be a caller's (numbers, words, places) may only be logged in fields whose name
begins with ``caller_``; `hide_caller_fields` leaves them out unless debugging was asked for. So
does `hide_error_texts` with the texts of errors, which may quote what could not be understood.
"""

from __future__ import annotations

import logging
import sys
import traceback
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


def hide_error_texts(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Say where an error came from and what kind it is, not what it says."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else given
    error = sys.exception() if given is True else error
    lines: list[str] = []
    while isinstance(error, BaseException):
        lines += [*traceback.format_tb(error.__traceback__), f"{type(error).__qualname__}\n"]
        error = error.__cause__ or error.__context__
    if lines:
        event["exception"] = "".join(lines)
    return event


def processors(*, show_caller_data: bool = False) -> list[Any]:
    """What every log event goes through before it is written."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *(
            [structlog.processors.format_exc_info]
            if show_caller_data
            else [hide_error_texts, hide_caller_fields]
        ),
    ]


def write_logs(*, level: int = logging.INFO, show_caller_data: bool = False) -> None:
    """Send structlog's and the standard library's logs to standard error as JSON lines."""
    structlog.configure(
        processors=[
            *processors(show_caller_data=show_caller_data),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s %(message)s")
