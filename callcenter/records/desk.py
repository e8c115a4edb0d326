"""Incidents as people work with them: seen whole, joined, separated, corrected, listed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog

from callcenter.calls.register import Note
from callcenter.calls.view import stamp
from callcenter.incidents.combined import Part, combined
from callcenter.incidents.naming import begun_by, incident_id
from callcenter.records.errors import CannotJoin, UnknownIncident
from callcenter.records.history import FieldHistory
from callcenter.records.summaries import line, summary
from callcenter.store.calls import CLOSED
from callcenter.store.errors import StoreUnavailable
from callcenter.store.incident_pages import IncidentPages, Position, Search
from callcenter.store.joins import IncidentJoins, Join

log = structlog.get_logger(__name__)

Json = dict[str, Any]
OF_A_CALL = (
    "id",
    "line",
    "from",
    "queue",
    "state",
    "arrived_at",
    "answered_at",
    "closed_at",
    "seat",
    "officer",
    "officer_state",
    "language",
)


class Floor(Protocol):
    """What is needed of the running service: calls at hand, and filed ones."""

    async def call(self, call_id: str) -> Json | None:
        """One call with all that its page shows."""

    async def transcript(self, call_id: str) -> list[Json]:
        """What was said."""

    async def edit_field(self, call_id: str, field: str, value: Any, by: str) -> Json:
        """Put a typed value into the record of one call."""


@dataclass(frozen=True, slots=True)
class Group:
    """The calls of one incident, the one that began it first; ``details`` as the API has them."""

    top: str
    details: tuple[Json, ...]
    complete: bool = True
    """False when the store could not say which calls belong to it."""

    @property
    def id(self) -> str:
        """The incident's id."""
        return incident_id(self.top)

    @property
    def call_ids(self) -> list[str]:
        """Of its calls."""
        return [detail["id"] for detail in self.details]

    @property
    def finished(self) -> bool:
        """Whether none of its calls goes on."""
        return all(detail["state"] == CLOSED for detail in self.details)

    @property
    def began_at(self) -> str:
        """When the first of its calls came (RFC 3339)."""
        return min(str(detail["arrived_at"]) for detail in self.details)

    def record(self) -> Json:
        """The records of its calls as one."""
        return combined([Part(each["id"], each.get("incident") or {}) for each in self.details])


