"""Which boundaries of which kind hold when, and how rosters name their areas."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from callcenter.precincts.boundaries import Boundaries, Precinct
from callcenter.precincts.territories import (
    Territories,
    Territory,
    area_key,
    coming,
    holding,
    kind_of,
    next_change,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Version:
    version: int
    kind: str
    holds_from: datetime


def version(number: int, days: float, kind: str = "precinct") -> Version:
    return Version(number, kind, NOW + timedelta(days=days))


def held(versions: list[Version], at: datetime = NOW) -> dict[str, int]:
    return {kind: each.version for kind, each in holding(versions, at).items()}


def test_version_holds_from_its_moment_on_to_the_next_ones() -> None:
    versions = [version(1, -9), version(2, 8)]
    assert held(versions) == {"precinct": 1}
    assert held(versions, NOW + timedelta(days=8)) == {"precinct": 2}
    assert next_change(versions, NOW) == NOW + timedelta(days=8)
    assert next_change(versions, NOW + timedelta(days=8)) is None


def test_correction_of_today_does_not_undo_what_is_planned() -> None:
    versions = [version(1, -9), version(2, 8), version(3, 0)]
    assert held(versions) == {"precinct": 3}
    assert held(versions, NOW + timedelta(days=9)) == {"precinct": 2}


def test_newer_version_of_one_moment_replaces_the_older_one() -> None:
    versions = [version(1, 0), version(2, 0), version(3, 8), version(4, 8)]
    assert held(versions) == {"precinct": 2}
    assert [each.version for each in coming(versions, NOW)] == [4]


def test_kinds_hold_apart_from_each_other() -> None:
    versions = [version(1, -9), version(2, -1, "harbour"), version(3, 8, "harbour")]
    assert held(versions) == {"precinct": 1, "harbour": 2}


@given(
    plans=st.lists(st.tuples(st.integers(-20, 20), st.sampled_from(["a", "b"])), max_size=12),
    at=st.integers(-25, 25),
)
def test_nothing_holds_before_its_moment_and_nothing_that_began_later_is_passed_over(
    plans: list[tuple[int, str]], at: int
) -> None:
    versions = [version(n, days, kind) for n, (days, kind) in enumerate(plans, 1)]
    moment = NOW + timedelta(days=at)
    found = holding(versions, moment)
    for each in versions:
        if each.holds_from <= moment:
            assert found[each.kind].holds_from >= each.holds_from
    assert all(each.holds_from <= moment for each in found.values())
    change = next_change(versions, moment)
    if change is not None:
        assert holding(versions, change - timedelta(seconds=1)) == found


def square(name: str, west: float) -> Precinct:
    return Precinct(name, shapely.box(west, 40.7, west + 0.01, 40.71))


def city() -> Territories:
    precincts = Boundaries([square("1", -74.0), square("3", -73.99)])
    sections = Boundaries([square("3", -74.0), square("4", -73.99)])
    return Territories(
        [
            Territory("traffic_section", "traffic section", 2, NOW, sections),
            Territory("precinct", "precinct", 0, None, precincts),
        ],
        later=["harbour:1"],
    )


def test_areas_of_one_id_and_several_kinds_are_kept_apart() -> None:
    found = city()
    assert area_key("precinct", "3") == "3"
    assert (found.area("precinct", 40.705, -73.995), found.find(40.705, -73.995).precinct) == (
        "1",
        "1",
    )
    assert found.area("traffic_section", 40.705, -73.995) == "3"
    assert found.area("harbour", 40.705, -73.995) is None
    assert found.known >= {"1", "3", "traffic_section:3", "traffic_section:4", "harbour:1"}
    assert "harbour:1" not in found.ids
    assert [each.kind for each in found.kinds] == ["precinct", "traffic_section"]


def test_neighbours_are_of_the_same_kind() -> None:
    assert city().neighbours("3") == ("1",)
    assert city().neighbours("traffic_section:3") == ("traffic_section:4",)
    assert city().neighbours("harbour:1") == ()


def test_keys_are_read_to_people_by_the_label_of_their_kind() -> None:
    assert city().label("traffic_section:3") == "traffic section 3"
    assert city().label("3") == "precinct 3"


def test_kind_of_a_key_is_read_from_it() -> None:
    assert [kind_of(key) for key in ("3", "traffic_section:3", "a:b:c", "Old Town: west")] == [
        "precinct",
        "traffic_section",
        "a",
        "precinct",
    ]


def test_there_are_always_precincts() -> None:
    with pytest.raises(ValueError, match="always"):
        Territories([])
