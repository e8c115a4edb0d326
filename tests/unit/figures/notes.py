"""Journal entries as the service notes them, from a floor without Asterisk or by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from callcenter.calls.call import Call
from callcenter.calls.legs import Leg
from callcenter.figures.lives import Lives
from callcenter.store.journal_pages import JournalRow
from tests.unit.calls.floor import TestFloor

BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def row(
    number: int, after_s: float, kind: str, call_id: str | None = None, **payload: Any
) -> JournalRow:
    return JournalRow(number, BEGAN + timedelta(seconds=after_s), call_id, kind, payload)


class NotedFloor(TestFloor):
    """The real conductor; what it notes is at hand as journal rows. Its clock begins at noon."""

    __test__ = False

    def __init__(self) -> None:
        self.rows: list[JournalRow] = []
        super().__init__()

    def note(self, call_id: str | None, kind: str, payload: dict[str, Any]) -> None:
        super().note(call_id, kind, payload)
        after_s = self.clock.now - 1000.0
        at = BEGAN + timedelta(seconds=after_s)
        self.rows.append(JournalRow(len(self.rows) + 1, at, call_id, kind, dict(payload)))

    def after(self, seconds: float) -> None:
        self.clock.now += seconds

    def of(self, call_id: str) -> list[JournalRow]:
        return [one for one in self.rows if one.call_id == call_id]

    def lives(self) -> Lives:
        lives = Lives()
        for one in self.rows:
            lives.feed(one)
        return lives

    def outcome(self, call_id: str):
        life = self.lives().of(call_id)
        assert life is not None
        return life.outcome()

    def says(self, call: Call, leg: Leg | None) -> None:
        """Voice is heard on a leg now."""
        assert leg is not None
        leg.voice_ms, leg.speaking = call.ms(self.clock.now), True
        self.conductor.bridge.voice(call, leg)

    def talk(self, call_id: str, seat: str, leg: str) -> None:
        """The seat takes the call; both say something."""
        call = self.register.get(call_id)
        self.rings(call_id, seat)
        self.answers(call_id, seat, leg)
        self.says(call, call.legs[leg])
        self.says(call, call.caller_leg)
