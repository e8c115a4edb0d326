"""Rosters and positions of one running service: kept fresh, told early, asked by hunts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from callcenter.calls.call import Call
from callcenter.calls.notices import Notices
from callcenter.precincts.hunt import Candidate, Rung
from callcenter.precincts.territories import Areas
from callcenter.rosters.desk import Note, RosterDesk
from callcenter.rosters.findings import Finding
from callcenter.rosters.model import Position
from callcenter.rosters.plan import NEAREST_WITHIN_M
from callcenter.rosters.positions import FRESH, Positions
from callcenter.settings import Settings
from callcenter.store.database import Database
from callcenter.store.errors import StoreError
from callcenter.store.rosters import Rosters

log = structlog.get_logger(__name__)

FOLLOW_EVERY_S = 2.0
AGAIN_AFTER_S = 3600.0
"""The plan in force reaches a few days ahead: it is read anew so often."""
LOOK_EVERY_S = 300.0
"""How often it is looked for what will not work in the next days."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class RosterOffice:
    """Everything about who is on duty, for one service."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        boundaries: Areas,
        notices: Notices,
        note: Note,
        *,
        known: Callable[[], frozenset[str]] | None = None,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._store = Rosters(database)
        self._boundaries = boundaries
        self._notices = notices
        self._clock = clock
        self.desk = RosterDesk(
            self._store,
            settings,
            precincts=known or boundaries.ids,
            neighbours=boundaries.neighbours,
            note=note,
            clock=clock,
            on_change=self._changed,
        )
        self.positions = Positions(self._metres_away)
        self.area: Callable[[Call], str | None] = lambda call: _place(call).get("precinct")
        """The key of the area that is responsible for a call; may be replaced."""
        self._restored = False
        self._told: frozenset[tuple[Any, ...]] = frozenset()
        self._look_at = 0.0
        self._silent = ""

    async def run(self) -> None:
        """Follow the database, keep positions, and look ahead."""
        load_at = time.monotonic() + AGAIN_AFTER_S
        while True:
            try:
                if not self._restored:
                    self.positions.restore(await self._store.positions())
                    self._restored = True
                if time.monotonic() >= load_at:
                    load_at = time.monotonic() + AGAIN_AFTER_S
                    await self.desk.load()
                await self.desk.follow()
                await self.keep_positions()
                if time.monotonic() >= self._look_at:
                    self._look_at = time.monotonic() + LOOK_EVERY_S
                    self.tell(await self.desk.findings())
                self._silent = ""
            except StoreError as error:
                if str(error) != self._silent:
                    log.warning("rosters.not_followed", why=str(error))
                self._silent = str(error)
            except Exception:
                # Whatever is stored there: hunts go on with what was known.
                log.exception("rosters.not_followed")
            await asyncio.sleep(FOLLOW_EVERY_S)

    async def keep_positions(self) -> None:
        """Store the positions that have come; those that cannot be wait for the next time."""
        fresh = self.positions.unsaved()
        try:
            await self._store.keep_positions(fresh)
        except StoreError:
            self.positions.not_saved(fresh)
            raise

    def _changed(self) -> None:
        self._look_at = 0.0

    def tell(self, found: Sequence[Finding]) -> None:
        """Tell supervisors once of what will not work, when something of it is new."""
        keys = frozenset(each.key for each in found)
        new = keys - self._told
        self._told = keys
        if not new:
            return
        first = next(each for each in found if each.key in new)
        when = first.start.astimezone(self.desk.zone).strftime("%a %d %b %H:%M")
        more = f" ({len(found)} in the next 7 days)" if len(found) > 1 else ""
        self._notices.tell(
            "roster.findings",
            first.precinct,
            f"Roster: from {when} {first.text}{more}. Look at Rosters and mend it.",
        )

    def _metres_away(self, lat: float, lon: float) -> float | None:
        found = self._boundaries.find(lat, lon)
        return 0.0 if found.precinct is not None else found.metres_to_boundary

    # What hunts ask.

    def candidates(self, call: Call) -> Sequence[Candidate]:
        """Whom to ring for a call, in order: by matter, duty, nearness and territory.

        After an area of a kind of its own, such as an anti-fraud desk, the duty officers of the
        place's precinct are asked, so that no caller is left with nobody.
        """
        precinct: str | None = _place(call).get("precinct")
        area = self.area(call)
        if not area:
            return ()
        now, plan = self._clock(), self.desk.plan
        if area == precinct:
            return plan.ladder(area, now, self._near(call, now))
        own = plan.ladder(area, now)
        there = {each.officer_id for each in own}
        others = plan.ladder(precinct, now) if precinct else ()
        duty = [each for each in others if each.rung is Rung.DUTY and each.officer_id not in there]
        return (*own, *duty)

    def staffed(self, area: str) -> bool:
        """Whether anybody of an area's own roster can be rung now."""
        return self.desk.plan.staffed(area, self._clock())

    def phones_of(self, officer_id: str) -> tuple[str, ...]:
        """The numbers of an officer that may be rung."""
        officer = self.desk.plan.officers.get(officer_id)
        return self.desk.reachable.numbers(officer) if officer else ()

    def far(self, call: Call, officer_id: str) -> Mapping[str, float]:
        """How far an officer is from the place, and the nearest on duty; what is known of it."""
        now = self._clock()
        at = _point(call)
        if at is None:
            return {}
        near = self._near(call, now)
        found: dict[str, float] = {}
        metres = self.positions.metres(officer_id, *at, now)
        if metres is not None:
            found["distance_m"] = round(metres, 1)
        if near:
            found["nearest_m"] = round(near[0][1], 1)
        return found

    def _near(self, call: Call, now: datetime) -> list[tuple[str, float]]:
        at = _point(call)
        plan = self.desk.plan

        def counts(officer_id: str) -> bool:
            return plan.on_patrol(officer_id, now)

        if at is None:
            return []
        return self.positions.near(*at, now, counts, within_m=NEAREST_WITHIN_M)

    # What people see.

    def listed(self) -> list[dict[str, Any]]:
        """Every officer, how they are on duty, and where they were last."""
        now = self._clock()
        return [
            {
                **officer.shown(),
                "duty": officer.role,
                "on_duty": _shown(self.desk.plan.state_of(officer.id, now)),
                "reachable": bool(self.phones_of(officer.id)),
                "position": self._position(self.positions.last(officer.id), now),
            }
            for officer in self.desk.officers
        ]

    def _position(self, position: Position | None, now: datetime) -> dict[str, Any] | None:
        if position is None:
            return None
        age = now - position.at
        return {
            "lat": position.lat,
            "lon": position.lon,
            "accuracy_m": position.accuracy_m,
            "at": position.at.isoformat(),
            "age_s": max(0, round(age.total_seconds())),
            "fresh": age <= FRESH,
        }


def _shown(state: Any) -> dict[str, Any] | None:
    if state is None:
        return None
    return {
        "precinct": state.precinct,
        "role": state.role,
        "until": state.until.isoformat() if state.until else None,
        "source": state.source,
    }


def _place(call: Call) -> Mapping[str, Any]:
    return call.record.get("fields", {}).get("place") or {}


def _point(call: Call) -> tuple[float, float] | None:
    place = _place(call)
    lat, lon = place.get("lat"), place.get("lon")
    return (lat, lon) if isinstance(lat, float | int) and isinstance(lon, float | int) else None
