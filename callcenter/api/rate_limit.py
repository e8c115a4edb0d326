"""Counts failures per key in a sliding window. The time is an argument."""

from __future__ import annotations

from collections import OrderedDict, deque

KEYS_REMEMBERED = 10_000


class FailureLimit:
    """At most ``most`` failures of one key within ``window_s`` seconds."""

    def __init__(self, most: int, window_s: float, keys: int = KEYS_REMEMBERED) -> None:
        self._most = most
        self._window_s = window_s
        self._keys = keys
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, key: str, now: float) -> float:
        """How long this key must wait before its next attempt; 0: not at all."""
        failures = self._failures.get(key)
        if failures is None:
            return 0.0
        while failures and failures[0] <= now - self._window_s:
            failures.popleft()
        if not failures:
            del self._failures[key]
            return 0.0
        if len(failures) < self._most:
            return 0.0
        return failures[-self._most] + self._window_s - now

    def failed(self, key: str, now: float) -> None:
        """Count a failure."""
        failures = self._failures.setdefault(key, deque(maxlen=self._most))
        failures.append(now)
        self._failures.move_to_end(key)
        while len(self._failures) > self._keys:
            self._failures.popitem(last=False)

    def undo(self, key: str) -> None:
        """Take back the newest failure of a key."""
        if failures := self._failures.get(key):
            failures.pop()

    def forgive(self, key: str) -> None:
        """Forget the failures of a key."""
        self._failures.pop(key, None)
