"""Who asks, and whether they may: session cookie or API token, origin, role.

A cookie is sent by the browser whatever page asks, so a request that rides on one and writes (or
opens the event stream) must come from our own pages: its ``Origin`` must name the host that it is
sent to. The API token is sent on purpose and needs no such check.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from callcenter.store.people import Role

from .errors import Forbidden, NotSignedIn
from .operations import SERVICES, Operation, Who

COOKIE = "callcenter_session"
TOKEN_USER = "api-token"  # noqa: S105 (a name, not a secret)
LONGEST_TOKEN_CHARS = 512
_SAFE_METHODS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})


class TokenCheck:
    """Compares against the API token in constant time; keeps only its hash."""

    def __init__(self, token: str) -> None:
        if len(token) < 16:
            raise ValueError("the API token is shorter than 16 characters")
        self._digest = _digest(token)

    def matches(self, token: str) -> bool:
        """Whether this is the token."""
        return hmac.compare_digest(self._digest, _digest(token))


OfficerOfLink = Callable[[str], Awaitable[str | None]]
OFFICER_OF_LINK: web.AppKey[OfficerOfLink] = web.AppKey("officer_of_link")
"""Whose link a secret is; None: nobody's."""
TOKEN_CHECK = web.AppKey("token_check", TokenCheck)


async def admit(request: web.Request, operation: Operation) -> Who:
    """Who asks. Raises `NotSignedIn` or `Forbidden`."""
    who = await _identify(request)
    if who is None and operation.by_link:
        who = await _of_link(request)
    if who is None:
        raise NotSignedIn("nobody is signed in, or the session has ended")
    riding_on_cookie = bool(who.token)
    writes = request.method not in _SAFE_METHODS or operation.websocket
    if riding_on_cookie and writes:
        check_origin(request, required=True)
    if who.role not in operation.roles:
        wanted = ", ".join(sorted(operation.roles))
        raise Forbidden(f"the role {who.role} may not do this; it is for {wanted}")
    return who


def check_origin(request: web.Request, *, required: bool) -> None:
    """Refuse what another site's page sends. Raises `Forbidden`."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None and not required:
        return
    if origin is None or urlsplit(origin).netloc.lower() != request.host.lower():
        raise Forbidden(
            "the request does not come from the console's own page",
            "Open the console by the same address that you signed in to;"
            " programs use the API token.",
            code="wrong_origin",
        )


async def _of_link(request: web.Request) -> Who | None:
    """The officer whose own link this is."""
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if scheme.lower() != "bearer" or not 16 <= len(token) <= LONGEST_TOKEN_CHARS:
        return None
    officer = await request.app[OFFICER_OF_LINK](token.strip())
    return None if officer is None else Who(f"{officer} (link)", Role.OFFICER, officer=officer)


async def _identify(request: web.Request) -> Who | None:
    header = request.headers.get(hdrs.AUTHORIZATION)
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or len(token) > LONGEST_TOKEN_CHARS:
            return None
        if not request.app[TOKEN_CHECK].matches(token.strip()):
            return None
        return Who(TOKEN_USER, Role.ADMIN)
    token = request.cookies.get(COOKIE, "")
    if not token or len(token) > LONGEST_TOKEN_CHARS:
        return None
    session = await request.app[SERVICES].people.session(token)
    if session is None:
        return None
    person = session.person
    return Who(
        name=person.name,
        role=person.role,
        seat=person.seat,
        officer=person.officer,
        token=token,
        expires_at=session.expires_at.isoformat(),
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
