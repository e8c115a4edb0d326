"""Crossings that no open source vouches for, computed from where the streets are known to run.

A street is drawn through its known crossings and house numbers (the shortest tree that joins
them) and made a little longer at its ends; where two such lines meet at an angle, the streets
are taken to cross. Needs shapely and numpy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

METRES_EAST, METRES_NORTH = 84_300.0, 111_200.0
"""Metres a degree of longitude and of latitude, at New York."""
LONGEST_PIECE_M = 600.0
BEYOND_END_M = 160.0
"""So far a street may run on behind the last that is known of it."""
OVERLAP_M = 2.0
SHORTEST_TO_EXTEND_M = 20.0
LEAST_SINE = 0.7
"""Of the angle (45 degrees) between two streets that cross."""

Street = tuple[str, str]
Pair = tuple[str, str, str]


def unseen_crossings(
    crossings: Sequence[Mapping[str, str]], addresses: Sequence[Mapping[str, str]]
) -> Iterator[tuple[Pair, float, float]]:
    """Borough and two streets that are not among the crossings, with latitude, longitude."""
    points: dict[Street, set[tuple[float, float]]] = defaultdict(set)
    known: set[Pair] = set()
    for row in crossings:
        for column in ("street_a", "street_b"):
            points[row["borough"], row[column]].add(_flat(row))
        known.add(_pair(row["borough"], row["street_a"], row["street_b"]))
    for row in addresses:
        points[row["borough"], row["street"]].add(_flat(row))
    pieces: list[tuple[Street, NDArray[np.float64]]] = [
        (street, piece) for street, at in sorted(points.items()) for piece in _pieces(at)
    ]
    lines = np.array([shapely.LineString(piece) for _, piece in pieces])
    found: dict[Pair, tuple[float, float]] = {}
    for i, j in zip(*shapely.STRtree(lines).query(lines, predicate="intersects"), strict=True):
        (borough, a), (other, b) = pieces[i][0], pieces[j][0]
        pair = _pair(borough, a, b)
        if i >= j or borough != other or a == b or pair in known or pair in found:
            continue
        if _sine(pieces[i][1], pieces[j][1]) < LEAST_SINE:
            continue
        at = lines[i].intersection(lines[j])
        found[pair] = (at.y / METRES_NORTH, at.x / METRES_EAST)
    for pair, (lat, lon) in sorted(found.items()):
        yield pair, lat, lon


def _flat(row: Mapping[str, str]) -> tuple[float, float]:
    return float(row["lon"]) * METRES_EAST, float(row["lat"]) * METRES_NORTH


def _pair(borough: str, a: str, b: str) -> Pair:
    return (borough, *sorted((a, b)))  # type: ignore[return-value]  # sorted has no length


def _pieces(points: set[tuple[float, float]]) -> Iterator[NDArray[np.float64]]:
    """The straight pieces of one street, the outer ones made longer."""
    at = np.array(sorted(points))
    inside = np.zeros(len(at), dtype=bool)
    near = np.full(len(at), np.inf)
    parent = np.full(len(at), -1)
    near[0] = 0.0
    edges: list[tuple[int, int]] = []
    for _ in range(len(at)):
        i = int(np.argmin(np.where(inside, np.inf, near)))
        inside[i] = True
        if parent[i] >= 0 and 0 < near[i] <= LONGEST_PIECE_M:
            edges.append((i, int(parent[i])))
        away = np.hypot(*(at - at[i]).T)
        closer = (away < near) & ~inside
        near[closer], parent[closer] = away[closer], i
    degree = np.bincount(np.array(edges, dtype=int).ravel(), minlength=len(at))
    for i, j in edges:
        length = float(np.hypot(*(at[j] - at[i])))
        unit = (at[j] - at[i]) / length
        more = BEYOND_END_M if length >= SHORTEST_TO_EXTEND_M else 0.0
        yield np.array(
            [
                at[i] - unit * (more if degree[i] == 1 else OVERLAP_M),
                at[j] + unit * (more if degree[j] == 1 else OVERLAP_M),
            ]
        )


def _sine(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    a, b = one[1] - one[0], other[1] - other[0]
    return float(abs(a[0] * b[1] - a[1] * b[0]) / np.hypot(*a) / np.hypot(*b))
