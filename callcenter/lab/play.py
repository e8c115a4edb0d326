"""Plays one scripted call through a running lab, with real phones, and checks every step of it.

The operator's phone answers when it rings. Turns are spoken one after another, and each must be
*heard*: the very sound that one phone said has to be found in what the other one received. The
operator's one action puts the officer on the line: with the operator's turn just before the
first officer's turn ("the officer is coming"), or without such a turn right before it. The
officer listens to the brief and presses 1. The operator leaves when officer and caller have
heard each other, they go on, and at the end the caller hangs up.

What the service says of the call is fetched from its API and held against what the phones
measured by themselves.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from callcenter.lab import timeline
from callcenter.lab.hotline_api import ApiFault, HotlineApi
from callcenter.lab.lab_file import LabFile, PhoneEntry
from callcenter.lab.lab_phones import LabPhones
from callcenter.lab.phone import Phone
from callcenter.lab.phone_call import PhoneCall
from callcenter.lab.phone_errors import PhoneError
from callcenter.lab.script import Script, Who
from callcenter.lab.voices import speech_of

PICK_UP_S = 0.3
"""How long an operator lets it ring."""
GAP_S = 0.35
"""Between two turns."""
SEAT_RINGS_S = 15.0
PLACE_WAIT_S = 8.0
OFFICER_RINGS_S = 8.0
BRIEF_AT_MOST_S = 15.0
BRIEF_PAUSE_S = 0.9
"""So much silence means that the brief is over."""
HEARD_WITHIN_S = 3.0
FILED_WITHIN_S = 15.0
OFFICERS_AT_ONCE = 8
POLL_S = 0.1

Tell = Callable[[str], None]


class PlayFault(Exception):
    """A step of the call did not happen; the message says which and what was seen instead."""


@dataclass(slots=True)
class Played:
    """A call that was played, as far as it came."""

    script: str
    started_at: float = 0.0
    """When the INVITE was sent, in monotonic seconds."""
    call_id: str | None = None
    call: dict[str, Any] = field(default_factory=dict)
    transcript: list[dict[str, Any]] = field(default_factory=list)
    rows: tuple[timeline.Row, ...] = ()
    measured_ms: dict[str, int] = field(default_factory=dict)
    turns: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Everything happened."""
        return not self.faults

    def to_json(self) -> dict[str, Any]:
        """What ``callcenter call --json`` prints."""
        return {
            "script": self.script,
            "call_id": self.call_id,
            "ok": self.ok,
            "faults": self.faults,
            "timeline": [row.to_json() for row in self.rows],
            "measured_ms": self.measured_ms,
            "turns": self.turns,
            "transcript": self.transcript,
            "record": self.call.get("incident"),
            "recordings": self.call.get("recordings", []),
            "call": {
                key: value
                for key, value in self.call.items()
                if key not in ("incident", "recordings", "timeline")
            },
        }


