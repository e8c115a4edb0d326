"""What is said becomes a record, and every field says why."""

import time
from typing import Any

import pytest

from callcenter.incidents.extract import Extractor
from callcenter.incidents.record import CATEGORIES, FIELDS, LEVELS, Record, Turn, Who
from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.city import CITY_BOUNDARIES
from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.places import PlaceFinder

Line = str | tuple[Who, str]


@pytest.fixture(scope="module")
def english() -> Extractor:
    return Extractor("en")


@pytest.fixture(scope="module")
def placed() -> Extractor:
    return Extractor("en", PlaceFinder(Gazetteer.load(()), Boundaries.load(CITY_BOUNDARIES)))


def turns(*lines: Line) -> list[Turn]:
    said = [("caller", line) if isinstance(line, str) else line for line in lines]
    return [
        Turn(who, text, 3000 * i, leg=f"leg-{who}", segment_id=f"s{i}")
        for i, (who, text) in enumerate(said)
    ]


def record(extractor: Extractor, *lines: Line) -> Record:
    return extractor.extract(turns(*lines))


def field(extractor: Extractor, name: str, *lines: Line) -> Any:
    return record(extractor, *lines).fields[name]


@pytest.mark.parametrize(
    ("said", "category", "level"),
    [
        ("I have been robbed! A man with a gun took my bag.", "robbery", "red"),
        ("A guy grabbed my purse and ran.", "robbery", "orange"),
        ("Somebody stole my bicycle.", "theft", "yellow"),
        ("They are breaking into my apartment right now", "theft", "red"),
        ("A man just pulled a gun on me.", "violence", "red"),
        ("They're fighting outside, one has a knife.", "violence", "red"),
        ("A man is beating a woman.", "violence", "orange"),
        ("My husband is hitting me, please hurry.", "domestic_violence", "orange"),
        ("Somebody tricked me, I transferred money, it was a scam.", "fraud", "yellow"),
        ("There is a car accident, two people are hurt.", "traffic", "orange"),
        ("A cab hit a cyclist.", "traffic", "orange"),
        ("The house is on fire.", "fire", "red"),
        ("There's smoke coming out of a window.", "fire", "red"),
        ("My father collapsed, he's not breathing.", "medical", "red"),
        ("My neighbour is having a heart attack.", "medical", "red"),
        ("My wife is in labor.", "medical", "orange"),
        ("A boy is missing, he is six years old.", "missing_person", "red"),
        ("My mother has dementia and she hasn't come home.", "missing_person", "orange"),
        ("A man is standing on the roof, he wants to jump.", "suicide_danger", "red"),
        ("I want to kill myself.", "suicide_danger", "red"),
        ("There is a drunk guy smashing windows.", "public_order", "yellow"),
        ("There is loud music next door.", "public_order", "yellow"),
        ("I think there's a gas leak.", "hazard", "orange"),
        ("There is a power line down on the road.", "hazard", "orange"),
        ("What are the hours of the police station?", "enquiry", "blue"),
        ("I lost my wallet yesterday and want to report it.", "enquiry", "blue"),
        ("Sorry, wrong number.", "nuisance", "blue"),
        ("Can I order a pizza?", "nuisance", "blue"),
        ("Hello? Hello?", "unknown", "yellow"),
    ],
)
def test_matter_and_level_are_known_by_its_words(
    english: Extractor, said: str, category: str, level: str
) -> None:
    fields = record(english, said).fields
    assert (fields["category"], fields["level"]) == (category, level)


@pytest.mark.parametrize(
    ("heard", "category"),
    [
        ("I've just been rubbed on the quarter of one hundred fortyeth Avenue.", "robbery"),
        ("Some bodies told my bicycle, I am on Linwood Street", "theft"),
        ("A man is beating the woodman.", "violence"),
        ("You The camp had a cyclist at South Conduit Avenue", "traffic"),
        ("Hip, my father collapsed. He's not breathing.", "medical"),
        ("There is a drawn concise mashing windows", "public_order"),
        ("Some body broke into the shop-hat the corner", "theft"),
    ],
)
def test_matter_is_known_in_what_a_small_recogniser_made_of_it(
    english: Extractor, heard: str, category: str
) -> None:
    assert field(english, "category", heard) == category


def test_caller_who_says_nothing_is_silent(english: Extractor) -> None:
    assert field(english, "category", ("operator", "Hello? Can you hear me?")) == "silent"
    assert field(english, "level", ("operator", "Hello? Can you hear me?")) == "orange"
    assert record(english).fields["category"] == "unknown"


def test_operators_question_is_no_evidence(english: Extractor) -> None:
    fields = record(
        english, ("operator", "Is anyone injured? Does he have a gun?"), "Please come quickly!"
    ).fields
    assert fields["injured"] is None
    assert fields["weapons"] is None
    assert fields["category"] == "unknown"


def test_callers_yes_makes_a_question_evidence(english: Extractor) -> None:
    result = record(english, ("operator", "Does he have a gun?"), "Yes.")
    assert result.fields["weapons"] == ["gun"]
    (row,) = result.evidence["weapons"]
    assert row.source == "caller_words"
    assert row.words == "Does he have a gun? — Yes."
    assert (row.start_ms, row.leg, row.segment_id) == (3000, "leg-caller", "s1")


def test_callers_no_denies_a_question(english: Extractor) -> None:
    asked = ("operator", "Is anyone injured?")
    assert field(english, "injured", asked, "No.") == 0
    assert field(english, "injured", asked, "Yes, two people.") == 2
    assert field(english, "weapons", ("operator", "Does he have a gun?"), "No.") == []


def test_yes_to_one_of_several_proves_nothing(english: Extractor) -> None:
    assert field(english, "weapons", ("operator", "A gun or a knife?"), "Yes.") is None


def test_officers_words_are_no_evidence(english: Extractor) -> None:
    assert field(english, "weapons", ("officer", "Watch out, he may have a gun.")) is None


@pytest.mark.parametrize(
    "said",
    [
        "He doesn't have a gun.",
        "No gun.",
        "I don't think he has a gun",
        "There was no gun, he never had a gun.",
        "Nobody has a gun here",
    ],
)
def test_denied_weapon_is_no_weapon(english: Extractor, said: str) -> None:
    fields = record(english, said).fields
    assert fields["weapons"] == []
    assert fields["category"] == "unknown"


@pytest.mark.parametrize(
    "said",
    [
        "He doesn't have a gun but he has a knife.",
        "No, he has a knife.",
        "No he has a knife",
        "Nobody is hurt. He has a knife.",
    ],
)
def test_denial_ends_with_its_clause(english: Extractor, said: str) -> None:
    assert field(english, "weapons", said) == ["knife"]


def test_not_breathing_is_a_danger_and_not_a_denial(english: Extractor) -> None:
    for said in ("he's not breathing", "No, he's not breathing", "no he's not breathing"):
        fields = record(english, said).fields
        assert fields["dangers"] == ["not_breathing"]
        # Ill, not hurt.
        assert (fields["level"], fields["injured"]) == ("red", None)


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("Two people are hurt.", 2),
        ("Two cars crashed and one driver is bleeding", 1),
        ("There is a car accident, to people are hurt", 2),
        ("My father collapsed.", None),
        ("I'm bleeding.", 1),
        ("Five people were injured", 5),
        ("12 people are injured", 12),
        ("Nobody is hurt.", 0),
        ("No one was injured", 0),
        ("I'm not hurt", 0),
        ("I'm fine, but my friend is bleeding", 1),
        ("The shop is open", None),
    ],
)
def test_injured_are_counted(english: Extractor, said: str, count: int | None) -> None:
    assert field(english, "injured", said) == count


def test_injury_outweighs_an_earlier_denial(english: Extractor) -> None:
    assert field(english, "injured", "Nobody is hurt.", "Wait, he is bleeding!") == 1


def test_suspects_are_described_in_the_callers_words(english: Extractor) -> None:
    result = record(
        english,
        "I was robbed. Two men in black hoodies, they ran toward the park.",
        "One has a beard.",
    )
    assert result.fields["suspects"] == [
        "Two men in black hoodies, a beard",
    ]


def test_patient_is_no_suspect(english: Extractor) -> None:
    assert field(english, "suspects", "A man with a red hat is not breathing") is None


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["My number is two one two five five five oh one two three."], "2125550123"),
        (["call me back at 212-555-0199"], "2125550199"),
        (["my phone is 555 01 99"], "5550199"),
        (["five five five triple one two"], None),
        (["I am at 42nd street and 8th avenue"], None),
    ],
)
def test_callback_number_is_read_from_words_and_digits(
    english: Extractor, lines: list[str], number: str | None
) -> None:
    assert field(english, "callback", *lines) == number


