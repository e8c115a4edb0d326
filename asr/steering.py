"""Carries the decisions of `asr.admission` to the workers: one policy for each of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import structlog

from asr.admission import Admission, Given, LiveLeg, Load
from asr.control import Defer, Interim, Pong
from asr.taps import OpenTap
from asr.worker_process import WorkerProcess

log = structlog.get_logger(__name__)

LATE_BUSY = 0.5
"""A worker that is busier than this with calls is given no recordings."""
LATE_BACKLOG_MS = 200


class Steering:
    """What each worker gives up, from its own figures."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of: dict[WorkerProcess, Admission] = {}

    def came(self, tap: OpenTap) -> None:
        """A tap was given to a worker; call it after the worker was told to expect it."""
        admission = self._admission(tap.worker)
        before = admission.given
        self._carry_out(tap.worker, before, admission.came(_leg(tap)))

    def look(self, worker: WorkerProcess, health: Pong, taps: Sequence[OpenTap]) -> None:
        """Decide from a worker's newest figures."""
        admission = self._admission(worker)
        before = admission.given
        load = Load(health.demand, health.backlog_ms)
        given = admission.decide(load, [_leg(tap) for tap in taps], self._clock())
        self._carry_out(worker, before, given)
        if (before.interim, len(before.deferred)) != (given.interim, len(given.deferred)):
            log.warning(
                "speech_admission",
                worker=worker.pid,
                interim=given.interim,
                deferred_legs=len(given.deferred),
                legs=len(taps),
                demand=round(admission.demand, 2),
                backlog_ms=health.backlog_ms,
            )

    def forget(self, worker: WorkerProcess) -> None:
        """A worker has ended."""
        self._of.pop(worker, None)

    def given(self, worker: WorkerProcess) -> Given:
        """What a worker does at present."""
        return self._admission(worker).given

    def defers(self, worker: WorkerProcess, role: str) -> bool:
        """Whether a leg of this role would be left for later there."""
        return self._admission(worker).defers(role)

    def demand(self, worker: WorkerProcess) -> float:
        """The share of its time that decoding would take, over the last seconds."""
        return self._admission(worker).demand

    def has_room(self, worker: WorkerProcess) -> bool:
        """Whether recordings may be given to this worker now."""
        health = worker.health
        if not (worker.port and worker.models and health):
            return False
        return (
            self.given(worker) == Given()
            and self.demand(worker) <= LATE_BUSY
            and health.backlog_ms <= LATE_BACKLOG_MS
        )

    def _admission(self, worker: WorkerProcess) -> Admission:
        return self._of.setdefault(worker, Admission())

    @staticmethod
    def _carry_out(worker: WorkerProcess, before: Given, given: Given) -> None:
        if given.interim != before.interim:
            worker.send(Interim(given.interim))
        for tap in given.deferred - before.deferred:
            worker.send(Defer(tap, True))
        for tap in before.deferred - given.deferred:
            worker.send(Defer(tap, False))


def _leg(tap: OpenTap) -> LiveLeg:
    return LiveLeg(tap.tapped.uuid.hex, tap.tapped.role, tap.since)
