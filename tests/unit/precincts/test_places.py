"""What callers say, and where they are."""

import csv
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from callcenter.precincts.boundaries import metres_between
from callcenter.precincts.candidates import candidates
from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.mentions import read_mentions
from callcenter.precincts.places import PlaceFinder
from callcenter.precincts.resolved import ResolvedPlace

HEARINGS = Path(__file__).with_name("moonshine_hearings.tsv")


class Said(NamedTuple):
    who: str
    text: str


def place(finder: PlaceFinder, *said: str | tuple[str, str]) -> ResolvedPlace | None:
    turns = [Said("caller", each) if isinstance(each, str) else Said(*each) for each in said]
    return finder.resolve(turns)


def known(finder: PlaceFinder, *said: str | tuple[str, str]) -> ResolvedPlace:
    found = place(finder, *said)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("said", "text", "precinct"),
    [
        (
            "I'm at eighth avenue and west forty second street",
            "8 Avenue and West 42 Street, Manhattan",
            "14",
        ),
        ("forty second and eighth", "8 Avenue and West 42 Street, Manhattan", "14"),
        ("corner of Lexington and 77th", "Lexington Avenue and East 77 Street, Manhattan", "19"),
        ("one twenty five street and Lenox", "Lenox Avenue and West 125 Street, Manhattan", "28"),
        ("Canal Street at Broadway", "Canal Street and Broadway, Manhattan", "5"),
        ("Avenue U and East 38th", "Avenue U and East 38 Street, Brooklyn", "63"),
        ("on flat bush Avenue near Avenue P", "Flatbush Avenue and Avenue P, Brooklyn", "63"),
        ("Avenue of the Americas and West 34th Street", "6 Avenue and West 34 Street", "14"),
        ("we are at Penn Station", "Penn Station, Manhattan", "14"),
        ("in front of Yankee Stadium", "Yankee Stadium, Bronx", "44"),
        ("I'm in Times Square", "Times Square, Manhattan", "14"),
        ("at Columbus Circle", "Columbus Circle, Manhattan", "18"),
    ],
)
def test_spoken_place_is_found(finder: PlaceFinder, said: str, text: str, precinct: str) -> None:
    found = known(finder, said)
    assert found.resolved
    assert found.text.startswith(text)
    assert found.precinct == precinct


def test_correction_takes_the_earlier_street_back(finder: PlaceFinder) -> None:
    found = known(
        finder, "I'm at Seventh Avenue and West Forty Second Street, no, wait, Eighth Avenue."
    )
    assert found.text == "8 Avenue and West 42 Street, Manhattan"


def test_correction_in_a_later_turn_counts(finder: PlaceFinder) -> None:
    found = known(
        finder,
        "Third Avenue and East 57th Street.",
        ("operator", "Third Avenue and 57th?"),
        "No, sorry, Second Avenue.",
    )
    assert found.text == "2 Avenue and East 57 Street, Manhattan"


def test_street_that_is_denied_with_not_does_not_count(finder: PlaceFinder) -> None:
    found = known(finder, "East 57th Street and, not Second Avenue, Third Avenue")
    assert found.text == "3 Avenue and East 57 Street, Manhattan"


def test_two_turns_make_one_crossing(finder: PlaceFinder) -> None:
    found = known(
        finder,
        ("operator", "Where are you?"),
        "On Flatbush Avenue.",
        ("operator", "What is the cross street?"),
        "Avenue P.",
    )
    assert (found.text, found.precinct) == ("Flatbush Avenue and Avenue P, Brooklyn", "63")
    assert [number for number, _ in found.turns] == [1, 3]


def test_operators_question_alone_is_no_place(finder: PlaceFinder) -> None:
    assert place(finder, ("operator", "Are you at Broadway and Canal Street?")) is None
    unanswered = place(
        finder, ("operator", "Are you at Broadway and Canal Street?"), "Please hurry!"
    )
    assert unanswered is None


def test_callers_yes_makes_the_operators_place_count(finder: PlaceFinder) -> None:
    found = known(finder, ("operator", "So you are at Broadway and Canal Street?"), "Yes, hurry!")
    assert found.resolved
    assert found.confirmed
    assert (found.precinct, found.turns[0][0]) == ("5", 0)


