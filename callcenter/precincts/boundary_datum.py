"""What a boundary file says its figures refer to: a ``crs`` member, or the text of a ``.prj``.

Datums that differ from WGS 84 by two metres at most count as WGS 84: nobody draws precincts, or
finds callers, more exactly than that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_EPSG_LIKE_WGS84 = frozenset({"4326", "4979", "4490", "4258", "4269", "4737"})
"""WGS 84, the same with heights, CGCS2000, ETRS89, NAD83, Korea 2000."""
_DATUMS_LIKE_WGS84 = frozenset(
    {
        "wgs1984",
        "wgs84",
        "worldgeodeticsystem1984",
        "worldgeodeticsystem1984ensemble",
        "china2000",
        "chinageodeticcoordinatesystem2000",
        "etrs1989",
        "europeanterrestrialreferencesystem1989",
        "europeanterrestrialreferencesystem1989ensemble",
        "northamerican1983",
        "northamericandatum1983",
        "korea2000",
        "korean2000",
        "geocentricdatumofkorea",
    }
)
_ROOT = re.compile(r'^\s*([A-Za-z]+)\s*\[\s*"([^"]*)"')
_DATUM = re.compile(r'\b(?:DATUM|TRF|GEODETICDATUM|ENSEMBLE)\s*\[\s*"([^"]*)"', re.IGNORECASE)
_MERIDIAN = re.compile(r'\b(?:PRIMEM|PRIMEMERIDIAN)\s*\[\s*"([^"]*)"', re.IGNORECASE)
_GEOGRAPHIC = frozenset({"GEOGCS", "GEOGCRS", "GEODCRS", "GEODETICCRS", "GEOGRAPHICCRS"})
_GREENWICH = ("greenwich", "reference_meridian")
_TOLD_CHARS = 80


def foreign_crs(crs: object) -> str | None:
    """What a GeoJSON ``crs`` member names, if it is not like WGS 84; None: it is."""
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    if not isinstance(properties, Mapping):
        return "something that is no name"
    named = properties.get("name", properties.get("code", properties.get("href")))
    name = str(named)[:_TOLD_CHARS]
    code = name.rpartition(":")[2].strip()
    authority = name.upper()
    if code.upper() == "CRS84" and ("OGC" in authority or authority == "CRS84"):
        return None
    if code in _EPSG_LIKE_WGS84 and ("EPSG" in authority or code == name):
        return None
    return name


def foreign_wkt(text: str) -> str | None:
    """What the well-known text of a ``.prj`` names, if it is not degrees like WGS 84."""
    root = _ROOT.match(text)
    if root is None:
        return "something that is no well-known text"
    keyword, name = root.group(1).upper(), root.group(2)[:_TOLD_CHARS]
    if keyword not in _GEOGRAPHIC:
        return f"{name}, which is a map projection, not degrees"
    datum, meridian = _DATUM.search(text), _MERIDIAN.search(text)
    told = datum.group(1) if datum else ""
    plain = re.sub(r"[^a-z0-9]", "", told.lower().removeprefix("d_"))
    if plain not in _DATUMS_LIKE_WGS84:
        return f"{name} (datum {told[:_TOLD_CHARS] or 'unnamed'})"
    if meridian is not None and meridian.group(1).lower() not in (
        "greenwich",
        "reference_meridian",
    ):
        return f"{name}, whose degrees count from {meridian.group(1)[:_TOLD_CHARS]}"
    return None
