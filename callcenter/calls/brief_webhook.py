"""The brief as text: sent to a web address while an officer's phone rings, with a link to the call.

Whoever runs that address passes it on to the officer's phone as a message. The link opens the call
in the console, where the officer must be signed in; it is no key. Each message is signed, so that
the receiver can tell it from others (HMAC-SHA256, RFC 2104).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Final
from urllib.parse import quote

import aiohttp
import structlog

from callcenter.calls.call import Call
from callcenter.calls.errands import Errands
from callcenter.calls.register import Note
from callcenter.settings import BriefMessages

log = structlog.get_logger(__name__)

SIGNATURE: Final = "X-Hotline-Signature"
TRIES: Final = 2


class BriefWebhook:
    """Sends briefs; does nothing without an address."""

    def __init__(self, settings: BriefMessages, secret: str, errands: Errands, note: Note) -> None:
        self._settings = settings
        self._secret = secret.encode()
        self._errands = errands
        self._note = note

    def send(self, call: Call, attempt_id: str, officer_id: str, text: str, language: str) -> None:
        """Send one officer's brief; nobody waits for it."""
        if not self._settings.url:
            return
        console = self._settings.console
        message = {
            "call_id": call.id,
            "officer": officer_id,
            "language": language,
            "text": text,
            "link": f"{console.rstrip('/')}/#call/{quote(call.id, safe='')}" if console else "",
        }
        body = json.dumps(message, ensure_ascii=False).encode()

        async def post() -> None:
            await self._post(call.id, officer_id, body)

        # Beside the call's own errands: it must not stand before a ring.
        self._errands.run(f"brief-message-{attempt_id}", "send the brief", post)

    async def _post(self, call_id: str, officer_id: str, body: bytes) -> None:
        headers = {
            "Content-Type": "application/json",
            SIGNATURE: f"sha256={signature(self._secret, body)}",
        }
        why = ""
        timeout = aiohttp.ClientTimeout(total=self._settings.timeout_s)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            for _ in range(TRIES):
                try:
                    async with session.post(
                        self._settings.url, data=body, headers=headers, allow_redirects=False
                    ) as answer:
                        if answer.status < 300:
                            said = {"officer": officer_id, "status": answer.status}
                            self._note(call_id, "brief.sent", said)
                            return
                        why = f"status {answer.status}"
                except (TimeoutError, aiohttp.ClientError, OSError) as error:
                    why = type(error).__name__
        log.warning("brief.unsent", call_id=call_id, why=why)
        self._note(call_id, "brief.unsent", {"officer": officer_id, "why": why})


def signature(secret: bytes, body: bytes) -> str:
    """What stands behind ``sha256=``, in hexadecimal digits."""
    return hmac.new(secret, body, hashlib.sha256).hexdigest()
