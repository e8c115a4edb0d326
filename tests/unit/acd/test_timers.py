from acd.timers import Timers


def test_keys_fall_due_in_time_and_those_of_one_instant_in_the_order_they_were_set():
    timers: Timers[str] = Timers()
    timers.set("late", 3.0)
    timers.set("second", 1.0)
    timers.set("first", 0.5)
    timers.set("third", 1.0)
    assert timers.next_at() == 0.5
    assert [timers.pop_due(1.0) for _ in range(4)] == ["first", "second", "third", None]
    assert timers.next_at() == 3.0


def test_a_key_that_is_set_again_is_due_at_the_new_time_only():
    timers: Timers[str] = Timers()
    timers.set("a", 1.0)
    timers.set("a", 5.0)
    assert timers.pop_due(4.0) is None
    assert timers.next_at() == 5.0
    timers.set("a", 2.0)
    assert timers.pop_due(2.0) == "a"
    assert timers.next_at() is None


def test_a_cancelled_key_is_never_due():
    timers: Timers[str] = Timers()
    timers.set("a", 1.0)
    timers.cancel("a")
    timers.cancel("never set")
    assert timers.next_at() is None
    assert timers.pop_due(9.0) is None


def test_cancelled_keys_take_no_room_for_long():
    timers: Timers[int] = Timers()
    timers.set(-1, 0.5)
    for key in range(10_000):
        timers.set(key, 1e6 + key)
        timers.cancel(key)
    assert len(timers) == 1
    assert len(timers._heap) < 100
    assert timers.pop_due(1.0) == -1
