"""Words from a recording come into a transcript, and the record is written anew from them.

What people typed stays. A call that is at hand is changed there and told to consoles; one that is
filed is changed in the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from callcenter.calls.call import Call
from callcenter.calls.register import CallRegister, Publisher
from callcenter.calls.write_up import WriteUp
from callcenter.incidents.merge import TypedValue, merge
from callcenter.store.calls import CallRow, Calls
from callcenter.store.filed import FiledCalls
from callcenter.store.incidents import StoredIncident
from callcenter.store.late_work import LateItem, LateWork, ReplacedTranscript
from callcenter.store.transcripts import Transcripts

Segment = dict[str, Any]


class PutIn:
    """Puts recognised stretches where they belong. Every method raises `StoreUnavailable`."""

    def __init__(
        self,
        register: CallRegister,
        bus: Publisher,
        write_up: WriteUp,
        work: LateWork,
        calls: Calls,
        files: FiledCalls,
        transcripts: Transcripts,
    ) -> None:
        self._register = register
        self._bus = bus
        self._write_up = write_up
        self._work = work
        self._calls = calls
        self._files = files
        self._transcripts = transcripts

    async def segments(self, call_id: str) -> list[Segment]:
        """The transcript as it is now."""
        call = self._register.find(call_id)
        if call is not None:
            return [each for each in call.segments.values() if each["final"]]
        return await self._transcripts.of(call_id)

    async def put(
        self,
        call_id: str,
        done: Sequence[LateItem],
        *,
        removed: Collection[str],
        added: Sequence[Segment],
        language: str = "",
        by: str | None = None,
        why: str,
    ) -> None:
        """Replace segments by others, and write the record anew.

        ``language``: the whole call is in this one now. What was replaced is kept as a version.
        """
        before = await self.segments(call_id)
        row = await self._calls.get(call_id)
        spoken = row.language if row else ""
        gone = [each for each in before if each["id"] in removed]
        kept = (
            ReplacedTranscript(call_id, 0, spoken, datetime.now(UTC), by, why, before)
            if gone
            else None
        )
        await self._work.done(
            call_id, [item.id for item in done], removed=removed, added=added, kept=kept
        )
        call = self._register.find(call_id)
        if call is not None:
            self._change(call, gone, added, language)
        elif row is not None:
            await self._change_filed(row, language or row.language)

    def _change(
        self, call: Call, gone: Sequence[Segment], added: Sequence[Segment], language: str
    ) -> None:
        if language:
            call.language = language
        for each in gone:
            call.segments.pop(each["id"], None)
            self._tell(call.id, {**each, "text": ""})
        for each in added:
            call.segments[each["id"]] = each
            self._tell(call.id, each)
        self._write_up.read(call)
        self._register.changed(call)

    async def _change_filed(self, row: CallRow, language: str) -> None:
        segments = await self._transcripts.of(row.id)
        heard = await asyncio.to_thread(self._write_up.heard, language, segments, row.caller_number)

        def amend(row: CallRow, kept: StoredIncident | None) -> tuple[CallRow, StoredIncident]:
            typed: Mapping[str, Any] = kept.typed if kept else {}
            values = {name: TypedValue(**value) for name, value in typed.items()}
            record = merge(heard, values).to_json()
            incident = StoredIncident(row.id, record, dict(typed), datetime.now(UTC))
            return _with(row, record, language), incident

        await self._files.amend(row.id, amend)

    def _tell(self, call_id: str, segment: Segment) -> None:
        self._bus.publish(
            f"call:{call_id}", {"type": "segment", "call_id": call_id, "segment": segment}
        )


def _with(row: CallRow, record: dict[str, Any], language: str) -> CallRow:
    """The call as lists show it, once its record is this."""
    fields = record["fields"]
    place = fields.get("place") or {}
    shown = {
        "language": language,
        "category": fields.get("category"),
        "level": fields.get("level"),
        "place_text": place.get("text"),
        "precinct": place.get("precinct"),
    }
    return replace(row, **shown, detail={**row.detail, **shown, "incident": record})
