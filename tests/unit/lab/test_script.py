"""Scripts: what is taken, and what is said of what is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from callcenter.lab.script import Script, ScriptError

SHIPPED = sorted((Path(__file__).parents[3] / "callcenter" / "lab" / "scripts").glob("*.json"))
WHOLE = {
    "id": "robbery",
    "lang": "en",
    "voice": "rms",
    "line": "110",
    "from": "+12125550123",
    "turns": [
        {"who": "caller", "text": "I was robbed."},
        {"who": "operator", "audio": "where.wav"},
        {"who": "officer", "text": "We are coming."},
    ],
}
RECORD = {
    "category": "robbery",
    "level": "red",
    "place": {"text": "Madison and 79th", "lat": 40.7751, "lon": -73.9625, "precinct": "19"},
    "when": "ten minutes ago",
    "caller_name": "Rosa Alvarez",
    "callback": "2125550142",
    "injured": 0,
    "suspects": ["tall man in a black hoodie"],
    "weapons": ["knife"],
    "dangers": [],
    "asked_for": ["police"],
}


def load(folder: Path, value: object) -> Script:
    (folder / "where.wav").touch()
    file = folder / "script.json"
    file.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    return Script.load(file)


def test_a_script_is_read_as_it_stands(tmp_path: Path):
    script = load(tmp_path, WHOLE)
    assert script.from_number == "+12125550123"
    assert [turn.who for turn in script.turns] == ["caller", "operator", "officer"]
    assert script.has_officer


def test_only_id_and_turns_are_needed(tmp_path: Path):
    script = load(tmp_path, {"id": "x", "turns": [{"who": "caller", "text": "Hello."}]})
    assert script.lang == "en"
    assert script.line is None
    assert not script.has_officer


def test_the_expected_record_is_read_with_the_script(tmp_path: Path):
    record = load(tmp_path, {**WHOLE, "expected": RECORD}).expected
    assert record is not None
    assert record.model_dump(mode="json") == {
        **RECORD,
        "place": {**RECORD["place"], "resolvable": True},  # type: ignore[dict-item]
    }


def test_what_the_expected_record_leaves_out_was_not_spoken_of(tmp_path: Path):
    record = load(
        tmp_path,
        changed(expected={"category": "silent", "level": "orange", "place": {"resolvable": False}}),
    ).expected
    assert record is not None
    assert record.place is not None
    assert not record.place.resolvable
    assert record.injured is None
    assert record.weapons is None


def test_a_script_without_an_expected_record_has_none(tmp_path: Path):
    assert load(tmp_path, WHOLE).expected is None


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_script_is_right(file: Path):
    assert Script.load(file).id == file.stem


def changed(**parts: object) -> dict[str, object]:
    return {**WHOLE, **parts}


def expecting(**parts: object) -> dict[str, object]:
    return changed(expected={**RECORD, **parts})


def turns(*more: object) -> dict[str, object]:
    return changed(turns=[{"who": "caller", "text": "Hello."}, *more])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('{"id": "x",\n "turns": [}', r"line 2, column 12: .*; expected JSON"),
        ("[]", "expected a JSON object with id and turns"),
        ({"id": "x"}, "turns: missing; expected 1 to 100 turns"),
        (changed(id="a b"), 'id: got "a b"; expected a short name'),
        (changed(lang="fr"), 'lang: got "fr"; expected one of en, ko, zh'),
        (changed(voice="bob"), "voice: bob is not known; expected .*rms"),
        (changed(line=110), "line: got 110; expected the number to dial, in digits"),
        (changed(**{"from": "anybody"}), 'from: got "anybody"; expected the caller'),
        (changed(turns=[]), r"turns: got \[\]; expected 1 to 100 turns"),
        (changed(speed=2), "speed: not known here; expected id, lang, .*, expected"),
        (turns({"who": "police", "text": "x"}), r'turns\[1\]\.who: got "police"; expected one of'),
        (turns({"who": "caller"}), r"turns\[1\]: expected either text or audio"),
        (
            turns({"who": "caller", "text": "a", "audio": "where.wav"}),
            r"turns\[1\]: expected either text or audio",
        ),
        (turns({"who": "caller", "text": "  "}), r"turns\[1\]: text is empty"),
        (turns({"who": "caller", "text": 7}), r"turns\[1\]\.text: got 7; expected what is said"),
        (turns({"who": "caller", "say": "a"}), r"turns\[1\]\.say: not known here; expected who"),
        (turns("hello"), r'turns\[1\]: got "hello"; expected a turn'),
        (
            turns({"who": "caller", "audio": "gone.wav"}),
            r"turns\[1\]\.audio: gone\.wav: no such file; expected the name of a sound file",
        ),
        (changed(turns=[{"who": "officer", "text": "Hi."}]), r"turns\[0\]: the officer speaks"),
        (changed(expected="robbery"), 'expected: got "robbery"; expected the record as an object'),
        (changed(expected={"level": "red"}), r"expected\.category: missing; expected one of viol"),
        (expecting(category="war"), r'expected\.category: got "war"; expected one of violence'),
        (expecting(level="pink"), r'expected\.level: got "pink"; expected one of red, orange'),
        (expecting(where="here"), r"expected\.where: not known here; expected category, level"),
        (expecting(callback="555-0142"), r'expected\.callback: got "555-0142"; expected null or'),
        (expecting(injured=-1), r"expected\.injured: got -1; expected null or a whole number"),
        (expecting(injured="two"), r'expected\.injured: got "two"; expected null or a whole'),
        (expecting(when=" "), r'expected\.when: got " "; expected null or the time'),
        (expecting(weapons="gun"), r'expected\.weapons: got "gun"; expected null or a list of gun'),
        (expecting(weapons=["spoon"]), r'expected\.weapons\[0\]: got "spoon"; expected .*knife'),
        (expecting(dangers=["rain"]), r'expected\.dangers\[0\]: got "rain"; expected .*shots_'),
        (expecting(asked_for=["taxi"]), r'expected\.asked_for\[0\]: got "taxi"; .* fire_brigade'),
        (expecting(weapons=["gun", "gun"]), r"expected\.weapons: gun stands there twice"),
        (expecting(suspects=[7]), r"expected\.suspects\[0\]: got 7; expected null or a list of"),
        (expecting(place={"text": "here"}), r"expected\.place: expected text, lat and lon, or"),
        (
            expecting(place={"text": "x", "lat": 91, "lon": 0}),
            r"expected\.place\.lat: got 91; expected degrees of latitude",
        ),
        (
            expecting(place={"text": "x", "lat": "40.7", "lon": 0}),
            r'expected\.place\.lat: got "40\.7"; expected degrees of latitude',
        ),
        (
            expecting(place={"resolvable": False, "lat": 40.7, "lon": -74}),
            r"expected\.place: resolvable is false; expected no lat",
        ),
        (
            expecting(place={"text": "x", "lat": 40.7, "lon": -74, "city": "y"}),
            r"expected\.place\.city: not known here; expected text, lat, lon, precinct, resolvable",
        ),
    ],
)
def test_a_wrong_script_is_refused_with_file_place_and_what_was_expected(
    tmp_path: Path, value: object, message: str
):
    with pytest.raises(ScriptError, match=rf"script\.json: {message}"):
        load(tmp_path, value)


def test_a_missing_script_is_said(tmp_path: Path):
    with pytest.raises(ScriptError, match=r"no\.json: no such file"):
        Script.load(tmp_path / "no.json")
