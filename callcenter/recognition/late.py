"""Transcribes afterwards what got no text during the call, from its recording.

One stretch at a time, and only while the workers have room beside the calls that are going on. What
waits is in the store, so that a service that was ended goes on with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import structlog

from asr.errors import SpeechOff
from asr.events import RecordedSegment, SpeechState
from callcenter.calls.call import Call
from callcenter.calls.errors import NotNow, UnknownCall
from callcenter.calls.ladder import Rung
from callcenter.calls.legs import Leg, Role
from callcenter.calls.register import CallRegister, Note
from callcenter.calls.view import stamp
from callcenter.recognition.gaps import OPENING_MS, ends_of
from callcenter.recognition.marks import Marks
from callcenter.recognition.put_in import PutIn, Segment
from callcenter.recognition.segments import as_segment, in_call
from callcenter.recognition.stretches import Stretch, replaced, rounded, speaker
from callcenter.store.calls import Calls
from callcenter.store.errors import StoreError
from callcenter.store.late_work import LateItem, LateWork, whole_call
from callcenter.store.recordings import RecordingRow, RecordingsTable
from recordings.errors import RecordingError
from recordings.excerpt import Channel, Excerpt
from recordings.true_band import TrueBand

log = structlog.get_logger(__name__)

LOOK_S = 1.0
STORE_RETRY_S = 5.0
NO_RECORDING_S = 600.0
"""A call without a finished recording for so long after the mark gets none."""


AWAY = "the service was away"


class Recogniser(Protocol):
    """What is needed of `asr.pool.SpeechPool`."""

    @property
    def has_room(self) -> bool:
        """Whether a worker has room for a recording."""

    @property
    def state(self) -> SpeechState:
        """Which languages are recognised."""

    async def recognise_recorded(
        self, read: Any, *, rate_hz: int, language: str, from_ms: int
    ) -> list[RecordedSegment]:
        """What a stretch says."""


class LateDesk:
    """Marks stretches, transcribes them when there is time, and takes wishes for whole calls."""

    def __init__(
        self,
        recogniser: Recogniser,
        register: CallRegister,
        work: LateWork,
        calls: Calls,
        recordings: RecordingsTable,
        put_in: PutIn,
        note: Note,
    ) -> None:
        self._recogniser = recogniser
        self._register = register
        self._work = work
        self._calls = calls
        self._recordings = recordings
        self._put_in = put_in
        self._note = note
        self._marks = Marks(work)
        self.waiting = 0
        """Stretches and calls that waited when this was looked at last."""
        self.transcribed_ms = 0
        """Sound transcribed afterwards, ever."""

    def mark(self, call: Call, leg: Leg, from_ms: int, to_ms: int, why: str) -> None:
        """Have part of a leg transcribed after its call."""
        known = {"id": leg.id, "role": leg.role.value, "party": leg.party}
        segments = [each for each in call.segments.values() if each["final"]]
        language = leg.language or call.language
        self._marks.add(
            call.id, known, from_ms, to_ms, language=language, why=why, segments=segments
        )

    def ended_away(
        self,
        call_id: str,
        legs: Sequence[Mapping[str, Any]],
        segments: Sequence[Mapping[str, Any]],
    ) -> None:
        """A call ended while the service was away: what its legs said after their last words."""
        call = self._register.find(call_id)
        if call is None:
            return
        for leg in in_call(call.arrived_at, legs):
            from_ms = max([leg["from_ms"], *ends_of(leg["id"], segments)])
            to_ms = min(leg["to_ms"], call.ladder.reached_ms.get(Rung.CLOSED, leg["to_ms"]))
            if to_ms - from_ms >= OPENING_MS:
                self._marks.add(
                    call_id,
                    leg,
                    from_ms,
                    to_ms,
                    language=call.language,
                    why=AWAY,
                    segments=segments,
                )

    async def run(self) -> None:
        """Work for as long as the service lives."""
        while True:
            try:
                await asyncio.sleep(LOOK_S)
                await self._marks.write()
                if self._marks.any_written:
                    await self._do_one()
            except StoreError as error:
                log.warning("late.store_unavailable", why=str(error))
                await asyncio.sleep(STORE_RETRY_S)
            except Exception:
                log.exception("late.failed")
                await asyncio.sleep(STORE_RETRY_S)

    async def stop(self) -> None:
        """Bring what is marked to the store."""
        try:
            await self._marks.write()
        except StoreError as error:
            log.warning("late.store_unavailable", why=str(error))

    async def again(self, call_id: str, language: str, by: str) -> dict[str, Any]:
        """Have a whole call recognised again from its recording.

        Raises:
            UnknownCall: there is none of that id.
            NotNow: it is not recorded yet, or nobody here knows that language.
        """
        call = self._register.find(call_id)
        if call is None and await self._calls.get(call_id) is None:
            raise UnknownCall(f"there is no call {call_id}")
        if call is not None and not call.closed:
            raise NotNow("the call is going on; change its language instead")
        if not await self._recordings.of(call_id):
            raise NotNow("this call has no finished recording; one is finished seconds after it")
        known = self._recogniser.state.engines
        if language not in known:
            names = ", ".join(sorted(known)) or "none"
            raise NotNow(f"{language} is not recognised here; these are: {names}")
        waiting = [item for item in await self._work.of(call_id) if item.whole_call]
        if not waiting:
            item = whole_call(uuid4().hex, call_id, language, by)
            await self._work.put([item])
            self._marks.any_written = True
        return {"call_id": call_id, "state": "waiting", "language": language}

    async def replaced(self, call_id: str) -> list[dict[str, Any]]:
        """The transcripts that others took the place of, oldest first."""
        return [
            {
                "version": each.version,
                "language": each.language,
                "replaced_at": stamp(each.replaced_at),
                "replaced_by": each.replaced_by,
                "why": each.why,
                "segments": each.segments,
            }
            for each in await self._work.replaced(call_id)
        ]

    async def go_back(self, call_id: str, version: int, by: str) -> None:
        """Put a transcript that was replaced in its old place; the one of now becomes a version.

        Raises:
            NotNow: there is no such version.
        """
        versions = {each.version: each for each in await self._work.replaced(call_id)}
        if version not in versions:
            raise NotNow(f"the transcript of this call has no version {version}")
        old = versions[version]
        now = await self._put_in.segments(call_id)
        await self._put_in.put(
            call_id,
            [],
            removed={each["id"] for each in now},
            added=old.segments,
            language=old.language,
            by=by,
            why=f"gone back to version {version}",
        )

    async def _do_one(self) -> None:
        items = await self._work.waiting()
        self.waiting = len(items)
        self._marks.any_written = bool(items)
        if not self._recogniser.has_room:
            return
        for item in items:
            call = self._register.find(item.call_id)
            if call is not None and not call.closed:
                continue
            self._marks.call_over(item.call_id)
            kept = await self._recordings.of(item.call_id)
            if not kept:
                await self._give_up_old(item)
            elif item.language not in self._recogniser.state.engines:
                await self._give_up(item, f"{item.language} is not recognised here")
            else:
                await self._transcribe(item, kept[-1])
                return

    async def _give_up_old(self, item: LateItem) -> None:
        if datetime.now(UTC) - item.asked_at > timedelta(seconds=NO_RECORDING_S):
            await self._give_up(item, "there is no recording")

    async def _give_up(self, item: LateItem, why: str) -> None:
        await self._work.drop([item.id])
        self._note(item.call_id, "transcript.late.given_up", {"leg": item.leg, "why": why})

    async def _transcribe(self, item: LateItem, recording: RecordingRow) -> None:
        try:
            if item.whole_call:
                await self._all_again(item, recording)
            else:
                await self._stretch(item, recording)
        except SpeechOff as error:
            log.info("late.put_off", call_id=item.call_id, why=str(error))
        except RecordingError as error:
            log.warning("late.unreadable", call_id=item.call_id, why=str(error))
            await self._give_up(item, str(error))

    async def _stretch(self, item: LateItem, recording: RecordingRow) -> None:
        known = await self._put_in.segments(item.call_id)
        end_ms = recording.starts_ms + recording.duration_ms
        marked = Stretch(item.leg, item.from_ms, max(item.from_ms, min(item.to_ms, end_ms)))
        stretch = rounded(marked, known)
        channel = Channel.CALLER if item.role == Role.CALLER else Channel.HEARD
        heard = await self._recognise(recording, channel, stretch, item.language)
        leg = {"id": item.leg, "role": item.role, "party": item.party}
        added = [
            as_segment(each, leg, f"late-{item.id[:12]}.{number}")
            for number, each in enumerate(heard, 1)
        ]
        await self._put_in.put(
            item.call_id,
            [item],
            removed=replaced(stretch, known),
            added=added,
            why=item.why,
        )
        payload = {
            "leg": item.leg,
            "from_ms": stretch.from_ms,
            "to_ms": stretch.to_ms,
            "segments": len(added),
            "why": item.why,
        }
        self._note(item.call_id, "transcript.late", payload)

    async def _all_again(self, item: LateItem, recording: RecordingRow) -> None:
        known = await self._put_in.segments(item.call_id)
        row = await self._calls.get(item.call_id)
        legs = in_call(row.arrived_at, row.detail.get("legs", ())) if row else []
        end_ms = recording.starts_ms + recording.duration_ms
        added: list[Segment] = []
        for channel in Channel:
            own = [
                leg for leg in legs if (leg["role"] == Role.CALLER) == (channel == Channel.CALLER)
            ]
            if not own:
                continue
            from_ms = min(leg["from_ms"] for leg in own)
            to_ms = min(end_ms, max(leg["to_ms"] for leg in own))
            heard = await self._recognise(
                recording, channel, Stretch("", from_ms, to_ms), item.language
            )
            for each in heard:
                leg = speaker(own, each.start_ms, each.end_ms, known)
                if leg is not None:
                    number = len(added) + 1
                    added.append(as_segment(each, leg, f"again-{item.id[:12]}.{number}"))
        others = [each for each in await self._work.of(item.call_id) if not each.whole_call]
        await self._put_in.put(
            item.call_id,
            [item, *others],
            removed={each["id"] for each in known},
            added=added,
            language=item.language,
            by=item.asked_by,
            why=item.why,
        )
        payload = {"language": item.language, "by": item.asked_by, "segments": len(added)}
        self._note(item.call_id, "transcript.again", payload)

    async def _recognise(
        self, recording: RecordingRow, channel: Channel, stretch: Stretch, language: str
    ) -> Sequence[RecordedSegment]:
        starts_ms = recording.starts_ms
        with Excerpt(
            Path(recording.path), channel, stretch.from_ms - starts_ms, stretch.to_ms - starts_ms
        ) as excerpt:
            sound = await asyncio.to_thread(TrueBand, excerpt, channel)
            heard = await self._recogniser.recognise_recorded(
                sound.read,
                rate_hz=sound.rate_hz,
                language=language,
                from_ms=excerpt.from_ms + starts_ms,
            )
        self.transcribed_ms += stretch.length_ms
        return heard
