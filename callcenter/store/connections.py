"""Connections to the database that are never left open: whoever closes can wait for their end.

Two things are not seen to by the libraries. A pool of SQLAlchemy that was disposed of keeps, for
ever, what is given back to it later. And a thread of aiosqlite whose connection was refused, or
whose opening was cancelled, ends by itself some time afterwards: it then speaks to an event loop
that may be closed.
"""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import aiosqlite
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from . import one_trip


class ClosingPool(AsyncAdaptedQueuePool):
    """A pool that, once it was disposed of, closes what is given back to it."""

    _disposed = False

    def dispose(self) -> None:
        """Close what nobody uses now, and the rest as it is given back."""
        self._disposed = True
        super().dispose()

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        try:
            if self._disposed:
                record.close()
        finally:
            # Without its connection too: somebody may wait for a place, and opens another one.
            super()._do_return_conn(record)


class SqliteThreads:
    """The threads of one database's SQLite connections, each until it has ended."""

    def __init__(self) -> None:
        self._threads: set[threading.Thread] = set()

    async def connect(self, *args: Any, **options: Any) -> aiosqlite.Connection:
        """Open a connection; for SQLAlchemy as ``async_creator_fn``."""
        connection = one_trip.connection(*args, **options)
        thread = connection._thread
        thread.daemon = True  # one that hangs on a dead disk must not keep the process
        self._threads = {known for known in self._threads if known.is_alive()} | {thread}
        return await connection

    async def ended(self, within_s: float) -> bool:
        """Wait until all threads have ended; False when that took too long."""
        end = time.monotonic() + within_s
        while self._threads:
            thread = self._threads.pop()
            if not thread.is_alive():
                continue
            await asyncio.to_thread(thread.join, max(0.0, end - time.monotonic()))
            if thread.is_alive():
                self._threads.add(thread)
                return False
        return True
