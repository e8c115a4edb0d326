from asr.clock import StreamClock

FRAME = 160
STARTED_AT = 1_000.0


def feed(clock: StreamClock, frames: int, from_s: float, step_s: float = 0.02) -> int:
    return sum(clock.arrived(FRAME, from_s + k * step_s) for k in range(frames))


def test_first_sound_is_placed_by_its_arrival() -> None:
    clock = StreamClock(STARTED_AT, 8_000)
    clock.arrived(FRAME, STARTED_AT + 5.02)
    assert clock.position_ms == 5_020


def test_steady_sound_keeps_time_by_counting() -> None:
    clock = StreamClock(STARTED_AT, 8_000)
    assert feed(clock, 500, STARTED_AT + 1.02) == 0
    assert clock.position_ms == 11_000


def test_jitter_moves_nothing() -> None:
    clock = StreamClock(STARTED_AT, 8_000)
    holes = sum(
        clock.arrived(FRAME, STARTED_AT + 1.02 + k * 0.02 + (0.06 if k % 3 == 1 else 0))
        for k in range(500)
    )
    assert holes == 0
    assert clock.position_ms == 11_000


def test_stall_that_is_caught_up_with_leaves_no_hole() -> None:
    clock = StreamClock(STARTED_AT, 8_000)
    feed(clock, 100, STARTED_AT + 0.02)
    assert feed(clock, 200, STARTED_AT + 6.0, step_s=0.0) == 0
    assert feed(clock, 200, STARTED_AT + 6.02) == 0
    assert abs(clock.position_ms - 10_000) <= 20


def test_lost_sound_is_a_hole_and_time_stays_true_within_100_ms() -> None:
    clock = StreamClock(STARTED_AT, 8_000)
    feed(clock, 100, STARTED_AT + 0.02)
    assert feed(clock, 200, STARTED_AT + 5.02) == 3_000
    assert abs(clock.position_ms - 9_000) <= 100


def test_peer_that_catches_up_late_is_forgiven() -> None:
    clock = StreamClock(STARTED_AT, 8_000)
    feed(clock, 100, STARTED_AT + 0.02)
    assert feed(clock, 300, STARTED_AT + 3.02) == 1_000
    feed(clock, 50, STARTED_AT + 9.0, step_s=0.0)
    assert abs(clock.position_ms - 9_000) <= 100


def test_late_first_frame_does_not_make_everything_late() -> None:
    clock = StreamClock(STARTED_AT, 8_000)
    clock.arrived(FRAME, STARTED_AT + 1.22)
    feed(clock, 100, STARTED_AT + 1.04)
    assert abs(clock.position_ms - 3_020) <= 20


def test_sound_faster_than_time_is_counted_not_refused() -> None:
    clock = StreamClock(STARTED_AT, 8_000)
    assert feed(clock, 1_000, STARTED_AT, step_s=0.001) == 0
    assert clock.position_ms == 20_000
