"""What makes a call urgent: what people wrote down, never what a caller's words were taken for."""

from __future__ import annotations

from typing import Any

from acd.model import RelaxStep, SkillNeed
from callcenter.asterisk import events as ami
from callcenter.calls.desk import Desk
from tests.unit.calls.floor import SETTINGS, TestFloor
from tests.unit.calls.plain_rules import PlainRules

NEED = SkillNeed("lang", relax=(RelaxStep(10.0),))


class Rules(PlainRules):
    def line_priority(self, line: str) -> int:
        return {"110": 2}.get(line, 0)

    def caller_priority(self, identity: str) -> int:
        return {"2125550100": 10}.get(identity, 0)

    def category_priority(self, category: str) -> int:
        return {"robbery": 100}.get(category, 0)

    def needs(self, line: str, language: str) -> tuple[SkillNeed, ...]:
        return (NEED, SkillNeed("line_110", required=False))


def floor_with_rules() -> TestFloor:
    floor = TestFloor()
    floor.conductor.priorities.rules = Rules(SETTINGS)
    return floor


def arrives(floor: TestFloor, number: str, call_id: str = "1.1", **more: Any) -> None:
    channel = f"PJSIP/line-{call_id}"
    floor.tell(ami.CallArrived(call_id, channel, call_id, "110", "emergency", number, **more))


def priority(floor: TestFloor, call_id: str = "1.1") -> int:
    waiting = floor.engine.waiting(floor.clock.now)
    return next(call.priority for call in waiting if call.call_id == call_id)


async def test_line_and_caller_add_up_however_the_number_is_written() -> None:
    floor = floor_with_rules()
    arrives(floor, "+2125550100")
    arrives(floor, "3125550100", "1.2")
    assert (priority(floor), priority(floor, "1.2")) == (12, 2)


async def test_callers_without_a_number_share_no_priority() -> None:
    floor = floor_with_rules()
    arrives(floor, "anonymous")
    assert priority(floor) == 2


async def test_a_category_that_was_recognised_changes_no_order() -> None:
    floor = floor_with_rules()
    arrives(floor, "5551234")
    call = floor.register.get("1.1")
    call.record = {"fields": {"category": "robbery"}, "evidence": {}}
    floor.conductor.waiting.prioritise(call)
    assert priority(floor) == 2


async def test_a_category_that_a_person_typed_does() -> None:
    floor = floor_with_rules()
    arrives(floor, "5551234")
    floor.typed["1.1"] = {"category": {"value": "robbery", "by": "s01"}}
    floor.conductor.waiting.prioritise(floor.register.get("1.1"))
    assert priority(floor) == 102


async def test_what_a_person_gave_this_call_stands_until_they_take_it_back() -> None:
    floor = floor_with_rules()
    desk = Desk(floor.conductor, floor.register, floor.clock)
    arrives(floor, "5551234")
    desk.prioritise("1.1", 7, "boss")
    floor.typed["1.1"] = {"category": {"value": "robbery"}}
    floor.conductor.waiting.prioritise(floor.register.get("1.1"))
    assert priority(floor) == 7
    desk.prioritise("1.1", None, "boss")
    assert priority(floor) == 102


async def test_a_line_that_needs_the_callers_language_needs_the_one_they_chose() -> None:
    floor = floor_with_rules()
    arrives(floor, "5551234")
    call = floor.register.get("1.1")
    wanted = {need.skill: need for need in floor.conductor.priorities.needs_of(call)}
    assert set(wanted) == {"lang_en", "line_110"}
    assert wanted["lang_en"].relax == NEED.relax and wanted["lang_en"].required
    floor.conductor.waiting.intake_done("1.1", "ko")
    assert "lang_ko" in {need.skill for need in floor.conductor.priorities.needs_of(call)}


async def test_the_place_that_a_call_comes_from_is_told_to_distribution_and_journalled() -> None:
    floor = floor_with_rules()
    arrives(floor, "5551234", access="X%3B%20cgi-3gpp%3D26201F0A1")
    assert floor.register.get("1.1").origin == "cgi-3gpp=26201f0a1"
    (noted,) = [payload for _, kind, payload in floor.journal if kind == "call.arrived"]
    assert noted["origin"] == "cgi-3gpp=26201f0a1"
