"""What got no text during a call is transcribed afterwards, once, and people's words stay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from asr.errors import SpeechOff
from asr.events import RecordedSegment, SpeechState, Word
from callcenter.calls.call import Call
from callcenter.calls.errors import NotNow, UnknownCall
from callcenter.calls.legs import Leg, Role
from callcenter.calls.view import stamp
from callcenter.calls.write_up import WriteUp
from callcenter.incidents.extract import Extractor
from callcenter.recognition.late import LateDesk
from callcenter.recognition.put_in import PutIn
from callcenter.store.calls import CallRow, Calls
from callcenter.store.database import Database
from callcenter.store.filed import FiledCalls
from callcenter.store.incidents import Incidents
from callcenter.store.late_work import LateWork
from callcenter.store.recordings import RecordingsTable
from callcenter.store.transcripts import Transcripts
from recordings.wav import header
from tests.unit.calls.floor import TestFloor

ARRIVED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RATE_HZ = 8_000
ROBBED = "a man with a gun took my bag"
FIRE = "there is a fire in the kitchen"


@dataclass
class FakeRecogniser:
    """Says what a test put down for a moment of the recording; samples hold their own second."""

    says: dict[int, str] = field(default_factory=dict)
    """What begins at that second of the caller's channel."""
    has_room: bool = True
    engines: dict[str, str] = field(default_factory=lambda: {"en": "e/m", "ko": "e/k"})
    asked: list[tuple[str, int, int, bool]] = field(default_factory=list)
    """Language, from ms, length in ms, whether it was the caller's channel."""
    lost: int = 0

    @property
    def state(self) -> SpeechState:
        return SpeechState(True, "", self.engines)

    async def recognise_recorded(
        self, read: Any, *, rate_hz: int, language: str, from_ms: int
    ) -> list[RecordedSegment]:
        pcm = b""
        while piece := read(32_000):
            pcm += piece
        if self.lost:
            self.lost -= 1
            raise SpeechOff("a worker was lost")
        samples = np.frombuffer(pcm, "<i2")
        caller = not samples.size or samples[0] < 1_000
        self.asked.append((language, from_ms, len(samples) * 1000 // rate_hz, caller))
        seconds = set((samples % 1_000).tolist()) if caller else set()
        return [
            RecordedSegment(
                second * 1000,
                second * 1000 + 900,
                text,
                0.8,
                "e",
                "m",
                language,
                (Word(text.split()[0], second * 1000, second * 1000 + 200, 0.9),),
            )
            for second, text in sorted(self.says.items())
            if second in seconds
        ]


def recording(path: Path, seconds: int) -> None:
    """Left: each sample is the number of its second; right: the same and 1,000."""
    left = np.repeat(np.arange(seconds), RATE_HZ)
    both = np.stack([left, left + 1_000], axis=1).astype("<i2")
    path.write_bytes(header(len(left)) + both.tobytes())


class Hotline:
    """A store, a floor, one closed call with a recording of 20 s."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.floor = TestFloor()
        self.work = LateWork(database)
        self.calls = Calls(database)
        self.transcripts = Transcripts(database)
        self.incidents = Incidents(database)
        self.recordings = RecordingsTable(database)
        self.recogniser = FakeRecogniser()
        self.write_up = WriteUp(
            {"en": Extractor("en"), "ko": Extractor("ko")},
            self.floor.register,
            self.floor.bus,
            self.floor.note,
        )
        self.desk = self.service()

    def service(self) -> LateDesk:
        """The desk as a service that has just started has it."""
        put_in = PutIn(
            self.floor.register,
            self.floor.bus,
            self.write_up,
            self.work,
            self.calls,
            FiledCalls(self.database),
            self.transcripts,
        )
        return LateDesk(
            self.recogniser,
            self.floor.register,
            self.work,
            self.calls,
            self.recordings,
            put_in,
            self.floor.note,
        )

    async def filed(self, *segments: dict[str, Any], legs: tuple[Leg, ...] = ()) -> None:
        """A call that is closed, filed and recorded."""
        await self.calls.upsert(
            CallRow(
                id="9.1",
                line="110",
                caller_number="5551234",
                queue="emergency",
                state="closed",
                arrived_at=ARRIVED,
                language="en",
                detail={
                    "id": "9.1",
                    "legs": [
                        {"id": "c", "role": "caller", "party": "5551234", "joined_at": None},
                        *(
                            {
                                "id": leg.id,
                                "role": leg.role.value,
                                "party": leg.party,
                                "joined_at": stamp(ARRIVED.replace(second=leg.joined_ms // 1000)),
                                "left_at": None,
                            }
                            for leg in legs
                        ),
                    ],
                },
            )
        )
        await self.transcripts.add(*({**each, "call_id": "9.1"} for each in segments))
        await self.recorded("9.1")

    async def recorded(self, call_id: str, starts_ms: int = 0) -> None:
        file = self.folder / f"{call_id}.wav"
        recording(file, 20)
        await self.recordings.add(
            call_id,
            path=str(file),
            sha256="0" * 64,
            bytes=1,
            duration_ms=20_000,
            chained_hash=call_id.ljust(64, "0"),
            starts_ms=starts_ms,
        )

    def mark(self, from_ms: int, to_ms: int, leg: str = "c") -> None:
        self.desk._marks.add(
            "9.1",
            {"id": leg, "role": "caller", "party": "5551234"},
            from_ms,
            to_ms,
            language="en",
            why="a worker was lost",
            segments=[],
        )

    async def look(self) -> None:
        """What the desk does every second."""
        await self.desk._marks.write()
        if self.desk._marks.any_written:
            await self.desk._do_one()

    async def texts(self) -> list[tuple[str, bool]]:
        return [
            (each["text"], each.get("late", False)) for each in await self.transcripts.of("9.1")
        ]


def said(name: str, start_ms: int, end_ms: int, text: str, leg: str = "c") -> dict[str, Any]:
    return {
        "id": name,
        "leg": leg,
        "role": "caller" if leg == "c" else "operator",
        "party": "",
        "start_ms": start_ms,
        "end_ms": end_ms,
        "text": text,
        "final": True,
    }


@pytest.fixture
async def hotline(tmp_path: Path) -> AsyncIterator[Hotline]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/callcenter.db")
    there = Hotline(database, tmp_path)
    await database.open()
    yield there
    await database.close()


async def test_stretch_is_transcribed_says_so_and_the_record_is_written_anew(
    hotline: Hotline,
) -> None:
    await hotline.filed(said("1", 1_000, 2_000, "hello"))
    hotline.recogniser.says = {6: ROBBED}
    hotline.mark(5_000, 9_000)
    await hotline.look()
    assert hotline.recogniser.asked == [("en", 5_000, 4_000, True)]
    assert await hotline.texts() == [("hello", False), (ROBBED, True)]
    late = (await hotline.transcripts.of("9.1"))[1]
    assert late["words"] == [{"text": "a", "start_ms": 6_000, "end_ms": 6_200, "confidence": 0.9}]
    incident = await hotline.incidents.get("9.1")
    assert incident is not None
    assert incident.record["fields"]["category"] == "robbery"
    row = await hotline.calls.get("9.1")
    assert row is not None
    assert (row.category, row.detail["category"]) == ("robbery", "robbery")
    assert row.detail["incident"]["fields"]["category"] == "robbery"
    assert await hotline.work.waiting() == []
    assert "transcript.late" in hotline.floor.kinds()


async def test_what_people_typed_is_not_overwritten(hotline: Hotline) -> None:
    await hotline.filed()
    typed = {"category": {"value": "fraud", "by": "s01", "at": "2026-03-01T12:01:00Z"}}
    await hotline.incidents.save("9.1", {}, typed)
    hotline.recogniser.says = {6: ROBBED}
    hotline.mark(5_000, 9_000)
    await hotline.look()
    incident = await hotline.incidents.get("9.1")
    assert incident is not None
    assert incident.record["fields"]["category"] == "fraud"
    assert incident.record["contradictions"][0]["heard"] == "robbery"
    assert incident.typed == typed


async def test_no_words_are_there_twice_and_what_was_cut_off_is_kept_as_a_version(
    hotline: Hotline,
) -> None:
    await hotline.filed(
        said("final", 1_000, 3_000, "it begins"),
        said("rescued", 5_200, 5_900, "a man with"),
        said("cut", 9_050, 10_500, "took my bag"),
    )
    hotline.recogniser.says = {5: ROBBED}
    hotline.mark(3_000, 9_000)
    await hotline.look()
    assert await hotline.texts() == [("it begins", False), (ROBBED, True)]
    assert hotline.recogniser.asked == [("en", 3_000, 7_500, True)]
    (version,) = await hotline.desk.replaced("9.1")
    assert [each["id"] for each in version["segments"]] == ["final", "rescued", "cut"]
    assert (version["replaced_by"], version["why"]) == (None, "a worker was lost")


async def test_work_waits_while_the_workers_have_no_room(hotline: Hotline) -> None:
    await hotline.filed()
    hotline.recogniser.has_room = False
    hotline.mark(5_000, 9_000)
    await hotline.look()
    assert hotline.recogniser.asked == []
    assert hotline.desk.waiting == 1
    hotline.recogniser.has_room = True
    await hotline.look()
    assert len(hotline.recogniser.asked) == 1


async def test_another_service_goes_on_with_what_waits(hotline: Hotline) -> None:
    await hotline.filed()
    hotline.recogniser.has_room = False
    hotline.recogniser.says = {6: FIRE}
    hotline.mark(5_000, 9_000)
    await hotline.look()
    hotline.desk = hotline.service()
    hotline.recogniser.has_room = True
    await hotline.look()
    assert await hotline.texts() == [(FIRE, True)]


async def test_stretch_whose_worker_is_lost_is_done_again_and_told_once(hotline: Hotline) -> None:
    await hotline.filed()
    hotline.recogniser.says = {6: FIRE}
    hotline.recogniser.lost = 1
    hotline.mark(5_000, 9_000)
    await hotline.look()
    assert await hotline.texts() == []
    await hotline.look()
    await hotline.look()
    assert await hotline.texts() == [(FIRE, True)]


async def test_call_that_goes_on_is_left_until_it_is_over_and_told_at_its_desk(
    hotline: Hotline,
) -> None:
    hotline.floor.arrives("9.1")
    call: Call = hotline.floor.register.get("9.1")
    leg = next(iter(call.legs.values()))
    hotline.desk.mark(call, leg, 5_000, 9_000, "full")
    await hotline.recorded("9.1")
    hotline.recogniser.says = {6: ROBBED}
    await hotline.look()
    assert hotline.recogniser.asked == []
    hotline.floor.conductor.close(call, "cause 16", hotline.floor.clock.now)
    hotline.floor.bus.told.clear()
    await hotline.look()
    await hotline.write_up.settle(call)
    assert [each["text"] for each in call.segments.values()] == [ROBBED]
    assert call.record["fields"]["category"] == "robbery"
    told = [each["segment"] for each in hotline.floor.bus.told if each["type"] == "segment"]
    assert [(each["text"], each["late"]) for each in told] == [(ROBBED, True)]


async def test_recording_that_begins_later_than_its_call_is_read_at_the_right_place(
    hotline: Hotline,
) -> None:
    await hotline.filed()
    await hotline.recordings.add(
        "9.1",
        path=str(hotline.folder / "9.1.wav"),
        sha256="1" * 64,
        bytes=1,
        duration_ms=20_000,
        chained_hash="1" * 64,
        starts_ms=3_000,
    )
    hotline.mark(5_000, 9_000)
    hotline.recogniser.says = {2: FIRE}
    await hotline.look()
    assert hotline.recogniser.asked == [("en", 5_000, 4_000, True)]
    assert await hotline.texts() == [(FIRE, True)]


async def test_language_that_nobody_knows_any_more_is_given_up_and_noted(hotline: Hotline) -> None:
    await hotline.filed()
    hotline.mark(5_000, 9_000)
    hotline.recogniser.engines = {"ko": "e/k"}
    await hotline.look()
    assert await hotline.work.waiting() == []
    assert "transcript.late.given_up" in hotline.floor.kinds()


async def test_call_is_recognised_again_in_another_language_and_says_who_asked(
    hotline: Hotline,
) -> None:
    operator = Leg("o", "", Role.OPERATOR, "s01", joined_ms=4_000)
    await hotline.filed(
        said("1", 1_000, 2_000, "wrong"),
        said("2", 5_000, 6_000, "yes", leg="o"),
        legs=(operator,),
    )
    hotline.mark(8_000, 9_000)
    await hotline.desk._marks.write()
    hotline.recogniser.says = {1: "불이야", 6: "도와주세요"}
    answer = await hotline.desk.again("9.1", "ko", "s01")
    assert answer == {"call_id": "9.1", "state": "waiting", "language": "ko"}
    await hotline.desk.again("9.1", "ko", "s01")
    await hotline.look()
    assert hotline.recogniser.asked == [("ko", 0, 20_000, True), ("ko", 4_000, 16_000, False)]
    assert await hotline.texts() == [("불이야", True), ("도와주세요", True)]
    row = await hotline.calls.get("9.1")
    assert row is not None
    assert row.language == "ko"
    assert await hotline.work.waiting() == []
    (version,) = await hotline.desk.replaced("9.1")
    assert (version["replaced_by"], version["language"]) == ("s01", "en")
    assert [each["text"] for each in version["segments"]] == ["wrong", "yes"]


async def test_what_was_replaced_can_be_put_back(hotline: Hotline) -> None:
    await hotline.filed(said("1", 1_000, 2_000, ROBBED))
    hotline.recogniser.says = {1: "nonsense"}
    await hotline.desk.again("9.1", "ko", "s01")
    await hotline.look()
    await hotline.desk.go_back("9.1", 1, "boss")
    assert await hotline.texts() == [(ROBBED, False)]
    incident = await hotline.incidents.get("9.1")
    assert incident is not None
    assert incident.record["fields"]["category"] == "robbery"
    assert [each["replaced_by"] for each in await hotline.desk.replaced("9.1")] == ["s01", "boss"]
    with pytest.raises(NotNow, match="no version 7"):
        await hotline.desk.go_back("9.1", 7, "boss")


async def test_wish_that_cannot_be_met_says_why(hotline: Hotline) -> None:
    with pytest.raises(UnknownCall):
        await hotline.desk.again("9.9", "ko", "s01")
    await hotline.filed()
    with pytest.raises(NotNow, match="zh is not recognised here; these are: en, ko"):
        await hotline.desk.again("9.1", "zh", "s01")
    hotline.floor.arrives("1.1")
    with pytest.raises(NotNow, match="going on"):
        await hotline.desk.again("1.1", "ko", "s01")


async def test_call_that_ended_while_the_service_was_away_is_marked_after_its_last_words(
    hotline: Hotline,
) -> None:
    hotline.floor.arrives("9.1")
    call = hotline.floor.register.get("9.1")
    hotline.floor.clock.now += 15
    hotline.floor.conductor.close(call, "ended", hotline.floor.clock.now)
    legs = [{"id": "c", "role": "caller", "party": "5551234", "joined_at": None, "left_at": None}]
    hotline.desk.ended_away("9.1", legs, [said("1", 1_000, 4_000, "hello")])
    await hotline.desk._marks.write()
    (item,) = await hotline.work.waiting()
    assert (item.leg, item.role, item.from_ms, item.to_ms) == ("c", "caller", 4_000, 15_000)
