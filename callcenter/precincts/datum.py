"""Geodetic datums: what a position's figures mean, and how Chinese ones become WGS-84.

Chinese maps shift every position by some hundred metres: GCJ-02 (state mapping, Amap, Tencent),
and BD-09 on top of it (Baidu). Outside China the shift is not applied. All that this product
keeps and gives out is WGS-84.
"""

from __future__ import annotations

import math
from enum import StrEnum

AXIS_M = 6_378_245.0
"""Semi-major axis and squared eccentricity of the Krasovsky 1940 ellipsoid, which GCJ-02 uses."""
ECCENTRICITY = 0.00669342162296594323
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
"""Only inside this rectangle is anything shifted."""
BD_TURN = math.pi * 3000.0 / 180.0
BD_EAST, BD_NORTH = 0.0065, 0.006
ROUNDS = 8
"""Each round of the inverse leaves a thousandth of the error before it."""


class Datum(StrEnum):
    """What the figures of a position refer to."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(lat: float, lon: float, datum: Datum) -> tuple[float, float]:
    """A position in WGS-84 degrees."""
    if datum is Datum.BD09:
        lat, lon = _gcj_of_bd(lat, lon)
    return (lat, lon) if datum is Datum.WGS84 else _inverse(lat, lon)


def from_wgs84(lat: float, lon: float, datum: Datum) -> tuple[float, float]:
    """What a map of that datum shows for a WGS-84 position."""
    if datum is Datum.WGS84:
        return lat, lon
    lat, lon = _gcj(lat, lon)
    return _bd_of_gcj(lat, lon) if datum is Datum.BD09 else (lat, lon)


def _in_china(lat: float, lon: float) -> bool:
    return SOUTH <= lat <= NORTH and WEST <= lon <= EAST


def _gcj(lat: float, lon: float) -> tuple[float, float]:
    if not _in_china(lat, lon):
        return lat, lon
    x, y = lon - 105.0, lat - 35.0
    waves = 20.0 * (math.sin(6.0 * x * math.pi) + math.sin(2.0 * x * math.pi))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (waves + 20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2 / 3
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2 / 3
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (waves + 20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2 / 3
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2 / 3
    angle = math.radians(lat)
    flat = 1 - ECCENTRICITY * math.sin(angle) ** 2
    meridian_m = AXIS_M * (1 - ECCENTRICITY) / (flat * math.sqrt(flat))
    parallel_m = AXIS_M / math.sqrt(flat) * math.cos(angle)
    return lat + math.degrees(north / meridian_m), lon + math.degrees(east / parallel_m)


def _inverse(lat: float, lon: float) -> tuple[float, float]:
    """What is shifted to this: guessed, shifted, and put right by what it misses."""
    guess = (lat, lon)
    for _ in range(ROUNDS):
        shifted = _gcj(*guess)
        guess = (guess[0] - (shifted[0] - lat), guess[1] - (shifted[1] - lon))
    return guess


def _bd_of_gcj(lat: float, lon: float) -> tuple[float, float]:
    if not _in_china(lat, lon):
        return lat, lon
    away = math.hypot(lon, lat) + 0.00002 * math.sin(lat * BD_TURN)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * BD_TURN)
    return away * math.sin(angle) + BD_NORTH, away * math.cos(angle) + BD_EAST


def _gcj_of_bd(lat: float, lon: float) -> tuple[float, float]:
    if not _in_china(lat, lon):
        return lat, lon
    guess = (lat - BD_NORTH, lon - BD_EAST)
    for _ in range(ROUNDS):
        shifted = _bd_of_gcj(*guess)
        guess = (guess[0] - (shifted[0] - lat), guess[1] - (shifted[1] - lon))
    return guess
