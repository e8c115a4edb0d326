from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.incidents.duplicates import (
    Limits,
    Matter,
    metres_between,
    packaged_kinds,
    parse_kinds,
    propose,
)
from callcenter.incidents.errors import LexiconError
from callcenter.incidents.record import CATEGORIES

ROBBERY = Matter("inc-1.1", (1000.0,), "robbery", 40.7753, -73.9632, "Madison Avenue")
ACROSS_THE_STREET = 40.7763
ELSEWHERE = 40.7953


def other(**changes):
    return replace(ROBBERY, **({"incident": "inc-1.2", "arrived_s": (1180.0,)} | changes))


def offered(mine, theirs, **limits):
    return [each.matter.incident for each in propose(mine, [theirs], Limits(**limits))]


def test_the_same_kind_nearby_minutes_later_is_offered_with_its_reasons():
    (found,) = propose(ROBBERY, [other(lat=ACROSS_THE_STREET)])
    assert [reason.name for reason in found.reasons] == ["same_kind", "near", "close_in_time"]
    texts = [reason.text for reason in found.reasons]
    assert texts == ["both robbery", "111 m apart", "3 min apart"]
    assert 0.8 < found.score < 1


@pytest.mark.parametrize(
    "changes",
    [
        {"lat": ELSEWHERE},
        {"arrived_s": (1000.0 + 1801,)},
        {"category": "fraud"},
        {"category": "fire"},
        {"lat": None, "lon": None, "place_text": ""},
        {"lat": None, "lon": None, "place_text": "Fifth Avenue"},
    ],
    ids=["elsewhere", "later", "nobody else's matter", "another kind", "nowhere", "other words"],
)
def test_another_place_time_or_kind_is_not_offered(changes):
    assert offered(ROBBERY, other(**changes)) == []


@pytest.mark.parametrize("category", ["theft", "violence", "unknown", None])
def test_kinds_that_callers_mix_up_and_those_not_known_yet_are_offered(category):
    assert offered(ROBBERY, other(category=category)) == ["inc-1.2"]


def test_places_off_the_map_are_compared_by_their_words():
    mine = replace(ROBBERY, lat=None, lon=None)
    assert offered(mine, other(lat=None, lon=None, place_text="madison  avenue")) == ["inc-1.2"]


def test_the_same_number_is_offered_whatever_it_calls_about():
    mine = replace(ROBBERY, category=None, lat=None, lon=None, place_text="", numbers={"55512"})
    again = other(category=None, lat=None, lon=None, place_text="", numbers={"55512", "55513"})
    (found,) = propose(mine, [again])
    assert found.reasons[0].name == "same_number"
    assert offered(mine, replace(again, arrived_s=(1000.0 + 3601,))) == []


def test_the_same_number_about_another_matter_elsewhere_is_not_offered():
    mine = replace(ROBBERY, numbers=frozenset({"55512"}))
    again = other(category="fire", lat=ELSEWHERE, numbers=frozenset({"55512"}))
    assert offered(mine, again) == []


def test_the_likeliest_comes_first():
    near = other(incident="inc-1.3", lat=40.77531)
    found = propose(ROBBERY, [other(lat=ACROSS_THE_STREET), near])
    assert [each.matter.incident for each in found] == ["inc-1.3", "inc-1.2"]


def test_how_far_apart_is_a_setting():
    far = other(lat=ELSEWHERE)
    assert offered(ROBBERY, far, within_m=5000) == ["inc-1.2"]
    late = other(arrived_s=(1000.0 + 7000,))
    assert offered(ROBBERY, late, within_s=7200) == ["inc-1.2"]


@given(
    st.sampled_from(CATEGORIES),
    st.sampled_from(CATEGORIES),
    st.floats(40.77, 40.78),
    st.floats(0, 4000),
    st.booleans(),
)
def test_two_incidents_are_offered_to_each_other_alike(one, two, lat, later_s, same_number):
    numbers = frozenset({"55512"} if same_number else ())
    mine = replace(ROBBERY, category=one, numbers=numbers)
    theirs = other(category=two, lat=lat, arrived_s=(1000.0 + later_s,), numbers=numbers)
    there, back = propose(mine, [theirs]), propose(theirs, [mine])
    assert [each.score for each in there] == [each.score for each in back]
    assert all(packaged_kinds().least_score <= each.score <= 1 for each in there)


def test_a_degree_of_latitude_is_about_111_km():
    assert metres_between(40, -73, 41, -73) == pytest.approx(111_195, abs=10)
    assert metres_between(40, -73, 40, -73) == 0


@pytest.mark.parametrize("raw", [{"compatible": [["fire", "water"]]}, {"least_score": 3}])
def test_wrong_data_is_refused_by_name(raw):
    with pytest.raises(LexiconError, match=r"kinds\.toml"):
        parse_kinds(raw, "kinds.toml")
