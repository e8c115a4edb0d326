"""Callers who were left with an officer: when an operator is called back, and who."""

from __future__ import annotations

import pytest

from callcenter.asterisk import events as ami
from callcenter.asterisk.actions import Hangup, OriginateExtension
from callcenter.calls.tripwire import TripwireWatch, calls_out
from callcenter.settings import Tripwire
from tests.unit.calls.floor import TestFloor
from tests.unit.calls.test_conduct import officer_takes, talking


class Left:
    """A call that seat s01 has left to caller and officer, after both were heard."""

    def __init__(self) -> None:
        self.floor = TestFloor()
        self.watch = TripwireWatch(
            Tripwire(), self.floor.register, self.floor.call_ins, self.floor.clock
        )

    async def begin(self) -> Left:
        floor = self.floor
        await talking(floor)
        floor.phone("s02", "NOT_INUSE")
        self.officer = await officer_takes(floor)
        self.call = floor.register.get("1.1")
        self.speak("1.1")
        self.speak(self.officer)
        floor.hangs_up("1.2")
        await floor.settle()
        return self

    def speak(self, leg: str) -> None:
        heard = self.call.legs[leg]
        heard.voice_ms = self.call.ms(self.floor.clock.now)
        self.floor.conductor.bridge.voice(self.call, heard)

    def says(self, text: str, role: str = "caller", after_s: float = 0.0) -> None:
        self.floor.clock.now += after_s
        if role == "caller":
            self.speak("1.1")
        self.watch.words(self.call, {"role": role, "text": text, "language": "en"})

    async def rung(self) -> list[str]:
        await self.floor.settle()
        return [
            each.endpoint
            for each in self.floor.actor.of(OriginateExtension)
            if each.channel_id.startswith("call-in-")
        ]

    def channel(self) -> str:
        return str(self.floor.actor.of(OriginateExtension)[-1].channel_id)

    def state(self, seat: str) -> str:
        view = self.floor.engine.seat(seat)
        assert view is not None
        return str(view.state)


@pytest.fixture
async def left() -> Left:
    return await Left().begin()


async def test_danger_rings_the_seat_that_had_the_call_once(left):
    left.watch.danger(left.call, "shots_fired")
    left.watch.danger(left.call, "weapon_used")
    assert await left.rung() == ["PJSIP/s01"]
    assert left.state("s01") == "talking"  # nobody else is offered to it meanwhile
    told = [payload for _, kind, payload in left.floor.journal if kind == "tripwire.called"]
    assert told[0]["why"] == "danger: shots fired" and told[0]["seat"] == "s01"
    ring = left.floor.actor.of(OriginateExtension)[-1]
    assert (ring.context, ring.exten, ring.priority) == ("join", "s", 2)
    assert ring.variables["CALL_ROLE"] == "operator"


async def test_a_caller_who_calls_out_to_a_silent_officer_rings_the_seat(left):
    left.says("hello", after_s=3)
    assert await left.rung() == []  # the officer spoke a moment ago
    left.says("hello? hello?", after_s=1)
    assert await left.rung() == ["PJSIP/s01"]


async def test_a_greeting_long_ago_or_an_officers_word_is_no_call_for_help(left):
    left.says("hello officer I am standing in front of the house with the red door", after_s=10)
    left.says("are you there", role="officer", after_s=10)
    assert await left.rung() == []


async def test_nothing_rings_while_an_operator_is_on_the_line():
    floor = TestFloor()
    watch = TripwireWatch(Tripwire(), floor.register, floor.call_ins, floor.clock)
    await talking(floor)
    await officer_takes(floor)
    call = floor.register.get("1.1")
    floor.clock.now += 30
    watch.words(call, {"role": "caller", "text": "hello", "language": "en"})
    watch.danger(call, "fire")
    watch.tick()
    await floor.settle()
    assert len(floor.actor.of(OriginateExtension)) == 1  # the officer's


async def test_silence_on_both_sides_rings_the_seat(left):
    left.floor.clock.now += 19
    left.watch.tick()
    assert await left.rung() == []
    left.floor.clock.now += 1.5
    left.watch.tick()
    left.watch.tick()
    assert await left.rung() == ["PJSIP/s01"]


async def test_a_seat_that_does_not_answer_is_followed_by_one_that_is_ready_and_no_third(left):
    left.watch.danger(left.call, "fire")
    await left.rung()
    left.floor.tell(ami.OriginateFailed(left.channel(), "3"))
    assert await left.rung() == ["PJSIP/s01", "PJSIP/s02"]
    assert left.state("s01") != "talking"
    left.floor.tell(ami.OriginateFailed(left.channel(), "3"))
    assert len(await left.rung()) == 2
    assert left.state("s02") == "ready"
    assert "tripwire.nobody" in left.floor.kinds()


async def test_the_operator_who_answers_has_the_call_again(left):
    left.watch.danger(left.call, "fire")
    await left.rung()
    channel = left.channel()
    left.floor.tell(
        ami.PartyJoining("1.1", "PJSIP/s01-9", channel, "operator", "s01", ""),
        ami.BridgeJoined("1.1", "PJSIP/s01-9", channel),
    )
    left.watch.tick()
    assert (left.call.seat, left.state("s01")) == ("s01", "talking")
    assert "PJSIP/s02" not in await left.rung()
    left.floor.hangs_up(channel)
    assert left.call.seat is None and left.state("s01") != "talking"
    left.watch.danger(left.call, "fire")
    assert len(await left.rung()) == 1  # it has just been looked at
    left.floor.clock.now += 61
    left.watch.danger(left.call, "fire")
    assert len(await left.rung()) == 2


async def test_a_seat_that_talks_with_somebody_else_is_not_rung(left):
    left.floor.arrives("2.1")
    left.floor.rings("2.1", "s01")
    left.floor.answers("2.1", "s01", "2.2")
    left.watch.danger(left.call, "fire")
    assert await left.rung() == ["PJSIP/s02"]


async def test_a_caller_who_hangs_up_stops_the_ringing_and_frees_the_seat(left):
    left.watch.danger(left.call, "fire")
    await left.rung()
    channel = left.channel()
    left.floor.hangs_up("1.1")
    left.watch.tick()
    await left.floor.settle()
    assert channel in [each.channel for each in left.floor.actor.of(Hangup)]
    assert left.state("s01") != "talking"


async def test_switched_off_it_rings_nobody(left):
    watch = TripwireWatch(
        Tripwire(enabled=False), left.floor.register, left.floor.call_ins, left.floor.clock
    )
    left.floor.clock.now += 60
    watch.danger(left.call, "fire")
    watch.words(left.call, {"role": "caller", "text": "hello", "language": "en"})
    watch.silent_side(left.call, "the caller has not been heard")
    watch.tick()
    assert await left.rung() == []


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Hello?", "en", True),
        ("is anyone there", "en", True),
        ("officer can you hear me", "en", True),
        ("a fellow othello", "en", False),
        ("he went down the stairs", "en", False),
        ("喂 喂", "zh", True),
        ("你还在吗", "zh", True),
        ("여보세요", "ko", True),
        ("hello", "xx", False),
    ],
)
def test_what_callers_say_into_silence_is_known_in_each_language(text, language, expected):
    assert calls_out(text, language) is expected
