"""Notices to the floor: what is wrong, and what to do next."""

from __future__ import annotations

from callcenter.calls.register import Note, Publisher


class Notices:
    """Tells consoles, and keeps in the journal that they were told."""

    def __init__(self, bus: Publisher, note: Note) -> None:
        self._bus = bus
        self._note = note

    def tell(self, kind: str, subject: str, text: str) -> None:
        """Give a notice about a call, a seat or a queue."""
        self._note(None, "notice", {"kind": kind, "subject": subject})
        self._bus.publish(
            "notices", {"type": "notice", "kind": kind, "subject": subject, "text": text}
        )