class IncidentDesk:
    """Everything about incidents that is more than one call's record."""

    def __init__(
        self,
        floor: Floor,
        joins: IncidentJoins,
        pages: IncidentPages,
        history: FieldHistory,
        note: Note,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._floor = floor
        self._joins = joins
        self._pages = pages
        self._history = history
        self._note = note
        self._wall = wall

    async def find(self, any_id: str) -> Group:
        """The incident of this id, or that the call of this id belongs to now.

        An incident that was joined to another is found under that one.

        Raises:
            UnknownIncident: there is no such incident or call.
            StoreUnavailable: the call is not at hand and the database does not answer.
        """
        call_id = begun_by(any_id) or any_id
        first = await self._floor.call(call_id)
        if first is None:
            raise UnknownIncident("there is no such incident")
        try:
            ((top, ids),) = (await self._joins.wholes([call_id])).items()
        except StoreUnavailable as error:
            # The record of a call that goes on must be had without the store.
            log.warning("incidents.without_store", why=str(error))
            return Group(call_id, (first,), complete=False)
        return await self._group(top, ids, first)

    async def again(self, group: Group) -> Group:
        """The same calls as they are now."""
        return await self._group(group.top, group.call_ids, complete=group.complete)

    async def _group(
        self, top: str, ids: Sequence[str], first: Json | None = None, *, complete: bool = True
    ) -> Group:
        known_now = {first["id"]: first} if first else {}
        details = [known_now.get(each) or await self._floor.call(each) for each in ids]
        known = [detail for detail in details if detail is not None]
        rest = sorted(
            (detail for detail in known if detail["id"] != top),
            key=lambda detail: (detail["arrived_at"], detail["id"]),
        )
        return Group(top, (*(each for each in known if each["id"] == top), *rest), complete)

    async def incident(self, group: Group) -> Json:
        """The incident with its record, calls, joins and the history of its fields."""
        joins: list[Join] = []
        history: dict[str, list[Json]] = {}
        complete = group.complete
        try:
            joins = await self._joins.of(group.call_ids)
            history = await self._history.of(group.call_ids)
        except StoreUnavailable as error:
            log.warning("incidents.without_store", why=str(error))
            complete = False
        return {
            "id": group.id,
            **group.record(),
            "finished": group.finished,
            "complete": complete,
            "calls": [_call(detail) for detail in group.details],
            "joins": [_join(each) for each in joins if each.separated_at is None],
            "separated": [_join(each) for each in joins if each.separated_at is not None],
            "history": history,
        }

    async def edit(self, any_id: str, group: Group, field: str, value: Any, by: str) -> None:
        """Type into the incident, or into one call's record when ``any_id`` is that call's.

        Of several calls the first one's record takes it; what stands is what was typed last.
        Nothing (None, a blank text) takes back what was typed into any of them.

        Raises:
            TypedRefused: the field cannot hold that.
            UnknownCall, StoreUnavailable: it cannot be written now.
        """
        if begun_by(any_id) is None:
            await self._floor.edit_field(any_id, field, value, by)
        elif _nothing(value):
            for part in [Part(each["id"], each.get("incident") or {}) for each in group.details]:
                if part.typed(field) is not None:
                    await self._floor.edit_field(part.call_id, field, None, by)
        else:
            await self._floor.edit_field(group.top, field, value, by)

    async def join(self, one: Group, other: Group, by: str, why: str) -> Group:
        """Make two incidents one, under the id of the one that began first; how it is then.

        Raises:
            CannotJoin: they are one already.
            StoreUnavailable: nothing was changed.
        """
        first, second = sorted((one, other), key=lambda group: (group.began_at, group.top))
        made = await self._joins.join(second.top, first.top, by, why, self._wall())
        if made is None:
            raise CannotJoin("both are one incident already; load it anew")
        said = {
            "join": made.id,
            "incident": incident_id(made.call_id),
            "into": incident_id(made.into_call_id),
            "by": by,
            "why": why,
        }
        for call_id in (made.call_id, made.into_call_id):
            self._note(call_id, "incident.joined", said)
        return await self.find(first.top)

    async def separate(self, group: Group, join_id: int | None, by: str, why: str) -> Group:
        """Take a join back, by default the newest one; the incident as it is then.

        Raises:
            CannotJoin: there is no such join, or it was taken back before.
            StoreUnavailable: nothing was changed.
        """
        joins = await self._joins.of(group.call_ids)
        in_force = [each for each in joins if each.separated_at is None]
        wanted = [each for each in in_force if join_id in (None, each.id)]
        undone = None
        if wanted:
            undone = await self._joins.separate(wanted[-1].id, by, why, self._wall())
        if undone is None:
            raise CannotJoin("that is not joined any more; load it anew")
        said = {
            "join": undone.id,
            "incident": incident_id(undone.call_id),
            "from": incident_id(undone.into_call_id),
            "by": by,
            "why": why,
        }
        for call_id in (undone.call_id, undone.into_call_id):
            self._note(call_id, "incident.separated", said)
        return await self.find(undone.into_call_id)

    async def transcripts(self, group: Group) -> dict[str, list[Json]]:
        """What was said in each of its calls."""
        return {call_id: await self._floor.transcript(call_id) for call_id in group.call_ids}

    async def page(
        self, search: Search, after: Position | None, limit: int
    ) -> tuple[list[Json], Position | None]:
        """Some incidents of a search, the newest first, and where the next page begins."""
        found = await self._pages.page(search, after=after, limit=limit)
        last = found[-1][0] if len(found) == limit else None
        rows = [summary(calls) for calls in found]
        return rows, None if last is None else (last.arrived_at, last.id)

    async def lines(self, search: Search) -> AsyncIterator[list[Json]]:
        """Every incident of a search as lines of CSV, the oldest first, a page at a time."""
        async for page in self._pages.all(search):
            yield [line(calls) for calls in page]


def whole(incident: Json, transcripts: Mapping[str, Sequence[Json]], group: Group) -> Json:
    """An incident as it is exported: with transcripts, timelines and recordings."""
    details = {detail["id"]: detail for detail in group.details}
    calls = [
        {
            **call,
            "timeline": details[call["id"]].get("timeline", []),
            "legs": details[call["id"]].get("legs", []),
            "recordings": [_recording(each) for each in details[call["id"]].get("recordings", [])],
            "transcript": list(transcripts.get(call["id"], ())),
        }
        for call in incident["calls"]
    ]
    return {**incident, "calls": calls}


def _call(detail: Json) -> Json:
    record = detail.get("incident") or {}
    return {name: detail.get(name) for name in OF_A_CALL} | {"fields": record.get("fields") or {}}


def _recording(kept: Json) -> Json:
    """Where it lies on the machine is nobody's business outside."""
    return {name: value for name, value in kept.items() if name != "path"}


def _join(join: Join) -> Json:
    return {
        "join": join.id,
        "incident": incident_id(join.call_id),
        "into": incident_id(join.into_call_id),
        "at": stamp(join.at),
        "by": join.by,
        "why": join.why,
        "separated_at": None if join.separated_at is None else stamp(join.separated_at),
        "separated_by": join.separated_by,
        "separated_why": join.separated_why,
    }


def _nothing(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())
