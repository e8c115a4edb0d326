"""What people may see and do: the API's view of the running service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from callcenter.asterisk.actions import Hangup
from callcenter.asterisk.connection import AmiLink
from callcenter.calls import view
from callcenter.calls.conduct import Conductor
from callcenter.calls.desk import Desk
from callcenter.calls.errors import NotNow
from callcenter.calls.legs import Role
from callcenter.calls.listen import Listener
from callcenter.calls.officers import OfficerHunts
from callcenter.calls.parties import How
from callcenter.calls.positions import GivenPosition, PositionDesk
from callcenter.calls.register import CallRegister
from callcenter.calls.responsibility import Responsibility
from callcenter.calls.write_up import WriteUp
from callcenter.incidents.typed import typed_value
from callcenter.precincts.boundary_text import around_text, collection_text
from callcenter.precincts.live_territories import LiveTerritories
from callcenter.records.filed_edits import FiledEdits
from callcenter.rosters.office import RosterOffice
from callcenter.store.calls import Calls
from callcenter.store.errors import StoreError
from callcenter.store.recordings import RecordingsTable
from callcenter.store.transcripts import Transcripts

log = structlog.get_logger(__name__)

RECENT_CALLS = 50
"""How many closed calls the list shows below the open ones."""


class RunningFloor:
    """The floor of one running service; closed calls come from the store."""

    def __init__(
        self,
        *,
        register: CallRegister,
        conductor: Conductor,
        officers: OfficerHunts,
        write_up: WriteUp,
        listener: Listener,
        link: AmiLink,
        boundaries: LiveTerritories,
        rosters: RosterOffice,
        responsibility: Responsibility,
        calls: Calls,
        transcripts: Transcripts,
        filed_edits: FiledEdits,
        recordings: RecordingsTable,
        health: Callable[[], Awaitable[dict[str, Any]]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._register = register
        self._conductor = conductor
        self._officers = officers
        self._write_up = write_up
        self._listener = listener
        self._link = link
        self._boundaries = boundaries
        self._rosters = rosters
        self._responsibility = responsibility
        self._calls = calls
        self._transcripts = transcripts
        self._filed_edits = filed_edits
        self._recordings = recordings
        self._health = health
        self._clock = clock
        self._desk = Desk(conductor, register, clock)
        self._positions = PositionDesk(register, boundaries, write_up, conductor.note)

    async def calls(self) -> list[dict[str, Any]]:
        """Open calls, the longest first, then the newest closed ones."""
        now = self._clock()
        at_hand = [view.summary(call, now) for call in self._register]
        known = {call["id"] for call in at_hand}
        try:
            kept = [row.detail for row in await self._calls.recent(RECENT_CALLS)]
        except StoreError as error:
            log.warning("floor.without_store", why=str(error))
            kept = []
        older = [_as_summary(detail) for detail in kept if detail["id"] not in known]
        return at_hand + older

    async def call(self, call_id: str) -> dict[str, Any] | None:
        """One call with legs, timeline, record and recordings."""
        call = self._register.find(call_id)
        if call:
            return view.detail(call, self._clock(), self._listener.state())
        row = await self._calls.get(call_id)
        if row is None:
            return None
        kept = await self._recordings.of(call_id)
        return {**row.detail, "recordings": [view.recording(each, each.starts_ms) for each in kept]}

    async def transcript(self, call_id: str) -> list[dict[str, Any]]:
        """What was said, in order."""
        call = self._register.find(call_id)
        return view.transcript(call) if call else await self._transcripts.of(call_id)

    async def ring_officer(
        self, call_id: str, officer_ids: Sequence[str], by: str
    ) -> dict[str, Any]:
        """Put an officer on the line: the first of these to take it, or whoever is responsible.

        Raises:
            UnknownCall, NotNow: it cannot be done; the message says what to do.
        """
        for officer_id in officer_ids:
            if not self._rosters.phones_of(officer_id):
                raise NotNow(
                    f"there is no officer {officer_id} with a phone that may be rung;"
                    " choose one from the list of officers"
                )
        call = self._register.get(call_id)
        found = None if officer_ids else self._responsibility.of(call)
        if found is not None and found.to == "partner":
            self._conductor.parties.bring(
                call, Role.PARTNER, found.key, How.ADD, call.seat or "", by
            )
            told = {"call_id": call.id, "state": "ringing", "officers": []}
            return told | {"partner": found.key}
        return await self._officers.ring(call, officer_ids, by)

    async def stop_ringing(self, call_id: str, by: str) -> None:
        """Stop ringing officers.

        Raises:
            UnknownCall, NotNow: nobody is being rung.
        """
        self._officers.stop(self._register.get(call_id), by)

    async def partners(self) -> list[dict[str, Any]]:
        """Every desk that may be brought to a call."""
        return self._conductor.parties.listed()

    async def bring(
        self, call_id: str, role: str, party: str, how: str, seat: str, by: str
    ) -> None:
        """Ring a partner or another seat for a call.

        Raises:
            UnknownCall, NotNow: it cannot be done; the message says what to do.
        """
        call = self._register.get(call_id)
        coming = self._conductor.parties.bring(call, Role(role), party, How(how), seat, by)
        here = next((leg for leg in call.on_bridge(Role.OPERATOR) if leg.party == seat), None)
        if coming.how is How.ASK and here:
            self._conductor.aside.step_aside(call, seat, by)
        elif coming.how is How.GIVE:
            await self._desk.give_away(call, seat, by, self._link)

    async def give_to_queue(self, call_id: str, queue: str, seat: str, by: str) -> None:
        """Let the caller wait at the head of another queue.

        Raises:
            UnknownCall, NotNow: it cannot be done; the message says what to do.
        """
        await self._desk.give_to_queue(call_id, queue, seat, by, self._link)

    async def stop_party(self, call_id: str, party: str, by: str) -> None:
        """Ring somebody no more.

        Raises:
            UnknownCall, NotNow: their phone does not ring.
        """
        self._conductor.parties.stop(self._register.get(call_id), party, by)

    async def put_out(self, call_id: str, leg: str, by: str) -> None:
        """Take somebody off the call.

        Raises:
            UnknownCall, NotNow: they are not on it, or the caller would be alone.
        """
        self._conductor.parties.put_out(self._register.get(call_id), leg, by)

    async def step_aside(self, call_id: str, seat: str, by: str) -> None:
        """Take an operator aside; a caller who is alone then has music.

        Raises:
            UnknownCall, NotNow: the seat is not with the caller.
        """
        self._conductor.aside.step_aside(self._register.get(call_id), seat, by)

    async def back(self, call_id: str, seat: str, by: str) -> None:
        """Take an operator back to the caller.

        Raises:
            UnknownCall, NotNow: the seat is not aside.
        """
        self._conductor.aside.back(self._register.get(call_id), seat, by)

    async def edit_field(self, call_id: str, field: str, value: Any, by: str) -> dict[str, Any]:
        """Put what a person typed into the record; recognition never overwrites it.

        Nothing typed takes back what was typed before.

        Raises:
            UnknownCall: there is no such call.
            TypedRefused: the field cannot hold that.
            StoreUnavailable: the call is over, and the database does not answer.
        """
        typed = typed_value(field, value)
        call, content = self._register.find(call_id), typed
        if call is not None and field == "place" and isinstance(typed, str):
            # A search of the map takes too long for the loop that phones wait for.
            content = await asyncio.to_thread(self._write_up.placed, call.language, typed)
            call = self._register.find(call_id)
        if call is None:
            return await self._filed_edits.edit(call_id, field, typed, by, datetime.now(UTC))
        self._write_up.edit(call, field, content, by, view.stamp(datetime.now(UTC)))
        if field == "category":
            self._conductor.waiting.prioritise(call)
        await self._write_up.settle(call)
        return call.record

    async def hang_up(self, call_id: str, by: str) -> None:
        """End the caller's call."""
        call = self._register.get(call_id)
        self._conductor.note(call.id, "call.hang_up", {"by": by})
        await self._link.send(Hangup(channel=call.channel))

    async def leave(self, call_id: str, seat_id: str, by: str) -> None:
        """Take an operator off a call that goes on with the officer.

        Raises:
            UnknownCall, NotNow: nobody would be left with the caller, or not both were heard yet.
        """
        await self._link.send(Hangup(channel=self._desk.leave(call_id, seat_id, by)))

    async def seats(self) -> list[dict[str, Any]]:
        """Every seat with its state."""
        return self._conductor.distribution.seats()

    async def set_seat_state(
        self, seat_id: str, state: str, reason: str | None, by: str
    ) -> dict[str, Any]:
        """Make a seat ready or not ready."""
        return self._desk.set_seat(seat_id, state, reason, by)

    async def wrap_up(self, seat_id: str, on: bool, by: str) -> dict[str, Any]:
        """Begin or end work after a call.

        Raises:
            NotNow: there is no call to wrap up.
        """
        return self._desk.wrap_up(seat_id, on, by)

    async def reasons(self) -> list[dict[str, Any]]:
        """Why a seat may be set not ready."""
        return self._desk.reasons()

    async def prioritise(self, call_id: str, priority: int | None, by: str) -> dict[str, Any]:
        """Give a waiting caller a priority.

        Raises:
            UnknownCall, NotNow: nobody waits there.
        """
        return self._desk.prioritise(call_id, priority, by)

    async def put_position(self, call_id: str, given: GivenPosition, by: str) -> dict[str, Any]:
        """Keep where a caller's phone is.

        Raises:
            UnknownCall, NotNow: no such call is open, or a newer position is known.
        """
        return self._positions.put(call_id, given, by)

    async def move(self, call_id: str, queue: str, by: str) -> dict[str, Any]:
        """Let a waiting caller wait in another queue.

        Raises:
            UnknownCall, NotNow: nobody waits, or there is no such queue.
        """
        return self._desk.move(call_id, queue, by)

    async def pick(self, call_id: str, seat_id: str, by: str) -> dict[str, Any]:
        """Offer a waiting caller to this seat.

        Raises:
            UnknownCall, NotNow: nobody waits, or the seat cannot be rung.
        """
        return self._desk.pick(call_id, seat_id, by)

    async def set_surge(self, origin: str, on: bool, by: str) -> dict[str, Any]:
        """Begin or end a surge."""
        return self._desk.set_surge(origin, on, by)

    async def surges(self) -> list[dict[str, Any]]:
        """Every surge that is on."""
        return self._desk.surges()

    async def queues(self) -> list[dict[str, Any]]:
        """Every queue with who waits in it."""
        return self._conductor.distribution.queues()

    async def officers(self) -> list[dict[str, Any]]:
        """Every officer, whether a call has them, and how often they did not answer lately."""
        busy = {
            leg.party: "on_call"
            for call in self._register.open()
            for leg in call.on_bridge(Role.OFFICER)
        }
        missed = {each.officer_id: each.times for each in self._officers.not_answering()}
        return [
            officer
            | {"state": busy.get(officer["id"], "free"), "missed": missed.get(officer["id"], 0)}
            for officer in self._rosters.listed()
        ]

    async def precincts(self) -> str:
        """Boundaries as the text of a GeoJSON FeatureCollection."""
        return await asyncio.to_thread(collection_text, self._boundaries.now.precincts)

    async def precincts_around(self, lat: float, lon: float, reach_m: float) -> str:
        """The same of what lies in a square about a point."""
        return around_text(self._boundaries.now.precincts, lat, lon, reach_m)

    async def speech(self) -> dict[str, Any]:
        """Whether speech is recognised, and if not, why."""
        return self._listener.state()

    async def health(self) -> dict[str, Any]:
        """What works and what does not."""
        return await self._health()

    async def recording_file(self, call_id: str) -> Path | None:
        """The kept recording of a call."""
        kept = await self._recordings.of(call_id)
        return Path(kept[-1].path) if kept else None


def _as_summary(detail: Mapping[str, Any]) -> dict[str, Any]:
    left_out = {"legs", "timeline", "incident", "recordings", "speech"}
    return {name: value for name, value in detail.items() if name not in left_out}
