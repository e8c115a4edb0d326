"""The API and the console on top of a service's parts."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from callcenter.api.app import build_app
from callcenter.api.boundaries import BoundaryOperations
from callcenter.api.recognition import RecognitionOperations
from callcenter.api.responses import ResponseOperations
from callcenter.api.rosters import RosterOperations
from callcenter.api.staffing import StaffingOperations
from callcenter.api.tuning import TuningOperations
from callcenter.figures.staffing import StaffingDesk
from callcenter.service.parts import Parts
from callcenter.store.boundaries import BoundaryVersions
from callcenter.store.journal_pages import JournalPages
from callcenter.tuning.known import choices
from callcenter.tuning.past_matters import PastMatters
from callcenter.tuning.past_words import PastWords
from callcenter.tuning.preview import Preview

CONSOLE = Path(__file__).parents[1] / "console" / "dist"


def application(parts: Parts) -> web.Application:
    """What answers HTTP."""
    return build_app(
        parts.floor,
        parts.people,
        parts.bus,
        parts.journal,
        parts.secrets,
        CONSOLE,
        tasks=parts.tasks.desk,
        figures=parts.figures,
        incidents=parts.incident_operations,
        recognition=RecognitionOperations(parts.late, parts.register, parts.listener),
        responses=ResponseOperations(parts.responses.desk, parts.pool),
        tuning=TuningOperations(
            parts.tuner.desk,
            Preview(
                JournalPages(parts.db),
                PastMatters(parts.calls, lambda: parts.boundaries.now, parts.partners),
                PastWords(parts.calls, parts.transcripts),
            ),
            lambda: choices(parts.settings, parts.boundaries.now.known_kinds),
        ),
        rosters=RosterOperations(parts.rosters),
        boundaries=BoundaryOperations(lambda: parts.boundaries.now, BoundaryVersions(parts.db)),
        staffing=StaffingOperations(
            StaffingDesk(JournalPages(parts.db), lambda: parts.figures.zone)
        ),
    )