class Player:
    """Plays one script. Give it phones of a lab and the lab's API; `play` does the rest."""

    def __init__(
        self,
        lab: LabFile,
        api: HotlineApi,
        phones: LabPhones,
        script: Script,
        file: Path,
        *,
        tell: Tell = lambda text: None,
    ) -> None:
        self._lab = lab
        self._api = api
        self._phones = phones
        self._script = script
        self._file = file
        self._tell = tell
        self._line: dict[Who, Phone] = {}
        """Who is on the call at this moment."""
        self._played = Played(script.id)
        self._officer_call: asyncio.Task[None] | None = None
        self._officer_heard_by_caller_at: float | None = None

    async def play(self) -> Played:
        """Play it to the end; faults are in what is returned, nothing is raised for them."""
        try:
            await self._play()
        except (PlayFault, PhoneError, ApiFault) as error:
            self._played.faults.append(str(error))
            await self._hang_up_all()
        await self._fetch()
        return self._played

    # ------------------------------------------------------------------ the call

    async def _play(self) -> None:
        speech = await asyncio.gather(
            *(speech_of(self._script, self._file, turn) for turn in self._script.turns)
        )
        await self._staff_a_seat()
        caller = await self._phones.caller(self._script.from_number)
        await self._dial(caller)
        await self._answered()
        try:
            await self._talk(speech)
        finally:
            if self._officer_call is not None:
                self._officer_call.cancel()
                await asyncio.gather(self._officer_call, return_exceptions=True)
        await caller.hang_up()
        self._note("closed", caller.calls[-1].closed_at)
        others = [phone for who, phone in self._line.items() if who != "caller"]
        await asyncio.gather(*(phone.wait_closed(5.0) for phone in others))

    async def _talk(self, speech: Sequence[Path]) -> None:
        turns = self._script.turns
        first = next((n for n, turn in enumerate(turns) if turn.who == "officer"), len(turns))
        key_at = first - 1 if first < len(turns) and turns[first - 1].who == "operator" else first
        for number, turn in enumerate(turns):
            if number == key_at:
                self._officer_call = asyncio.create_task(self._call_officer(), name="officer call")
            if number == first and self._officer_call is not None:
                await self._officer_call
            if turn.who not in self._line:
                raise PlayFault(f"turn {number + 1}: the {turn.who} is no longer on the line")
            await self._speak(number, turn.who, speech[number])
            await self._let_operator_go(number)
            await asyncio.sleep(GAP_S)

    async def _staff_a_seat(self) -> None:
        if self._phones.seats:
            return
        states = {seat["id"]: seat["state"] for seat in await self._api.seats()}
        for entry in self._lab.seats:
            if states.get(entry.id) == "offline" and await self._phones.seat(entry):
                await self._until(
                    partial(self._seat_is_ready, entry.id),
                    5.0,
                    f"seat {entry.id} to be ready after its phone registered",
                )
                return
        raise PlayFault(
            "no seat is free: others have registered the phones of "
            + ", ".join(entry.id for entry in self._lab.seats)
        )

    async def _seat_is_ready(self, seat_id: str) -> bool:
        return any(
            seat["id"] == seat_id and seat["state"] == "ready" for seat in await self._api.seats()
        )

    async def _dial(self, caller: Phone) -> None:
        line = self._script.line or self._lab.lines[0].number
        if line not in {entry.number for entry in self._lab.lines}:
            known = ", ".join(entry.number for entry in self._lab.lines)
            raise PlayFault(f"line {line} is not a line of this lab; it has {known}")
        known_ids = {call["id"] for call in await self._api.calls()}
        call = await caller.dial(line)
        self._line["caller"] = caller
        self._played.started_at = call.started_at
        self._tell(f"{self._script.from_number} dials {line}")

        async def find() -> bool:
            mine = [
                call
                for call in await self._api.calls()
                if call["id"] not in known_ids
                and call["from"].lstrip("+") == self._script.from_number.lstrip("+")
            ]
            self._played.call_id = mine[0]["id"] if mine else None
            return bool(mine)

        await self._until(find, 5.0, "the call to appear in the API")

    async def _answered(self) -> None:
        def ringing() -> Phone | None:
            number = self._script.from_number.lstrip("+")
            return next(
                (
                    phone
                    for phone in self._phones.seats.values()
                    if phone.call is not None
                    and phone.call.open
                    and phone.call.peer.lstrip("+") == number
                ),
                None,
            )

        async def rings() -> bool:
            return ringing() is not None

        await self._until(rings, SEAT_RINGS_S, "a seat's phone to ring")
        operator = ringing()
        if operator is None:
            raise PlayFault("the call stopped ringing before it was answered")
        self._note("ringing", operator.calls[-1].ringing_at)
        await asyncio.sleep(PICK_UP_S)
        call = await operator.answer()
        self._note("answered", call.established_at)
        self._line["operator"] = operator
        self._tell(f"seat {operator.name} answers")

    async def _speak(self, number: int, who: Who, wav: Path) -> None:
        speaker = self._line[who]
        said = await speaker.say(wav)
        listeners = {
            other: asyncio.create_task(
                phone.hears(said, timeout_s=said.ends_at - said.started_at + HEARD_WITHIN_S)
            )
            for other, phone in self._line.items()
            if other != who
        }
        try:
            await speaker.finish(said)
            heard = dict(zip(listeners, await asyncio.gather(*listeners.values()), strict=True))
        finally:
            for task in listeners.values():
                task.cancel()
            await asyncio.gather(*listeners.values(), return_exceptions=True)
        self._played.turns.append(
            {
                "who": who,
                "text": self._script.turns[number].text,
                "start_ms": self._ms(said.started_at),
                "end_ms": self._ms(said.ends_at),
                "heard_by": {other: {"delay_ms": found.delay_ms} for other, found in heard.items()},
            }
        )
        if who == "officer" and self._officer_heard_by_caller_at is None:
            self._officer_heard_by_caller_at = heard["caller"].at
        elif who == "caller" and self._officer_heard_by_caller_at is not None:
            self._note("both_heard", max(self._officer_heard_by_caller_at, heard["officer"].at))

    # ------------------------------------------------------------------ the officer

    async def _call_officer(self) -> None:
        call = await self._place()
        entries = self._officers_of(call.get("precinct"))
        await asyncio.gather(*(self._phones.officer(entry) for entry in entries))
        named = None if call.get("precinct") else entries[0].id
        before = time.monotonic()
        await self._api.ring_officer(self._call_id, named)
        officer, ringing = await self._officer_rings()
        self._note("officer_ringing", ringing.ringing_at)
        self._tell(f"officer {officer.name}'s phone rings {self._since(before)} after the key")
        await officer.answer()
        brief_ms = await self._listen_to_brief(officer)
        await officer.press("1")
        self._note("officer_took", time.monotonic())
        self._tell(f"officer {officer.name} has heard {brief_ms / 1000:.1f} s of brief, presses 1")

        async def joined() -> bool:
            state = (await self._api.call(self._call_id)).get("officer_state")
            return state in ("joined", "heard")

        await self._until(joined, 5.0, f"officer {officer.name} to be on the line after pressing 1")
        self._line["officer"] = officer

    async def _place(self) -> dict[str, Any]:
        """Wait for the place; a call whose place was not understood is put through all the same."""
        until = time.monotonic() + PLACE_WAIT_S
        while not (call := await self._api.call(self._call_id)).get("precinct"):
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

        await self._until(rings, OFFICER_RINGS_S, "an officer's phone to ring")
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

    async def _let_operator_go(self, number: int) -> None:
        """The operator leaves once the other two have heard each other and it has said all."""
        rest = self._script.turns[number + 1 :]
        caller_answers = bool(rest) and rest[0].who == "caller"
        both = "both_heard" in self._played.measured_ms or not caller_answers
        done = self._officer_heard_by_caller_at is not None and both
        if "operator" not in self._line or not done or any(t.who == "operator" for t in rest):
            return
        operator = self._line.pop("operator")
        await operator.hang_up()
        self._note("operator_left", operator.calls[-1].closed_at)
        self._tell(f"operator {operator.name} leaves")
        await asyncio.sleep(GAP_S)
        for who, phone in self._line.items():
            if phone.call is None or not phone.call.talking:
                raise PlayFault(f"the {who}'s call ended when the operator left")

    # ------------------------------------------------------------------ afterwards

    async def _hang_up_all(self) -> None:
        for phone in self._line.values():
            if phone.call is not None and phone.call.open:
                try:
                    await phone.hang_up()
                except PhoneError as error:
                    self._tell(str(error))

    async def _fetch(self) -> None:
        if self._played.call_id is None:
            return

        async def filed() -> bool:
            call = await self._api.call(self._call_id)
            said = await self._api.transcript(self._call_id)
            written = all(segment["final"] for segment in said)
            return bool(call["state"] == "closed" and call["recordings"] and written)

        try:
            await self._until(filed, FILED_WITHIN_S, "the closed call's recording and last words")
        except (PlayFault, ApiFault) as error:
            self._played.faults.append(str(error))
        try:
            self._played.call = await self._api.call(self._call_id)
            self._played.transcript = await self._api.transcript(self._call_id)
        except ApiFault as error:
            self._played.faults.append(str(error))
            return
        told = self._played.call.get("timeline", [])
        self._played.rows = timeline.rows(told, self._played.measured_ms)
        expected = timeline.expected_steps(
            officer=self._script.has_officer,
            speech=bool(self._played.call.get("speech", {}).get("available")),
            place=bool(self._played.call.get("precinct")),
        )
        self._played.faults += timeline.faults(self._played.rows, expected)

    # ------------------------------------------------------------------ time

    @property
    def _call_id(self) -> str:
        if self._played.call_id is None:
            raise PlayFault("the call has no id yet")
        return self._played.call_id

    def _ms(self, at: float) -> int:
        return round((at - self._played.started_at) * 1000)

    def _note(self, step: str, at: float | None) -> None:
        if at is not None:
            self._played.measured_ms.setdefault(step, self._ms(at))

    @staticmethod
    def _since(before: float) -> str:
        return f"{time.monotonic() - before:.1f} s"

    async def _until(
        self, holds: Callable[[], Awaitable[bool]], timeout_s: float, what: str
    ) -> None:
        deadline = time.monotonic() + timeout_s
        while not await holds():
            if time.monotonic() > deadline:
                raise PlayFault(f"waited {timeout_s:g} s in vain for {what}")
            await asyncio.sleep(POLL_S / 2)
