"""Putting the officer on the line: the operator's one action, and what the officer's phone does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from callcenter.lab.hotline_api import ApiFault, HotlineApi
from callcenter.lab.lab_file import LabFile, PhoneEntry
from callcenter.lab.lab_phones import LabPhones
from callcenter.lab.phone import Phone
from callcenter.lab.phone_call import PhoneCall
from callcenter.lab.played import Played, PlayFault, wait_until

PLACE_WAIT_S = 8.0
OFFICER_RINGS_S = 8.0
JOINED_WITHIN_S = 5.0
BRIEF_AT_MOST_S = 15.0
BRIEF_PAUSE_S = 0.9
"""So much silence means that the brief is over."""
OFFICERS_AT_ONCE = 8
POLL_S = 0.1


class OfficerCall:
    """Rings the responsible officer and has them take the call."""

    def __init__(
        self, lab: LabFile, api: HotlineApi, phones: LabPhones, tell: Callable[[str], None]
    ) -> None:
        self._lab = lab
        self._api = api
        self._phones = phones
        self._tell = tell

    async def put_through(self, played: Played) -> Phone:
        """The operator's one action, and what the officer does then; the officer's phone."""
        call_id = played.id
        call = await self._place(call_id)
        entries = self._officers_of(call.get("precinct"))
        await asyncio.gather(*(self._phones.officer(entry) for entry in entries))
        before = time.monotonic()
        await self._ring(call_id, entries[0], by_place=bool(call.get("precinct")))
        officer, ringing = await self._officer_rings()
        played.note("officer_ringing", ringing.ringing_at)
        self._tell(f"officer {officer.name}'s phone rings {_since(before)} after the key")
        await officer.answer()
        brief_ms = await self._listen_to_brief(officer)
        await officer.press("1")
        played.note("officer_took", time.monotonic())
        self._tell(f"officer {officer.name} has heard {brief_ms / 1000:.1f} s of brief, presses 1")

        async def joined() -> bool:
            state = (await self._api.call(call_id)).get("officer_state")
            return state in ("joined", "heard")

        await wait_until(
            joined, JOINED_WITHIN_S, f"officer {officer.name} to be on the line after pressing 1"
        )
        return officer

    async def _ring(self, call_id: str, first: PhoneEntry, *, by_place: bool) -> None:
        """Press the key; where the place leads to nobody on duty, name an officer, as one would."""
        if by_place:
            try:
                await self._api.ring_officer(call_id)
                return
            except ApiFault as fault:
                self._tell(f"{fault}; the operator names officer {first.id}")
        await self._api.ring_officer(call_id, first.id)

    async def _place(self, call_id: str) -> dict[str, Any]:
        """Wait for the place; a call whose place was not understood is put through all the same."""
        until = time.monotonic() + PLACE_WAIT_S
        while not (call := await self._api.call(call_id)).get("precinct"):
            if time.monotonic() > until or not call.get("speech", {}).get("available", True):
                self._tell("no place is known; the operator names the officer")
                break
            await asyncio.sleep(POLL_S)
        return call

    def _officers_of(self, precinct: str | None) -> Sequence[PhoneEntry]:
        if not self._lab.officers:
            raise PlayFault("the lab has no officers; start it with --officers")
        own = [entry for entry in self._lab.officers if entry.precinct == precinct]
        return own or self._lab.officers[:OFFICERS_AT_ONCE]

    async def _officer_rings(self) -> tuple[Phone, PhoneCall]:
        def ringing() -> Phone | None:
            return next(
                (p for p in self._phones.officers.values() if p.call is not None and p.call.open),
                None,
            )

        async def rings() -> bool:
            return ringing() is not None

        await wait_until(rings, OFFICER_RINGS_S, "an officer's phone to ring")
        officer = ringing()
        if officer is None:
            raise PlayFault("the officer's phone stopped ringing before it was answered")
        return officer, officer.calls[-1]

    async def _listen_to_brief(self, officer: Phone) -> int:
        since = time.monotonic()
        await officer.wait_voice(since, voiced_ms=300, timeout_s=5.0)
        while time.monotonic() - since < BRIEF_AT_MOST_S:
            voice = officer.heard_voice(since)
            if voice.last_at is not None and time.monotonic() - voice.last_at > BRIEF_PAUSE_S:
                break
            await asyncio.sleep(POLL_S)
        return officer.heard_voice(since).voiced_ms


def _since(before: float) -> str:
    return f"{time.monotonic() - before:.1f} s"