def test_callers_no_speaks_against_the_place(finder: PlaceFinder) -> None:
    said = "I'm at Lexington Avenue and East 57th Street"
    before = known(finder, said)
    after = known(finder, said, ("operator", "Lexington Avenue and East 57th Street?"), "No!")
    assert before.resolved
    assert not after.resolved or after.text != before.text


def test_borough_chooses_between_streets_of_one_name(finder: PlaceFinder) -> None:
    brooklyn = known(finder, "Third Avenue and 57th Street in Brooklyn")
    manhattan = known(finder, "Third Avenue and 57th Street in man hatten")
    assert (brooklyn.district, brooklyn.precinct) == ("Brooklyn", "72")
    assert (manhattan.district, manhattan.precinct) == ("Manhattan", "17")


def test_name_of_a_street_is_no_hint_of_a_borough(finder: PlaceFinder) -> None:
    found = known(finder, "Brooklyn Avenue and Church Avenue")
    assert found.district == "Brooklyn"
    assert known(finder, "Queens Boulevard and Skillman Avenue").district == "Queens"


def test_where_somebody_ran_is_not_where_the_caller_is(finder: PlaceFinder) -> None:
    found = known(
        finder,
        "I'm on East Fourteenth Street, he ran toward Second Avenue. I'm near First Avenue.",
    )
    assert found.text == "1 Avenue and East 14 Street, Manhattan"


def test_one_street_gives_a_question_and_no_position(finder: PlaceFinder) -> None:
    found = known(finder, "I'm on Lexington Avenue in Manhattan")
    assert not found.resolved
    assert (found.lat, found.lon, found.precinct) == (None, None, None)
    assert found.read_back == (
        "You are on Lexington Avenue in Manhattan. What is the nearest cross street?"
    )


def test_unclear_place_is_not_guessed_silently(finder: PlaceFinder) -> None:
    found = known(finder, "I am at Kimble Street and Avenue D.")
    assert not found.resolved
    assert found.lat is None
    assert found.runner_up is not None
    assert found.runner_up.text == "Avenue T and Kimball Street, Brooklyn"
    assert found.read_back.startswith("Did you say Avenue T and Kimball Street, Brooklyn")


@pytest.mark.parametrize(
    "said", ["help me, somebody has a gun", "hello?", "", "it was the first time, wait a second"]
)
def test_words_without_a_place_give_none(finder: PlaceFinder, said: str) -> None:
    assert place(finder, said) is None


def test_read_back_is_said_with_ordinals(finder: PlaceFinder) -> None:
    found = known(finder, "Third Avenue and East 42nd Street")
    assert (
        found.read_back == "You are at 3rd Avenue and East 42nd Street, Manhattan. Is that right?"
    )
    assert found.spoken == "3rd Avenue and East 42nd Street, Manhattan"


def test_place_says_how_near_the_next_precinct_is(finder: PlaceFinder) -> None:
    found = known(finder, "Lexington Avenue and East 77th Street")
    assert found.precinct == "19"
    assert found.neighbour_precinct not in (None, "19")
    assert found.metres_to_boundary is not None
    assert found.metres_to_boundary > 100


def test_json_holds_what_the_record_promises(finder: PlaceFinder) -> None:
    row = known(finder, "forty second and eighth").to_json()
    assert {"text", "lat", "lon", "precinct", "confidence", "runner_up", "read_back"} <= set(row)
    assert isinstance(row["runner_up"], dict)
    assert row["runner_up"]["text"] == "8 Avenue and 42 Street, Brooklyn"


def test_gazetteer_finds_text_of_its_own(gazetteer: Gazetteer) -> None:
    best = candidates(
        gazetteer, [read_mentions(gazetteer, "lexington avenue and east 77th street")]
    )[0]
    assert (best.kind, best.district) == ("crossing", "Manhattan")
    assert best.score > 0.9


def hearings() -> Iterator[dict[str, str]]:
    with HEARINGS.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


def test_what_a_small_recogniser_heard_is_mostly_found_and_hardly_ever_wrong(
    finder: PlaceFinder,
) -> None:
    """180 emergency sentences, spoken by a synthetic voice over 8 kHz µ-law, as recognised."""
    right = wrong = 0
    for row in hearings():
        found = place(finder, row["heard"])
        if found is None or not found.resolved or found.lat is None or found.lon is None:
            continue
        metres = metres_between(found.lat, found.lon, float(row["lat"]), float(row["lon"]))
        if metres < 150 or found.precinct == row["precinct"]:
            right += 1
        else:
            wrong += 1
    assert right >= 150
    assert wrong <= 4


