"""What the API needs of whoever computes figures."""

from __future__ import annotations

from typing import Any, Protocol

from callcenter.figures.officer_report import OfficerGrouping
from callcenter.figures.report import Grouping


class FiguresSource(Protocol):
    """Figures as JSON, with their definitions. May raise `StoreUnavailable`."""

    async def of(self, since: str, until: str, by: Grouping | None) -> dict[str, Any]:
        """Of a period as typed; raises `callcenter.figures.period.PeriodError` for none."""

    async def officers(self, since: str, until: str, by: OfficerGrouping | None) -> dict[str, Any]:
        """Of the hunts for officers in a period as typed; raises `PeriodError` for none."""

    async def live(self, by: Grouping | None = None) -> dict[str, Any]:
        """Of today so far, and of the last hour."""
