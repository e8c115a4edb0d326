"""When a leg was not heard."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callcenter.calls.call import Call
from callcenter.calls.ladder import Ladder
from callcenter.calls.legs import Leg, Role
from callcenter.recognition.gaps import NO_TAP, Gaps

LOST = "a worker was lost"


class Marked:
    """A call with one leg that joined at 1,000 ms, and what was marked of it."""

    def __init__(self) -> None:
        self.marks: list[tuple[int, int, str]] = []
        self.gaps = Gaps(self.mark)
        self.leg = Leg("1.2", "PJSIP/s01-1", Role.OPERATOR, "s01", joined_ms=1_000)
        self.call = Call(
            id="1.1",
            line="110",
            queue="emergency",
            channel="PJSIP/t-1",
            caller_number="5551234",
            arrived_at=datetime.now(UTC),
            started_at=0.0,
            ladder=Ladder({}),
            legs={"1.2": self.leg},
        )

    def mark(self, call: Call, leg: Leg, from_ms: int, to_ms: int, why: str) -> None:
        assert (call.id, leg.id) == ("1.1", "1.2")
        self.marks.append((from_ms, to_ms, why))

    def says(self, start_ms: int, end_ms: int) -> None:
        name = f"s{start_ms}"
        self.call.segments[name] = {
            "id": name,
            "leg": "1.2",
            "start_ms": start_ms,
            "end_ms": end_ms,
            "final": True,
        }


@pytest.fixture
def it() -> Marked:
    return Marked()


def test_the_moment_until_the_first_tap_opens_is_not_marked(it: Marked) -> None:
    it.gaps.begins(it.leg, None, NO_TAP)
    it.gaps.tap_opened(it.call, it.leg, 1_300)
    it.gaps.voice_started(it.call, it.leg, 2_500)
    it.gaps.leg_ended(it.call, it.leg, 9_000)
    assert it.marks == []


def test_the_moment_until_the_first_tap_opens_is_marked_if_somebody_was_speaking(
    it: Marked,
) -> None:
    it.gaps.begins(it.leg, None, NO_TAP)
    it.gaps.tap_opened(it.call, it.leg, 1_300)
    it.gaps.voice_started(it.call, it.leg, 1_420)
    it.gaps.voice_started(it.call, it.leg, 5_000)
    assert it.marks == [(1_000, 1_300, NO_TAP)]


def test_leg_that_nobody_took_for_long_is_marked_from_its_beginning(it: Marked) -> None:
    it.gaps.begins(it.leg, None, NO_TAP)
    it.gaps.begins(it.leg, None, "again")
    it.gaps.tap_opened(it.call, it.leg, 7_000)
    assert it.marks == [(1_000, 7_000, NO_TAP)]


def test_after_a_lost_worker_the_gap_begins_where_the_last_words_ended(it: Marked) -> None:
    it.says(2_000, 3_000)
    it.says(5_000, 6_000)
    it.gaps.begins(it.leg, 4_000, LOST, words_lost=True)
    it.gaps.begins(it.leg, None, NO_TAP)
    it.gaps.tap_opened(it.call, it.leg, 6_200)
    assert it.marks == [(4_000, 6_200, LOST)]


def test_after_a_restart_the_gap_begins_at_the_last_words_that_were_filed(it: Marked) -> None:
    it.gaps.begins(it.leg, None, NO_TAP)
    it.says(2_000, 3_000)
    it.gaps.tap_opened(it.call, it.leg, 9_000)
    assert it.marks == [(3_000, 9_000, NO_TAP)]


def test_gap_that_nothing_ends_lasts_to_the_end_of_the_leg(it: Marked) -> None:
    it.gaps.begins(it.leg, 4_000, LOST, words_lost=True)
    it.gaps.leg_ended(it.call, it.leg, 30_000)
    it.gaps.leg_ended(it.call, it.leg, 31_000)
    assert it.marks == [(4_000, 30_000, LOST)]
