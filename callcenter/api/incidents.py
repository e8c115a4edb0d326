"""Incidents: their records, joins and exports.

Every export, and every look at a finished incident, is journalled.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime, tzinfo
from typing import Any

from aiohttp import hdrs, web

from callcenter.calls.view import stamp
from callcenter.figures.period import Period, PeriodError
from callcenter.records import csv_lines, print_page
from callcenter.records.desk import Group, whole
from callcenter.records.offers import why as reasons_of
from callcenter.store.incident_pages import Position, Search
from callcenter.store.people import Role

from .errors import BadInput, Forbidden, Missing
from .incident_shapes import (
    PAGE_AT_MOST,
    ExportedIncident,
    IncidentPage,
    IncidentsAsked,
    IncidentsExported,
    JoinIncident,
    Offer,
    Recontact,
    SeparateIncident,
    WholeIncident,
)
from .incident_source import IncidentSource, OfferSource, RecontactSource
from .operations import EVERYONE, LEADERS, STAFF, Asked, Operation, Who, body_of, query_of
from .shapes import CALL_ID_PATTERN, Edit
from .sight import may_see

Json = dict[str, Any]
_INCIDENT = "/api/v1/incidents/{incident_id}"
_CALL_ID = re.compile(CALL_ID_PATTERN)


class IncidentOperations:
    """The operations on incidents. ``zone``: the hotline's, for periods as people type them."""

    def __init__(
        self,
        incidents: IncidentSource,
        offers: OfferSource,
        recontacts: RecontactSource,
        zone: Callable[[], tzinfo],
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._incidents = incidents
        self._offers = offers
        self._recontacts = recontacts
        self._zone = zone
        self._wall = wall

    async def search(self, asked: Asked) -> Json:
        """Incidents that began in a period, the newest first."""
        wanted = query_of(asked, IncidentsAsked)
        period, search = self._search(wanted)
        limit = min(max(int(wanted.limit), 1), PAGE_AT_MOST)
        after = _position(wanted.after)
        rows, last = await self._incidents.page(search, after, limit)
        if after is None:
            self._note(asked, None, "records.searched", _filters(wanted, period))
        return {
            "from": period.since.isoformat(),
            "to": period.until.isoformat(),
            "incidents": rows,
            "next": None if last is None else _cursor(last),
        }

    async def show(self, asked: Asked) -> Json:
        """The incident of this id, or that the call of this id belongs to."""
        group = await self._visible(asked)
        if group.finished:
            asked.services.viewings.note(asked, group.top, "incident")
        return await self._incidents.incident(group)

    async def edit(self, asked: Asked) -> Json:
        """Put a typed value into the record; operators into those that are open or theirs."""
        group = await self._visible(asked)
        _check_theirs(asked.who, group)
        change = body_of(asked, Edit)
        any_id = asked.request.match_info["incident_id"]
        await self._incidents.edit(any_id, group, change.field, change.value, asked.who.name)
        return await self._incidents.incident(await self._incidents.again(group))

    async def duplicates(self, asked: Asked) -> list[Json]:
        """Incidents that may be the same as this one, the likeliest first."""
        return await self._offers.of(await self._visible(asked))

    async def recontacts(self, asked: Asked) -> list[Json]:
        """What the same caller called about, and what happened at the same place."""
        group = await self._visible(asked)
        found = await self._recontacts.of(group)
        if found:
            asked.services.viewings.note(asked, group.top, "recontacts")
        return found

    async def join(self, asked: Asked) -> Json:
        """Make two incidents one; operators when one of them is open or theirs."""
        group = await self._visible(asked)
        wanted = body_of(asked, JoinIncident)
        other = await self._incidents.find(wanted.incident)
        if not (_is_theirs(asked.who, group) or _is_theirs(asked.who, other)):
            _check_theirs(asked.who, group)
        why = wanted.why.strip() or await self._reasons(group, other)
        made = await self._incidents.join(group, other, asked.who.name, why)
        return await self._incidents.incident(made)

    async def separate(self, asked: Asked) -> Json:
        """Take a join back, so that all is as before it; operators when it is open or theirs."""
        group = await self._visible(asked)
        _check_theirs(asked.who, group)
        wanted = body_of(asked, SeparateIncident)
        why = wanted.why.strip()
        left = await self._incidents.separate(group, wanted.join, asked.who.name, why)
        return await self._incidents.incident(left)

    async def as_json(self, asked: Asked) -> web.Response:
        """Everything that is known of an incident, as a file."""
        group = await self._visible(asked)
        content = await self._whole(group)
        self._exported(asked, group, "json")
        made = {"format": 1, "exported_at": stamp(self._wall()), "exported_by": asked.who.name}
        text = json.dumps(made | content, ensure_ascii=False, indent=2, default=str)
        return web.Response(
            body=text.encode("utf-8", "replace"),
            content_type="application/json",
            headers={hdrs.CONTENT_DISPOSITION: _attachment(f"{group.id}.json")},
        )

    async def as_page(self, asked: Asked) -> web.Response:
        """An incident as a page to print."""
        group = await self._visible(asked)
        content = await self._whole(group)
        self._exported(asked, group, "page")
        text = print_page.page(content, printed_at=stamp(self._wall()), printed_by=asked.who.name)
        return web.Response(
            body=text.encode("utf-8", "replace"),
            content_type="text/html",
            charset="utf-8",
            headers={"Content-Security-Policy": print_page.POLICY},
        )

    async def as_csv(self, asked: Asked) -> web.StreamResponse:
        """The incidents that began in a period, one a line, the oldest first."""
        wanted = query_of(asked, IncidentsExported)
        period, search = self._search(wanted)
        name = f"incidents-{period.since:%Y-%m-%d}-{period.until:%Y-%m-%d}.csv"
        # Noted before anything leaves the house, whatever becomes of the connection.
        self._note(asked, None, "records.exported", _filters(wanted, period) | {"format": "csv"})
        count = 0
        async with aclosing(_primed(self._incidents.lines(search))) as pages:
            first = await anext(pages)
            response = web.StreamResponse(
                headers={
                    hdrs.CONTENT_TYPE: "text/csv; charset=utf-8; header=present",
                    hdrs.CONTENT_DISPOSITION: _attachment(name),
                }
            )
            await response.prepare(asked.request)
            await response.write(csv_lines.heading().encode())
            try:
                page: list[Json] | None = first
                while page is not None:
                    count += len(page)
                    await response.write(csv_lines.lines(page).encode("utf-8", "replace"))
                    page = await anext(pages, None)
            except Exception:
                # Begun already: only a connection that breaks off says that lines are missing.
                if asked.request.transport is not None:
                    asked.request.transport.abort()
                raise
            await response.write_eof()
        self._note(asked, None, "records.export_ended", {"format": "csv", "incidents": count})
        return response

    def operations(self) -> tuple[Operation, ...]:
        """The table's entries."""
        return (
            Operation(
                "GET",
                "/api/v1/incidents",
                self.search,
                "Incidents of a period",
                STAFF,
                query=IncidentsAsked,
                answer=IncidentPage,
            ),
            Operation(
                "GET",
                "/api/v1/incidents.csv",
                self.as_csv,
                "Incidents of a period as CSV; journalled",
                LEADERS,
                query=IncidentsExported,
                answer_type="text/csv",
            ),
            Operation("GET", _INCIDENT, self.show, "An incident", EVERYONE, answer=WholeIncident),
            Operation(
                "PATCH",
                _INCIDENT,
                self.edit,
                "Put a typed value into a record",
                STAFF,
                body=Edit,
                answer=WholeIncident,
            ),
            Operation(
                "GET",
                f"{_INCIDENT}/duplicates",
                self.duplicates,
                "Incidents that may be the same",
                STAFF,
                answer=Offer,
                listed_as="duplicates",
            ),
            Operation(
                "POST",
                f"{_INCIDENT}/join",
                self.join,
                "Make two incidents one",
                STAFF,
                body=JoinIncident,
                answer=WholeIncident,
            ),
            Operation(
                "GET",
                f"{_INCIDENT}/recontacts",
                self.recontacts,
                "Calls by the same caller or about the same place within a day, and earlier ones",
                EVERYONE,
                answer=Recontact,
                listed_as="recontacts",
            ),
            Operation(
                "POST",
                f"{_INCIDENT}/separate",
                self.separate,
                "Take a join back",
                STAFF,
                body=SeparateIncident,
                answer=WholeIncident,
            ),
            Operation(
                "GET",
                f"{_INCIDENT}/export.json",
                self.as_json,
                "All that is known of an incident; journalled",
                EVERYONE,
                answer=ExportedIncident,
            ),
            Operation(
                "GET",
                f"{_INCIDENT}/print",
                self.as_page,
                "An incident as a page to print; journalled",
                EVERYONE,
                answer_type="text/html",
            ),
        )

    async def _visible(self, asked: Asked) -> Group:
        """The incident that the path names. An officer sees those with a call that they are on."""
        group = await self._incidents.find(asked.request.match_info["incident_id"])
        if not any(may_see(asked.who, detail) for detail in group.details):
            raise Missing("there is no such incident")
        return group

    async def _whole(self, group: Group) -> Json:
        incident = await self._incidents.incident(group)
        return whole(incident, await self._incidents.transcripts(group), group)

    async def _reasons(self, group: Group, other: Group) -> str:
        """What speaks for a join that was offered; nothing for one by hand."""
        for offer in await self._offers.of(group):
            if offer["incident"] == other.id:
                return reasons_of(offer)
        return ""

    def _search(self, wanted: IncidentsExported) -> tuple[Period, Search]:
        try:
            period = Period.between(wanted.since, wanted.until, self._wall(), self._zone())
        except PeriodError as error:
            raise BadInput(str(error)) from None
        return period, Search(
            period.since,
            period.until,
            wanted.category or None,
            wanted.level or None,
            wanted.precinct or None,
            wanted.words.strip(),
        )

    def _exported(self, asked: Asked, group: Group, form: str) -> None:
        said = {"format": form, "incident": group.id, "finished": group.finished}
        for call_id in group.call_ids:
            self._note(asked, call_id, "record.exported", said)

    def _note(self, asked: Asked, call_id: str | None, kind: str, said: Json) -> None:
        who = {"by": asked.who.name, "role": asked.who.role.value, "address": asked.address}
        asked.services.journal.note(call_id, kind, said | who)


def _is_theirs(who: Who, group: Group) -> bool:
    """Whether a person may change an incident: an operator one that is open or that they had."""
    if who.role is not Role.OPERATOR or not group.finished:
        return True
    return who.seat is not None and any(
        detail.get("seat") == who.seat
        or any(
            leg.get("role") == "operator" and leg.get("party") == who.seat
            for leg in detail.get("legs", ())
        )
        for detail in group.details
    )


def _check_theirs(who: Who, group: Group) -> None:
    if not _is_theirs(who, group):
        raise Forbidden(
            "an operator changes incidents that are open, or that had a call at the own seat"
            f" (yours: {who.seat or 'none'})"
        )


async def _primed(pages: Any) -> Any:
    """The same pages, beginning with an empty one where there are none."""
    some = False
    async for page in pages:
        some = True
        yield page
    if not some:
        yield []


def _filters(wanted: IncidentsExported, period: Period) -> Json:
    given = wanted.model_dump(include={"category", "level", "precinct", "words"})
    return {
        "from": period.since.isoformat(),
        "to": period.until.isoformat(),
        **{name: value for name, value in given.items() if value},
    }


def _attachment(name: str) -> str:
    return f'attachment; filename="{re.sub(r"[^A-Za-z0-9._-]", "_", name)}"'


def _cursor(position: Position) -> str:
    text = f"{position[0].isoformat()} {position[1]}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _position(cursor: str) -> Position | None:
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, _, call_id = base64.urlsafe_b64decode(padded.encode()).decode().partition(" ")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None or not _CALL_ID.match(call_id):
            raise ValueError
        return at, call_id
    except (ValueError, binascii.Error, UnicodeError):
        raise BadInput("after: expected what a page gave as next") from None
