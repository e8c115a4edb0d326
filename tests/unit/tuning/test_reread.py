"""Past calls that would have been understood otherwise with other words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from callcenter.incidents.own_words import OwnWords
from callcenter.incidents.record import Turn
from callcenter.store.calls import CallRow, Calls
from callcenter.store.database import Database
from callcenter.store.transcripts import Transcripts
from callcenter.tuning.document import read
from callcenter.tuning.past_words import PastWords
from callcenter.tuning.reread import EXAMPLES, PastTalk, Reread
from tests.unit.tuning.documents import valid

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SAW = OwnWords("saw", "en", "danger", "chainsaw", ("chainsaw",), "red")


def talk(number: int, text: str, language: str = "en") -> PastTalk:
    return PastTalk(f"1.{number}", AT, language, (Turn(who="caller", text=text, start_ms=0),))


def test_calls_with_the_new_word_are_read_again_and_told() -> None:
    reread = Reread((), (SAW,))
    reread.add([talk(1, "he stole a chainsaw"), talk(2, "he stole my bike"), talk(3, "没有", "zh")])
    told = reread.to_json()
    assert (told["calls"], told["changed"]) == (3, 1)
    assert {"field": "dangers", "from": "none", "to": "chainsaw", "calls": 1} in told["ways"]
    assert told["examples"][0]["call_id"] == "1.1"
    assert "dangers: none → chainsaw" in told["examples"][0]["what"]


def test_word_that_changes_nothing_and_word_in_another_language_change_no_call() -> None:
    known = OwnWords("gun", "en", "weapon", "gun", ("gun",))
    other = OwnWords("saw", "ko", "danger", "chainsaw", ("전기톱",), "red")
    reread = Reread((), (known, other))
    reread.add([talk(1, "he has a gun")])
    assert reread.to_json()["changed"] == 0


def test_level_alone_concerns_calls_with_that_danger() -> None:
    reread = Reread((), (OwnWords("smoke", "en", "danger", "smoke", level="red"),))
    reread.add([talk(1, "there is a car that is smoking, a lot of smoke"), talk(2, "my bag")])
    told = reread.to_json()
    assert told["changed"] <= 1
    assert all(way["field"] == "level" for way in told["ways"])


def test_examples_are_few_and_all_are_counted() -> None:
    reread = Reread((), (SAW,))
    reread.add([talk(n, "a chainsaw") for n in range(EXAMPLES + 9)])
    told = reread.to_json()
    assert (told["changed"], len(told["examples"])) == (EXAMPLES + 9, EXAMPLES)


async def test_transcripts_of_a_period_are_read_in_pages(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("callcenter.store.calls.PAGE_ROWS", 2)
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/callcenter.db")
    calls, transcripts = Calls(database), Transcripts(database)
    for n in range(5):
        row = CallRow(
            id=f"1.{n}",
            line="110",
            caller_number="5",
            queue="emergency",
            state="closed",
            arrived_at=AT + timedelta(hours=n),
            language="en",
        )
        await calls.upsert(row)
        said = {
            "id": "s1",
            "call_id": row.id,
            "leg": "1",
            "role": "caller",
            "text": "there is a man with a chainsaw" if n % 2 else "hello",
            "start_ms": 0,
            "end_ms": 900,
            "final": True,
        }
        await transcripts.add(said, said | {"id": "s2", "final": False, "text": "chainsaw"})
    words = [{"id": "saw", "language": "en", "name": "chainsaw", "says": ["chainsaw"]}]
    after = read(valid() | {"words": [words[0] | {"level": "red"}]})
    before = read(valid() | {"words": []})
    past = PastWords(calls, transcripts)
    told = await past.read_again(before, after, AT, AT + timedelta(hours=4))
    assert told is not None
    assert (told["calls"], told["changed"]) == (4, 2)
    assert [each["call_id"] for each in told["examples"]] == ["1.1", "1.3"]
    assert await past.read_again(after, after, AT, AT + timedelta(hours=4)) is None
    await database.close()
