"""What can be wrong with a wish about incidents.

::

    RecordError
    ├── UnknownIncident    there is none of that id
    └── CannotJoin         the two are one already, or the join was taken back before
"""

from __future__ import annotations


class RecordError(Exception):
    """An incident is not there, or not as it was thought to be."""


class UnknownIncident(RecordError):
    """No incident or call of that id."""


class CannotJoin(RecordError):
    """It is joined already, or not any more; the message says what to do."""
