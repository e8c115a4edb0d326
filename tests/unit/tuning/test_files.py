"""Settings as files: what is exported is imported as it was, old formats too, or it is said why."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from callcenter.tuning import files
from callcenter.tuning.diff import changes
from callcenter.tuning.document import read
from callcenter.tuning.errors import BadDocument, BadFile
from callcenter.tuning.toml import written
from tests.unit.tuning.documents import valid

OLD = """
database = "sqlite+aiosqlite:///callcenter.db"
[[lines]]
number = "110"
queue = "emergency"
languages = ["en", "ko"]
hang_up = "return"
[[queues]]
id = "emergency"
ring_s = 12
wrap_up_s = 7.5
[[seats]]
id = "s1"
queues = ["emergency"]
[sip]
port = 5070
[deadlines]
answered_s = 5
"""


@pytest.mark.parametrize("seed", range(40))
def test_what_is_exported_is_imported_as_it_was(seed: int) -> None:
    document = read(valid(seed))
    text = files.export(document, version=seed)
    found = files.parse(text)
    assert found.document == document
    assert (found.format, found.remarks) == (files.FORMAT, ())
    assert files.export(found.document, version=seed) == text


def test_every_text_survives() -> None:
    raw = valid()
    for text in ('"', "\\", "'''", "#", "=", "[x]", "é\u200b", "日本", "a\\u0041", "{ }", "~"):
        raw["callers"][0]["reason"] = f"x{text}y"
        assert files.parse(files.export(read(raw))).document == read(raw)


def test_what_toml_takes_otherwise_than_json_survives() -> None:
    odd = {"x": "\x7f\x01\t", "a b": [{"é": [1, 2.5, True, "]"]}], "empty": {"none": {}}}
    assert tomllib.loads(written(odd)) == odd


def test_a_file_can_be_read_by_people() -> None:
    text = files.export(read(valid(2)))
    tomllib.loads(text)
    assert text.startswith("#")
    assert "\nformat = 2\n" in text
    assert '\n[[queues]]\nid = "emergency"\n' in text
    assert max(len(line) for line in text.splitlines()) < 160


def test_json_is_taken_too() -> None:
    raw = read(valid(2)).to_json()
    assert files.parse(json.dumps({"format": 2} | raw)).document == read(valid(2))


def test_days_and_times_may_be_tomls_own() -> None:
    text = files.export(read(valid(2))).replace('"2026-12-25"', "2026-12-25")
    text = text.replace('from = "08:00"', "from = 08:00:00")
    assert files.parse(text).document == read(valid(2))


def test_a_settings_file_is_format_1_and_migrates() -> None:
    found = files.parse(OLD)
    queue, line, seat = (
        found.document.queues[0],
        found.document.lines[0],
        found.document.seats[0],
    )
    assert found.format == 1
    assert (queue.ring_s, queue.wrap_up_s, queue.after_call) == (12, 7.5, "timed")
    assert (line.queue, line.operator_hang_up) == ("emergency", "return")
    assert (seat.id, seat.queues) == ("s1", ("emergency",))
    assert found.document.deadlines.answered_s == 5
    assert {remark.split(":")[0] for remark in found.remarks} == {"database", "sip"}
    assert files.parse("format = 1\n" + OLD).document == found.document


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("format = 3\n", "later version"),
        ("format = 0\n", "expected a number"),
        ('format = "2"\n', "expected a number"),
        ("format = true\n", "expected a number"),
        ("queues = [", "expected TOML"),
        ("{", "expected JSON"),
        ("{]", "expected JSON"),
    ],
)
def test_what_is_no_file_of_ours_is_refused_and_said_why(text: str, why: str) -> None:
    with pytest.raises(BadFile, match=why):
        files.parse(text, "settings.toml")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("ring_s = 12", "ring_s = 0", "queues.0.ring_s"),
        ("ring_s = 12", 'strategy = "ring_all"', "queues.0.strategy"),
        ('queues = ["emergency"]', "queues = []", "seats.0.queues"),
        ("answered_s = 5", 'answered_s = "soon"', "deadlines.answered_s"),
        ("[sip]", "[sips]", "sips"),
        ("wrap_up_s = 7.5", "wrap_up_s = 1e9", "queues.0.wrap_up_s"),
    ],
)
def test_a_wrong_field_of_an_old_file_is_named(old: str, new: str, path: str) -> None:
    with pytest.raises(BadDocument) as refused:
        files.parse(OLD.replace(old, new))
    assert path in [flaw.path for flaw in refused.value.flaws]


def test_a_file_of_the_new_format_without_its_number_is_told_so() -> None:
    text = files.export(read(valid(2))).replace("format = 2\n", "")
    with pytest.raises(BadDocument, match="format = 2"):
        files.parse(text)


def test_differences_name_things_by_what_they_are() -> None:
    before, after = valid(2), valid(2)
    after["queues"] = [after["queues"][2], after["queues"][0], after["queues"][1]]
    after["queues"][1]["ring_s"] = 33.0
    after["seats"][0]["skills"]["zh"] = 2
    del after["callers"][1]
    after["calendars"][0]["holidays"][1]["name"] = "Silvester"
    old, new = read(before).to_json(), read(after).to_json()
    found = {change.path: (change.old, change.new) for change in changes(old, new)}
    assert found.pop("queues.emergency.ring_s")[1] == 33.0
    assert found.pop("seats.s1.skills.zh") == (None, 2)
    assert found.pop("callers.5550177")[1] is None
    assert found.pop("calendars.office.holidays.2026-12-31.name") == ("", "Silvester")
    assert found == {}
    assert list(changes(old, old)) == []


def test_the_lexicon_of_enumerations_is_that_of_the_engine() -> None:
    from typing import get_args

    from callcenter.tuning import document

    for listed, meant in document._LISTS_THAT_AGREE:
        assert get_args(listed) == tuple(map(str, meant))


def test_export_fits_what_the_product_ships(tmp_path: Path) -> None:
    file = tmp_path / "tuning.toml"
    file.write_text(files.export(read(valid(7))), "utf-8")
    assert files.parse(file.read_text("utf-8"), str(file)).document == read(valid(7))
