"""The brief of an officer: made of the record as it is when the phone rings."""

import asyncio
from pathlib import Path

import pytest

from callcenter.calls import briefs as module
from callcenter.calls.briefs import Briefs
from callcenter.calls.errands import Errands
from tests.unit.calls.floor import SETTINGS, TestFloor
from tests.unit.calls.test_conduct import talking


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Path]]:
    said: list[tuple[str, str, Path]] = []

    async def synthesise(text: str, language: str, out: Path, **options: object) -> int:
        assert options == {"at_most_ms": 8000}
        await asyncio.to_thread(out.parent.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(out.write_bytes, b"sound")
        said.append((text, language, out))
        return 1

    monkeypatch.setattr(module, "synthesise", synthesise)
    return said


def desk(tmp_path: Path, errands: Errands, **officer: str) -> Briefs:
    officers = tuple(
        each.model_copy(update=officer) if each.id == "o14a" else each for each in SETTINGS.officers
    )
    asterisk = SETTINGS.asterisk.model_copy(update={"sounds": tmp_path})
    settings = SETTINGS.model_copy(update={"officers": officers, "asterisk": asterisk})
    return Briefs(settings, errands)


def hear(call, text: str, start_ms: int) -> None:
    call.segments[text] = {
        "id": text,
        "role": "caller",
        "text": text,
        "start_ms": start_ms,
        "final": True,
    }


async def call_of(floor: TestFloor):
    await talking(floor)
    call = floor.register.get("1.1")
    call.record = {
        "fields": {
            "category": "robbery",
            "level": "red",
            "place": {"text": "Times Square", "precinct": "14"},
            "weapons": ["gun"],
        }
    }
    hear(call, "A man took my bag.", 1000)
    hear(call, "He ran into the park.", 5000)
    return call


async def test_brief_tells_the_record_and_the_last_words_of_the_caller(tmp_path, spoken) -> None:
    errands = Errands()
    brief = desk(tmp_path, errands).begin(await call_of(TestFloor()), "1.1.1.ab-1", "o14a")
    await errands.drain(1)
    assert [(text, out) for text, _, out in spoken] == [
        (
            "Robbery, level red. Times Square. gun. Caller says: He ran into the park."
            " Press 1 to take it, 2 to pass it on.",
            brief.file,
        )
    ]
    assert brief.language == "en"


async def test_officer_is_briefed_in_their_own_language_without_the_callers_words(
    tmp_path, spoken
) -> None:
    errands = Errands()
    briefs = desk(tmp_path, errands, language="ko")
    assert briefs.begin(await call_of(TestFloor()), "1.1.1.ab-1", "o14a").language == "ko"
    await errands.drain(1)
    assert [text for text, _, _ in spoken] == [
        "강도, 적색 단계. Times Square. 총. 받으려면 1번, 넘기려면 2번을 누르세요."
    ]


async def test_place_that_is_only_guessed_is_not_told(tmp_path, spoken) -> None:
    errands = Errands()
    call = await call_of(TestFloor())
    call.record["fields"]["place"] = {"text": "flat bush / times", "precinct": None}
    desk(tmp_path, errands).begin(call, "1.1.1.ab-1", "o14a")
    await errands.drain(1)
    assert "Place not known yet" in spoken[0][0]


async def test_briefs_of_a_call_are_gone_with_it_and_those_of_others_are_not(
    tmp_path, spoken
) -> None:
    errands = Errands()
    briefs = desk(tmp_path, errands)
    call = await call_of(TestFloor())
    kept = briefs.begin(call, "1.10.1.ab-1", "o14a").file
    gone = [briefs.begin(call, f"1.1.1.ab-{n}", "o14a").file for n in (1, 2)]
    await errands.drain(1)
    briefs.forget(call)
    assert kept.exists()
    assert not any(file.exists() for file in gone)


async def test_next_officer_hears_the_same_words_without_their_being_spoken_again(
    tmp_path, spoken
) -> None:
    errands = Errands()
    briefs = desk(tmp_path, errands)
    call = await call_of(TestFloor())
    first, second = (briefs.begin(call, f"1.1.{n}.ab", "o14a") for n in (1, 2))
    await errands.drain(1)
    assert second.file.read_bytes() == first.file.read_bytes() == b"sound"
    assert len(spoken) == 1


async def test_next_officer_hears_what_the_caller_has_said_since(tmp_path, spoken) -> None:
    errands = Errands()
    briefs = desk(tmp_path, errands)
    call = await call_of(TestFloor())
    briefs.begin(call, "1.1.1.ab", "o14a")
    await errands.drain(1)
    hear(call, "He is back.", 9000)
    briefs.begin(call, "1.1.2.ab", "o14a")
    await errands.drain(1)
    assert ["He is back." in text for text, _, _ in spoken] == [False, True]


async def test_brief_is_spoken_anew_where_the_sound_before_is_gone(tmp_path, spoken) -> None:
    errands = Errands()
    briefs = desk(tmp_path, errands)
    call = await call_of(TestFloor())
    first = briefs.begin(call, "1.1.1.ab", "o14a")
    await errands.drain(1)
    first.file.unlink()
    second = briefs.begin(call, "1.1.2.ab", "o14a")
    await errands.drain(1)
    assert second.file.read_bytes() == b"sound"
