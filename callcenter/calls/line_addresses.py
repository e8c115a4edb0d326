"""The address at which a caller's line is registered: looked up once, beside the call.

A database that does not answer costs the call nothing but this knowledge.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from callcenter.calls.call import Call
from callcenter.calls.errands import Errands
from callcenter.calls.facts import identity_of
from callcenter.calls.positions import Reader
from callcenter.calls.register import CallRegister, Note
from callcenter.precincts.known_positions import KnownPosition
from callcenter.store.errors import StoreError

log = structlog.get_logger(__name__)

Find = Callable[[str], Awaitable[KnownPosition | None]]
"""The registered position of a number (digits only)."""


class LineAddresses:
    """Gives each open call what is registered for its number."""

    def __init__(
        self, register: CallRegister, find: Find, errands: Errands, write_up: Reader, note: Note
    ) -> None:
        self._register = register
        self._find = find
        self._errands = errands
        self._write_up = write_up
        self._note = note
        self._asked: set[str] = set()

    def tick(self) -> None:
        """Look up what was not looked up."""
        calls = self._register.open()
        self._asked &= {call.id for call in calls}
        for call in calls:
            number = identity_of(call.caller_number)
            if call.id in self._asked or not number:
                continue
            self._asked.add(call.id)
            # Not in the call's own queue of errands: nothing that a phone waits for is behind it.
            self._errands.run(
                f"line-address-{call.id}", "line address", self._looking(call, number)
            )

    def _looking(self, call: Call, number: str) -> Callable[[], Awaitable[None]]:
        async def look() -> None:
            try:
                found = await self._find(number)
            except StoreError as error:
                log.warning("line_address.unknown", call_id=call.id, why=str(error))
                return
            if found is None or call.closed:
                return
            call.line_position = found
            self._note(call.id, "call.line_address", {"found": True})
            self._write_up.read(call)

        return look
