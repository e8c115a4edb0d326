"""Calls whose record is known: what is read, what is refused, and what is told of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callcenter.bench.errors import BenchFailed
from callcenter.bench.record import Judged, RecordOptions, mistakes_to_tell, told
from callcenter.bench.record_calls import CHARACTER_MS, GAP_MS, WORD_MS, read_calls
from callcenter.bench.record_places import CityFiles, read_places
from callcenter.bench.record_scoring import CallScore, FieldScore, Finding, Mistake, score
from callcenter.bench.record_tally import Counts, Tally, reliability
from callcenter.bench.report import Figure
from callcenter.incidents.record import FIELDS, Record

SAID = RecordOptions()
EXPECTED = {"category": "robbery", "level": "red"}


def call(name: str, **changed: Any) -> dict[str, Any]:
    turns = [{"who": "operator", "text": "Where are you?"}, {"who": "caller", "text": "Here."}]
    return {"id": name, "lang": "en", "turns": turns, "expected": EXPECTED, **changed}


def write(file: Path, *rows: Any) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return file


def test_held_out_calls_are_known_by_their_folder(tmp_path: Path) -> None:
    write(tmp_path / "en" / "a.json", call("a"))
    write(tmp_path / "held_out" / "en" / "b.json", call("b"))
    assert [(c.script.id, c.set_name) for c in read_calls(tmp_path)] == [
        ("a", "dev"),
        ("b", "held-out"),
    ]
    assert [c.script.id for c in read_calls(tmp_path, set_name="held-out")] == ["b"]
    (alone,) = read_calls(tmp_path / "held_out")
    assert alone.held_out


def test_turns_get_times_that_speech_would_take(tmp_path: Path) -> None:
    write(tmp_path / "a.json", call("a"))
    zh = [{"who": "caller", "text": "有人抢劫。"}, {"who": "caller", "text": "快来"}]
    write(tmp_path / "b.json", call("b", lang="zh", turns=zh))
    english, chinese = read_calls(tmp_path)
    assert [turn.start_ms for turn in english.turns()] == [0, 3 * WORD_MS + GAP_MS]
    assert [turn.start_ms for turn in chinese.turns()] == [0, 4 * CHARACTER_MS + GAP_MS]
    assert len({turn.segment_id for turn in english.turns()}) == 2


def test_plain_transcripts_are_read_with_their_times(tmp_path: Path) -> None:
    turns = [
        {"who": "operator", "text": "Yes?", "start_ms": 200},
        {"who": "caller", "text": "Fire!", "start_ms": 5200.5, "end_ms": 6000},
    ]
    write(tmp_path / "one.jsonl", *turns, {"expected": EXPECTED, "lang": "en"})
    write(tmp_path / "two.jsonl", call("x", turns=turns), call("y"))
    calls = read_calls(tmp_path)
    assert [c.script.id for c in calls] == ["one", "x", "y"]
    assert [turn.start_ms for turn in calls[0].turns()] == [200, 5200]
    assert [turn.start_ms for turn in calls[1].turns()] == [200, 5200]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{", "a.json: line 1, column 2"),
        ("a.json", "[]", "a.json: expected a JSON object"),
        ("a.json", json.dumps(call("a", expected=None)), "a.json: expected: missing"),
        ("a.json", json.dumps(call("a", expected={"category": "x"})), "a.json: expected.category"),
        ("a.json", json.dumps(call("a", turns=[{"who": "x", "text": "y"}])), "turns[0].who"),
        (
            "a.json",
            json.dumps(call("a", turns=[{"who": "caller", "text": "y", "start_ms": "now"}])),
            "turns[0].start_ms",
        ),
        ("a.jsonl", '{"expected": {}}\n\n{"text": "y"}', "a.jsonl: line 3"),
        ("a.jsonl", json.dumps(call("a")) + '\n{"turns": 3}', "a.jsonl: line 2"),
    ],
)
def test_wrong_calls_are_refused_with_file_and_place(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(BenchFailed, match="expected") as refused:
        read_calls(tmp_path)
    assert said in str(refused.value)


def test_every_wrong_file_is_named_and_none_is_left_out_silently(tmp_path: Path) -> None:
    write(tmp_path / "good.json", call("good"))
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text("{", "utf-8")
    with pytest.raises(BenchFailed) as refused:
        read_calls(tmp_path)
    assert "a.json" in str(refused.value) and "b.json" in str(refused.value)


def test_two_calls_of_one_id_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", call("same"), call("same"))
    with pytest.raises(BenchFailed, match="same is also that of"):
        read_calls(tmp_path)


def test_an_empty_or_absent_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(BenchFailed, match="no calls in it"):
        read_calls(tmp_path)
    with pytest.raises(BenchFailed, match="no such folder"):
        read_calls(tmp_path / "nowhere")
    write(tmp_path / "a.json", call("a"))
    with pytest.raises(BenchFailed, match="no calls of ko in it"):
        read_calls(tmp_path, language="ko")


def test_a_recording_without_words_needs_to_be_heard(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"")
    write(tmp_path / "a.json", call("a", turns=[{"who": "caller", "audio": "a.wav"}]))
    (one,) = read_calls(tmp_path)
    with pytest.raises(BenchFailed, match=r"turns\[0\].*--heard"):
        one.turns()


def test_places_are_relative_to_their_file_and_no_calls(tmp_path: Path) -> None:
    (tmp_path / "places.toml").write_text(
        '[zh]\ngazetteer = ["p/zh.csv"]\nboundaries = "p/areas.json"\nid_property = "name"\n'
    )
    write(tmp_path / "p" / "areas.json", {"type": "FeatureCollection"})
    write(tmp_path / "held_out" / "a.json", call("a"))
    cities = read_places(tmp_path)
    assert cities == {
        "zh": CityFiles((tmp_path / "p" / "zh.csv",), tmp_path / "p" / "areas.json", "name")
    }
    assert read_places(tmp_path / "held_out") == cities
    assert len(read_calls(tmp_path, without=cities["zh"].files)) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[zh", "places.toml"),
        ("zh = 3", "zh: expected a table"),
        ("[zh]\nmap = 1", "zh.map: not known"),
        ('[zh]\ngazetteer = "a.csv"', "zh.gazetteer: expected a list"),
        ("[zh]\nboundaries = 1", "zh.boundaries: expected a file name"),
    ],
)
def test_wrong_places_are_refused_with_the_key(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "places.toml").write_text(text)
    with pytest.raises(BenchFailed) as refused:
        read_places(tmp_path)
    assert said in str(refused.value)


def scored(name: str, found: dict[str, Any], **expected: Any) -> CallScore:
    return score(name, {**EXPECTED, **expected}, Record({**EXPECTED, **found}), "en")


def test_precision_recall_and_f1_come_from_the_counts_of_all_calls() -> None:
    tally = Tally.of(
        [
            scored("a", {"weapons": ["gun", "knife"]}, weapons=["gun"]),
            scored("b", {"weapons": ["gun"]}, weapons=["gun", "bat"]),
        ]
    )
    counts = tally.fields["weapons"]
    assert counts == Counts(right=2, wrong=1, missed=1)
    assert counts.precision == counts.recall == counts.f1 == pytest.approx(2 / 3)
    assert tally.fields["caller_name"].f1 is None
    assert tally.accuracy("category") == 1.0


def test_reliability_tells_how_many_of_a_confidence_are_right() -> None:
    found = [
        Finding("x", 1, confidence, right)
        for confidence, right in ((0.9, True), (1.0, False), (0.89, True), (0.0, False))
    ]
    rows = [(row.at_least, row.count, row.share) for row in reliability(found)]
    assert rows == [(0.0, 1, 0.0), (0.8, 1, 1.0), (0.9, 2, 0.5)]


def figures(judged: Judged, options: RecordOptions = SAID) -> dict[str, Figure]:
    return {figure.name: figure for figure in told(judged, options, {}).figures}


def test_bounds_are_for_held_out_calls_where_there_are_any() -> None:
    judged = Judged()
    judged.scores["en", "dev"] = [scored("a", {})]
    assert figures(judged)["en dev: category F1"].at_least == 0.92
    assert figures(judged)["en dev: level F1"].at_least == 0.85
    judged.scores["en", "held-out"] = [scored("b", {"category": "fire"})]
    assert figures(judged)["en dev: category F1"].at_least is None
    assert figures(judged)["en held-out: category F1"].met is False


def test_a_misheard_number_must_not_be_sure() -> None:
    fields = dict.fromkeys(FIELDS, FieldScore())
    wrong = Finding("callback", "212", 0.9, False)
    judged = Judged()
    judged.scores["en", "dev"] = [CallScore("a", fields, [wrong], [], None, None, None)]
    heard = figures(judged, RecordOptions(way="heard"))
    assert heard["en dev: callback sure and wrong"].met is False
    assert "en dev: callback sure and wrong" not in figures(judged)


def test_mistakes_of_held_out_calls_are_told_by_nothing() -> None:
    judged = Judged()
    for name, known in (("dev", "a"), ("held-out", "secret")):
        judged.scores["en", name] = [scored(known, {"category": "fire"})]
    assert mistakes_to_tell(judged) == [Mistake("a", "category", "robbery", "fire")]
    report = told(judged, RecordOptions(list_mistakes=True), {})
    assert "secret" not in json.dumps([*(f.to_json() for f in report.figures), report.details])