def test_lines_number_stands_until_the_caller_gives_another(english: Extractor) -> None:
    said = turns("Help!")
    result = english.extract(said, caller_number="2125550123")
    assert result.fields["callback"] == "2125550123"
    assert result.evidence["callback"][0].source == "line"
    other = english.extract(turns("My number is 646 555 0100"), caller_number="2125550123")
    assert other.fields["callback"] == "6465550100"


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["My name is Maria Lopez."], "Maria Lopez"),
        (["my name is maria lopez and I live here"], "Maria Lopez"),
        (["This is John Smith, I was robbed"], "John Smith"),
        ([("operator", "What is your name?"), "Anna Lee."], "Anna Lee"),
        ([("operator", "What is your name?"), "He has a gun!"], None),
        (["This is Madison Avenue"], None),
        (["I'm at Broadway and Canal Street"], None),
    ],
)
def test_callers_name_is_found_when_it_is_given(
    english: Extractor, lines: list[Line], name: str | None
) -> None:
    assert field(english, "caller_name", *lines) == name


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("I've just been robbed", "just now"),
        ("It happened ten minutes ago", "ten minutes ago"),
        ("My car was stolen last night", "last night"),
        ("He is still here", None),
        ("My car was stolen", None),
    ],
)
def test_time_is_found(english: Extractor, said: str, when: str | None) -> None:
    assert field(english, "when", said) == when


def test_what_is_asked_for_is_noted(english: Extractor) -> None:
    assert field(english, "asked_for", "Please send an ambulance!") == ["ambulance"]
    assert field(english, "asked_for", "We need the police, send someone") == ["police", "help"]


