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
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from callcenter.lab import timeline
from callcenter.lab.hotline_api import ApiFault, HotlineApi
from callcenter.lab.lab_file import LabFile
from callcenter.lab.lab_phones import LabPhones
from callcenter.lab.officer_call import OfficerCall
from callcenter.lab.phone import Phone
from callcenter.lab.phone_errors import PhoneError
from callcenter.lab.played import Played, PlayFault, wait_until
from callcenter.lab.script import Script, Who
from callcenter.lab.voices import speech_of

PICK_UP_S = 0.3
"""How long an operator lets it ring."""
GAP_S = 0.35
"""Between two turns."""
SEAT_RINGS_S = 15.0
HEARD_WITHIN_S = 3.0
FILED_WITHIN_S = 15.0

Tell = Callable[[str], None]


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
        self._played.note("closed", caller.calls[-1].closed_at)
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
                await wait_until(
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

        await wait_until(find, 5.0, "the call to appear in the API")

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

        await wait_until(rings, SEAT_RINGS_S, "a seat's phone to ring")
        operator = ringing()
        if operator is None:
            raise PlayFault("the call stopped ringing before it was answered")
        self._played.note("ringing", operator.calls[-1].ringing_at)
        await asyncio.sleep(PICK_UP_S)
        call = await operator.answer()
        self._played.note("answered", call.established_at)
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
                "start_ms": self._played.ms(said.started_at),
                "end_ms": self._played.ms(said.ends_at),
                "heard_by": {other: {"delay_ms": found.delay_ms} for other, found in heard.items()},
            }
        )
        if who == "officer" and self._officer_heard_by_caller_at is None:
            self._officer_heard_by_caller_at = heard["caller"].at
        elif who == "caller" and self._officer_heard_by_caller_at is not None:
            self._played.note(
                "both_heard", max(self._officer_heard_by_caller_at, heard["officer"].at)
            )

    async def _call_officer(self) -> None:
        officers = OfficerCall(self._lab, self._api, self._phones, self._tell)
        self._line["officer"] = await officers.put_through(self._played)

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
        self._played.note("operator_left", operator.calls[-1].closed_at)
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
            call = await self._api.call(self._played.id)
            said = await self._api.transcript(self._played.id)
            written = all(segment["final"] for segment in said)
            return bool(call["state"] == "closed" and call["recordings"] and written)

        try:
            await wait_until(filed, FILED_WITHIN_S, "the closed call's recording and last words")
        except (PlayFault, ApiFault) as error:
            self._played.faults.append(str(error))
        try:
            self._played.call = await self._api.call(self._played.id)
            self._played.transcript = await self._api.transcript(self._played.id)
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
