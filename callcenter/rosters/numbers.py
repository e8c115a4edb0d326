"""Numbers of officers: SIP phones that Asterisk knows, and numbers that may be dialled out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from callcenter.rosters.errors import RosterRefused
from callcenter.rosters.model import Officer
from callcenter.settings import Settings

MOST_NUMBERS = 5
_DIGITS = re.compile(r"[0-9]{3,15}")
_PUNCTUATION = re.compile(r"[\s().-]")


@dataclass(frozen=True, slots=True)
class Reachable:
    """Which numbers may be rung. The same list holds when a number is written and when it rings."""

    phones: frozenset[str]
    prefixes: tuple[str, ...] = ()
    """What a number that is dialled out may begin with."""
    plus: str = "00"

    @classmethod
    def of(cls, settings: Settings) -> Reachable:
        """What these settings allow."""
        outbound = settings.sip.outbound
        return cls(
            frozenset(settings.officer_phones_all),
            outbound.officers if outbound.host else (),
            outbound.international_prefix,
        )

    def allows(self, number: str) -> bool:
        """Whether a number, as it is stored, may be rung now."""
        if not number.isdigit():
            return number in self.phones
        return bool(_DIGITS.fullmatch(number)) and number.startswith(self.prefixes)

    def numbers(self, officer: Officer) -> tuple[str, ...]:
        """Those of an officer's numbers that may be rung, in their order."""
        return tuple(number for number in officer.numbers if self.allows(number))

    def as_dialled(self, number: str) -> tuple[str, ...]:
        """A caller's number in the ways in which it may be written here."""
        digits = number.removeprefix("+")
        if not _DIGITS.fullmatch(digits):
            return ()
        return tuple(dict.fromkeys((digits, self.plus + digits)))

    def read(self, typed: str) -> str:
        """A number as it is stored.

        Raises:
            RosterRefused: it is none, or may not be dialled.
        """
        if typed in self.phones:
            return typed
        digits = _PUNCTUATION.sub("", typed)
        if digits.startswith("+"):
            digits = self.plus + digits[1:]
        if not _DIGITS.fullmatch(digits):
            raise RosterRefused(
                f"number {typed[:32]!r} is neither a phone that Asterisk knows nor one of 3 to 15"
                " digits"
            )
        if not self.allows(digits):
            allowed = ", ".join(self.prefixes) or "none"
            raise RosterRefused(
                f"number {typed[:32]!r} is outside the allow-list: sip.outbound.officers in the "
                f"settings lets numbers begin with {allowed}"
            )
        return digits
