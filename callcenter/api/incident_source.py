"""What the API needs of whoever keeps incidents: `callcenter.records.desk` and `.offers`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

from callcenter.records.desk import Group
from callcenter.store.incident_pages import Position, Search

Json = dict[str, Any]


class IncidentSource(Protocol):
    """Incidents of one or more calls.

    A method may raise `callcenter.records.errors.UnknownIncident` (404), `CannotJoin` (409), and
    what `callcenter.api.floor` names.
    """

    async def find(self, any_id: str) -> Group:
        """The incident of this id, or of the call of this id."""

    async def again(self, group: Group) -> Group:
        """The same calls as they are now."""

    async def incident(self, group: Group) -> Json:
        """As `callcenter.api.incidents.WholeIncident`."""

    async def edit(self, any_id: str, group: Group, field: str, value: Any, by: str) -> None:
        """Put a typed value into the record."""

    async def join(self, one: Group, other: Group, by: str, why: str) -> Group:
        """Make two incidents one."""

    async def separate(self, group: Group, join_id: int | None, by: str, why: str) -> Group:
        """Take a join back."""

    async def transcripts(self, group: Group) -> dict[str, list[Json]]:
        """What was said in each of its calls."""

    async def page(
        self, search: Search, after: Position | None, limit: int
    ) -> tuple[list[Json], Position | None]:
        """Some incidents, the newest first, and where the next page begins."""

    def lines(self, search: Search) -> AsyncIterator[list[Json]]:
        """All incidents as lines of CSV, page by page."""


class OfferSource(Protocol):
    """Incidents that may be one."""

    async def of(self, group: Group) -> list[Json]:
        """Those that may be the same as this one, the likeliest first."""


class RecontactSource(Protocol):
    """Calls by the same caller, or about the same place."""

    async def of(self, group: Group) -> list[Json]:
        """Those that this incident is linked with, the newest first."""
