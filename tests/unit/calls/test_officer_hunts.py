"""Ringing officers: what is kept of every phone, and what the next call learns from it."""

from callcenter.asterisk import events as ami
from callcenter.asterisk.actions import OriginateExtension
from tests.unit.calls.floor import TestFloor
from tests.unit.calls.test_conduct import officer_takes, talking


async def ring_in_vain(floor: TestFloor) -> list[str]:
    """Ring whoever is responsible until all have been asked; officers in the order they rang."""
    before = len(floor.actor.of(OriginateExtension))
    await floor.officers.ring(floor.register.get("1.1"), None, "s01")
    for _ in range(60):
        await floor.settle()
        floor.clock.now += 1
        floor.conductor.tick()
    await floor.settle()
    return [each.variables["CALL_PARTY"] for each in floor.actor.of(OriginateExtension)[before:]]


def results(floor: TestFloor) -> list[tuple[str, str]]:
    return [
        (payload["officer"], payload["outcome"])
        for _, kind, payload in floor.journal
        if kind == "officer.result"
    ]


async def test_officer_who_did_not_answer_two_hunts_is_not_asked_first_in_the_third() -> None:
    floor = TestFloor(candidates=("o14a", "o18a"))
    await talking(floor)
    assert await ring_in_vain(floor) == ["o14a", "o18a"]
    assert floor.not_answering == []
    # The second one answers this time, and hands it on.
    call = floor.register.get("1.1")
    await floor.officers.ring(call, None, "s01")
    await floor.settle()
    first = floor.actor.of(OriginateExtension)[-1]
    floor.clock.now += 9
    floor.conductor.tick()
    await floor.settle()
    second = floor.actor.of(OriginateExtension)[-1]
    attempt = second.variables["ATTEMPT_ID"]
    floor.tell(
        ami.OfficerAnswered("1.1", "o18a", attempt, "PJSIP/o", second.channel_id),
        ami.OfficerDeclined("1.1", "o18a", attempt, "PJSIP/o", second.channel_id, "2"),
    )
    assert first.variables["CALL_PARTY"] == "o14a"
    for _ in range(15):
        floor.clock.now += 1
        floor.conductor.tick()
    assert floor.not_answering == ["o14a"]
    assert [each.officer_id for each in floor.officers.not_answering()] == ["o14a"]
    assert results(floor)[-2:] == [("o18a", "handed_on"), ("o14a", "no_answer")]
    assert await ring_in_vain(floor) == ["o18a", "o14a"]


async def test_officer_who_answers_and_presses_nothing_is_journalled_as_silent() -> None:
    floor = TestFloor(candidates=("o14a",))
    await talking(floor)
    await floor.officers.ring(floor.register.get("1.1"), "o14a", "s01")
    await floor.settle()
    rung = floor.actor.of(OriginateExtension)[-1]
    attempt = rung.variables["ATTEMPT_ID"]
    floor.tell(
        ami.OfficerAnswered("1.1", "o14a", attempt, "PJSIP/o", rung.channel_id),
        ami.OfficerDeclined("1.1", "o14a", attempt, "PJSIP/o", rung.channel_id, ""),
    )
    await floor.settle()
    assert results(floor) == [("o14a", "silent")]


async def test_whose_phone_rang_and_why_is_in_the_journal() -> None:
    floor = TestFloor()
    await talking(floor)
    await officer_takes(floor)
    rang = [payload for _, kind, payload in floor.journal if kind == "officer.ring"]
    assert [(each["officer"], each["rung"]) for each in rang] == [("o14a", "duty")]
    assert results(floor) == [("o14a", "took")]
