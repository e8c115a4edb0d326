"""Which boundaries of which kind hold at a moment, and whose a place is by each. Pure.

Kinds are data: an id such as ``traffic_section`` with a label. Precincts are the kind that there
always is. Rosters know an area by its key: a precinct by its id as the file has it, an area of
another kind as ``traffic_section:3``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Protocol, TypeVar

from callcenter.precincts.boundaries import Boundaries, Found

PRECINCT: Final = "precinct"
KIND_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
POINTS_KEPT: Final = 4096
"""Where calls are is asked again and again while they are open."""
_APART: Final = ":"


class Planned(Protocol):
    """A version of the boundaries of one kind (`callcenter.store.boundaries.BoundaryVersion`)."""

    @property
    def version(self) -> int: ...  # noqa: D102 - counted over all kinds
    @property
    def kind(self) -> str: ...  # noqa: D102 - an id of a kind
    @property
    def holds_from(self) -> datetime: ...  # noqa: D102 - with zone


AnyPlanned = TypeVar("AnyPlanned", bound=Planned)


def holding(versions: Iterable[AnyPlanned], at: datetime) -> dict[str, AnyPlanned]:
    """By kind the version that holds: the one that began last; of two at once the newer one."""
    found: dict[str, AnyPlanned] = {}
    for version in sorted(versions, key=lambda each: (each.holds_from, each.version)):
        if version.holds_from <= at:
            found[version.kind] = version
    return found


def coming(versions: Iterable[AnyPlanned], at: datetime) -> list[AnyPlanned]:
    """Versions that will hold later, the next one first; one that is replaced before is none."""
    later: dict[tuple[str, datetime], AnyPlanned] = {}
    for version in sorted(versions, key=lambda each: (each.holds_from, each.version)):
        if version.holds_from > at:
            later[version.kind, version.holds_from] = version
    return list(later.values())


def next_change(versions: Iterable[Planned], at: datetime) -> datetime | None:
    """When other boundaries hold next by themselves."""
    return min((each.holds_from for each in versions if each.holds_from > at), default=None)


def area_key(kind: str, area: str) -> str:
    """What rosters and journals call an area."""
    return area if kind == PRECINCT else f"{kind}{_APART}{area}"


def kind_of(key: str) -> str:
    """The kind of boundaries that a key is of."""
    kind, apart, _ = key.partition(_APART)
    return kind if apart and KIND_ID.fullmatch(kind) else PRECINCT


@dataclass(frozen=True, slots=True)
class Territory:
    """The boundaries of one kind that hold. ``version`` 0: the product's own, or a file's."""

    kind: str
    label: str
    version: int
    holds_from: datetime | None
    boundaries: Boundaries
    faults: Sequence[Mapping[str, Any]] = ()
    """Gaps and overlaps that its import told of."""


class Territories:
    """The boundaries of every kind that hold at one time. Never changes."""

    def __init__(
        self,
        held: Iterable[Territory],
        later: Iterable[str] = (),
        kinds_later: Iterable[str] = (),
    ) -> None:
        """``later``: keys of areas that are planned; rosters may name them already."""
        self._held = {each.kind: each for each in held}
        if PRECINCT not in self._held:
            raise ValueError("there are always precincts")
        self._ids = tuple(
            area_key(kind, area)
            for kind, each in self._held.items()
            for area in each.boundaries.ids
        )
        self._area = lru_cache(maxsize=POINTS_KEPT)(self._area_of)
        self.known = frozenset(self._ids) | frozenset(later)
        """Keys of all areas, those of every kind and those that are planned."""
        self.known_kinds = frozenset(self._held) | frozenset(kinds_later)

    @property
    def precincts(self) -> Boundaries:
        """The boundaries of the kind that there always is."""
        return self._held[PRECINCT].boundaries

    @property
    def ids(self) -> tuple[str, ...]:
        """Keys of all areas that hold now."""
        return self._ids

    @property
    def kinds(self) -> tuple[Territory, ...]:
        """What holds, precincts first."""
        first = self._held[PRECINCT]
        return (first, *(each for kind, each in sorted(self._held.items()) if kind != PRECINCT))

    @property
    def imported(self) -> bool:
        """Whether any of them were imported, hence may become others by themselves."""
        return any(each.version for each in self._held.values())

    def of(self, kind: str) -> Territory | None:
        """What holds of one kind."""
        return self._held.get(kind)

    @property
    def versions(self) -> dict[str, int]:
        """By kind the number of the version that holds."""
        return {kind: each.version for kind, each in self._held.items()}

    def find(self, lat: float, lon: float) -> Found:
        """The precinct of a point."""
        return self.precincts.find(lat, lon)

    def area(self, kind: str, lat: float, lon: float) -> str | None:
        """The area of a kind that has a point; None: none of them, or there is no such kind."""
        return self._area(kind, lat, lon)

    def _area_of(self, kind: str, lat: float, lon: float) -> str | None:
        held = self._held.get(kind)
        return held.boundaries.find(lat, lon).precinct if held else None

    def neighbours(self, key: str) -> tuple[str, ...]:
        """Keys of the areas of the same kind that touch this one, longest border first."""
        kind, apart, area = key.partition(_APART)
        if apart and kind in self._held and kind != PRECINCT:
            beside = self._held[kind].boundaries.neighbours(area)
            return tuple(area_key(kind, each) for each in beside)
        return self.precincts.neighbours(key)

    def label(self, key: str) -> str:
        """How people read a key: ``traffic section 3``."""
        kind, apart, area = key.partition(_APART)
        if apart and kind in self._held and kind != PRECINCT:
            return f"{self._held[kind].label} {area}"
        return f"{self._held[PRECINCT].label} {key}"


class Areas(Protocol):
    """What rooms ask of whatever boundaries hold just now."""

    @property
    def ids(self) -> tuple[str, ...]: ...  # noqa: D102 - keys of all areas
    def find(self, lat: float, lon: float) -> Found: ...  # noqa: D102 - the precinct of a point
    def neighbours(self, key: str) -> tuple[str, ...]: ...  # noqa: D102 - nearest first
