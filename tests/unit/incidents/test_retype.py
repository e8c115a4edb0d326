"""A filed record takes what people type as an open one does."""

from hypothesis import given
from hypothesis import strategies as st

from callcenter.incidents.merge import TypedValue, merge
from callcenter.incidents.record import Evidence, Record
from callcenter.incidents.retype import retyped

FIELDS = ("category", "caller_name", "weapons", "injured")
VALUES = {
    "category": ["robbery", "theft"],
    "caller_name": ["Kim", "Rosa"],
    "weapons": [["gun"], []],
    "injured": [0, 2],
}


def record_of(said):
    """What was heard; each with the words it rests on."""
    evidence = {
        name: (Evidence(value, "caller_words", words=str(value)),) for name, value in said.items()
    }
    return Record({name: said.get(name) for name in FIELDS}, evidence)


values = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(known) for name, known in VALUES.items()}
)


def typed_of(chosen):
    return {name: TypedValue(value, "s01", "now") for name, value in chosen.items()}


@given(values, values, values)
def test_typing_into_a_filed_record_gives_what_typing_during_the_call_gives(heard, first, second):
    filed = merge(record_of(heard), typed_of(first)).to_json()
    again = retyped(filed, typed_of(second))
    live = merge(record_of(heard), typed_of(second)).to_json()
    assert again == live
    # Records that were filed before what was heard was kept: inferred, alike to who reads it.
    filed.pop("heard", None)
    inferred = retyped(filed, typed_of(second))
    assert {**inferred, "heard": None} == {**live, "heard": None}


def test_what_was_typed_is_taken_back_and_what_was_heard_is_there_again():
    filed = merge(record_of({"category": "robbery"}), typed_of({"category": "theft"})).to_json()
    again = retyped(filed, {})
    assert again["fields"]["category"] == "robbery"
    assert again["contradictions"] == []
    assert [row["source"] for row in again["evidence"]["category"]] == ["caller_words"]


def test_what_only_a_person_said_is_gone_once_it_is_taken_back():
    filed = merge(record_of({}), typed_of({"caller_name": "Kim"})).to_json()
    assert retyped(filed, {})["fields"]["caller_name"] is None


def test_a_place_that_was_typed_as_it_was_heard_is_as_sure_again_as_it_was():
    place = {"text": "Madison Avenue", "lat": 40.7, "lon": -73.9, "confidence": 0.6}
    row = Evidence(place, "caller_words", confidence=0.6)
    heard = Record({"place": place}, {"place": (row,)})
    filed = merge(heard, {"place": TypedValue({"text": "Madison Avenue"}, "s01", "now")}).to_json()
    assert retyped(filed, {})["fields"]["place"] == place
    filed.pop("heard")
    assert retyped(filed, {})["fields"]["place"]["confidence"] == 0.6
