"""AMI's one form, a block of ``Name: value`` lines: what may be written, what was read.

https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from callcenter.asterisk.errors import InvalidAction

MAX_LINE_BYTES = 1000
"""Asterisk reads lines into a buffer of 1025 bytes and discards the whole action otherwise."""

_BREAKS_LINES = re.compile(r"[\r\n\0]")
_BREAKS_VARIABLES = re.compile(r'[,"\\]')
_VARIABLE_NAME = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_.\-]*(\([A-Za-z0-9_]+\))?")
_DEVICE = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9_.\-]+")
_CHANNEL_VARIABLE = "chanvariable"

Header = tuple[str, str]


class Headers:
    """What one received block said. Names are found in any case; absent ones read as ``""``."""

    __slots__ = ("_values",)

    def __init__(self, headers: Iterable[Header]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in headers:
            self._values.setdefault(name.lower(), []).append(value)

    def __getitem__(self, name: str) -> str:
        values = self._values.get(name.lower())
        return values[0] if values else ""

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._values

    def __repr__(self) -> str:
        # Values may be a caller's; what goes into a log is the kind of block and no more.
        return f"Headers({self['event'] or self['response'] or '?'})"

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a header that may come several times, in order."""
        return tuple(self._values.get(name.lower(), ()))

    def variables(self) -> Mapping[str, str]:
        """Return the channel variables that ``channelvars`` of manager.conf adds; none empty.

        ``ChanVariable: NAME=value``, or ``ChanVariable(channel): NAME=value`` where an event
        has more than one channel. A seat's leg that was rung alone inherits who it is as
        ``OFFERED=<offer id>*<seat>`` until it has joined: here it has its own names at once.
        """
        found: dict[str, str] = {}
        for name, values in self._values.items():
            if name == _CHANNEL_VARIABLE or name.startswith(_CHANNEL_VARIABLE + "("):
                for assigned in values:
                    variable, _, value = assigned.partition("=")
                    if value:
                        found.setdefault(variable, value)
        offer_id, _, seat = found.pop("OFFERED", "").partition("*")
        if seat and "CALL_ROLE" not in found:
            found |= {"CALL_ROLE": "operator", "CALL_PARTY": seat, "OFFER_ID": offer_id}
        return found


def check_line(action: str, name: str, value: str) -> None:
    """Refuse a header that Asterisk would cut, drop or read as several."""
    if _BREAKS_LINES.search(value):
        raise InvalidAction(f"{action}: {name} holds a line break or a NUL")
    try:
        size = len(name) + len(": \r\n") + len(value.encode("utf-8"))
    except UnicodeEncodeError:
        raise InvalidAction(f"{action}: {name} cannot be written as UTF-8") from None
    if size > MAX_LINE_BYTES:
        raise InvalidAction(f"{action}: {name} is {size} bytes long, at most {MAX_LINE_BYTES}")


def needed(what: str, value: str) -> str:
    """Return the value unless it is empty."""
    if not value:
        raise InvalidAction(f"{what} must not be empty")
    return value


def channel_name(name: str) -> str:
    """Return the name of one channel; a pattern is refused."""
    if name.startswith("/"):
        raise InvalidAction("a channel name that starts with / is a pattern for many channels")
    return needed("channel", name)


def device_name(name: str) -> str:
    """Return the name of a phone, ``PJSIP/s01``."""
    if not _DEVICE.fullmatch(name):
        raise InvalidAction("not the name of a device")
    return name


def variable_name(name: str) -> str:
    """Return the name of a variable, also ``FUNCTION(word)`` and inherited ``__NAME``."""
    if not _VARIABLE_NAME.fullmatch(name):
        raise InvalidAction("not the name of a variable")
    return name


def assignment(name: str, value: str) -> str:
    """Return ``name=value`` as Originate takes it, which would split it at commas."""
    if _BREAKS_VARIABLES.search(value):
        raise InvalidAction(f"Originate: {name} holds a comma, a quote or a backslash")
    return f"{variable_name(name)}={value}"


def boolean(value: bool) -> str:
    """Return a truth value as AMI writes it."""
    return "true" if value else "false"
