"""What failed behind the API, told as a problem for whoever asked."""

from __future__ import annotations

import structlog
from aiohttp import web

from callcenter.asterisk.errors import AmiError
from callcenter.calls import errors as call_errors
from callcenter.incidents.typed import TypedRefused
from callcenter.records import errors as record_errors
from callcenter.responses import errors as response_errors
from callcenter.rosters.errors import RosterRefused
from callcenter.store.errors import StoreError
from callcenter.tasks import errors as task_errors
from callcenter.tuning.errors import TuningError

from .errors import ApiError, Conflict, Missing, NotNow, Unfit
from .rosters import problem as roster_problem
from .tuning import problem as tuning_problem

_log = structlog.get_logger(__name__)


def as_problem(error: Exception, doing: str) -> ApiError:
    """The problem that an exception is to the asker; ``doing`` names the operation in the log."""
    match error:
        case ApiError():
            return error
        case call_errors.UnknownCall():
            return Missing(str(error))
        case call_errors.NotNow():
            return Conflict(str(error))
        case (
            task_errors.UnknownTask()
            | record_errors.UnknownIncident()
            | response_errors.UnknownResponse()
        ):
            return Missing(str(error))
        case record_errors.CannotJoin() | response_errors.ResponseRefused():
            return Conflict(str(error))
        case task_errors.TaskRefused():
            return Conflict(str(error), error.next_step)
        case TuningError():
            return tuning_problem(error)
        case RosterRefused():
            return roster_problem(error)
        case TypedRefused():
            return Unfit(str(error), f"Type {error.expected}.")
        case StoreError():
            _log.warning("api_without_store", doing=doing)
            return NotNow("the database does not answer")
        case AmiError():
            _log.warning("api_without_asterisk", doing=doing)
            return NotNow("Asterisk does not answer")
        case web.HTTPException():
            return _of_http(error)
    _log.error("api_failed", doing=doing, error=type(error).__name__, exc_info=error)
    return ApiError("something went wrong on our side")


def _of_http(error: web.HTTPException) -> ApiError:
    problem = ApiError(
        error.reason.lower(), "See /api/v1/openapi.json.", code=f"http_{error.status}"
    )
    problem.status = error.status
    return problem
