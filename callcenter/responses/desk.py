"""The desk of responses: what officers and the hotline see of them, and what they can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, Protocol

from callcenter.calls.notices import Notices
from callcenter.calls.register import Note, Publisher
from callcenter.calls.view import stamp
from callcenter.responses.draft import draft
from callcenter.responses.errors import ResponseRefused, UnknownResponse
from callcenter.responses.steps import NOT_THERE, WITH_OFFICER, Result, Step, before, due_at
from callcenter.store.responses import Response, Responses

Json = dict[str, Any]

LISTS: Final[Mapping[str, frozenset[Step]]] = {
    "open": WITH_OFFICER,
    "reported": frozenset({Step.DONE}),
    "closed": frozenset({Step.ACCEPTED}),
}
"""What may be asked for: with the officer, report to be judged, over."""


class Floor(Protocol):
    """What is needed of the running service: calls at hand, and filed ones."""

    async def call(self, call_id: str) -> Json | None:
        """One call with its record."""

    async def transcript(self, call_id: str) -> list[Json]:
        """What was said."""

    async def edit_field(self, call_id: str, field: str, value: Any, by: str) -> Json:
        """Put a typed value into the record of one call."""


class ResponseDesk:
    """Lists responses, moves them on, judges reports.

    ``officer`` in every method is the officer who asks, and sees only their own; None: the hotline.
    """

    def __init__(
        self,
        responses: Responses,
        floor: Floor,
        notices: Notices,
        bus: Publisher,
        note: Note,
        within_s: Mapping[str, float],
        zone: Callable[[], tzinfo],
        language_of: Callable[[str], str | None],
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``within_s``: by level how soon after taking the call an officer is to be there.

        ``language_of``: an officer's id to the language of their report, if it is known.
        """
        self._responses = responses
        self._floor = floor
        self._notices = notices
        self._bus = bus
        self._note = note
        self._within_s = within_s
        self._zone = zone
        self._language_of = language_of
        self._wall = wall

    async def list(self, which: str, officer: str | None) -> Sequence[Json]:
        """Responses of one of `LISTS`, the newest first.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        found = await self._responses.in_steps(LISTS[which], officer)
        return [self._shown(each) for each in found]

    async def get(self, response_id: int, officer: str | None) -> Json:
        """One response, with the draft of its report as the call stands now.

        Raises:
            UnknownResponse: there is none, or it is another officer's.
            StoreUnavailable: the database does not answer.
        """
        response = await self._find(response_id, officer)
        call = await self._floor.call(response.call_id) or {}
        language = self._language_of(response.officer) or call.get("language") or "en"
        record = call.get("incident") or {}
        text = draft(
            response,
            record.get("fields") or {},
            await self._floor.transcript(response.call_id),
            language,
            self._zone(),
        )
        return self._shown(response) | {"draft": text}

    async def step(self, response_id: int, step: Step, officer: str | None, by: str) -> Json:
        """On the way, or there; the moment is kept.

        Raises:
            UnknownResponse, ResponseRefused, StoreUnavailable: nothing was changed.
        """
        now = self._wall()
        await self._move(response_id, step, officer, {f"{step}_at": now})
        return await self._moved(response_id, {"by": by})

    async def done(
        self,
        response_id: int,
        *,
        result: Result,
        category: str,
        report: str,
        call_back: str | None,
        officer: str | None,
        by: str,
    ) -> Json:
        """Give the result and the report; the category goes into the call's record.

        ``call_back``: a question to the caller, empty for how they were served; None for no call.

        Raises:
            UnknownResponse, ResponseRefused, StoreUnavailable: nothing was changed.
        """
        values = {
            "done_at": self._wall(),
            "result": result.value,
            "category": category,
            "report": report,
            "question": "",
        }
        response = await self._find(response_id, officer)
        _check(response, Step.DONE)
        await self._floor.edit_field(response.call_id, "category", category, by)
        await self._move(response_id, Step.DONE, officer, values)
        said = {"by": by, "result": result.value, "category": category, "report": report}
        if call_back is not None:
            said["call_back"] = call_back
        return await self._moved(response_id, said)

    async def add_note(
        self, response_id: int, text: str, how: str, officer: str | None, by: str
    ) -> Json:
        """Keep a note of the officer. ``how``: typed or dictated.

        Raises:
            UnknownResponse, StoreUnavailable: nothing was kept.
        """
        response = await self._find(response_id, officer)
        note = {"at": stamp(self._wall()), "by": by, "text": text, "how": how}
        await self._responses.add_note(response_id, note)
        self._note(response.call_id, "response.note", {"response": response_id, **note})
        return await self._tell(response_id)

    async def dictated(self, response_id: int, officer: str | None, ms: int, by: str) -> None:
        """Note that words were dictated; their text comes back to be mended, and is not kept here.

        Raises:
            UnknownResponse, StoreUnavailable.
        """
        response = await self._find(response_id, officer)
        said = {"response": response_id, "by": by, "ms": ms}
        self._note(response.call_id, "response.dictated", said)

    async def language(self, response_id: int, officer: str | None) -> str:
        """What the officer of a response dictates in.

        Raises:
            UnknownResponse, StoreUnavailable.
        """
        response = await self._find(response_id, officer)
        call = await self._floor.call(response.call_id) or {}
        return self._language_of(response.officer) or call.get("language") or "en"

    async def accept(self, response_id: int, by: str) -> Json:
        """Accept the report; the response is over.

        Raises:
            UnknownResponse, ResponseRefused, StoreUnavailable: nothing was changed.
        """
        values = {"decided_at": self._wall(), "decided_by": by}
        await self._move(response_id, Step.ACCEPTED, None, values)
        return await self._moved(response_id, {"by": by})

    async def give_back(self, response_id: int, question: str, by: str) -> Json:
        """Give the report back to the officer with a question.

        Raises:
            UnknownResponse, ResponseRefused, StoreUnavailable: nothing was changed.
        """
        values = {"decided_at": self._wall(), "decided_by": by, "question": question}
        await self._move(response_id, Step.RETURNED, None, values)
        return await self._moved(response_id, {"by": by, "question": question})

    async def begun(self, response_ids: Sequence[int]) -> None:
        """Tell pages of responses that are new.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        for each in response_ids:
            await self._tell(each)

    async def tell_late(self) -> None:
        """Tell the floor, once, of every officer who is not there in the time of the level.

        Raises:
            StoreUnavailable: the database does not answer; it is told later.
        """
        now = self._wall()
        for each in await self._responses.in_steps(NOT_THERE):
            due = due_at(each.taken_at, _level(each), self._within_s)
            if each.late_told_at is not None or due is None or now < due:
                continue
            if not await self._responses.move(each.id, NOT_THERE, {"late_told_at": now}):
                continue
            minutes = round((now - each.taken_at).total_seconds() / 60)
            on_the_way = each.step == Step.ON_THE_WAY
            said = {"response": each.id, "officer": each.officer, "level": _level(each)}
            self._note(each.call_id, "response.late", said | {"due": stamp(due)})
            self._notices.tell(
                "response.late",
                each.call_id,
                f"Officer {each.officer} took this call {minutes} min ago and is not there"
                f"{', but on the way' if on_the_way else ', nor on the way'}. Ring them, or put"
                " another officer on it.",
            )
            await self._tell(each.id)

    async def _find(self, response_id: int, officer: str | None) -> Response:
        response = await self._responses.get(response_id)
        if response is None or (officer is not None and response.officer != officer):
            raise UnknownResponse("there is no such response")
        return response

    async def _move(
        self, response_id: int, step: Step, officer: str | None, values: Mapping[str, Any]
    ) -> Response:
        response = await self._find(response_id, officer)
        _check(response, step)
        changes = {**values, "step": step.value}
        if not await self._responses.move(response_id, before(step), changes):
            # Somebody else was sooner.
            _check(await self._find(response_id, officer), step)
        return response

    async def _moved(self, response_id: int, said: Mapping[str, Any]) -> Json:
        response = await self._find(response_id, None)
        payload = {"response": response_id, "officer": response.officer, **said}
        self._note(response.call_id, f"response.{response.step}", payload)
        return await self._tell(response_id)

    async def _tell(self, response_id: int) -> Json:
        shown = self._shown(await self._find(response_id, None))
        self._bus.publish("responses", {"type": "response", "response": shown})
        return shown

    def _shown(self, response: Response) -> Json:
        due = due_at(response.taken_at, _level(response), self._within_s)
        call = response.call or {}
        return {
            "id": response.id,
            "call_id": response.call_id,
            "officer": response.officer,
            "step": response.step,
            "taken_at": stamp(response.taken_at),
            "on_the_way_at": _moment(response.on_the_way_at),
            "there_at": _moment(response.there_at),
            "done_at": _moment(response.done_at),
            "decided_at": _moment(response.decided_at),
            "decided_by": response.decided_by,
            "due_at": _moment(due) if response.step in NOT_THERE else None,
            "late": response.step in NOT_THERE and due is not None and self._wall() >= due,
            "number": call.get("caller_number") or "",
            "level": call.get("level"),
            "category": response.category or call.get("category"),
            "place_text": call.get("place_text"),
            "precinct": call.get("precinct"),
            "result": response.result,
            "report": response.report,
            "question": response.question,
            "notes": list(response.notes),
        }


def _check(response: Response, step: Step) -> None:
    if response.step not in before(step):
        raise ResponseRefused(
            f"this response is {_plain(response.step)} already; {_plain(step)} cannot follow"
        )


def _plain(step: str) -> str:
    return step.replace("_", " ")


def _level(response: Response) -> str | None:
    return (response.call or {}).get("level")


def _moment(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)
