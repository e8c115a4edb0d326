"""Make this folder's files anew from the full sources.

    python -m callcenter.precincts.data.new_york.extract SOURCE_FOLDER [--to FOLDER]

SOURCE_FOLDER holds ``precincts/nypd_precincts.geojson`` and ``gazetteer/nyc_*.csv``. What is
done to them and what is left out is said in SOURCES.md. Needs shapely 2.2. Prints what it
measured.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.data.new_york.unseen_crossings import unseen_crossings
from callcenter.precincts.gazetteer_files import read_gazetteer
from callcenter.precincts.gazetteer_rows import Crossing, Landmark

SNAP_DEG = 2e-6
"""The source's shared borders disagree by up to 0.1 m; within this they are made one."""
GRID_DEG = 1e-6
TOLERANCE_DEG = 5e-5
"""Corners whose triangle is smaller than this squared (about 5 m by 5 m) are taken out."""
OPEN_DATA_LETTERS = frozenset("cla3")
"""Sources of a crossing that New York's Open Data portal publishes."""
OPEN_DATA_ADDRESS_LETTERS = frozenset("cohfe3tkwr")
"""The same of a house number: all of them are published there."""
SAMPLE_POINTS = 1_000_000
LEFT_OUT_KINDS = frozenset({"water", "social service"})
LEFT_OUT_NAME = re.compile(
    r"\b(BUOY|LIGHTED|RANGE|CHANNEL|OV|OVR|OVER|RAMP|ANNEX|MISSION|CONSULATE|SUBSTATION|PUMP"
    r"|TRANSFER|COMFORT STATION|(BASKET|HAND|TENNIS )(BALL )?COURTS?|BASEBALL FIELDS?|DOG RUN"
    r"|PARKING|GAS STATION|DORMITORY|STARBUCKS|MCDONALDS)\b|\b(BUILDING|BLDG)S? \w+$|\d{3}-\d{4}"
)
SPELLING_NEWS = re.compile(r"[A-Z]{4,}")


def packed(path: Path, text: str) -> None:
    """Write gzip that is the same bytes for the same text."""
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def precincts(source: Path, target: Path) -> None:
    """Simplify the polygons together, so that shared borders stay shared."""
    full = Boundaries.load(source / "precincts" / "nypd_precincts.geojson", "precinct")
    clean = shapely.coverage_clean(  # type: ignore[attr-defined]  # the stubs end at shapely 2.1
        [p.area for p in full.precincts], snapping_distance=SNAP_DEG
    )
    simple = shapely.set_precision(shapely.coverage_simplify(clean, TOLERANCE_DEG), GRID_DEG)
    if len(simple) != len(full.precincts) or not shapely.coverage_is_valid(simple):
        raise SystemExit("the simplified precincts do not fit together")
    features = [
        {
            "type": "Feature",
            "properties": {"precinct": name},
            "geometry": json.loads(shapely.to_geojson(area)),
        }
        for name, area in sorted(zip(full.ids, simple, strict=True), key=lambda pair: int(pair[0]))
    ]
    document = {"type": "FeatureCollection", "features": features}
    packed(target / "precincts.geojson.gz", json.dumps(document, separators=(",", ":")))
    crossings = read_gazetteer(source / "gazetteer" / "nyc_crossings.csv").crossings
    measure(full, Boundaries.from_geojson(document, "precinct", "simplified"), crossings)


def measure(full: Boundaries, simple: Boundaries, crossings: Sequence[Crossing]) -> None:
    """Print the share of points in the city whose precinct changed."""
    west, south, east, north = shapely.total_bounds([p.area for p in full.precincts])
    chance = np.random.default_rng(110)
    points = np.asarray(
        shapely.points(
            chance.uniform(west, east, SAMPLE_POINTS), chance.uniform(south, north, SAMPLE_POINTS)
        )
    )
    met = np.asarray(shapely.points(np.array([[c.lon, c.lat] for c in crossings])))
    for name, where in (("random points", points), ("crossings", met)):
        before, after = homes(full, where), homes(simple, where)
        inside = int((before != "").sum())
        different = int(((before != after) & (before != "")).sum())
        print(f"{name} in another precinct: {different} of {inside} = {different / inside:.4%}")


