"""Boundaries of every kind: what holds, what is planned, and what their imports told of."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.boundary_text import features_text
from callcenter.precincts.city import CITY_ID_PROPERTY
from callcenter.precincts.territories import Territories, coming, holding
from callcenter.store.boundaries import BoundaryVersion, BoundaryVersions

from .errors import Missing
from .operations import LEADERS, Asked, Operation, query_of
from .places import ready_json
from .shapes import Answer

_KINDS: Final = "/api/v1/precincts/kinds"
State = Literal["holds", "planned", "past"]


class MapAsked(BaseModel):
    """Which version; the one that holds when none is named."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    version: Annotated[int, Field(ge=0, le=999_999_999)] | None = None
    within_m: Annotated[float, Field(ge=0, le=1000)] = 0.0
    """Borders may be drawn so far beside where they are: fewer corners. 0: exactly."""


class VersionOfBoundaries(Answer):
    """One import, or one way back. ``version`` 0: what the product or the settings file has."""

    version: int
    kind: str
    state: State
    holds_from: datetime | None
    at: datetime | None
    who: str
    why: str
    restored: int | None
    file: str | None
    areas: int
    warnings: int


class KindOfBoundaries(Answer):
    """A kind, and its versions, newest first."""

    kind: str
    label: str
    versions: list[VersionOfBoundaries]


class BoundaryFault(Answer):
    """What an import told of; ``geometry`` is the outline of a gap or an overlap."""

    kind: str
    text: str
    feature: int | None
    id: str | None
    lat: float | None
    lon: float | None
    area_m2: float | None
    other: str | None
    refuses: bool
    geometry: dict[str, Any] | None = None


class BoundaryMap(Answer):
    """The areas of one version as GeoJSON features with the property ``precinct``."""

    type: Literal["FeatureCollection"]
    features: list[dict[str, Any]]
    kind: str
    label: str
    version: int
    state: State
    holds_from: datetime | None
    faults: list[BoundaryFault]


@dataclass(frozen=True, slots=True)
class _Shown:
    """One version, ready to be drawn."""

    version: int
    state: State
    holds_from: datetime | None
    boundaries: Boundaries
    faults: Sequence[Mapping[str, Any]]


class BoundaryOperations:
    """What people may see of the boundaries of one service."""

    def __init__(self, territories: Callable[[], Territories], versions: BoundaryVersions) -> None:
        self._territories = territories
        self._versions = versions

    async def kinds(self, asked: Asked) -> list[dict[str, Any]]:
        """Every kind with its versions."""
        now = self._territories()
        kept = await self._versions.kept()
        labels = await self._versions.kinds() | {each.kind: each.label for each in now.kinds}
        used = {each.kind for each in kept} | {each.kind for each in now.kinds}
        states = _states(kept, now)
        found = []
        for kind in sorted(used, key=lambda each: (each != "precinct", each)):
            rows = [
                _version(each, states[each.version])
                for each in kept
                if each.kind == kind and each.set_id is not None
            ]
            held = now.of(kind)
            if held is not None and held.version == 0:
                rows.append(_own(kind, len(held.boundaries.ids)))
            found.append({"kind": kind, "label": labels.get(kind, kind), "versions": rows})
        return found

    async def map(self, asked: Asked) -> web.Response:
        """The areas of a kind, those that hold or those of a version, with their faults."""
        kind = asked.request.match_info["kind"]
        wanted = query_of(asked, MapAsked)
        shown = await self._shown(kind, wanted.version)
        labels = {each.kind: each.label for each in self._territories().kinds}
        if kind not in labels:
            labels |= await self._versions.kinds()
        drawn = await asyncio.to_thread(features_text, shown.boundaries, wanted.within_m)
        told = {
            "type": "FeatureCollection",
            "kind": kind,
            "label": labels.get(kind, kind),
            "version": shown.version,
            "state": shown.state,
            "holds_from": shown.holds_from.isoformat() if shown.holds_from else None,
            "faults": list(shown.faults),
        }
        head = json.dumps(told, ensure_ascii=False).removesuffix("}")
        return ready_json(f'{head}, "features": {drawn}}}')

    async def _shown(self, kind: str, number: int | None) -> _Shown:
        held = self._territories().of(kind)
        if held is not None and number in (None, held.version):
            return _Shown(held.version, "holds", held.holds_from, held.boundaries, held.faults)
        kept = await self._versions.kept(kind)
        found = next((each for each in kept if each.version == number), None)
        if found is None or found.set_id is None:
            which = "boundaries that hold" if number is None else f"version {number}"
            next_step = f"GET {_KINDS} lists those that there are."
            raise Missing(f"kind {kind} has no {which}", next_step)
        source = f"boundaries of version {number}"
        areas = await self._versions.areas(found.set_id)
        boundaries = await asyncio.to_thread(
            Boundaries.from_geojson, areas, CITY_ID_PROPERTY, source
        )
        state = _states(kept, self._territories())[found.version]
        return _Shown(
            found.version,
            state,
            found.holds_from,
            boundaries,
            await self._versions.faults(found.set_id),
        )

    def operations(self) -> tuple[Operation, ...]:
        """The table of operations."""
        return (
            Operation(
                "GET",
                _KINDS,
                self.kinds,
                "Kinds of boundaries and their versions",
                LEADERS,
                answer=KindOfBoundaries,
                listed_as="kinds",
            ),
            Operation(
                "GET",
                f"{_KINDS}/{{kind}}",
                self.map,
                "Boundaries of a kind (GeoJSON) with their faults",
                LEADERS,
                query=MapAsked,
                answer=BoundaryMap,
            ),
        )


def _states(kept: Sequence[BoundaryVersion], now: Territories) -> dict[int, State]:
    """``holds``: in use here. What is to hold already and is not yet read is still planned."""
    at = datetime.now(UTC)
    in_use = set(now.versions.values())
    begun = {each.version for each in holding(kept, at).values() if each.set_id is not None}
    later = {each.version for each in coming(kept, at)} | (begun - in_use)
    return {
        each.version: "holds"
        if each.version in in_use
        else "planned"
        if each.version in later
        else "past"
        for each in kept
    }


def _version(version: BoundaryVersion, state: State) -> dict[str, Any]:
    return {
        "version": version.version,
        "kind": version.kind,
        "state": state,
        "holds_from": version.holds_from.isoformat(),
        "at": version.at.isoformat(),
        "who": version.who,
        "why": version.why,
        "restored": version.restored,
        "file": version.name,
        "areas": version.area_count,
        "warnings": version.warnings,
    }


def _own(kind: str, areas: int) -> dict[str, Any]:
    """What is in use where nothing was imported."""
    return {
        "version": 0,
        "kind": kind,
        "state": "holds",
        "holds_from": None,
        "at": None,
        "who": "callcenter",
        "why": "the product's own, or the settings file's",
        "restored": None,
        "file": None,
        "areas": areas,
        "warnings": 0,
    }
