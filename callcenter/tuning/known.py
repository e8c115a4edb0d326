"""What exists whatever is tuned: the phones, lines and numbers that Asterisk was rendered with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from callcenter.incidents import own_words
from callcenter.incidents.record import CATEGORIES
from callcenter.settings import Settings
from ivr import prompts

ANNOUNCEMENT = "announce-"
"""How the names of sounds begin that callers in a queue can be sent to."""


@dataclass(frozen=True, slots=True)
class Known:
    """Against this a document is checked."""

    lines: frozenset[str]
    seats: frozenset[str]
    phones: frozenset[str]
    officers: frozenset[str] = frozenset()
    divert_to: frozenset[str] = frozenset()
    """Numbers that callers may be sent to."""
    precincts: frozenset[str] | None = None
    """None: not known, any may be named."""
    announcements: frozenset[str] = field(default=frozenset())
    kinds: frozenset[str] | None = None
    """Of boundaries; None: not known, any may be named."""
    partners: frozenset[str] = frozenset()


def known_of(
    settings: Settings,
    precincts: Iterable[str] | None = None,
    kinds: Iterable[str] | None = None,
) -> Known:
    """What these settings make known. Looks at the folder of sounds."""
    languages = {language for line in settings.lines for language in line.languages}
    return Known(
        lines=frozenset(line.number for line in settings.lines),
        seats=frozenset(seat.id for seat in settings.seats),
        phones=frozenset(settings.seat_phones),
        officers=frozenset(officer.id for officer in settings.officers),
        divert_to=frozenset(settings.sip.outbound.divert_to),
        precincts=None if precincts is None else frozenset(precincts),
        announcements=announcements(settings.asterisk.sounds, languages),
        kinds=None if kinds is None else frozenset(kinds),
        partners=frozenset(partner.id for partner in settings.partners),
    )


def announcements(folder: Path, languages: Iterable[str]) -> frozenset[str]:
    """Names of the announcements that come with the product or lie among the sounds."""
    names = {name for language in languages for name in prompts.texts(language)}
    names |= {file.stem for file in folder.glob(f"*/{ANNOUNCEMENT}*.sln")}
    return frozenset(
        name.removeprefix(ANNOUNCEMENT) for name in names if name.startswith(ANNOUNCEMENT)
    )


def choices(settings: Settings, kinds: Iterable[str] = ()) -> dict[str, list[str]]:
    """What a form may offer where a document names something that is not in it."""
    known = known_of(settings)
    return {
        "announcements": sorted(known.announcements),
        "numbers": sorted(known.divert_to),
        "officers": sorted(known.officers),
        "phones": sorted(known.phones),
        "partners": sorted(known.partners),
        "kinds": sorted(kinds),
        "meanings": sorted({*CATEGORIES, *own_words.names()}),
        "languages": sorted({language for line in settings.lines for language in line.languages}),
    }
