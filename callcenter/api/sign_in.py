"""Signing in and out, and who is signed in."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from aiohttp import hdrs, web

from callcenter.store.people import Person

from .access import COOKIE, check_origin
from .errors import NotNow, NotSignedIn, TooOften
from .operations import EVERYONE, PUBLIC, Asked, Operation, body_of
from .rate_limit import FailureLimit
from .shapes import Done, Me, SignIn

WINDOW_S = 60.0
FAILURES_PER_NAME_AND_ADDRESS = 5
FAILURES_PER_ADDRESS = 50
"""More than per name: a whole floor may stand behind one address."""
SIGN_INS_AT_ONCE = 32
"""Each costs a password hash; what comes beyond is sent away at once."""

_log = structlog.get_logger(__name__)


class SignInDesk:
    """Signs people in, slowing down those who guess."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._by_name = FailureLimit(FAILURES_PER_NAME_AND_ADDRESS, WINDOW_S)
        self._by_address = FailureLimit(FAILURES_PER_ADDRESS, WINDOW_S)
        self._busy = 0

    def operations(self) -> tuple[Operation, ...]:
        """The operations of this desk."""
        return (
            Operation(
                "POST", "/api/v1/sign-in", self.sign_in, "Sign in", PUBLIC, body=SignIn, answer=Me
            ),
            Operation("POST", "/api/v1/sign-out", sign_out, "Sign out", EVERYONE, answer=Done),
            Operation("GET", "/api/v1/me", me, "Who is signed in", EVERYONE, answer=Me),
        )

    async def sign_in(self, asked: Asked) -> web.Response:
        """Check name and password; the answer carries the session cookie."""
        check_origin(asked.request, required=False)
        body = body_of(asked, SignIn)
        key = f"{asked.address} {body.name}"
        self._check_limits(key, asked.address)
        if self._busy >= SIGN_INS_AT_ONCE:
            raise NotNow("too many people are signing in at this moment")
        self._busy += 1
        # Counted before the password is checked: parallel guesses must not slip through.
        self._by_name.failed(key, self._clock())
        self._by_address.failed(asked.address, self._clock())
        try:
            person = await asked.services.people.verify(body.name, body.password)
        finally:
            self._busy -= 1
        journal = asked.services.journal
        if person is None:
            journal.note(None, "sign_in.refused", {"name": body.name, "address": asked.address})
            _log.warning("sign_in_refused", address=asked.address)
            raise NotSignedIn(
                "name and password do not agree",
                "Check both; the administrator can set a new password.",
                code="wrong_password",
            )
        self._by_name.forgive(key)
        self._by_address.undo(asked.address)
        token, session = await asked.services.people.open_session(person)
        journal.note(None, "sign_in", {"name": person.name, "address": asked.address})
        return _with_cookie(asked.request, person, token, session.expires_at)

    def _check_limits(self, key: str, address: str) -> None:
        now = self._clock()
        wait_s = math.ceil(
            max(self._by_name.wait_s(key, now), self._by_address.wait_s(address, now))
        )
        if wait_s > 0:
            raise TooOften(
                "too many attempts with a wrong password",
                f"Wait {wait_s} s, then try again.",
                wait_s,
            )


def _with_cookie(
    request: web.Request, person: Person, token: str, expires_at: datetime
) -> web.Response:
    answer = web.json_response(_me(person, expires_at.isoformat()))
    forwarded = request.headers.get(hdrs.X_FORWARDED_PROTO, "").lower()
    answer.set_cookie(
        COOKIE,
        token,
        path="/",
        expires=expires_at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        httponly=True,
        samesite="Strict",
        # Behind a proxy that speaks TLS, the browser must never send it in the clear.
        secure=request.secure or forwarded == "https",
    )
    return answer


async def sign_out(asked: Asked) -> web.Response:
    """End the session. With the API token there is none to end."""
    if asked.who.token:
        await asked.services.people.close_session(asked.who.token)
        asked.services.journal.note(None, "sign_out", {"name": asked.who.name})
    answer = web.json_response({"ok": True})
    answer.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
    return answer


async def me(asked: Asked) -> dict[str, Any]:
    """Who is signed in, and until when."""
    return _me(asked.who, asked.who.expires_at)


def _me(person: Any, expires_at: str | None) -> dict[str, Any]:
    return {
        "name": person.name,
        "role": person.role.value,
        "seat": person.seat,
        "officer": person.officer,
        "expires_at": expires_at,
    }
