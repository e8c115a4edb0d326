"""The record writes itself: after every finished segment the words of a call are read anew.

Reading runs in a thread and never holds up a call. While one reading runs, further words only
mark the call, so that a fast talker costs one reading at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog

from callcenter.calls import view
from callcenter.calls.call import Call
from callcenter.calls.ladder import Rung
from callcenter.calls.register import CallRegister, Note, Publisher
from callcenter.incidents.extract import Extractor
from callcenter.incidents.merge import TypedValue, merge
from callcenter.incidents.own_words import OwnWords, lexicon_with, rules_with, usable
from callcenter.incidents.record import Record, Turn
from callcenter.precincts.known_positions import KnownPosition
from callcenter.precincts.places import PlaceFinder

log = structlog.get_logger(__name__)

TYPED = "record.typed"
"""The kind of the journal's notes of what people typed; the history of fields is read from them."""


def typed_note(
    field: str, value: Any, by: str, replaced: Any, before: TypedValue | None
) -> dict[str, Any]:
    """What the journal keeps of an edit: also what it replaced, and who had typed that, if any."""
    return {
        "field": field,
        "value": value,
        "by": by,
        "before": replaced,
        "before_by": before.by if before else None,
    }


class WriteUp:
    """Keeps the record of each open call in step with what was said and typed."""

    def __init__(
        self,
        extractors: Mapping[str, Extractor],
        register: CallRegister,
        bus: Publisher,
        note: Note,
    ) -> None:
        self._extractors = extractors
        self._register = register
        self._bus = bus
        self._note = note
        self._typed: dict[str, dict[str, TypedValue]] = {}
        self._again: set[str] = set()
        self._growing: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def words(self, call: Call, segment: dict[str, Any]) -> None:
        """Take note of a segment; a final one has the record written anew."""
        if segment["role"] == "caller" and segment["text"].strip():
            self._register.reach(call, Rung.FIRST_WORDS)
        if segment["final"]:
            self.read(call)

    def read(self, call: Call, *, growing: bool = False) -> None:
        """Have the record of this call written anew soon; ``growing``: with unfinished words."""
        self._again.add(call.id)
        if growing:
            self._growing.add(call.id)
        if call.id not in self._tasks:
            self._tasks[call.id] = asyncio.create_task(self._work(call), name=f"write-up-{call.id}")

    def edit(self, call: Call, field: str, value: Any, by: str, at: str) -> None:
        """Put in what a person typed; no reading ever overwrites it. None: what was heard again."""
        if field == "place" and isinstance(value, str):
            value = self.placed(call.language, value)
        typed = self._typed.setdefault(call.id, {})
        before = typed.get(field)
        if value is None:
            typed.pop(field, None)
        else:
            typed[field] = TypedValue(value=value, by=by, at=at)
        replaced = call.record.get("fields", {}).get(field)
        self._note(call.id, TYPED, typed_note(field, value, by, replaced, before))
        self.read(call)

    def placed(self, language: str, text: str) -> dict[str, Any]:
        """Find a typed place on the map, as spoken ones are."""
        extractor = self._extractor(language)
        typed = [Turn(who="caller", text=text, start_ms=0)]
        places = extractor.places
        found = places.resolve(typed, extractor.language) if places else None
        placed = dict(found.to_json()) if found and found.resolved else {"precinct": None}
        return placed | {"text": text}

    def use_places(self, finder: PlaceFinder) -> None:
        """Look for places with this from now on; open calls are read anew."""
        for extractor in self._extractors.values():
            extractor.places = finder
        for call in self._register.open():
            self.read(call)

    @property
    def places(self) -> PlaceFinder | None:
        """What places are looked for with."""
        return self._extractors["en"].places

    def use_words(self, words: Sequence[OwnWords]) -> None:
        """Read with these words besides each lexicon from now on; open calls are read anew."""
        words, left_out = usable(words)
        if left_out:
            # They fitted another version of the product; the others count all the same.
            log.error("words.left_out", entries=left_out)
        rules = rules_with(words)
        self._extractors = {
            language: Extractor(
                language, before.places, lexicon=lexicon_with(language, words), rules=rules
            )
            for language, before in self._extractors.items()
        }
        for call in self._register.open():
            self.read(call)

    def _extractor(self, language: str) -> Extractor:
        return self._extractors.get(language, self._extractors["en"])

    def restore(self, call_id: str, typed: Mapping[str, Mapping[str, Any]]) -> None:
        """Put back what was typed before the service was restarted."""
        self._typed[call_id] = {name: TypedValue(**value) for name, value in typed.items()}

    def typed(self, call_id: str) -> dict[str, dict[str, Any]]:
        """What people typed into this record, by field."""
        return {
            name: {"value": value.value, "by": value.by, "at": value.at}
            for name, value in self._typed.get(call_id, {}).items()
        }

    def forget(self, call_id: str) -> None:
        """Let go of what was typed into a call that is filed."""
        self._typed.pop(call_id, None)

    def heard(
        self, language: str, segments: Iterable[Mapping[str, Any]], caller_number: str
    ) -> Record:
        """What a transcript says, without anything that people typed; takes some milliseconds."""
        extractor = self._extractor(language)
        return extractor.extract(turns_of(segments), caller_number=caller_number or None)

    def dangers_in(self, language: str, text: str) -> dict[str, str]:
        """Dangers and weapons that a text states, with the level of each; takes milliseconds."""
        return self._extractor(language).dangers_in(text)

    async def settle(self, call: Call) -> None:
        """Wait until the record holds all that was said."""
        task = self._tasks.get(call.id)
        if task:
            await asyncio.shield(task)

    async def _work(self, call: Call) -> None:
        try:
            while call.id in self._again:
                self._again.discard(call.id)
                growing = call.id in self._growing
                self._growing.discard(call.id)
                turns = turns_of(view.transcript(call), growing=growing)
                extractor = self._extractor(call.language)
                typed = dict(self._typed.get(call.id, {}))
                handset = call.position.known() if call.position else None
                record = await asyncio.to_thread(
                    _read, extractor, turns, typed, call.caller_number, call.line_position, handset
                )
                self._take_over(call, record.to_json())
        except Exception:
            log.exception("record.unread", call_id=call.id)
        finally:
            self._tasks.pop(call.id, None)

    def _take_over(self, call: Call, record: dict[str, Any]) -> None:
        before = call.record.get("fields", {})
        changed = {
            name: value
            for name, value in record.get("fields", {}).items()
            if value != before.get(name)
        }
        if record == call.record:
            return
        call.record = record
        if changed:
            self._note(call.id, "record.changed", {"fields": changed})
        place = record["fields"].get("place") or {}
        if place.get("precinct"):
            self._register.reach(call, Rung.PLACE_KNOWN)
        self._bus.publish(
            f"call:{call.id}", {"type": "incident", "call_id": call.id, "incident": record}
        )
        self._register.changed(call)

    async def stop(self) -> None:
        """End what still reads."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def turns_of(segments: Iterable[Mapping[str, Any]], *, growing: bool = False) -> list[Turn]:
    """The segments of a transcript as turns; unfinished ones only if they are wanted."""
    return [
        Turn(
            who=segment["role"],
            text=segment["text"],
            start_ms=segment["start_ms"],
            end_ms=segment["end_ms"],
            leg=segment["leg"],
            segment_id=segment["id"],
        )
        for segment in segments
        if segment["final"] or growing
    ]


def _read(
    extractor: Extractor,
    turns: list[Turn],
    typed: dict[str, TypedValue],
    caller_number: str,
    line: KnownPosition | None,
    handset: KnownPosition | None,
) -> Record:
    found = extractor.extract(
        turns, caller_number=caller_number or None, line=line, handset=handset
    )
    return merge(found, typed)
