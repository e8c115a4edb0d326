"""How boundary files and versions of boundaries are told at a shell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from callcenter.precincts.boundary_faults import Examined
from callcenter.precincts.drawn_areas import FaultKind
from callcenter.precincts.territories import coming, holding
from callcenter.store.boundaries import BoundaryVersion

FAULTS_SHOWN = 10
"""So many faults of a kind are printed for a person; --json lists all."""
DATE = "%Y-%m-%d %H:%M"


def examined_json(examined: Examined) -> dict[str, Any]:
    """A file that was looked through, as JSON values."""
    return {
        "file": examined.source,
        "sha256": examined.sha256,
        "datum": examined.datum.value,
        "areas": len(examined.areas),
        "refused": examined.refused,
        "faults": [fault.to_json() for fault in examined.faults],
    }


def fault_lines(examined: Examined) -> Iterator[str]:
    """Of each kind the first faults: one mistake often makes thousands."""
    for kind in FaultKind:
        found = [fault for fault in examined.faults if fault.kind is kind]
        for fault in found[:FAULTS_SHOWN]:
            yield f"{'' if fault.refuses else 'warning: '}{fault}"
        if len(found) > FAULTS_SHOWN:
            yield f"{kind.value}: and {len(found) - FAULTS_SHOWN} more; --json lists all"


def states(versions: list[BoundaryVersion], at: datetime) -> dict[int, str]:
    """What each version is at a moment: ``holds``, ``planned``, or ``past``."""
    held = {each.version for each in holding(versions, at).values()}
    planned = {each.version for each in coming(versions, at)}
    return {
        each.version: "holds"
        if each.version in held
        else "planned"
        if each.version in planned
        else "past"
        for each in versions
    }


def version_json(version: BoundaryVersion, state: str) -> dict[str, Any]:
    """One version as JSON values."""
    return {
        "version": version.version,
        "kind": version.kind,
        "state": state,
        "holds_from": _stamp(version.holds_from),
        "at": _stamp(version.at),
        "who": version.who,
        "why": version.why,
        "restored": version.restored,
        "file": version.name or None,
        "sha256": version.sha256 or None,
        "areas": version.area_count,
        "warnings": version.warnings,
    }


def version_line(version: BoundaryVersion, state: str) -> str:
    """One version for a person."""
    back = "" if version.restored is None else f", equals version {version.restored}"
    told = f": {version.why}" if version.why else ""
    what = f"{version.area_count} areas of {version.name}" if version.set_id else "nothing imported"
    return (
        f"{version.version}  {version.kind}  {state} from {version.holds_from:{DATE}} UTC  {what}"
        f"  ({version.who}, {version.at:{DATE}}{back}){told}"
    )


def _stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
