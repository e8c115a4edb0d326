"""How long it takes to say whose a point is, among ten thousand areas.

The areas are the cells of random points in a square of a large city, their borders wiggled by a
function of the place alone, so that neighbours keep one border. What is timed is
`Boundaries.find`: the area, the next nearest one, and the metres to the border. The peer only says
the area, by looking at all of them with the same prepared geometry; both must agree.
"""

from __future__ import annotations

import asyncio
import gc
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
import shapely
from numpy.typing import NDArray

from callcenter.bench.errors import BenchFailed
from callcenter.bench.report import Figure, Measured
from callcenter.bench.statistics import Spread
from callcenter.precincts.boundaries import Boundaries, Precinct
from callcenter.precincts.city import load_territories
from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.live_territories import LiveTerritories
from callcenter.precincts.territories import PRECINCT
from callcenter.store.boundaries import BoundaryVersions, GivenSet
from callcenter.store.database import Database

AREAS = 10_000
POINTS = 20_000
QUICK_POINTS = 2_000
PEER_POINTS = 2_000
WARM_UP = 200
P99_AT_MOST_MS = 1.0
LATE_AT_MOST_MS = 100.0
"""A call that is answered meanwhile does not notice."""
BEAT_S = 0.01

WEST, SOUTH, SIDE_DEG = -74.3, 40.4, 0.7
EDGE_DEG = 0.0004
"""A border has a corner every forty metres or so."""
WIGGLE_DEG = 0.0002
WIGGLES = 3000.0
"""Radians a degree; times WIGGLE_DEG below 1, so that borders never cross."""


async def measure(*, quick: bool, say: Callable[[str], None]) -> Measured:
    """Time look-ups of random points, ours and the peer's; then take the areas into use."""
    began = time.perf_counter()
    city = made_city(AREAS, seed=5)
    made_s = time.perf_counter() - began
    corners = int(sum(shapely.get_num_coordinates(each.area) for each in city.precincts))
    say(f"{AREAS} areas with {corners} corners made in {made_s:.1f} s")
    points = random_points(QUICK_POINTS if quick else POINTS, seed=6)
    for lat, lon in random_points(WARM_UP, seed=7):
        city.find(lat, lon)
    ours = [_timed(city.find, lat, lon) for lat, lon in points]
    spread = Spread.of(ours)
    say(f"p50 {spread.p50:.3f} ms, p99 {spread.p99:.3f} ms")
    brute = BruteForce(city.precincts)
    some = points[:PEER_POINTS]
    theirs = Spread.of([_timed(brute.find, lat, lon) for lat, lon in some])
    for lat, lon in some:
        if brute.find(lat, lon) != city.find(lat, lon).precinct:
            raise BenchFailed(f"boundaries: the two disagree about {lat}, {lon}")
    taken_s, late_ms, idle_ms = await _taken_over(city)
    say(f"taken into use in {taken_s:.1f} s, the loop late by {late_ms:.0f} ms at most")
    return Measured(
        figures=(
            Figure(f"point in {AREAS:,} areas, p50", spread.p50, "ms"),
            Figure(f"point in {AREAS:,} areas, p99", spread.p99, "ms", at_most=P99_AT_MOST_MS),
            Figure("area alone, by looking at all, p99", theirs.p99, "ms"),
            Figure("imported while calls run: in use after", taken_s, "s"),
            Figure("meanwhile, the event loop late by", late_ms, "ms"),
            Figure(
                "that is, later than on this machine at rest",
                max(0.0, late_ms - idle_ms),
                "ms",
                at_most=LATE_AT_MOST_MS,
            ),
        ),
        peer="every area looked at (GEOS, prepared, in one call), for the area alone",
        ratio=theirs.p50 / spread.p50,
        details={
            "areas": AREAS,
            "corners": corners,
            "points": len(points),
            "find_ms": spread.rounded(4),
            "peer_ms": theirs.rounded(4),
        },
    )


class BruteForce:
    """Looks at every area, in the file's order."""

    def __init__(self, precincts: Sequence[Precinct]) -> None:
        self._ids = [each.id for each in precincts]
        self._areas = np.array([each.area for each in precincts], dtype=object)
        shapely.prepare(self._areas)

    def find(self, lat: float, lon: float) -> str | None:
        """The first area that has the point."""
        inside = np.flatnonzero(shapely.intersects_xy(self._areas, lon, lat))
        return self._ids[int(inside[0])] if len(inside) else None


def made_city(count: int, seed: int) -> Boundaries:
    """So many areas that leave no gap. The same seed makes the same."""
    chance = np.random.default_rng(seed)
    corner, side = np.array([WEST, SOUTH]), SIDE_DEG
    seeds = shapely.multipoints(corner + chance.random((count, 2)) * side)
    box = shapely.box(WEST, SOUTH, WEST + side, SOUTH + side)
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=box))
    cells = shapely.intersection(cells, box)
    # Cut up before they are wiggled: both neighbours of a border cut it at the same places.
    wiggly = shapely.transform(shapely.segmentize(cells, EDGE_DEG), _wiggled)
    if not shapely.is_valid(wiggly).all():
        raise BenchFailed("boundaries: an area that was made crosses itself")
    return Boundaries([Precinct(str(number), shape) for number, shape in enumerate(wiggly, 1)])


async def _taken_over(city: Boundaries) -> tuple[float, float, float]:
    """Seconds until a service has these areas in use; by how many ms its loop was late then, and
    by how many just after, for as long and with nothing to do.
    """  # noqa: D205 - the sentence is one
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/city.db"
        database = Database(url)
        try:
            await database.open()
            now = datetime.now(UTC)
            given = GivenSet("made", "", {}, city.geojson()["features"])
            await BoundaryVersions(database).add(
                PRECINCT, given, holds_from=now, who="bench", why="", now=now
            )
            before = await load_territories(None)
            live = LiveTerritories(before, database, url, note=lambda call_id, kind, payload: None)
            gazetteer = Gazetteer.load(())
            live.gazetteer = lambda: gazetteer
            gc.collect()
            beating = asyncio.create_task(_beat(late := [0.0]))
            began = time.perf_counter()
            if not await live.look() or len(live.ids) != len(city.ids):
                raise BenchFailed("boundaries: what was imported was not taken into use")
            taken_s = time.perf_counter() - began
            beating.cancel()
            resting = asyncio.create_task(_beat(at_rest := [0.0]))
            await asyncio.sleep(taken_s)
            resting.cancel()
        finally:
            await database.close()
    return taken_s, max(late) * 1000, max(at_rest) * 1000


async def _beat(late_s: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(BEAT_S)
        late_s.append(time.perf_counter() - began - BEAT_S)


def random_points(count: int, seed: int) -> list[tuple[float, float]]:
    """Points (lat, lon) of the square and a little around it."""
    chance = random.Random(seed)  # noqa: S311 - the same points every time
    around = 0.02 * SIDE_DEG
    return [
        (
            SOUTH + chance.uniform(-around, SIDE_DEG + around),
            WEST + chance.uniform(-around, SIDE_DEG + around),
        )
        for _ in range(count)
    ]


def _wiggled(at: NDArray[np.float64]) -> NDArray[np.float64]:
    rounded = np.round(at, 9)
    phase = rounded[:, ::-1] * WIGGLES
    moved: NDArray[np.float64] = np.round(rounded + WIGGLE_DEG * np.sin(phase), 9)
    return moved


def _timed(find: Callable[[float, float], object], lat: float, lon: float) -> float:
    began_ns = time.perf_counter_ns()
    find(lat, lon)
    return (time.perf_counter_ns() - began_ns) / 1e6
