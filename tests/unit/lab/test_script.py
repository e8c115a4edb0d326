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


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_script_is_right(file: Path):
    assert Script.load(file).id == file.stem


def changed(**parts: object) -> dict[str, object]:
    return {**WHOLE, **parts}


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
        (changed(speed=2), "speed: not known here; expected id, lang, voice, line, from, turns"),
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