def homes(boundaries: Boundaries, points: NDArray[np.object_]) -> NDArray[np.str_]:
    """The precinct of each point, "" outside."""
    tree = shapely.STRtree([p.area for p in boundaries.precincts])
    of_point, of_area = tree.query(points, predicate="intersects")
    result = np.full(len(points), "", dtype="U8")
    result[of_point] = np.array(boundaries.ids)[of_area]
    return result


def crossings(source: Path, target: Path) -> None:
    """Keep the crossings that New York's Open Data portal vouches for, and what follows."""
    kept = rows_of(source, "nyc_crossings", OPEN_DATA_LETTERS)
    numbers = rows_of(source, "nyc_addresses", OPEN_DATA_ADDRESS_LETTERS)
    columns = ("street_a", "street_b", "borough", "lat", "lon", "n")
    seen = [[row[column] for column in columns] for row in kept]
    unseen = [
        [a, b, borough, f"{lat:.4f}", f"{lon:.4f}", "0"]
        for (borough, a, b), lat, lon in unseen_crossings(kept, numbers)
    ]
    packed(target / "crossings.csv.gz", table(columns, [*seen, *unseen]))
    print(f"crossings: {len(kept):,}, computed: {len(unseen):,}")


def rows_of(source: Path, name: str, letters: frozenset[str]) -> list[dict[str, str]]:
    """The rows of a gazetteer file that one of these sources vouches for."""
    with (source / "gazetteer" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if letters & set(row["source"])]


def addresses(source: Path, target: Path) -> None:
    """Keep the house numbers that New York's Open Data portal vouches for."""
    kept = rows_of(source, "nyc_addresses", OPEN_DATA_ADDRESS_LETTERS)
    names = ("house_number", "street", "borough")
    rows = (  # within 6 m is enough: a house stands farther than that from the next precinct
        [*(row[name] for name in names), f"{float(row['lat']):.4f}", f"{float(row['lon']):.4f}"]
        for row in kept
    )
    packed(target / "addresses.csv.gz", table((*names, "lat", "lon"), rows))
    print(f"house numbers: {len(kept):,}")


def spellings(source: Path, target: Path) -> None:
    """Keep the other names that are names, not abbreviations of the same."""
    with (source / "gazetteer" / "nyc_streets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = []
    for row in rows:
        own = set(re.findall(r"[A-Z0-9]+", row["street"].upper()))
        other = [
            name
            for name in row["raw_names"].split("|")
            if "(" not in name
            and [
                w
                for w in SPELLING_NEWS.findall(name)
                if not any(mine.startswith(w) or w.startswith(mine) for mine in own)
                and w not in ("AVENUE", "STREET", "SAINT", "BLVD", "EAST", "WEST", "FIRST")
            ]
        ]
        if other and int(row["crossings"]):
            kept.append([row["street"], row["borough"], "|".join(other)])
    packed(target / "spellings.csv.gz", table(("street", "borough", "raw_names"), kept))
    print(f"streets with another name: {len(kept):,} of {len(rows):,}")


def places(source: Path, target: Path) -> None:
    """Keep places by whose name a caller would say where they are."""
    landmarks = read_gazetteer(source / "gazetteer" / "nyc_point_of_interest.csv").landmarks
    kept: dict[tuple[str, str], Landmark] = {}
    for landmark in landmarks:
        if landmark.kind in LEFT_OUT_KINDS or LEFT_OUT_NAME.search(landmark.name):
            continue
        kept.setdefault((landmark.name, landmark.district), landmark)
    packed(
        target / "places.csv.gz",
        table(
            ("name", "kind", "borough", "lat", "lon"),
            (
                (p.name, p.kind, p.district, f"{p.lat:.5f}", f"{p.lon:.5f}")
                for p in sorted(kept.values(), key=lambda p: (p.kind, p.name, p.district))
            ),
        ),
    )
    print(f"places: {len(kept):,} of {len(landmarks):,}")


def main() -> None:
    """Read the arguments and make the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("source", type=Path)
    parser.add_argument("--to", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()
    precincts(arguments.source, arguments.to)
    crossings(arguments.source, arguments.to)
    addresses(arguments.source, arguments.to)
    spellings(arguments.source, arguments.to)
    places(arguments.source, arguments.to)


if __name__ == "__main__":
    main()
