"""What can go wrong with places.

PrecinctError
├── BoundaryFileError   a boundary file is not what was expected (the giver erred)
├── GazetteerFileError  a gazetteer file is not what was expected (the giver erred)
├── RosterError         a roster is not what was expected (the giver erred)
└── IllegalHuntMove     the hunt was told to do what its state does not allow (we erred)
"""

from __future__ import annotations


class PrecinctError(Exception):
    """Any failure of this room."""


class BoundaryFileError(PrecinctError):
    """A boundary file is wrong; the message names file, feature and what was expected."""


class GazetteerFileError(PrecinctError):
    """A gazetteer file is wrong; the message names file, row and what was expected."""


class RosterError(PrecinctError):
    """A roster is wrong; the message names file, place in it and what was expected."""


class IllegalHuntMove(PrecinctError):
    """The caller of a hunt used it against its state table."""
