"""What can go wrong with the lab.

- `LabError`: said to the person as it stands, with what to do.
  - `NoAsterisk`: this machine has no Asterisk that will do and none could be built.
  - `AlreadyRunning`: the lab is up.
  - `NotStarted`: something did not come up; the message ends with what it said last.
"""

from __future__ import annotations


class LabError(Exception):
    """Something about the lab went wrong; the message says what and what to do."""


class NoAsterisk(LabError):
    """There is no Asterisk that will do."""


class AlreadyRunning(LabError):
    """The lab is up already."""


class NotStarted(LabError):
    """A part of the lab did not come up."""
