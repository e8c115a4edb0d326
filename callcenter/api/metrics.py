"""Figures for Prometheus, in a registry of the application's own.

``/metrics`` needs a supervisor, an administrator or the API token like everything else: "loopback
is trusted" would open it to the world behind any reverse proxy on the same machine.
"""

from __future__ import annotations

import contextlib
import math
from collections import Counter as Tally
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from callcenter.store.errors import StoreError

from .operations import LEADERS, Asked, Operation

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_CALL_STATES = ("arrived", "waiting", "offered", "talking", "with_officer")
_SEAT_STATES = ("offline", "not_ready", "ready", "offered", "talking", "wrap_up")


class Metrics:
    """What is counted while serving, and what is looked up when asked."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._calls = Gauge(
            "callcenter_calls", "Open calls by state", ["state"], registry=self.registry
        )
        self._seats = Gauge("callcenter_seats", "Seats by state", ["state"], registry=self.registry)
        self._service_level = Gauge(
            "callcenter_service_level",
            "Share of calls answered in time; all: answered or abandoned in time",
            ["window", "of", "threshold_s"],
            registry=self.registry,
        )
        self._abandoned = Gauge(
            "callcenter_abandoned_share",
            "Abandoned calls / (answered + abandoned)",
            ["window"],
            registry=self.registry,
        )
        self._arrived = Gauge(
            "callcenter_arrived_calls", "Calls that came in", ["window"], registry=self.registry
        )
        self._wait_s = Gauge(
            "callcenter_wait_seconds",
            "Waits of answered and abandoned calls",
            ["window", "quantile"],
            registry=self.registry,
        )
        self._backlog = Gauge(
            "callcenter_journal_backlog", "Journal notes not committed yet", registry=self.registry
        )
        self._speech = Gauge(
            "callcenter_speech",
            "Recognition: available and interim (1 or 0), deferred_legs, late_waiting (stretches)",
            ["what"],
            registry=self.registry,
        )
        self.streams = Gauge(
            "callcenter_event_streams", "Open event streams", registry=self.registry
        )
        self._requests = Histogram(
            "callcenter_http_request_seconds",
            "Time to answer an HTTP request",
            ["method", "route", "status"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )

    def answered(self, method: str, route: str, status: int, took_s: float) -> None:
        """Count one answered request."""
        self._requests.labels(method, route, str(status)).observe(took_s)

    def operations(self) -> tuple[Operation, ...]:
        """The operation that shows them."""
        return (
            Operation(
                "GET",
                "/metrics",
                self.show,
                "Figures for Prometheus",
                LEADERS,
                answer_type="text/plain",
            ),
        )

    async def show(self, asked: Asked) -> web.Response:
        """All figures in Prometheus' text format."""
        calls = Tally(call["state"] for call in await asked.floor.calls())
        for state in _CALL_STATES:
            self._calls.labels(state).set(calls[state])
        seats = Tally(seat["state"] for seat in await asked.floor.seats())
        for state in _SEAT_STATES:
            self._seats.labels(state).set(seats[state])
        self._backlog.set(asked.services.journal.backlog)
        speech = await asked.floor.speech()
        for what in ("available", "interim", "deferred_legs", "late_waiting"):
            self._speech.labels(what).set(float(speech.get(what, 0)))
        # A database that does not answer must not hide what is known without it.
        with contextlib.suppress(StoreError):
            live = await asked.services.figures.live()
            for window, figures in (("today", live["figures"]), ("hour", live["hour"]["figures"])):
                self._show_figures(window, figures)
        return web.Response(
            body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    def _show_figures(self, window: str, figures: dict[str, Any]) -> None:
        for of in ("answered", "all"):
            for threshold, share in figures.get(f"service_level_{of}", {}).items():
                self._service_level.labels(window, of, threshold).set(_or_nan(share))
        self._abandoned.labels(window).set(_or_nan(figures.get("abandoned_share")))
        self._arrived.labels(window).set(figures.get("arrived", 0))
        for quantile, name in (("0.5", "median"), ("0.9", "p90"), ("0.99", "p99")):
            wait_ms = figures.get(f"wait_{name}_ms")
            self._wait_s.labels(window, quantile).set(
                math.nan if wait_ms is None else wait_ms / 1000
            )


def _or_nan(share: float | None) -> float:
    """Prometheus' word for a share of nothing."""
    return math.nan if share is None else share