def test_reading_a_sentence_is_fast(gazetteer: Gazetteer, finder: PlaceFinder) -> None:
    texts = [row["heard"] for row in hearings()]
    fresh = PlaceFinder(gazetteer, finder.boundaries)
    for text in texts[:5]:
        fresh.resolve([Said("caller", text)])
    started = time.process_time()
    for text in texts:
        fresh.resolve([Said("caller", text)])
    assert (time.process_time() - started) / len(texts) < 0.05


def test_stretch_between_two_streets_is_its_middle(finder: PlaceFinder) -> None:
    found = known(finder, "I'm on Lexington Avenue between East 76th Street and East 77th Street")
    assert (found.resolved, found.precinct) == (True, "19")
    assert "between" in found.text
    assert "between" in found.candidates[0].reasons


def test_answer_to_another_question_denies_no_place(finder: PlaceFinder) -> None:
    found = known(
        finder,
        "Lexington Avenue and East 86th Street.",
        ("operator", "Lexington and East 86th. Did he have a weapon?"),
        "No, nothing like that.",
    )
    assert found.text == "Lexington Avenue and East 86 Street, Manhattan"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("the sixteen hundred block of Grand Concourse", "1600 Grand Concourse, Bronx"),
        ("one oh eight dash oh five Jamaica Avenue", "10805 Jamaica Avenue, Queens"),
        ("five twenty two Ocean Avenue, Brooklyn, apartment two C", "522 Ocean Avenue, Brooklyn"),
        ("Third Avenue in Bay Ridge, Third and 77th Street", "3 Avenue and 77 Street, Brooklyn"),
        ("Lex and 59th", "Lexington Avenue and East 59 Street, Manhattan"),
        ("Jerome Avenue, corner of Burnside", "Jerome Avenue and East Burnside Avenue, Bronx"),
        ("off of Flatbush, on Church Avenue", "Flatbush Avenue and Church Avenue, Brooklyn"),
        ("where Broadway meets Steinway", "Broadway and Steinway Street, Queens"),
        ("It is called, one moment. Bryant Park Hotel.", "Bryant Park Hotel, Manhattan"),
        ("nurse at Harlem Hospital, we need police", "Harlem Hospital Center, Manhattan"),
        ("by the lake, the Loeb Boathouse", "Central Park Loeb Boathouse, Manhattan"),
        ("we are in Prospect Park", "Prospect Park, Brooklyn"),
        ("at the Bronx Zoo", "Bronx Zoo, Bronx"),
        ("at Grand Army Plaza in Brooklyn", "Grand Army Plaza, Brooklyn"),
    ],
)
def test_places_are_found_as_people_name_them(finder: PlaceFinder, said: str, text: str) -> None:
    found = known(finder, said)
    assert found.resolved
    assert found.text == text


def test_where_somebody_lives_gives_way_to_where_they_are(finder: PlaceFinder) -> None:
    found = known(finder, "I live at 350 East 87th Street but I'm on 79th and York")
    assert found.text == "York Avenue and East 79 Street, Manhattan"
    assert "somebody_lives_there" in found.candidates[1].reasons


def test_a_place_that_is_only_thought_of_is_asked_for(finder: PlaceFinder) -> None:
    found = known(finder, "He put in off of Pelham Bay, somewhere off of there. Or City Island?")
    assert not found.resolved
    assert found.read_back


def test_streets_that_nobody_saw_meet_are_known_to_where_they_must(finder: PlaceFinder) -> None:
    found = known(finder, "Knickerbocker Avenue and Suydam Street")
    assert found.resolved
    assert any(reason.startswith("meeting_computed") for reason in found.candidates[0].reasons)
    assert metres_between(found.lat or 0, found.lon or 0, 40.70196, -73.92389) < 100


def test_neighbourhood_says_the_borough_but_no_place(finder: PlaceFinder) -> None:
    found = place(finder, "I'm in Bay Ridge")
    assert found is None or not found.resolved
    assert known(finder, "Fifth Avenue and 50th Street in Sunset Park").precinct == "72"
