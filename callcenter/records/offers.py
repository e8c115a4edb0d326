"""Incidents that may be one: offered to people with reasons, never joined by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from callcenter.calls.view import stamp
from callcenter.incidents.combined import Part, combined
from callcenter.incidents.duplicates import (
    Kinds,
    Limits,
    Matter,
    Proposal,
    packaged_kinds,
    propose,
)
from callcenter.incidents.naming import incident_id
from callcenter.records.desk import Group
from callcenter.store.incident_pages import IncidentPages
from callcenter.store.joins import IncidentJoins, Join

Json = dict[str, Any]
LOOKED_AT = 1000
"""Calls around the time of an incident that are looked at, the newest of them."""
LOOKED_INTO = 40
"""How many of those are compared in full: those in the same precinct first, then those by the same
number (which may be a whole company's), then the closest in time."""
OFFERED = 10
LEAST_NUMBER_DIGITS = 5
"""Shorter numbers are those of many: of switchboards, or of nobody."""


@dataclass(frozen=True, slots=True)
class _Seen:
    at_s: float
    precinct: str | None
    same_number: bool = False


class Floor(Protocol):
    """What is needed of the running service."""

    async def calls(self) -> list[Json]:
        """Summaries: open calls, then the newest closed ones."""

    async def call(self, call_id: str) -> Json | None:
        """One call with its record."""


class Offers:
    """Finds for an incident the ones that may be the same. ``limits`` may be replaced."""

    def __init__(
        self,
        floor: Floor,
        joins: IncidentJoins,
        pages: IncidentPages,
        limits: Limits | None = None,
        kinds: Kinds | None = None,
    ) -> None:
        self._floor = floor
        self._joins = joins
        self._pages = pages
        self.limits = limits or Limits()
        self._kinds = kinds or packaged_kinds()

    async def of(self, group: Group) -> list[Json]:
        """What may be the same incident as this, the likeliest first; what a person separated last.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        mine = matter(group.top, group.details)
        worth = await self._worth_a_look(group, mine)
        members = await self._joins.wholes(worth)
        details = await self._details([call for ids in members.values() for call in ids])
        others = {
            incident_id(top): [details[call] for call in ids if call in details]
            for top, ids in members.items()
            if top != group.top
        }
        known = [matter(top, others[incident_id(top)]) for top in members if top != group.top]
        found = propose(mine, known, self.limits, self._kinds)[:OFFERED]
        undone = [each for each in await self._joins.of(group.call_ids) if each.separated_at]
        offers = [_offer(each, others[each.matter.incident], group, undone) for each in found]
        return sorted(offers, key=lambda offer: offer["separated"] is not None)

    async def _worth_a_look(self, group: Group, mine: Matter) -> list[str]:
        """Calls around that time whose kind goes with this one, or that came by the same number."""
        limits = self.limits
        found: dict[str, _Seen] = {}
        if mine.place_text:
            since, until = _around(mine, limits.within_s)
            kinds = self._kinds.beside(mine.category)
            rows = await self._pages.of_kinds(since, until, kinds, LOOKED_AT) if kinds else []
            found |= {row.id: _Seen(row.arrived_at.timestamp(), row.precinct) for row in rows}
        numbers = mine.numbers | {str(each["from"]) for each in group.details if each["from"]}
        if numbers:
            since, until = _around(mine, limits.redial_s)
            again = await self._pages.by_numbers(since, until, numbers, LOOKED_AT)
            for row in again:
                found[row.id] = _Seen(row.arrived_at.timestamp(), row.precinct, True)
        # What came a moment ago is not filed yet.
        since, until = _around(mine, max(limits.within_s, limits.redial_s))
        for call in await self._floor.calls():
            at_s = _epoch(call["arrived_at"])
            same = bool(_numbers([call["from"]]) & mine.numbers)
            fits = self._kinds.weight(mine.category, call["category"]) is not None
            if since.timestamp() <= at_s <= until.timestamp() and (same or fits):
                found.setdefault(call["id"], _Seen(at_s, call["precinct"], same))
        precincts = {each.get("precinct") for each in group.details} - {None}
        ranked = sorted(
            (
                0 if seen.precinct in precincts else 1 if seen.same_number else 2,
                min(abs(seen.at_s - each) for each in mine.arrived_s),
                call_id,
            )
            for call_id, seen in found.items()
            if call_id not in group.call_ids
        )
        return [call_id for _, _, call_id in ranked[:LOOKED_INTO]]

    async def _details(self, call_ids: Sequence[str]) -> dict[str, Json]:
        found = {
            call_id: dict(row.detail)
            for call_id, row in (await self._pages.calls(call_ids)).items()
        }
        for call_id in call_ids:
            # What came a moment ago is not filed yet.
            if call_id not in found and (call := await self._floor.call(call_id)):
                found[call_id] = call
        return found


def matter(top: str, details: Sequence[Mapping[str, Any]]) -> Matter:
    """What tells whether an incident is the same as another. ``details``: its calls."""
    parts = [Part(each["id"], each.get("incident") or {}) for each in details]
    fields = combined(parts)["fields"] if parts else {}
    place = fields.get("place") or {}
    called = [str(each["from"]) for each in details]
    called += [str(part.fields.get("callback") or "") for part in parts]
    return Matter(
        incident=incident_id(top),
        arrived_s=tuple(_epoch(each["arrived_at"]) for each in details),
        category=fields.get("category"),
        lat=place.get("lat"),
        lon=place.get("lon"),
        place_text=str(place.get("text") or ""),
        numbers=_numbers(called),
    )


def why(proposal: Mapping[str, Any]) -> str:
    """The reasons of an offer in one line."""
    return "offered: " + ", ".join(reason["text"] for reason in proposal["reasons"])


def _offer(
    proposal: Proposal, details: Sequence[Mapping[str, Any]], group: Group, undone: Sequence[Join]
) -> Json:
    parts = [Part(each["id"], each.get("incident") or {}) for each in details]
    fields = combined(parts)["fields"]
    place = fields.get("place") or {}
    ids = {each["id"] for each in details}
    apart = [
        each
        for each in undone
        if (each.call_id in ids) != (each.into_call_id in ids)
        and {each.call_id, each.into_call_id} & set(group.call_ids)
    ]
    return {
        "incident": proposal.matter.incident,
        "score": proposal.score,
        "reasons": [{"name": each.name, "text": each.text} for each in proposal.reasons],
        "call_ids": [each["id"] for each in details],
        "began_at": min(str(each["arrived_at"]) for each in details),
        "finished": all(each["state"] == "closed" for each in details),
        "numbers": sorted({str(each["from"]) for each in details if each["from"]}),
        "category": fields.get("category"),
        "level": fields.get("level"),
        "place_text": place.get("text"),
        "precinct": place.get("precinct"),
        "separated": _separated(apart),
    }


def _separated(joins: Sequence[Join]) -> Json | None:
    """Who took these two apart last."""
    if not joins or joins[-1].separated_at is None:
        return None
    last = joins[-1]
    return {"by": last.separated_by, "at": stamp(joins[-1].separated_at)}


def _numbers(texts: Iterable[str]) -> frozenset[str]:
    digits = ("".join(each for each in text if each.isdigit()) for text in texts)
    return frozenset(number for number in digits if len(number) >= LEAST_NUMBER_DIGITS)


def _around(mine: Matter, apart_s: float) -> tuple[datetime, datetime]:
    """From so long before its first call until so long after its last one."""
    since, until = min(mine.arrived_s) - apart_s, max(mine.arrived_s) + apart_s
    return datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC)


def _epoch(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
