"""What a person typed stands above what the machine heard."""

import pytest

from callcenter.incidents.errors import UnknownField
from callcenter.incidents.merge import TypedValue, merge
from callcenter.incidents.record import Evidence, Record

AT = "2026-03-02T12:00:00Z"


def heard(**fields: object) -> Record:
    return Record(
        fields,
        {
            name: (Evidence(value, "caller_words", start_ms=1000, words=f"words for {name}"),)
            for name, value in fields.items()
        },
    )


def typed(value: object) -> TypedValue:
    return TypedValue(value, by="kim", at=AT)


def test_typed_value_is_kept_and_the_contradiction_is_shown() -> None:
    merged = merge(heard(category="theft"), {"category": typed("robbery")})
    assert merged.fields["category"] == "robbery"
    own, machine = merged.evidence["category"]
    assert (own.source, own.confirmed_by, own.confirmed_at) == ("operator", "kim", AT)
    assert (machine.value, machine.words) == ("theft", "words for category")
    (row,) = merged.contradictions
    assert (row.field, row.typed, row.heard, row.start_ms) == ("category", "robbery", "theft", 1000)


@pytest.mark.parametrize(
    ("field", "machine", "person"),
    [
        ("category", "robbery", "Robbery"),
        ("weapons", ["gun", "knife"], ["knife", "gun"]),
        ("callback", "2125550123", "(212) 555-0123"),
        ("place", {"text": "Main Street, West", "lat": 1.0}, "main street, west"),
        ("injured", 2, "2"),
        ("caller_name", None, "Maria Lopez"),
    ],
)
def test_same_value_or_nothing_heard_is_no_contradiction(
    field: str, machine: object, person: object
) -> None:
    assert merge(heard(**{field: machine}), {field: typed(person)}).contradictions == ()


def test_other_fields_stay_as_heard() -> None:
    merged = merge(heard(category="theft", injured=1), {"category": typed("robbery")})
    assert merged.fields["injured"] == 1


def test_machine_record_is_not_changed() -> None:
    machine = heard(category="theft")
    merge(machine, {"category": typed("robbery")})
    assert machine.fields["category"] == "theft"
    assert len(machine.evidence["category"]) == 1


def test_typed_place_does_not_keep_the_position_of_another() -> None:
    machine = heard(place={"text": "Main Street", "lat": 1.0, "lon": 2.0, "precinct": "7"})
    place = merge(machine, {"place": typed("Oak Road 5")}).fields["place"]
    assert (place["text"], place["lat"], place["precinct"]) == ("Oak Road 5", None, None)
    assert place["runner_up"]["text"] == "Main Street"


def test_typed_place_that_is_the_one_heard_confirms_it() -> None:
    machine = heard(place={"text": "Main Street", "lat": 1.0, "lon": 2.0, "precinct": "7"})
    place = merge(machine, {"place": typed("main street")}).fields["place"]
    assert (place["precinct"], place["confirmed"]) == ("7", True)


def test_typed_place_with_a_precinct_is_taken_as_it_is() -> None:
    value = {"text": "Pier 5", "precinct": "84"}
    assert merge(heard(), {"place": typed(value)}).fields["place"] == value


def test_field_that_no_record_has_is_refused() -> None:
    with pytest.raises(UnknownField, match="colour: expected one of category"):
        merge(heard(), {"colour": typed("red")})


def test_what_was_denied_contradicts_what_was_typed_and_what_was_never_said_does_not() -> None:
    (row,) = merge(heard(weapons=[]), {"weapons": typed(["gun"])}).contradictions
    assert (row.heard, row.words) == ([], "words for weapons")
    assert merge(Record({"weapons": []}), {"weapons": typed(["gun"])}).contradictions == ()


def test_what_stands_there_though_nobody_said_it_contradicts_nothing() -> None:
    unknown = heard(category="unknown")
    assert merge(unknown, {"category": typed("robbery")}).contradictions == ()
    line = Record({"callback": "1"}, {"callback": (Evidence("1", "line"),)})
    assert merge(line, {"callback": typed("2125550123")}).contradictions == ()
    by_default = Record({"level": "yellow"})
    assert merge(by_default, {"level": typed("red")}).contradictions == ()


def test_two_names_of_one_spot_are_one_place_and_of_two_spots_they_are_not() -> None:
    spot = {"text": "Madison Avenue and East 79 Street, Manhattan", "lat": 40.77631, "lon": -73.962}
    named = typed({"text": "Madison and 79th", "lat": 40.77640, "lon": -73.962})
    assert merge(heard(place=spot), {"place": named}).contradictions == ()
    elsewhere = typed({"text": "Madison and 80th", "lat": 40.7771, "lon": -73.962})
    assert len(merge(heard(place=spot), {"place": elsewhere}).contradictions) == 1


def test_what_was_heard_is_kept_under_what_was_typed() -> None:
    merged = merge(heard(category="theft", level="red"), {"category": typed("robbery")})
    assert merged.to_json()["heard"] == {"category": "theft"}
    assert "heard" not in heard(category="theft").to_json()
