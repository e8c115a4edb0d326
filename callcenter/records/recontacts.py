"""What happened before and after: calls by the same caller or about the same place.

Links are read anew each time, from what is known by then; nothing is joined by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from callcenter.calls.view import stamp
from callcenter.incidents.duplicates import metres_between
from callcenter.incidents.naming import incident_id
from callcenter.records.desk import Group
from callcenter.records.offers import LEAST_NUMBER_DIGITS
from callcenter.store.calls import CallRow
from callcenter.store.incident_pages import IncidentPages
from callcenter.store.joins import IncidentJoins
from callcenter.store.responses import Response, Responses

Json = dict[str, Any]

AGAIN_WITHIN: Final = timedelta(hours=24)
"""Before and after: a recontact."""
HISTORY: Final = timedelta(days=90)
"""How far back the caller's earlier calls are shown."""
NEAR_M: Final = 100.0
LOOKED_AT: Final = 200
SHOWN: Final = 20


class Recontacts:
    """Finds what an incident is linked with."""

    def __init__(
        self,
        pages: IncidentPages,
        joins: IncidentJoins,
        responses: Responses,
        near_m: float = NEAR_M,
    ) -> None:
        self._pages = pages
        self._joins = joins
        self._responses = responses
        self._near_m = near_m

    async def of(self, group: Group) -> list[Json]:
        """Calls by the same number or about the same place within 24 h, and by that number before.

        The newest first; calls of the incident itself are none.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        began = [datetime.fromisoformat(str(each["arrived_at"])) for each in group.details]
        first, last = min(began), max(began)
        numbers = {str(each["from"]) for each in group.details if _is_known(str(each["from"]))}
        found: dict[str, set[str]] = {}
        if numbers:
            since, until = first - HISTORY, last + AGAIN_WITHIN
            for glimpse in await self._pages.by_numbers(since, until, numbers, LOOKED_AT):
                found.setdefault(glimpse.id, set()).add("number")
        points = [point for each in group.details if (point := _point(each))]
        near: dict[str, float] = {}
        if points:
            since, until = first - AGAIN_WITHIN, last + AGAIN_WITHIN
            precincts = {str(each["precinct"]) for each in group.details if each.get("precinct")}
            about = await self._pages.in_precincts(since, until, precincts, LOOKED_AT)
            rows = await self._pages.calls([glimpse.id for glimpse in about])
            for call_id, row in rows.items():
                if (point := _point(row.detail)) is None:
                    continue
                distance_m = min(metres_between(*point, *mine) for mine in points)
                if distance_m <= self._near_m:
                    found.setdefault(call_id, set()).add("place")
                    near[call_id] = distance_m
        for own in group.call_ids:
            found.pop(own, None)
        calls = await self._pages.calls(found)
        newest = sorted(calls.values(), key=lambda row: row.arrived_at, reverse=True)[:SHOWN]
        ids = [row.id for row in newest]
        tops = await self._joins.tops(ids)
        responses = await self._responses.of_calls(ids)
        within = (first - AGAIN_WITHIN, last + AGAIN_WITHIN)
        return [
            _line(
                row,
                sorted(found[row.id]),
                near.get(row.id),
                tops[row.id],
                [each for each in responses if each.call_id == row.id],
            )
            | {"recontact": within[0] <= row.arrived_at <= within[1]}
            for row in newest
        ]


def _line(
    row: CallRow, same: list[str], near_m: float | None, top: str, responses: Iterable[Response]
) -> Json:
    last = max(responses, key=lambda each: each.taken_at, default=None)
    return {
        "call_id": row.id,
        "incident": incident_id(top),
        "arrived_at": stamp(row.arrived_at),
        "same": same,
        "distance_m": None if near_m is None else round(near_m),
        "from": row.caller_number,
        "category": row.category,
        "level": row.level,
        "place_text": row.place_text,
        "precinct": row.precinct,
        "officer": last.officer if last else row.officer,
        "step": last.step if last else None,
        "result": last.result if last else None,
    }


def _point(detail: Mapping[str, Any]) -> tuple[float, float] | None:
    place = ((detail.get("incident") or {}).get("fields") or {}).get("place") or {}
    lat, lon = place.get("lat"), place.get("lon")
    return None if lat is None or lon is None else (float(lat), float(lon))


def _is_known(number: str) -> bool:
    return sum(each.isdigit() for each in number) >= LEAST_NUMBER_DIGITS
