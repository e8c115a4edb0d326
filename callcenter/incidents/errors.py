"""What can go wrong with a record.

IncidentError
├── LexiconError   a lexicon file is not what was expected (the giver erred)
└── UnknownField   a field was typed that no record has (the giver erred)
"""

from __future__ import annotations


class IncidentError(Exception):
    """Any failure of this room."""


class LexiconError(IncidentError):
    """A lexicon is wrong; the message names file, place in it and what was expected."""


class UnknownField(IncidentError):
    """A record has no field of this name."""
