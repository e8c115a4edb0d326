"""What a call is about, who did it and what is denied, told in words that are no set phrases."""

from __future__ import annotations

from typing import Any

import pytest

from callcenter.incidents.extract import Extractor
from callcenter.incidents.record import Turn


@pytest.fixture(scope="module")
def english() -> Extractor:
    return Extractor("en")


def fields(extractor: Extractor, *said: str) -> dict[str, Any]:
    """The record of texts by turns: the caller first, or an operator who is named with "> "."""
    turns = [
        Turn("operator" if text.startswith("> ") else "caller", text.removeprefix("> "), n * 1000)
        for n, text in enumerate(said)
    ]
    return dict(extractor.extract(turns).fields)


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("This van turned right into a guy on one of those delivery bikes.", "traffic"),
        ("My laptop was on the table and when I looked up it was gone.", "theft"),
        ("He lifted his shirt, showed me the handle and took my watch.", "robbery"),
        ("I sent him the deposit on Zelle and the apartment does not exist.", "fraud"),
        ("The curtains caught, the whole kitchen is going up.", "fire"),
        ("Grandma's words are all mush and one side of her face is droopy.", "medical"),
        ("My husband has dementia and he walked out, he is in his slippers.", "missing_person"),
        ("She has her legs over the railing of the bridge and she's crying.", "suicide_danger"),
        ("The neighbors have music blasting and it's two in the morning.", "public_order"),
        ("There's an air conditioner hanging by the cord over the sidewalk.", "hazard"),
        ("Can he just pay the ticket at the precinct?", "enquiry"),
        ("Sorry, I sat on my phone, it dialed by itself.", "nuisance"),
        ("My dad is yelling and he pushed my mom into the table.", "domestic_violence"),
        ("Some guy swung at one of the waiters and choked him.", "violence"),
    ],
)
def test_matter_is_known_by_things_and_doings_near_each_other(
    english: Extractor, said: str, category: str
) -> None:
    assert fields(english, said)["category"] == category


@pytest.mark.parametrize(
    "said",
    [
        "I left my laptop at the library. My mom's gonna murder me.",
        "The music upstairs is so loud again. If I complain they'd kill me.",
        "He's all over the road, he's gonna kill somebody.",
    ],
)
def test_figures_of_speech_threaten_nobody(english: Extractor, said: str) -> None:
    assert "death_threat" not in (fields(english, said)["dangers"] or [])


def test_threat_that_is_repeated_is_one(english: Extractor) -> None:
    said = "My boyfriend hit me and he said if I call the cops I'm dead."
    assert "death_threat" in fields(english, said)["dangers"]


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("My husband is hitting my daughter.", ["My husband"]),
        ("My stepfather threw my mother on the floor, my mother is bleeding.", ["My stepfather"]),
        (
            "It's my sister, her boyfriend is kicking the door and he punched her.",
            ["her boyfriend"],
        ),
    ],
)
def test_relative_who_does_it_is_told_from_those_who_suffer_it(
    english: Extractor, said: str, who: list[str]
) -> None:
    assert fields(english, said)["suspects"] == who


def test_answer_to_the_question_for_looks_goes_before_people_in_passing(
    english: Extractor,
) -> None:
    record = fields(
        english,
        "A guy in a red jacket saw it. They robbed my store with a gun.",
        "> What did he look like?",
        "Gray suit, red tie, about forty, a little mustache.",
    )
    assert record["suspects"] == ["Gray suit, red tie, about forty, a little mustache"]


def test_people_in_an_accident_are_no_suspects_unless_they_fled(english: Extractor) -> None:
    stayed = "A white van hit a guy in a green jacket. The driver is right here."
    fled = "A white van hit a guy and the driver took off."
    assert fields(english, stayed)["suspects"] is None
    assert fields(english, fled)["suspects"] == ["A white van"]


@pytest.mark.parametrize(
    ("said", "weapons"),
    [
        ("He robbed me with a long knife, a machete.", ["machete"]),
        ("He put a blade to my neck and took my phone, it was a box cutter.", ["box_cutter"]),
        ("I heard like five pops and somebody is screaming.", ["gun"]),
        ("I was robbed on Gun Hill Road.", None),
    ],
)
def test_weapon_has_its_most_special_name(
    english: Extractor, said: str, weapons: list[str] | None
) -> None:
    assert fields(english, said)["weapons"] == weapons


