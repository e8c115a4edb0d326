"""Danger words, on every leg, as soon as they are heard: also in words that are not finished.

The caller's raise the level at once: the record is read anew with what is being said, and once
more when it is finished, which may take it back. Everybody's are noted and shown with who said
them and when; those of a danger to life alarm the supervisors, and louder when no operator is on
the line any more. What is asked, denied or feared is no alarm.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any, Final

import structlog

from callcenter.calls.call import Call
from callcenter.calls.legs import Role
from callcenter.calls.notices import Notices
from callcenter.calls.register import Note, Publisher
from callcenter.calls.write_up import WriteUp

log = structlog.get_logger(__name__)

TAIL_CHARACTERS: Final = 160
"""Of words that still grow, so many of the last are read: those before were read as they came."""
ALARMING: Final = "red"
_SENTENCE: Final = re.compile(r"[^.!?。！？]*[.!?。！？]*")
_QUESTION: Final = re.compile(
    r"[?？]\s*$|^\W*(?:and |so |ok |okay )?(?:do|does|did|is|are|was|were|has|have|had|can|could"
    r"|any|what|where|who|which|how)\b|吗|有没有|是不是|什么|나요|까요|습니까|있어요\s*$",
    re.IGNORECASE,
)
"""What operators and officers ask, with or without the sign for it, is no danger."""


class DangerWatch:
    """Listens to all calls for danger."""

    def __init__(
        self,
        write_up: WriteUp,
        bus: Publisher,
        notices: Notices,
        note: Note,
        unattended: Callable[[Call, str], None] = lambda call, danger: None,
    ) -> None:
        """``unattended`` hears of a danger to life on a call that no operator is on any more."""
        self._write_up = write_up
        self._bus = bus
        self._notices = notices
        self._note = note
        self._unattended = unattended
        self._known: dict[str, set[tuple[str, str]]] = {}
        """By call: dangers that were told, and whose words they were."""
        self._newest: dict[str, dict[str, dict[str, Any]]] = {}
        """By call and leg: words that were not read yet."""
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def words(self, call: Call, segment: dict[str, Any]) -> None:
        """Read what was just heard; of words that grow faster than they are read, the newest."""
        if call.closed or not segment["text"].strip():
            return
        self._newest.setdefault(call.id, {})[segment["leg"]] = segment
        if call.id not in self._tasks:
            self._tasks[call.id] = asyncio.create_task(self._work(call), name=f"danger-{call.id}")

    def forget(self, call_id: str) -> None:
        """Let go of a call that ended."""
        self._known.pop(call_id, None)
        self._newest.pop(call_id, None)

    async def _work(self, call: Call) -> None:
        try:
            while waiting := self._newest.get(call.id):
                segment = waiting.pop(next(iter(waiting)))
                found = await asyncio.to_thread(
                    self._write_up.dangers_in, call.language, _stated(segment)
                )
                self._heard(call, segment, found)
        except Exception:
            log.exception("danger.unread", call_id=call.id)
        finally:
            self._tasks.pop(call.id, None)
            if call.closed:
                self.forget(call.id)

    def _heard(self, call: Call, segment: dict[str, Any], found: dict[str, str]) -> None:
        known = self._known.setdefault(call.id, set())
        new = [danger for danger in found if (danger, segment["role"]) not in known]
        if not new or call.closed:
            return
        if segment["role"] == Role.CALLER and not segment["final"]:
            self._write_up.read(call, growing=True)
        for danger in new:
            known.add((danger, segment["role"]))
            told = {
                "danger": danger,
                "level": found[danger],
                "role": segment["role"],
                "leg": segment["leg"],
                "segment": segment["id"],
                "start_ms": segment["start_ms"],
            }
            self._note(call.id, "danger.heard", told)
            self._bus.publish(
                f"call:{call.id}", {"type": "danger", "call_id": call.id, "danger": told}
            )
        alarming = [danger for danger in new if found[danger] == ALARMING]
        if alarming:
            self._alarm(call, segment["role"], alarming)

    def _alarm(self, call: Call, role: str, dangers: list[str]) -> None:
        named = ", ".join(danger.replace("_", " ") for danger in dangers)
        if call.on_bridge(Role.OFFICER) and not call.on_bridge(Role.OPERATOR):
            self._notices.tell(
                "danger.unattended",
                call.id,
                f"Danger: {named} ({role}), and no operator is on the line. Join the call.",
            )
            for danger in dangers:
                self._unattended(call, danger)
            return
        self._notices.tell("danger.heard", call.id, f"Danger: {named} ({role}). Listen in.")

    async def stop(self) -> None:
        """End what still reads."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _stated(segment: dict[str, Any]) -> str:
    text: str = segment["text"]
    if segment["role"] != Role.CALLER:
        text = " ".join(each for each in _SENTENCE.findall(text) if not _QUESTION.search(each))
    if segment["final"] or len(text) <= TAIL_CHARACTERS:
        return text
    cut = text[-TAIL_CHARACTERS:]
    return cut.partition(" ")[2] or cut
