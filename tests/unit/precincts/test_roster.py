"""Who is on duty, and rosters that are wrong."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from callcenter.precincts.errors import RosterError
from callcenter.precincts.hunt import Candidate, Rung
from callcenter.precincts.roster import Roster


@dataclass(frozen=True)
class Officer:
    id: str
    precinct: str
    duty: str = "duty"


OFFICERS = [
    Officer("d19", "19", "desk"),
    Officer("a19", "19"),
    Officer("b19", "19", "deputy"),
    Officer("a17", "17"),
    Officer("a23", "23"),
    Officer("a13", "13"),
    Officer("chief", "1"),
]
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday


def beside(precinct: str) -> tuple[str, ...]:
    return {"19": ("17", "22", "23", "13")}.get(precinct, ())


def ids(ladder: tuple[Candidate, ...]) -> tuple[str, ...]:
    return tuple(each.officer_id for each in ladder)


def test_every_officer_of_the_ladder_says_why_they_are_asked() -> None:
    roster = Roster.load(None, OFFICERS, neighbours=beside)
    assert [each.rung for each in roster.ladder("19", NOON)] == [
        Rung.DUTY,
        Rung.DEPUTY,
        Rung.DESK,
        Rung.NEIGHBOUR,
        Rung.NEIGHBOUR,
    ]


def test_officers_of_the_settings_ring_in_order_of_duty_then_neighbours() -> None:
    roster = Roster.load(None, OFFICERS, neighbours=beside)
    assert ids(roster.ladder("19", NOON)) == ("a19", "b19", "d19", "a17", "a23")


def test_precinct_without_officers_falls_to_its_neighbours() -> None:
    roster = Roster.load(None, OFFICERS, neighbours=lambda precinct: ("17",))
    assert ids(roster.ladder("5", NOON)) == ("a17",)


def test_officer_of_a_precinct_that_does_not_exist_is_refused() -> None:
    with pytest.raises(RosterError, match="a17: no precinct 17"):
        Roster.load(None, [Officer("a17", "17")], precincts=["19"])


ROSTER = """
time_zone = "America/New_York"
[precincts.19]
command = ["chief"]
[[precincts.19.shifts]]
from = "07:00"
to = "15:00"
duty = ["a19"]
deputies = ["b19"]
[[precincts.19.shifts]]
from = "22:00"
to = "06:00"
days = ["fri"]
duty = ["d19"]
"""


def roster_of(tmp_path: Path, text: str) -> Roster:
    file = tmp_path / "roster.toml"
    file.write_text(text)
    return Roster.load(file, OFFICERS, precincts=["19", "17"])


def test_shift_runs_in_the_roster_own_time_zone(tmp_path: Path) -> None:
    roster = roster_of(tmp_path, ROSTER)
    assert ids(roster.ladder("19", NOON)) == ("a19", "b19", "chief")  # 07:00 in New York
    assert ids(roster.ladder("19", NOON - timedelta(minutes=1))) == ("chief",)
    elsewhere = NOON.astimezone(timezone(timedelta(hours=9)))
    assert ids(roster.ladder("19", elsewhere)) == ("a19", "b19", "chief")


def test_night_shift_belongs_to_the_day_it_starts(tmp_path: Path) -> None:
    roster = roster_of(tmp_path, ROSTER)
    saturday_4_am_there = datetime(2026, 3, 7, 9, 0, tzinfo=UTC)
    assert ids(roster.ladder("19", saturday_4_am_there)) == ("d19", "chief")
    assert ids(roster.ladder("19", saturday_4_am_there + timedelta(days=1))) == ("chief",)


def test_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zone"):
        roster_of(tmp_path, ROSTER).ladder("19", datetime(2026, 3, 2))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("a19", "nobody"), r"precincts\.19\.shifts\.0\.duty: officer nobody is not in"),
        (("chief", "nobody"), r"precincts\.19\.command: officer nobody"),
        (("precincts.19", "precincts.99"), r"precincts\.99: no such precinct"),
        (('"07:00"', '"7 o\'clock"'), r"precincts\.19\.shifts\.0\.from"),
        (("America/New_York", "Mars/Base"), "time_zone: 'Mars/Base' is unknown"),
        (("fri", "friday"), r"precincts\.19\.shifts\.1\.days\.0"),
        (("deputies", "deputys"), r"precincts\.19\.shifts\.0\.deputys"),
        (("[precincts.19]", "[precincts.19"), "line 3"),
    ],
)
def test_wrong_roster_names_file_place_and_what_is_wrong(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    with pytest.raises(RosterError, match=said) as caught:
        roster_of(tmp_path, ROSTER.replace(*change))
    assert "roster.toml" in str(caught.value)


def test_missing_roster_is_said(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match=r"none\.toml"):
        Roster.load(tmp_path / "none.toml", OFFICERS)