@pytest.mark.parametrize(
    ("said", "injured"),
    [
        (("He stole my bag.", "> Are you hurt?", "I'm okay."), 0),
        (("She was fine this morning, now she can't breathe.",), None),
        (("They smacked me and took my sneakers, but I'm good.",), None),
        (("A truck hit a cyclist. His leg is not pointing the right way.",), 1),
        (("A van hit a man, he has blood on his head.",), 1),
        (("The kitchen is on fire.", "> Did anybody get burned?", "My wife, her hand."), 1),
    ],
)
def test_hurt_are_counted_and_the_fine_are_none(
    english: Extractor, said: tuple[str, ...], injured: int | None
) -> None:
    assert fields(english, *said)["injured"] == injured


@pytest.mark.parametrize(
    ("said", "dangers"),
    [
        ("There's a car double parked and I can't get through.", "trapped"),
        ("I cannot move my car, somebody blocked me in.", "unconscious"),
        ("The toaster oven blew up and the cabinets are burning.", "explosion"),
        ("It's freezing, it's cold out here and my car broke down.", "death"),
    ],
)
def test_word_of_danger_needs_its_own_matter(english: Extractor, said: str, dangers: str) -> None:
    assert dangers not in (fields(english, said)["dangers"] or [])


def test_number_of_which_the_end_is_said_again_is_one_number(english: Extractor) -> None:
    record = fields(
        english,
        "> What's your number?",
        "It's six four six, five five five, zero one two... two six. Zero one two six.",
    )
    assert record["callback"] == "6465550126"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("It's Alan Weiss, if anyone asks.", "Alan Weiss"),
        ("It's Ruth, Ruth Abramowitz.", "Ruth Abramowitz"),
        ("It's Grand Concourse and Fordham.", None),
        ("And I'm his daughter, Irene Nowak.", "Irene Nowak"),
    ],
)
def test_full_name_in_passing_is_taken_but_no_place(
    english: Extractor, said: str, name: str | None
) -> None:
    assert fields(english, said)["caller_name"] == name


@pytest.mark.parametrize(
    ("said", "danger", "shown"),
    [
        ("He says there's a band squeezing round his chest.", "heart_attack", True),
        ("His chest is fine. His shoes are too tight.", "heart_attack", False),
        ("There's no pain in his chest.", "heart_attack", False),
        ("He was punched in the chest and it hurts.", "heart_attack", False),
        ("There's blood spraying up the wall.", "heavy_bleeding", True),
        ("It bled a lot but it has stopped.", "heavy_bleeding", False),
        ("He told me he'll put me in the ground.", "death_threat", True),
    ],
)
def test_danger_is_shown_by_what_stands_together_in_one_sentence(
    english: Extractor, said: str, danger: str, shown: bool
) -> None:
    assert (danger in (fields(english, said)["dangers"] or ())) is shown


def test_fire_engines_that_are_asked_for_are_no_saying(english: Extractor) -> None:
    assert fields(english, "Please get the fire trucks here")["asked_for"] == ["fire_brigade"]


def test_time_is_not_denied_by_a_not_before_it(english: Extractor) -> None:
    assert fields(english, "Nobody has seen him since breakfast.")["when"] == "since breakfast"


def test_age_that_is_asked_for_tells_a_grown_child(english: Extractor) -> None:
    told = ("My son's not waking up.", "> How old is he?")
    assert "child_in_danger" not in fields(english, *told, "Twenty-four.")["dangers"]
    assert "child_in_danger" in fields(english, *told, "Six.")["dangers"]


def test_axe_that_slipped_is_no_weapon(english: Extractor) -> None:
    said = "I was chopping wood and the axe went into my shin, I'm bleeding."
    assert fields(english, said)["weapons"] is None


def test_relative_of_a_relative_is_who_did_it(english: Extractor) -> None:
    said = "It's my daughter's boyfriend, he shoved her down the steps."
    assert fields(english, said)["suspects"] == ["my daughter's boyfriend"]


def test_short_answer_to_the_question_for_looks_is_a_description(english: Extractor) -> None:
    told = ("A man grabbed my purse and ran.", "> What did he look like?")
    assert fields(english, *told, "Like a scarecrow with a lunch box.")["suspects"] == [
        "Like a scarecrow with a lunch box."
    ]
    assert not fields(english, *told, "I don't know, I didn't see his face.")["suspects"]


def test_help_is_not_asked_for_beside_those_who_are_to_give_it(english: Extractor) -> None:
    assert fields(english, "Can you send somebody, an officer?")["asked_for"] == ["police"]


def test_words_that_only_name_a_danger_are_none(english: Extractor) -> None:
    assert not fields(english, "There's a fire alarm going off at the school.")["dangers"]
    assert "fire" in fields(english, "There's a fire at the school.")["dangers"]


def test_knife_is_a_weapon_whatever_the_matter_is_taken_for(english: Extractor) -> None:
    said = "I need an ambulance, I'm dizzy, and the man next to me has a knife."
    assert fields(english, said)["weapons"] == ["knife"]
