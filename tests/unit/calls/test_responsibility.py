"""Who is responsible is shown, journalled, and followed by hunts."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import shapely

from callcenter.asterisk.actions import OriginateExtension, SetVariable
from callcenter.asterisk.snapshot import Snapshot
from callcenter.calls.moving_place import MovingPlace
from callcenter.calls.notices import Notices
from callcenter.calls.responsibility import Responsibility
from callcenter.precincts.boundaries import Boundaries, Precinct
from callcenter.precincts.responsibility import Rule
from callcenter.precincts.territories import Territories, Territory
from callcenter.store.calls import CallRow
from tests.unit.calls.floor import TestFloor
from tests.unit.calls.test_adoption import bridge, channel
from tests.unit.calls.test_conduct import officer_takes, talking

BOX = shapely.box(-74.0, 40.7, -73.9, 40.8)
CITY = Territories(
    [
        Territory("precinct", "precinct", 0, None, Boundaries([Precinct("14", BOX)])),
        Territory("anti_fraud", "fraud desk", 1, None, Boundaries([Precinct("city", BOX)])),
    ]
)
PLACE = {"text": "somewhere", "precinct": "14", "lat": 40.75, "lon": -73.98}
OFFICERS = {"14": ["o14a"], "anti_fraud:city": ["desk"], None: []}


def floor_with_rules():
    candidates: list[str] = []
    floor = TestFloor(candidates=candidates)
    found = Responsibility(
        floor.register, lambda: CITY, floor.note, partners={"municipal": "Line 12345"}
    )
    found.rules = (
        Rule("fraud", "areas", "anti_fraud", frozenset({"fraud"})),
        Rule("rest", "partner", "municipal", frozenset({"enquiry"})),
    )
    floor.officers.area = found.area
    floor.officers._because = lambda call: found.shown(found.of(call))
    floor.watch = MovingPlace(
        floor.register, floor.officers, Notices(floor.bus, floor.note), floor.note, found.label
    )
    floor.found = found
    floor.candidates = candidates
    return floor


def is_about(floor, category, place=PLACE):
    call = floor.register.get("1.1")
    call.record = {"fields": {"category": category, "level": "yellow", "place": place}}
    floor.candidates[:] = OFFICERS[floor.found.area(call)]
    floor.found.tick()
    floor.watch.tick()
    return call


async def rung(floor):
    await floor.settle()
    return [each.variables["CALL_PARTY"] for each in floor.actor.of(OriginateExtension)]


def noted(floor, kind):
    return [payload for _, told, payload in floor.journal if told == kind]


async def test_whom_a_call_belongs_to_is_on_its_page_and_in_the_journal_when_a_rule_says_so():
    floor = floor_with_rules()
    await talking(floor)
    call = is_about(floor, "robbery")
    assert call.responsible["text"] == "precinct 14, because the place"
    assert noted(floor, "call.responsible") == []
    is_about(floor, "fraud")
    floor.found.tick()
    (entry,) = noted(floor, "call.responsible")
    assert entry["text"] == "fraud desk city, because category fraud"
    assert (entry["key"], entry["rule"]) == ("anti_fraud:city", "fraud")


async def test_hunt_says_in_the_journal_for_whom_it_rings():
    floor = floor_with_rules()
    await talking(floor)
    call = is_about(floor, "fraud", place=None)
    await floor.officers.ring(call, (), "s01")
    assert await rung(floor) == ["desk"]
    (entry,) = noted(floor, "officer.hunt")
    assert entry["responsible"]["key"] == "anti_fraud:city"


async def test_while_phones_ring_the_matter_may_turn_out_to_be_anothers():
    floor = floor_with_rules()
    await talking(floor)
    call = is_about(floor, "theft")
    await floor.officers.ring(call, (), "s01")
    is_about(floor, "fraud")
    assert await rung(floor) == ["o14a", "desk"]
    said = {"from": "14", "to": "anti_fraud:city", "officers": ["desk"]}
    assert noted(floor, "officer.ladder_changed") == [said]
    (notice,) = floor.bus.notices("officer.ladder_changed")
    assert notice["text"].startswith("Responsible is fraud desk city now")


async def test_with_an_officer_on_the_line_the_operator_is_asked():
    floor = floor_with_rules()
    await talking(floor)
    is_about(floor, "theft")
    await officer_takes(floor)
    is_about(floor, "fraud")
    (notice,) = floor.bus.notices("officer.place_moved")
    assert "fraud desk city" in notice["text"]


async def test_matter_that_turns_out_to_be_a_partners_stops_nobodys_phone():
    floor = floor_with_rules()
    await talking(floor)
    call = is_about(floor, "theft")
    await floor.officers.ring(call, (), "s01")
    is_about(floor, "enquiry")
    assert await rung(floor) == ["o14a"]
    assert call.officers_rung == ("o14a",)
    assert call.responsible["text"] == "Line 12345, because category enquiry"
    assert noted(floor, "officer.ladder_changed") == []


async def test_hunt_of_a_desk_goes_on_after_a_restart_as_it_was():
    first = floor_with_rules()
    await talking(first)
    call = is_about(first, "fraud")
    first.candidates[:] = ["desk", "o14a"]
    await first.officers.ring(call, (), "s01")
    await first.settle()
    floor = floor_with_rules()
    record = {"fields": {"category": "fraud", "level": "yellow", "place": PLACE}}
    await after_a_restart(first, floor, record)
    floor.watch.tick()
    assert await rung(floor) == []
    assert floor.officers.asked_for("1.1") == "anti_fraud:city"
    assert noted(floor, "officer.ladder_changed") == []
    is_about(floor, "theft")
    assert await rung(floor) == ["o14a"]


async def after_a_restart(first, floor, record):
    """Another service finds the call with the desk's phone ringing, and its record in the store."""
    ring = first.actor.of(OriginateExtension)[-1]
    coming = [each.value for each in first.actor.of(SetVariable) if each.name == "OFFICER_COMING"]
    caller = channel("1.1", "join", "caller", age_s=4)
    ringing = channel(ring.channel_id, "", "officer", "desk", age_s=1)
    attempt = {"ATTEMPT_ID": ring.variables["ATTEMPT_ID"]}
    legs = (
        replace(caller, variables={**caller.variables, "OFFICER_COMING": coming[-1]}),
        channel("1.2", "join", "operator", "s01"),
        replace(ringing, state="Ringing", variables={**ringing.variables, **attempt}),
    )
    await floor.adoption.recall(*stores(record, first.register.get("1.1").arrived_at))
    floor.adoption.reconcile(Snapshot(legs, bridge("1.1", "1.2"), {}))
    await floor.settle()


def stores(record, arrived_at):
    """What an earlier run filed of the one call: its row, its words and its record."""
    row = CallRow("1.1", "110", "5", "emergency", "talking", arrived_at, "en")

    async def rows():
        return [row]

    async def words(call_id):
        return []

    async def kept(call_id):
        return SimpleNamespace(record=record, typed={})

    return (
        SimpleNamespace(not_closed=rows),
        SimpleNamespace(of=words),
        SimpleNamespace(get=kept),
    )
