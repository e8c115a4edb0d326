"""Figures of the hunts for officers, from what the service itself notes."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from callcenter.figures.officer_lives import OfficerLives
from callcenter.figures.officer_report import DEFINITIONS, OfficerFigures, officer_report
from callcenter.figures.period import Period
from tests.unit.calls.test_conduct import officer_takes, talking
from tests.unit.figures.notes import BEGAN, NotedFloor, row

DAY = Period(BEGAN - timedelta(hours=12), BEGAN + timedelta(hours=12))


def report(rows, by=None, zone=UTC):
    lives = OfficerLives()
    for one in rows:
        lives.feed(one)
    return officer_report(lives, DAY, by, zone)


def groups(rows, by, name, zone=UTC):
    return {one["key"]: one["figures"][name] for one in report(rows, by, zone)["groups"]}


def hunt(call_id, arrived_s, *phones, heard_s=None, ended=True, **about):
    """Rows of a call whose hunt began 5 s after it arrived; phones ring one by one, 4 s apart."""
    rows = [row(0, arrived_s, "call.arrived", call_id, line="110", ms=0)]
    rows.append(row(0, arrived_s + 5, "officer.hunt", call_id, by="s01"))
    for number, (officer, rung, outcome, *far) in enumerate(phones):
        attempt = f"{call_id}.{number}"
        known = {"officer": officer, "rung": rung, "attempt": attempt}
        at = arrived_s + 5 + 4 * number
        rows.append(row(0, at, "officer.ring", call_id, **known))
        if outcome == "took":
            rows.append(row(0, at + 2, "officer.took", call_id, officer=officer))
        if outcome:
            distances = dict(zip(("distance_m", "nearest_m"), far, strict=False))
            payload = known | {"outcome": outcome} | distances
            rows.append(row(0, at + 3, "officer.result", call_id, **payload))
    if heard_s is not None:
        ms = heard_s * 1000
        rows.append(row(0, arrived_s + heard_s, "ladder.both_heard", call_id, ms=ms))
    if ended:
        rows.append(row(0, arrived_s + 60, "call.ended", call_id, ms=60000, **about))
    return rows


async def test_a_call_that_an_officer_took_is_counted_from_what_the_service_notes() -> None:
    floor = NotedFloor()
    await talking(floor)
    floor.after(3)
    officer_leg = await officer_takes(floor)
    call = floor.register.get("1.1")
    floor.after(2)
    floor.says(call, call.legs[officer_leg])
    floor.says(call, call.caller_leg)
    floor.hangs_up("1.1")
    found = report(floor.rows)["figures"]
    assert (found["hunts"], found["heard"], found["took"], found["phones"]) == (1, 1, 1, 1)
    assert found["to_officer_mean_ms"] == found["asked_to_heard_mean_ms"] + 3000
    assert found["in_time_share"] == 1.0


def test_every_figure_has_its_sentence() -> None:
    assert list(OfficerFigures.__dataclass_fields__) == list(DEFINITIONS)
    assert list(report([])["figures"]) == list(DEFINITIONS)


def test_where_there_is_nothing_to_count_a_figure_is_none_and_never_0() -> None:
    found = report([])["figures"]
    assert found["hunts"] == 0
    assert found["in_time_share"] is found["to_officer_mean_ms"] is found["answered_share"] is None


def test_a_call_in_time_a_late_one_and_one_that_nobody_took_are_a_third_in_time() -> None:
    rows = [
        *hunt("1", 0, ("o1", "duty", "took"), heard_s=20),
        *hunt("2", 100, ("o1", "duty", "no_answer"), ("o2", "deputy", "took"), heard_s=40),
        *hunt("3", 200, ("o1", "duty", "silent")),
    ]
    found = report(rows)["figures"]
    assert (found["hunts"], found["heard"]) == (3, 2)
    assert found["in_time_share"] == pytest.approx(1 / 3, abs=1e-6)
    assert (found["no_answer"], found["silent"], found["took"]) == (1, 1, 2)
    assert found["answered_share"] == 0.5
    assert found["asked_to_heard_mean_ms"] == 25000


def test_a_hunt_that_is_still_on_is_not_held_to_be_late() -> None:
    rows = [
        *hunt("1", 0, ("o1", "duty", "took"), heard_s=20),
        *hunt("2", 100, ("o1", "duty", ""), ended=False),
    ]
    found = report(rows)["figures"]
    assert (found["hunts"], found["in_time_share"]) == (2, 1.0)


def test_time_to_the_officer_counts_with_the_rung_that_took_the_call() -> None:
    rows = hunt("1", 0, ("o1", "duty", "no_answer"), ("o2", "deputy", "took"), heard_s=18)
    assert groups(rows, "rung", "to_officer_mean_ms") == {"deputy": 18000, "duty": None}
    assert groups(rows, "rung", "no_answer") == {"deputy": 0, "duty": 1}
    assert groups(rows, "officer", "took") == {"o1": 0, "o2": 1}


def test_the_officer_who_is_rung_again_and_takes_it_is_the_one_who_took_it() -> None:
    rows = hunt("1", 0, ("o1", "duty", "no_answer"), ("o1", "again", "took"), heard_s=18)
    assert groups(rows, "rung", "to_officer_mean_ms") == {"again": 18000, "duty": None}


def test_hunts_are_divided_by_what_the_call_was_about_and_where() -> None:
    about = {"category": "robbery", "level": "red", "precinct": "14"}
    rows = [
        *hunt("1", 0, ("o1", "duty", "took"), heard_s=10, **about),
        *hunt("2", 3600, ("o1", "duty", "took"), heard_s=20, **about | {"precinct": "19"}),
    ]
    assert groups(rows, "precinct", "to_officer_mean_ms") == {"14": 10000, "19": 20000}
    assert groups(rows, "category", "hunts") == {"robbery": 2}
    assert groups(rows, "level", "hunts") == {"red": 2}
    assert groups(rows, "line", "hunts") == {"110": 2}
    assert groups(rows, "hour", "hunts") == {"12:00": 1, "13:00": 1}


def test_how_much_farther_the_officer_was_than_the_nearest_is_of_those_where_both_are_known() -> (
    None
):
    rows = [
        *hunt("1", 0, ("o1", "duty", "took", 1500.0, 500.0), heard_s=10),
        *hunt("2", 100, ("o1", "duty", "took", 700.0), heard_s=10),
        *hunt("3", 200, ("o1", "duty", "took"), heard_s=10),
    ]
    found = report(rows)["figures"]
    assert (found["distance_mean_m"], found["beyond_nearest_mean_m"]) == (1100.0, 1000.0)


def test_calls_that_the_house_made_and_calls_without_a_phone_are_not_counted() -> None:
    rows = [
        *hunt("1", 0),
        row(0, 99, "call.called_back", "2"),
        *hunt("2", 100, ("o1", "duty", "took"), heard_s=10),
    ]
    assert report(rows)["figures"]["hunts"] == 0


def test_operators_called_back_onto_their_lines_are_counted() -> None:
    rows = hunt("1", 0, ("o1", "duty", "took"), heard_s=10, ended=False)
    rows.append(row(0, 30, "tripwire.called", "1", why="danger"))
    assert report(rows)["figures"]["tripwires"] == 1


def test_an_entry_that_does_not_fit_is_passed_over() -> None:
    rows = [
        row(0, 0, "officer.ring", None, officer=3),
        row(0, 0, "officer.result", "9", outcome="took"),
        *hunt("1", 0, ("o1", "duty", "took"), heard_s=10),
        row(0, 5, "officer.result", "1", attempt=None, outcome=7),
    ]
    assert report(rows)["figures"]["took"] == 1
