"""Which language a leg is recognised in, and who may change it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from asr.events import SpeechState, TapOpened, Unheard, WorkerLost
from asr.pool import Tap
from callcenter.api.operations import STAFF
from callcenter.api.recognition import RecognitionOperations
from callcenter.asterisk.leg_taps import LegTaps
from callcenter.calls.call import Call
from callcenter.calls.legs import Leg, Role
from callcenter.calls.listen import Listener
from tests.unit.calls.floor import TestFloor


@dataclass
class FakePool:
    opened: list[tuple[str, str]] = field(default_factory=list)
    switched: list[tuple[UUID, str]] = field(default_factory=list)
    uuids: dict[str, UUID] = field(default_factory=dict)
    state: SpeechState = field(default_factory=lambda: SpeechState(True, "", {"en": "e/m"}))

    def open_tap(self, call_id: str, leg: str, role: str, language: str, started_at: float) -> Tap:
        self.opened.append((leg, language))
        self.uuids[leg] = uuid4()
        return Tap(self.uuids[leg], "127.0.0.1", 9100)

    def switch_language(self, uuid: UUID, language: str) -> None:
        self.switched.append((uuid, language))

    def close_tap(self, uuid: UUID) -> None:
        pass


class Listened:
    """A call with a caller and an operator who are both listened to."""

    def __init__(self) -> None:
        self.floor = TestFloor()
        self.pool = FakePool()
        self.marks: list[tuple[str, int, int, str]] = []
        self.errands: list[Any] = []
        self.listener = Listener(
            self.pool,  # type: ignore[arg-type] # as much of a pool as is needed
            LegTaps(self),  # type: ignore[arg-type] # the link: it only sends
            self.floor.register,
            self,  # type: ignore[arg-type] # the errands: they are run by the test
            self.floor.bus,
            on_words=lambda call, segment: None,
            on_voice=lambda call, leg: None,
            on_unheard=self.mark,
            clock=self.floor.clock,
        )
        self.floor.arrives("9.1")
        self.call: Call = self.floor.register.get("9.1")
        self.operator = Leg("9.2", "PJSIP/s01-1", Role.OPERATOR, "s01", joined_ms=2_000)
        self.call.legs["9.2"] = self.operator
        self.caller = next(leg for leg in self.call.legs.values() if leg.role is Role.CALLER)

    def mark(self, call: Call, leg: Leg, from_ms: int, to_ms: int, why: str) -> None:
        self.marks.append((leg.id, from_ms, to_ms, why))

    def run(self, queue: str, name: str, errand: Any) -> None:
        self.errands.append(errand)

    async def send(self, action: Any) -> None:
        pass

    async def listen(self) -> None:
        for leg in (self.caller, self.operator):
            self.listener.listen(self.call, leg)
        await self.errands_done()

    async def errands_done(self) -> None:
        while self.errands:
            await self.errands.pop(0)()


async def test_call_changes_its_language_on_every_leg_at_once() -> None:
    it = Listened()
    await it.listen()
    it.listener.speak(it.call, None, "ko")
    assert it.call.language == "ko"
    assert it.pool.switched == [(it.pool.uuids[leg.id], "ko") for leg in (it.caller, it.operator)]


async def test_one_leg_changes_its_language_and_keeps_it_at_another_worker() -> None:
    it = Listened()
    await it.listen()
    it.listener.speak(it.call, it.caller, "ko")
    assert it.call.language == "en"
    assert it.pool.switched == [(it.pool.uuids[it.caller.id], "ko")]
    it.listener.handle(WorkerLost("killed", ()))
    it.listener._lost("9.1", it.caller.id)
    it.listener._lost("9.1", it.operator.id)
    it.listener.retry()
    await it.errands_done()
    assert it.pool.opened[-2:] == [(it.caller.id, "ko"), (it.operator.id, "en")]


async def test_what_a_lost_worker_had_not_told_is_marked_up_to_the_next_tap() -> None:
    it = Listened()
    await it.listen()
    it.listener.handle(TapOpened("9.1", "9.2", 2_200))
    it.listener.handle(Unheard("9.1", "9.2", 5_000, None, "a worker was lost"))
    it.listener._lost("9.1", "9.2")
    it.listener.retry()
    it.listener.handle(TapOpened("9.1", "9.2", 7_500))
    it.listener.handle(Unheard("9.1", "9.2", 9_000, 9_800, "full"))
    assert it.marks == [("9.2", 5_000, 7_500, "a worker was lost"), ("9.2", 9_000, 9_800, "full")]


def test_officers_choose_no_languages() -> None:
    it = Listened()
    operations = RecognitionOperations(
        None,  # type: ignore[arg-type] # nothing is asked of it
        it.floor.register,
        it.listener,
    ).operations()
    assert len(operations) == 4
    assert {operation.roles for operation in operations} == {STAFF}
