"""Words of danger: who hears of them, and how soon."""

import asyncio
from typing import Any

from callcenter.asterisk import events as ami
from callcenter.calls.danger_watch import TAIL_CHARACTERS, DangerWatch
from callcenter.calls.notices import Notices
from callcenter.calls.write_up import WriteUp
from callcenter.incidents.extract import Extractor
from tests.unit.calls.floor import TestFloor
from tests.unit.calls.test_conduct import officer_takes, talking


class Watched:
    def __init__(self) -> None:
        self.floor = TestFloor()
        self.unattended: list[str] = []
        note = self.floor.note
        self.write_up = WriteUp({"en": Extractor("en")}, self.floor.register, self.floor.bus, note)
        self.watch = DangerWatch(
            self.write_up,
            self.floor.bus,
            Notices(self.floor.bus, note),
            note,
            lambda call, danger: self.unattended.append(danger),
        )

    async def says(self, role: str, text: str, *, final: bool = False, segment: str = "g1") -> None:
        call = self.floor.register.get("1.1")
        said: dict[str, Any] = {
            "id": segment,
            "leg": f"leg-{role}",
            "role": role,
            "text": text,
            "start_ms": 1000,
            "end_ms": 2000,
            "final": final,
        }
        call.segments[segment] = said
        self.write_up.words(call, said)
        self.watch.words(call, said)
        for _ in range(200):
            if not self.watch._tasks and not self.write_up._tasks:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the words are never read")

    def fields(self) -> dict[str, Any]:
        return self.floor.register.get("1.1").record.get("fields", {})

    def notices(self) -> list[tuple[str, str]]:
        return [
            (one["kind"], one["text"]) for one in self.floor.bus.told if one["type"] == "notice"
        ]

    def heard(self) -> list[tuple[str, str]]:
        return [
            (payload["danger"], payload["role"])
            for _, kind, payload in self.floor.journal
            if kind == "danger.heard"
        ]


async def on_the_line() -> Watched:
    it = Watched()
    await talking(it.floor)
    return it


async def test_danger_raises_the_level_while_the_words_still_grow() -> None:
    it = await on_the_line()
    await it.says("caller", "somebody is here and he has a gun")
    assert it.fields()["level"] == "red"
    assert it.fields()["weapons"] == ["gun"]
    assert ("danger.heard", "Danger: gun (caller). Listen in.") in it.notices()


async def test_finished_words_take_back_what_growing_ones_seemed_to_say() -> None:
    it = await on_the_line()
    await it.says("caller", "he has a gun")
    await it.says("caller", "he has gum in his mouth", final=True)
    assert it.fields()["weapons"] is None


async def test_danger_is_told_once_however_often_the_words_come() -> None:
    it = await on_the_line()
    for text in ("he has a gun", "he has a gun and", "he has a gun and he is still here"):
        await it.says("caller", text)
    assert [danger for danger, _ in it.heard()].count("gun") == 1
    assert len([kind for kind, _ in it.notices() if kind == "danger.heard"]) == 1


async def test_denied_and_asked_danger_is_no_alarm() -> None:
    it = await on_the_line()
    await it.says("caller", "No, he has no gun.", final=True)
    await it.says("operator", "Does he have a knife?", final=True, segment="g2")
    await it.says("officer", "is he not breathing", final=True, segment="g3")
    assert it.heard() == []
    assert it.notices() == []


async def test_officers_words_of_danger_alarm_too() -> None:
    it = await on_the_line()
    await it.says("officer", "He is not breathing.", final=True)
    assert it.heard() == [("not_breathing", "officer")]
    assert [kind for kind, _ in it.notices()] == ["danger.heard"]


async def test_danger_after_the_operator_left_is_said_louder_and_can_call_somebody_back() -> None:
    it = await on_the_line()
    await officer_takes(it.floor)
    it.floor.tell(ami.BridgeLeft("1.1", "", "1.2"))
    await it.says("caller", "He is back, he has a gun!", final=True)
    assert "gun" in it.unattended
    kind, text = it.notices()[-1]
    assert kind == "danger.unattended"
    assert "no operator is on the line" in text


async def test_of_long_growing_words_only_the_last_are_read() -> None:
    it = await on_the_line()
    await it.says("caller", "he has a gun " + "and then he went away " * TAIL_CHARACTERS)
    assert it.heard() == []


async def test_nothing_is_kept_of_a_call_that_ended() -> None:
    it = await on_the_line()
    await it.says("caller", "he has a gun")
    it.watch.forget("1.1")
    assert not it.watch._known
    assert not it.watch._newest
