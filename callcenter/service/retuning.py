"""What happens when other settings come into force."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from acd import events as acd_events
from callcenter.tuning.apply import own_words
from callcenter.tuning.apply import responsibility as tuned_responsibility
from callcenter.tuning.tuner import Tuned

if TYPE_CHECKING:
    from callcenter.service.parts import Parts


def retune(parts: Parts, tuned: Tuned) -> None:
    """Let other settings be in force for every decision from now on."""
    now = time.monotonic()
    parts.rosters.desk.zone = ZoneInfo(tuned.document.time_zone)
    parts.rosters.desk.set_standing(parts.standing(tuned.roster))
    parts.priorities.rules = tuned.rules
    parts.conductor.day.zone = ZoneInfo(tuned.document.time_zone)
    parts.conductor.deadlines = tuned.settings.deadlines
    parts.officers.tune(tuned.settings.deadlines)
    parts.responsibility.rules = tuned_responsibility(tuned.document)
    words = own_words(tuned.document)
    if words != parts.words:
        parts.words = words
        parts.write_up.use_words(words)
    parts.distribution.seat_names = {seat.id: seat.name for seat in tuned.document.seats}
    parts.distribution.queue_names = {queue.id: queue.name for queue in tuned.document.queues}
    lines = tuned.document.lines
    parts.distribution.fallback.line_queues = frozenset(line.queue for line in lines)
    parts.distribution.lines = frozenset(line.number for line in lines)
    parts.tasks.call_backs.retune(tuned.settings)
    parts.figures.thresholds_s = tuned.document.service_level.thresholds_s
    parts.figures.zone = ZoneInfo(tuned.document.time_zone)
    parts.distribution.feed(acd_events.SettingsChanged(tuned.floor), now)
    for call in parts.register.open():
        if call.in_distribution:
            needs = parts.priorities.needs_of(call)
            parts.distribution.feed(acd_events.CallNeeds(call.id, needs), now)
            parts.conductor.waiting.prioritise(call)
    if parts.link.connected:
        parts.tell_line_ends()
    parts.bus.publish("tuning", {"type": "tuning", "version": tuned.version})
