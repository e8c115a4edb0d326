"""How incidents are named: after the call that began them, which no other incident has."""

from __future__ import annotations

_MARK = "inc-"
INCIDENT_ID_PATTERN = r"^(inc-)?[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""Of what may name an incident in an address: its own id, or that of one of its calls."""


def incident_id(call_id: str) -> str:
    """The id of the incident that this call began. It is known before anything is stored."""
    return _MARK + call_id


def begun_by(any_id: str) -> str | None:
    """The call that began the incident of this id; None for the id of a call."""
    return any_id.removeprefix(_MARK) if any_id.startswith(_MARK) else None
