"""Who is on duty, as shifts, absences and officers' own words change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.precincts.hunt import Rung
from callcenter.rosters.errors import RosterRefused, UnknownEntry
from callcenter.rosters.model import Absence, Officer, Shift
from callcenter.rosters.plan import Plan
from callcenter.store.rosters import Rosters
from tests.unit.rosters.conftest import ids

START = datetime(2026, 10, 30, 10, 0, tzinfo=UTC)


def shift(officer="o14a", hours=8.0, start=START, role="duty", precinct="14"):
    return Shift(0, officer, precinct, role, start, start + timedelta(hours=hours))


async def test_officers_of_the_settings_are_there_and_on_duty_while_nothing_is_planned(desk):
    assert [each.id for each in desk.officers] == ["o14a", "o14b", "o18a"]
    assert ids(desk) == [("o14a", "duty"), ("o14b", "deputy"), ("o18a", "neighbour")]


async def test_officer_with_shifts_is_rung_within_them_only(desk, clock):
    await desk.add_shift(shift(), "boss")
    assert ids(desk)[0] == ("o14a", "duty")
    clock.pass_h(7)
    assert ids(desk) == [("o14b", "deputy"), ("o18a", "neighbour")]


async def test_officer_whose_first_shift_is_still_to_come_goes_by_the_standing_roster_until_then(
    desk, clock
):
    await desk.add_shift(shift(start=START + timedelta(days=1)), "boss")
    assert ids(desk)[0] == ("o14a", "duty")
    (hole,) = await desk.findings()
    assert hole.start == START + timedelta(days=1, hours=8)
    await desk.go_off_duty("o14a", "o14a")
    clock.now = START + timedelta(days=1)
    assert desk.state_of("o14a").source == "planned"
    clock.pass_h(8)
    assert desk.state_of("o14a") is None


async def test_whoever_leaves_soon_rings_after_those_who_stay_while_shifts_are_handed_over(
    desk, clock
):
    await desk.put_officer(Officer("o14c", "Di", "14", numbers=("desk14",)), "boss")
    await desk.add_shift(shift(), "boss")
    await desk.add_shift(shift("o14c", start=START + timedelta(hours=7)), "boss")
    clock.now = START + timedelta(hours=7, minutes=10)
    assert ids(desk)[:2] == [("o14a", "duty"), ("o14c", "duty")]
    clock.now = START + timedelta(hours=7, minutes=40)
    assert ids(desk)[:2] == [("o14c", "duty"), ("o14a", "duty")]


async def test_absent_officer_is_not_rung(desk, clock):
    await desk.add_shift(shift(), "boss")
    noon = clock.now
    away = await desk.add_absence(
        Absence(0, "o14a", noon, noon + timedelta(hours=1), "dentist"), "boss"
    )
    assert ("o14a", "duty") not in ids(desk)
    clock.pass_h(1)
    assert ids(desk)[0] == ("o14a", "duty")
    clock.now = noon
    await desk.remove_absence(away.id, "boss")
    assert ids(desk)[0] == ("o14a", "duty")


async def test_officer_on_duty_by_their_own_word_is_rung_besides_those_of_the_plan(desk, clock):
    await desk.add_shift(shift("o14a"), "boss")
    await desk.add_shift(shift("o18a", start=START - timedelta(days=1), precinct="18"), "boss")
    assert desk.state_of("o18a") is None
    state = await desk.go_on_duty("o18a", "o18a", 2)
    assert state.until == clock.now + timedelta(hours=2)
    assert ids(desk, "18")[0] == ("o18a", "duty")
    clock.pass_h(2)
    assert desk.state_of("o18a") is None


async def test_officer_goes_off_duty_until_their_next_shift_and_comes_back_by_word(desk, clock):
    await desk.add_shift(shift(), "boss")
    await desk.add_shift(shift(start=START + timedelta(days=1)), "boss")
    await desk.go_off_duty("o14a", "o14a")
    assert desk.state_of("o14a") is None
    await desk.go_on_duty("o14a", "o14a")
    assert desk.state_of("o14a").until == START + timedelta(hours=8)
    await desk.go_off_duty("o14a", "o14a")
    clock.now = START + timedelta(days=1, hours=1)
    assert desk.state_of("o14a") is not None


async def test_going_on_and_off_duty_again_and_again_leaves_one_state(desk):
    for _ in range(3):
        await desk.go_on_duty("o14a", "o14a", 1)
        await desk.go_off_duty("o14a", "o14a")
    assert desk.state_of("o14a") is None
    await desk.go_on_duty("o14a", "o14a", 1)
    assert desk.state_of("o14a").source == "self"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (shift("o99z"), "no officer 'o99z'"),
        (shift(precinct="99"), "no precinct '99'"),
        (shift(role="boss"), "role 'boss'"),
        (shift(hours=-1), "ends before it begins"),
        (shift(hours=0), "ends before it begins"),
        (shift(hours=24 * 40), "longer than 31 days"),
        (shift(start=START + timedelta(hours=7)), "overlaps another one of officer o14a"),
    ],
)
async def test_shift_that_cannot_stand_is_refused_and_named(desk, wrong, why):
    await desk.add_shift(shift(), "boss")
    before = await desk.history()
    with pytest.raises(RosterRefused, match=why):
        await desk.add_shift(wrong, "boss")
    assert await desk.history() == before


async def test_shift_may_be_moved_over_its_own_time_and_removed(desk):
    kept = await desk.add_shift(shift(), "boss")
    moved = await desk.change_shift(kept.id, shift(hours=9), "boss")
    assert (moved.id, moved.end) == (kept.id, START + timedelta(hours=9))
    await desk.remove_shift(kept.id, "boss")
    with pytest.raises(UnknownEntry):
        await desk.remove_shift(kept.id, "boss")


async def test_history_tells_who_changed_what_from_what(desk):
    kept = await desk.add_shift(shift(), "ann")
    await desk.change_shift(kept.id, shift(hours=9), "bob")
    newest, older = (await desk.history(2, officer="o14a"))[:2]
    assert (newest["who"], newest["before"]["to"], newest["after"]["to"]) == (
        "bob",
        "2026-10-30T18:00:00+00:00",
        "2026-10-30T19:00:00+00:00",
    )
    assert (older["who"], older["before"]) == ("ann", None)


async def test_number_outside_the_allow_list_is_refused_when_written_and_not_rung_later(desk):
    with pytest.raises(RosterRefused, match="outside the allow-list"):
        await desk.put_officer(Officer("o14a", "Ann", "14", numbers=("12125550100",)), "boss")
    with pytest.raises(RosterRefused, match="neither a phone that Asterisk knows"):
        await desk.put_officer(Officer("o14a", "Ann", "14", numbers=("o99z",)), "boss")
    await desk.put_officer(
        Officer("o14a", "Ann", "14", numbers=("desk14", "1917 555-0100", "o14a")), "boss"
    )
    assert desk.plan.ladder("14", desk.clock())[0].phones == ("desk14", "19175550100", "o14a")
    desk.reachable = type(desk.reachable)(desk.reachable.phones)
    desk.set_standing(None)
    assert desk.plan.ladder("14", desk.clock())[0].phones == ("desk14", "o14a")


async def test_change_by_another_process_is_followed(desk, database, clock):
    other = type(desk)(Rosters(database), desk._settings, precincts=("14", "18"), clock=clock)
    await other.load()
    await other.add_absence(
        Absence(0, "o14a", clock.now, clock.now + timedelta(hours=1), "ill"), "boss"
    )
    assert ids(desk)[0] == ("o14a", "duty")
    await desk.follow()
    assert ids(desk)[0] == ("o14b", "deputy")


async def test_link_is_one_officers_and_ends_with_the_next_one(desk):
    first = await desk.new_link("o14a", "boss")
    assert await desk.officer_of_link(first) == "o14a"
    second = await desk.new_link("o14a", "boss")
    assert await desk.officer_of_link(first) is None
    assert await desk.officer_of_link(second) == "o14a"


async def test_findings_name_holes_conflicts_and_officers_without_a_phone(desk, clock):
    await desk.add_shift(shift(hours=24, start=clock.now), "boss")
    holes = await desk.findings()
    assert [(each.kind, each.precinct, each.start) for each in holes] == [
        ("hole", "14", clock.now + timedelta(hours=24))
    ]
    assert "officer o14b is rung first" in holes[0].text
    await desk.add_absence(
        Absence(0, "o14a", clock.now, clock.now + timedelta(hours=2), "ill"), "boss"
    )
    found = await desk.findings()
    assert [(each.kind, each.end - clock.now) for each in found] == [
        ("conflict", timedelta(hours=2)),
        ("hole", timedelta(hours=2)),
        ("hole", timedelta(days=7)),
    ]
    desk.reachable = type(desk.reachable)(frozenset({"o18a", "o14b"}))
    desk.set_standing(None)
    assert "unreachable" in {each.kind for each in await desk.findings()}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["o1", "o2", "o3"]),
            st.integers(0, 47),
            st.integers(1, 24),
            st.sampled_from(["duty", "deputy", "desk", "command"]),
            st.sampled_from(["14", "18"]),
        ),
        max_size=12,
    ),
    st.lists(
        st.tuples(st.sampled_from(["o1", "o2"]), st.integers(0, 47), st.integers(1, 24)), max_size=4
    ),
    st.integers(0, 71),
    st.lists(st.tuples(st.sampled_from(["o1", "o2", "o3"]), st.floats(0, 20_000)), max_size=3),
)
def test_ladder_names_nobody_twice_nobody_absent_and_keeps_the_order_of_rungs(
    shifts, absences, hour, near
):
    at = START + timedelta(hours=hour)
    hours = timedelta(hours=1)
    plan = Plan(
        officers={name: Officer(name, name, "14", numbers=(name,)) for name in ("o1", "o2", "o3")},
        shifts=[
            Shift(n, name, where, role, START + begin * hours, START + (begin + length) * hours)
            for n, (name, begin, length, role, where) in enumerate(shifts)
        ],
        absences=[
            Absence(n, name, START + begin * hours, START + (begin + length) * hours, "ill")
            for n, (name, begin, length) in enumerate(absences)
        ],
        rostered={name: START for name in ("o1", "o2", "o3")},
        neighbours=lambda precinct: ["18"],
    )
    near = [each for each in near if plan.on_patrol(each[0], at)]
    ladder = plan.ladder("14", at, near)
    officers = [each.officer_id for each in ladder]
    assert len(set(officers)) == len(officers)
    assert not any(plan.absent(each, at) for each in officers)
    order = list(Rung)
    assert [each.rung for each in ladder] == sorted((each.rung for each in ladder), key=order.index)
    assert all(plan.state_of(each, at) for each in officers)


async def test_officer_who_leaves_takes_their_shifts_along_and_one_of_the_settings_stays(desk):
    await desk.put_officer(Officer("o14c", "Di", "14", numbers=("desk14",)), "boss")
    await desk.add_shift(shift("o14c"), "boss")
    assert ids(desk)[0] == ("o14c", "duty")
    await desk.remove_officer("o14c", "boss")
    assert "o14c" not in [officer for officer, _ in ids(desk)]
    with pytest.raises(UnknownEntry):
        await desk.remove_officer("o14c", "boss")
    with pytest.raises(RosterRefused, match="settings file"):
        await desk.remove_officer("o14a", "boss")
