"""What the API needs of the running service.

Everything is a coroutine: calls that are closed come from the store. A method may raise

- `callcenter.calls.errors.UnknownCall`: answered with 404,
- `callcenter.calls.errors.NotNow`: answered with 409 and its message,
- `callcenter.incidents.typed.TypedRefused`: answered with 422 and what the field can hold,
- `callcenter.asterisk.errors.AmiError` and `callcenter.store.errors.StoreUnavailable`: 503.

The dictionaries have the shapes of `callcenter.api.shapes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from callcenter.calls.positions import GivenPosition

Json = dict[str, Any]


class Floor(Protocol):
    """Calls, seats, officers and places as they are now."""

    async def calls(self) -> list[Json]:
        """Summaries: open calls, then the newest closed ones."""

    async def call(self, call_id: str) -> Json | None:
        """One call with all that its page shows."""

    async def transcript(self, call_id: str) -> list[Json]:
        """Segments in order; empty for a call without any."""

    async def ring_officer(self, call_id: str, officer_ids: Sequence[str], by: str) -> Json:
        """Put one of these officers, or the responsible one, on the line."""

    async def stop_ringing(self, call_id: str, by: str) -> None:
        """Stop ringing officers."""

    async def partners(self) -> list[Json]:
        """Every desk that may be brought to a call."""

    async def bring(
        self, call_id: str, role: str, party: str, how: str, seat: str, by: str
    ) -> None:
        """Ring a ``partner`` or another ``operator`` for the call of this seat."""

    async def give_to_queue(self, call_id: str, queue: str, seat: str, by: str) -> None:
        """Let the caller wait at the head of another queue; the seat is free."""

    async def stop_party(self, call_id: str, party: str, by: str) -> None:
        """Ring somebody no more."""

    async def put_out(self, call_id: str, leg: str, by: str) -> None:
        """Take somebody off the call."""

    async def step_aside(self, call_id: str, seat: str, by: str) -> None:
        """Take an operator aside; a caller who is alone then has music."""

    async def back(self, call_id: str, seat: str, by: str) -> None:
        """Take an operator back to the caller."""

    async def edit_field(self, call_id: str, field: str, value: Any, by: str) -> Json:
        """Put a typed value into the record; returns the record."""

    async def hang_up(self, call_id: str, by: str) -> None:
        """End the caller's call."""

    async def leave(self, call_id: str, seat_id: str, by: str) -> None:
        """Take an operator off a call that goes on with the officer."""

    async def recording_file(self, call_id: str) -> Path | None:
        """The finished recording."""

    async def seats(self) -> list[Json]:
        """Every seat."""

    async def set_seat_state(self, seat_id: str, state: str, reason: str | None, by: str) -> Json:
        """Make a seat ready or not ready; returns the seat."""

    async def wrap_up(self, seat_id: str, on: bool, by: str) -> Json:
        """Begin or end work after a call; returns the seat."""

    async def reasons(self) -> list[Json]:
        """Why a seat may be set not ready."""

    async def prioritise(self, call_id: str, priority: int | None, by: str) -> Json:
        """Give a waiting caller a priority, None: by the rules; returns the call's summary."""

    async def put_position(self, call_id: str, given: GivenPosition, by: str) -> Json:
        """Keep where a caller's phone is; returns the call's ``position``."""

    async def move(self, call_id: str, queue: str, by: str) -> Json:
        """Let a waiting caller wait in another queue; returns the call's summary."""

    async def pick(self, call_id: str, seat_id: str, by: str) -> Json:
        """Offer a waiting caller to this seat out of turn."""

    async def set_surge(self, origin: str, on: bool, by: str) -> Json:
        """Begin or end a surge of calls from one origin."""

    async def surges(self) -> list[Json]:
        """Every surge that is on."""

    async def queues(self) -> list[Json]:
        """Every queue with who waits."""

    async def officers(self) -> list[Json]:
        """Every officer."""

    async def precincts(self) -> str:
        """Boundaries as the text of a GeoJSON FeatureCollection."""

    async def precincts_around(self, lat: float, lon: float, reach_m: float) -> str:
        """The same of what lies in a square about a point, whose sides are twice ``reach_m``."""

    async def speech(self) -> Json:
        """Whether speech is recognised, and if not, why."""

    async def health(self) -> Json:
        """What works. Every boolean at the top level must be true for the service to be ready."""


class Notes(Protocol):
    """What the API needs of the journal."""

    @property
    def backlog(self) -> int:
        """Notes that are not committed yet."""

    def note(
        self,
        call_id: str | None,
        kind: str,
        payload: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> None:
        """Note that something happened; never waits."""