def test_record_has_every_field_and_evidence_for_every_value(placed: Extractor) -> None:
    lines: list[Line] = [
        ("operator", "Emergency hotline. What is your emergency?"),
        "I've just been robbed! A tall man with a gun took my bag. I'm hurt.",
        ("operator", "Where are you?"),
        "Lexington Avenue and East Seventy Seventh Street.",
        "My name is Maria Lopez, my number is 212 555 0123. Please send the police.",
    ]
    json = record(placed, *lines).to_json()
    assert tuple(json["fields"]) == FIELDS
    assert json["fields"]["category"] in CATEGORIES
    assert json["fields"]["level"] in LEVELS
    for name, value in json["fields"].items():
        assert value is not None, name
        rows = json["evidence"][name]
        assert rows, name
        for row in rows:
            assert row["source"] == "caller_words"
            said = lines[row["start_ms"] // 3000]
            assert row["words"].lower() in (said if isinstance(said, str) else said[1]).lower()
    assert json["fields"]["place"]["precinct"] == "19"
    assert json["evidence"]["place"][0]["start_ms"] == 9000


def test_place_is_none_when_nobody_spoke_of_one(placed: Extractor) -> None:
    assert field(placed, "place", "Help, I have been robbed!") is None


def test_long_call_is_not_read_anew_for_its_last_words(english: Extractor) -> None:
    said = [f"I am at house {i} and he has a gun, my number is 212 555 01{i:02}" for i in range(99)]
    asked: list[Line] = [("operator", f"Are you sure about house {i}?") for i in range(99)]
    lines: list[Line] = [line for pair in zip(asked, said, strict=True) for line in pair]
    started = time.process_time()
    record(english, *lines)
    first = time.process_time() - started
    started = time.process_time()
    record(english, *lines, "No.")
    assert time.process_time() - started < first / 10


def test_reading_again_after_one_more_turn_is_fast(placed: Extractor) -> None:
    lines: list[Line] = [
        ("operator", "Emergency hotline. What is your emergency?"),
        "I've just been robbed! A man with a gun took my bag.",
        ("operator", "Where are you?"),
        "At Third Avenue and East fifty seventh street.",
        ("operator", "Is anyone hurt?"),
        "No, nobody is hurt. He ran toward Second Avenue.",
        ("operator", "What did he look like?"),
        "Tall, in a black hoodie and blue jeans. He had a beard.",
        ("operator", "I connect you to the officer."),
        "Thank you. I am waiting in front of the bank.",
    ]
    spent = []
    for end in range(1, len(lines) + 1):
        started = time.process_time()
        record(placed, *lines[:end])
        spent.append(time.process_time() - started)
    assert sorted(spent)[len(spent) // 2] < 0.02


@pytest.mark.parametrize(
    ("language", "said", "category", "level"),
    [
        ("ko", "강도가 들어왔어요 칼을 들고 있어요", "robbery", "red"),
        ("ko", "집에 불이 났어요 빨리 와 주세요", "fire", "red"),
        ("ko", "아버지가 쓰러졌어요 숨을 안 쉬어요", "medical", "red"),
        ("ko", "남편이 저를 때렸어요", "domestic_violence", "orange"),
        ("ko", "교통사고가 났어요", "traffic", "orange"),
        ("ko", "보이스피싱을 당했어요", "fraud", "yellow"),
        ("ko", "여보세요", "unknown", "yellow"),
        ("zh", "有人抢劫 他拿着刀", "robbery", "red"),
        ("zh", "我家 着火 了", "fire", "red"),
        ("zh", "我爸爸晕倒了没有呼吸", "medical", "red"),
        ("zh", "有人要跳楼", "suicide_danger", "red"),
        ("zh", "这里发生车祸了", "traffic", "orange"),
        ("zh", "我被骗了，转账五千块", "fraud", "yellow"),
        ("zh", "你好", "unknown", "yellow"),
    ],
)
def test_korean_and_chinese_callers_are_understood_in_the_main(
    language: str, said: str, category: str, level: str
) -> None:
    fields = record(Extractor(language), said).fields
    assert (fields["category"], fields["level"]) == (category, level)


@pytest.mark.parametrize(
    ("language", "said", "weapons", "injured"),
    [
        ("ko", "칼은 없어요 아무도 안 다쳤어요", [], 0),
        ("ko", "두 명이 다쳤어요", None, 2),
        ("zh", "他没有刀 没人受伤", [], 0),
        ("zh", "两个人受伤了", None, 2),
    ],
)
def test_korean_and_chinese_denials_and_counts(
    language: str, said: str, weapons: list[str] | None, injured: int
) -> None:
    fields = record(Extractor(language), said).fields
    assert (fields["weapons"], fields["injured"]) == (weapons, injured)


@pytest.mark.parametrize(
    ("said", "choking"),
    [
        ("We're stuck in the elevator between five and six.", False),
        ("My tire blew and I'm stuck in the left lane.", False),
        ("He's got a grape stuck in there, he's two!", True),
        ("Something went down the wrong way, a peanut is stuck.", True),
    ],
)
def test_who_is_stuck_somewhere_does_not_choke(
    english: Extractor, said: str, choking: bool
) -> None:
    assert ("choking" in (field(english, "dangers", said) or ())) is choking


@pytest.mark.parametrize(
    ("said", "number"),
    [
        (
            "It's three four seven, five five five, oh one... hold on... oh one eight eight.",
            "3475550188",
        ),
        ("Six four six, five five five, one one two... I mean oh one one two.", "6465550112"),
        (
            "Three four seven, let me see, it's new, five five five, oh one eight eight.",
            "3475550188",
        ),
    ],
)
def test_number_goes_on_after_a_remark(english: Extractor, said: str, number: str) -> None:
    assert field(english, "callback", ("operator", "Your phone number?"), said) == number


def test_who_was_only_struck_and_says_they_are_fine_is_not_hurt(english: Extractor) -> None:
    told = ("I got jumped, they took my phone.", ("operator", "Are you hurt?"))
    assert field(english, "injured", *told, "No, I'm good.") == 0
    assert field(english, "injured", *told, "Yeah, my lip is split.") == 1


@pytest.mark.parametrize("answer", ["No.", "Nobody.", "Right, nobody."])
def test_nobody_is_hurt_when_that_was_asked_in_the_negative(
    english: Extractor, answer: str
) -> None:
    told = ("A car is burning.", ("operator", "So nobody's hurt?"))
    assert field(english, "injured", *told, answer) == 0


def test_threat_counts_although_it_has_a_condition(english: Extractor) -> None:
    said = "He said if we looked at him he'd blow our brains out."
    assert "death_threat" in field(english, "dangers", said)


def test_shop_that_was_hit_has_no_wounded_when_nobody_is_hurt(english: Extractor) -> None:
    told = ("The pharmacy, they just got hit.", ("operator", "Is anyone hurt?"))
    assert field(english, "injured", *told, "No.") == 0
