"""Callers' numbers: what is kept of one, and which may be dialled. Pure.

A number comes from the network as anybody may have written it. Nothing but digits is ever handed
to Asterisk to be dialled.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from callcenter.asterisk.render import NUMBER_DIGITS
from callcenter.settings import Outbound

NUMBER_CHARS: Final = 64
FEWEST_DIGITS, MOST_DIGITS = NUMBER_DIGITS
"""ITU-T E.164: an international number has 15 digits at most. The dialplan looks again."""

_DIALLABLE = re.compile(rf"\+?([0-9]{{{FEWEST_DIGITS},{MOST_DIGITS}}})", re.ASCII)
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def kept(number: str) -> str:
    """A number as it is kept and compared: no control characters, not longer than a column."""
    return _UNSHOWN.sub("", number).strip()[:NUMBER_CHARS]


def dialled(number: str, international_prefix: str) -> str | None:
    """The digits that reach the number; None for what is no telephone number.

    A leading plus sign becomes the prefix that the trunk takes for numbers of other countries.
    """
    match = _DIALLABLE.fullmatch(number)
    if match is None:
        return None
    digits = (international_prefix if number.startswith("+") else "") + match[1]
    return digits if len(digits) <= MOST_DIGITS else None


def called_back_as(number: str, outbound: Outbound, lines: Collection[str]) -> str | None:
    """The digits by which a caller of that number is called back; None: they cannot be."""
    digits = dialled(kept(number), outbound.international_prefix)
    if not outbound.host or digits is None or not may_be_called_back(digits, outbound, lines):
        return None
    return digits


def may_be_called_back(digits: str, outbound: Outbound, lines: Collection[str]) -> bool:
    """Whether the trunk may be asked for a number that somebody claimed to call from."""
    if digits in lines:
        return False
    if outbound.call_back_to:
        return digits.startswith(outbound.call_back_to)
    abroad = outbound.international_prefix
    return not (abroad and digits.startswith(abroad))
