from callcenter.incidents.combined import Part, combined
from callcenter.incidents.merge import TypedValue, merge
from callcenter.incidents.record import Evidence, Record

PLACE = {"text": "Madison Avenue", "lat": 40.7753, "lon": -73.9632, "precinct": "19"}


def heard(call_id, typed=None, sure=0.8, **fields):
    """A call's record as it is filed: what was heard, and what people typed."""
    rows = {
        name: (Evidence(value, "caller_words", words=f"words of {call_id}", confidence=sure),)
        for name, value in fields.items()
    }
    typed = {
        name: TypedValue(value, "s01", f"2026-03-01T12:0{n}:00.000Z")
        for n, (name, value) in enumerate((typed or {}).items())
    }
    return Part(call_id, merge(Record(fields, rows), typed).to_json())


def against(record):
    return [(row["field"], row["heard"], row["call_id"]) for row in record["contradictions"]]


def test_the_record_of_one_call_is_that_calls():
    part = heard("1.1", category="robbery")
    assert combined([part]) == part.record


def test_calls_fill_in_what_others_did_not_say_and_the_rest_stays_empty():
    record = combined([heard("1.1", category="robbery"), heard("1.2", place=PLACE, injured=1)])
    fields = record["fields"]
    assert (fields["category"], fields["place"], fields["injured"]) == ("robbery", PLACE, 1)
    assert (fields["caller_name"], fields["weapons"], record["contradictions"]) == (None, None, [])


def test_calls_without_any_record_have_none_together():
    parts = [Part("1.1", {}), Part("1.2", {})]
    assert combined(parts) == {"fields": {}, "evidence": {}, "contradictions": []}


def test_what_was_typed_stands_over_what_another_call_says_and_both_are_shown():
    first = heard("1.1", category="robbery", sure=0.99)
    second = heard("1.2", typed={"category": "theft"})
    record = combined([first, second])
    assert record["fields"]["category"] == "theft"
    (row,) = record["contradictions"]
    assert (row["typed"], row["heard"], row["call_id"]) == ("theft", "robbery", "1.1")
    assert (row["stands_of"], row["source"], row["words"]) == ("1.2", "heard", "words of 1.1")
    sources = [(each["source"], each["call_id"]) for each in record["evidence"]["category"]]
    assert sources == [("operator", "1.2"), ("caller_words", "1.1")]


def test_of_what_was_typed_twice_the_later_stands_and_the_other_is_shown_as_typed():
    first = heard("1.1", typed={"level": "red", "category": "fire"})
    second = heard("1.2", typed={"category": "hazard"})
    record = combined([first, second])
    assert record["fields"]["category"] == "fire", "typed at 12:01, the other at 12:00"
    (row,) = record["contradictions"]
    assert (row["heard"], row["source"]) == ("hazard", "typed")


def test_heard_differently_the_surer_stands_and_what_is_unknown_contradicts_nothing():
    sure, unsure = heard("1.1", category="robbery"), heard("1.2", category="theft", sure=0.4)
    assert against(combined([unsure, sure])) == [("category", "theft", "1.2")]
    assert against(combined([sure, heard("1.3", category="unknown", sure=1.0)])) == []


def test_lists_are_put_together_and_a_denial_is_shown():
    gun, none = heard("1.1", weapons=["gun"]), heard("1.2", weapons=[])
    record = combined([none, gun, heard("1.3", weapons=["Gun", "knife"])])
    assert record["fields"]["weapons"] == ["gun", "knife"]
    assert against(record) == [("weapons", [], "1.2")]
    assert combined([none, heard("1.4", weapons=[])])["fields"]["weapons"] == []


def test_a_typed_list_is_not_added_to_but_what_it_lacks_is_shown():
    record = combined([heard("1.1", typed={"weapons": ["knife"]}), heard("1.2", weapons=["gun"])])
    assert record["fields"]["weapons"] == ["knife"]
    assert against(record) == [("weapons", ["gun"], "1.2")]


def test_the_most_serious_level_and_the_most_injured_stand():
    record = combined(
        [heard("1.1", level="yellow", injured=1), heard("1.2", level="red", injured=3)]
    )
    assert (record["fields"]["level"], record["fields"]["injured"]) == ("red", 3)
    assert against(record) == [("injured", 1, "1.1")]


def test_callers_have_names_and_numbers_of_their_own():
    record = combined(
        [heard("1.1", caller_name="Rosa", callback="1"), heard("1.2", caller_name="Kim")]
    )
    assert (record["fields"]["caller_name"], record["contradictions"]) == ("Rosa", [])


def test_places_far_apart_contradict_and_words_for_one_spot_do_not():
    near = PLACE | {"text": "Madison and 79th", "lat": 40.7755}
    far = PLACE | {"text": "Fifth Avenue", "lat": 40.79}
    unknown = {"text": "the corner", "lat": None, "lon": None, "precinct": None}
    first = heard("1.1", place=PLACE | {"confidence": 0.9})
    assert against(combined([first, heard("1.2", place=near)])) == []
    assert against(combined([first, heard("1.2", place=far)])) == [("place", far, "1.2")]
    assert combined([heard("1.0", place=unknown), first])["fields"]["place"]["lat"] == 40.7753


def test_what_each_call_contradicts_by_itself_stays_shown():
    part = heard("1.1", typed={"category": "theft"}, category="robbery")
    assert against(combined([part, heard("1.2")])) == [("category", "robbery", "1.1")]


def test_putting_together_changes_no_calls_record():
    parts = [heard("1.1", typed={"level": "red"}, weapons=["gun"]), heard("1.2", weapons=[])]
    before = [repr(part.record) for part in parts]
    combined(parts)
    assert [repr(part.record) for part in parts] == before
