"""What the API answers when it cannot do what was asked.

::

    ApiError                  carries status, code, what is wrong, and what to do next
    ├── BadInput       400    the body or a parameter is not what the operation expects
    ├── NotSignedIn    401
    ├── Forbidden      403    signed in, but not for this
    ├── Missing        404
    ├── Conflict       409    the call or seat is not in a state for this
    ├── TooLarge       413
    ├── WrongType      415
    ├── Unfit          422    well formed, but not what the field can hold
    ├── TooOften       429    carries ``retry_after_s``
    └── NotNow         503    something behind the API does not answer; try again

All of them are the asker's or a neighbour's fault. Anything else that escapes a handler is ours:
it is logged and answered with 500 and nothing of its text.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web


class ApiError(Exception):
    """An answer other than what was asked for."""

    status = 500
    code = "internal"
    next_step = "Try again; if it stays so, tell the administrator the time and what you did."

    def __init__(
        self, message: str, next_step: str | None = None, *, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step or self.next_step
        self.code = code or self.code

    @property
    def body(self) -> dict[str, Any]:
        """The problem as JSON."""
        return {"error": {"code": self.code, "message": self.message, "next": self.next_step}}

    def response(self) -> web.Response:
        """The problem as a response."""
        return web.json_response(self.body, status=self.status)


class BadInput(ApiError):
    """The request is not what the operation expects."""

    status = 400
    code = "bad_input"
    next_step = "Correct the request; /api/v1/openapi.json describes every operation."


class NotSignedIn(ApiError):
    """Nobody is signed in."""

    status = 401
    code = "not_signed_in"
    next_step = "Sign in (POST /api/v1/sign-in) or send Authorization: Bearer <token>."


class Forbidden(ApiError):
    """The user may not do this."""

    status = 403
    code = "forbidden"
    next_step = "Ask a supervisor, or sign in as a user whose role allows it."


class Missing(ApiError):
    """There is no such thing, or the user may not know of it."""

    status = 404
    code = "not_found"
    next_step = "Look at the list again; it may have changed."


class Conflict(ApiError):
    """The state does not allow it."""

    status = 409
    code = "not_now"
    next_step = "Look at the present state and try again."


class TooLarge(ApiError):
    """The body is larger than any that makes sense here."""

    status = 413
    code = "too_large"
    next_step = "Send less: a request body may have 64 KiB."


class WrongType(ApiError):
    """The body is not declared as JSON."""

    status = 415
    code = "wrong_type"
    next_step = "Send JSON with Content-Type: application/json."


class Unfit(ApiError):
    """The value is none that belongs there."""

    status = 422
    code = "unfit"
    next_step = "Type what the message expects."


class TooOften(ApiError):
    """Too many attempts."""

    status = 429
    code = "too_often"

    def __init__(self, message: str, next_step: str, retry_after_s: int) -> None:
        super().__init__(message, next_step)
        self.retry_after_s = retry_after_s

    def response(self) -> web.Response:
        """The problem, with the header that programs understand."""
        answer = super().response()
        answer.headers["Retry-After"] = str(self.retry_after_s)
        return answer


class NotNow(ApiError):
    """A neighbour of the API does not answer."""

    status = 503
    code = "unavailable"
    next_step = "Calls go on meanwhile. Try again in a few seconds."
