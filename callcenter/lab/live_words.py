"""The transcript on the screen while people speak: finished words as lines, others as they grow."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from callcenter.lab import screen


class LiveWords:
    """Takes the service's events and shows what is said. Use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(Text(""), console=console, transient=True, refresh_per_second=8)
        self._growing: dict[str, Mapping[str, Any]] = {}
        self._calls: dict[str, str] = {}
        self.first_at: dict[tuple[str, str], float] = {}
        """When the first words of a role came, by call id and role (monotonic)."""

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._live.stop()

    def on_event(self, event: Mapping[str, Any]) -> None:
        """Take one event of the stream."""
        kind = event.get("type")
        if kind == "call":
            call = event["call"]
            self._calls[call["id"]] = str(call.get("from", ""))
        elif kind == "segment":
            self._segment(str(event["call_id"]), event["segment"])

    def _segment(self, call_id: str, segment: Mapping[str, Any]) -> None:
        role = str(segment.get("role", ""))
        self.first_at.setdefault((call_id, role), time.monotonic())
        key = f"{call_id}/{segment['id']}"
        if segment.get("final"):
            self._growing.pop(key, None)
        else:
            self._growing[key] = segment
        lines = [Text.from_markup(screen.segment_text(one) + " …") for one in self._still()]
        self._live.update(Group(*lines))
        if segment.get("final"):
            number = escape(self._calls.get(call_id, ""))
            text = screen.segment_text(segment)
            self._console.print(f"{text}  [dim]{number}[/]", highlight=False)

    def _still(self) -> list[Mapping[str, Any]]:
        return list(self._growing.values())[-4:]
