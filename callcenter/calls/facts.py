"""What a call's signalling says of its caller: who it may be, and where the network has them.

Anybody can write anything into these headers. What is not of a known form is no fact.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

_NUMBER: Final = re.compile(r"\+?([0-9]{3,18})", re.ASCII)
_CELL: Final = re.compile(
    r"(?:^|[;\s])(cgi-3gpp|utran-cell-id-3gpp|nr-cell-id-3gpp|ci-3gpp2|i-wlan-node-id|dsl-location"
    r'|gstn-location)\s*=\s*"?([0-9A-Za-z:.-]{4,64})"?\s*(?:;|$)',
    re.ASCII | re.IGNORECASE,
)
_POINT: Final = re.compile(
    r"<?geo:(-?[0-9]{1,2}\.[0-9]+),(-?[0-9]{1,3}\.[0-9]+)(?:[,;][^>]*)?>?", re.ASCII | re.IGNORECASE
)
POINT_DECIMALS: Final = 2
"""A hundredth of a degree is about a kilometre: what many calls from one place have in common."""


def identity_of(caller_number: str) -> str:
    """Whatever knows the same caller again: the number's digits; empty for one that is withheld.

    ``anonymous``, ``unavailable`` and the like are not one caller but many.
    """
    found = _NUMBER.fullmatch(caller_number.strip())
    return found[1] if found else ""


def origin_of(access: str, geolocation: str) -> str:
    """The place that a call comes from: a cell or line, or a point; empty when unknown.

    Args:
        access: P-Access-Network-Info (RFC 7315), percent-encoded.
        geolocation: Geolocation (RFC 6442), percent-encoded; only ``geo:`` URIs tell a place by
            themselves, and neighbours must share it, so it is rounded.
    """
    if cell := _CELL.search(unquote(access, errors="ignore")):
        return f"{cell[1].lower()}={cell[2].lower()}"
    if point := _POINT.fullmatch(unquote(geolocation, errors="ignore").strip()):
        latitude, longitude = (round(float(part), POINT_DECIMALS) for part in point.groups())
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return f"geo:{latitude:.{POINT_DECIMALS}f},{longitude:.{POINT_DECIMALS}f}"
    return ""
