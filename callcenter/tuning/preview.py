"""What a change would have done to the calls of a period, computed beside the service.

The journal is read here, a page at a time; the replay runs in a process of its own that is killed
when it takes too long, at low priority, so that the calls of now do not wait for those of
yesterday.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from acd.figures import DEFINITIONS
from callcenter.figures.period import Period, PeriodError, of_these_times
from callcenter.figures.reading import TooManyCalls, read_period
from callcenter.store.journal_pages import JournalPages
from callcenter.tuning.document import Document, read
from callcenter.tuning.errors import PreviewFailed
from callcenter.tuning.past import Past, past_of
from callcenter.tuning.past_matters import PastMatters
from callcenter.tuning.past_words import PastWords
from callcenter.tuning.replay import compare, replay

LONGEST: Final = timedelta(days=31)
MOST_CALLS: Final = 50_000
WITHIN_S: Final = 60.0
NICENESS: Final = 10

REMARKS: Final = (
    "Both columns are replays, with the seats that were on duty then. Whoever left would leave"
    " after the same time again unless answered before; whoever was answered would wait as long as"
    " it takes. Phones that failed, callers' languages and what people decided by hand are not"
    " played again.",
    "Surges are played again, save those that a person began or ended. Not played again either: the"
    " priority of a category that a person confirmed; call-backs chosen at an announcement, whose"
    " callers only leave when they left; diverts that failed: every divert is taken.",
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Preview:
    """Replays past calls with two documents."""

    def __init__(
        self,
        pages: JournalPages,
        matters: PastMatters | None = None,
        words: PastWords | None = None,
        *,
        wall: Callable[[], datetime] = _utc_now,
        within_s: float = WITHIN_S,
        most_calls: int = MOST_CALLS,
    ) -> None:
        self._pages = pages
        self._matters = matters
        self._words = words
        self._wall = wall
        self._within_s = within_s
        self._most_calls = most_calls

    async def __call__(
        self,
        current: Document,
        proposed: Document,
        begin: datetime | None = None,
        end: datetime | None = None,
    ) -> dict[str, Any]:
        """Figures and differences over the calls of a period; by default all of yesterday.

        Raises:
            PeriodError: the period cannot be had; says which end of it.
            PreviewFailed: too many calls came in it, or the replay broke off.
            StoreUnavailable: the journal cannot be read.
        """
        zone = ZoneInfo(current.time_zone)
        period = self._period(begin, end, zone)
        try:
            async with asyncio.timeout(self._within_s):
                past = await self._past(period)
                answer = await _in_worker(past, current, proposed)
                answer["responsibility"] = (
                    await self._matters.moved(current, proposed, period.since, period.until)
                    if self._matters
                    else None
                )
                answer["words"] = (
                    await self._words.read_again(current, proposed, period.since, period.until)
                    if self._words
                    else None
                )
        except TimeoutError:
            raise PreviewFailed(
                f"the replay was not done within {self._within_s:g} s and was ended"
            ) from None
        answer["period"] = {
            "from": period.since.isoformat(timespec="seconds"),
            "to": period.until.isoformat(timespec="seconds"),
            "zone": current.time_zone,
        }
        return answer

    def _period(self, begin: datetime | None, end: datetime | None, zone: ZoneInfo) -> Period:
        now = self._wall()
        day = timedelta(days=1)
        if begin is None and end is None:
            until = Period.today(now, zone).since
            since = Period.today(until - timedelta(minutes=1), zone).since
        else:
            begin = begin and of_these_times("from", begin, zone)
            end = end and of_these_times("to", end, zone)
            since = begin or (end or now) - day
            until = end or min(since + day, now)
        if not since < until:
            raise PeriodError("to", "expected a moment after from, and from not after now")
        if until - since > LONGEST:
            raise PeriodError("to", f"expected at most {LONGEST.days} days after from")
        return Period(since.astimezone(zone), until.astimezone(zone))

    async def _past(self, period: Period) -> Past:
        try:
            lives = await read_period(
                self._pages, period, self._wall(), running=True, most_calls=self._most_calls
            )
        except TooManyCalls:
            raise PreviewFailed(f"more than {self._most_calls} calls came in that period") from None
        midnight = Period.today(period.since, period.since.tzinfo or UTC).since
        return await asyncio.to_thread(
            past_of, lives, period.since_s, period.until_s, midnight.timestamp()
        )


async def _in_worker(past: Past, current: Document, proposed: Document) -> dict[str, Any]:
    job = await asyncio.to_thread(
        json.dumps,
        {"past": past.to_json(), "current": current.to_json(), "proposed": proposed.to_json()},
    )
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        answer, _ = await worker.communicate(job.encode())
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
    if worker.returncode != 0:
        raise PreviewFailed(f"the replay broke off (exit status {worker.returncode})")
    result: dict[str, Any] = await asyncio.to_thread(json.loads, answer)
    return result


def answer(job: dict[str, Any]) -> dict[str, Any]:
    """Do what a worker is asked for."""
    past = Past.from_json(job["past"])
    current = replay(past, read(job["current"]))
    proposed = replay(past, read(job["proposed"]))
    remarks = list(REMARKS)
    if not past.calls:
        remarks.append("No call came in this period.")
    elif not past.duty:
        remarks.append("No seat was on duty in this period.")
    return {
        "calls": len(past.calls),
        "current": current.figures.to_json() | {"never_answered": current.still_waiting},
        "proposed": proposed.figures.to_json() | {"never_answered": proposed.still_waiting},
        "differences": compare(past, current, proposed),
        "remarks": remarks,
        "definitions": {
            **DEFINITIONS,
            "never_answered": "Callers whom nobody had answered a day after the period's end.",
        },
    }


def main() -> None:
    """Read a job from standard input, print the answer."""
    os.nice(NICENESS)
    json.dump(answer(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
