"""Figures for Prometheus, in a registry of the application's own.

``/metrics`` needs a supervisor, an administrator or the API token like everything else: "loopback
is trusted" would open it to the world behind any reverse proxy on the same machine.
"""

from __future__ import annotations

from collections import Counter as Tally

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

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
        self._backlog = Gauge(
            "callcenter_journal_backlog", "Journal notes not committed yet", registry=self.registry
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
        return web.Response(
            body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )
