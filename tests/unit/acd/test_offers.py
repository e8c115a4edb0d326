from acd.commands import Offer
from acd.events import CallArrived, OfferFailed
from acd.model import CallState, NoticeKind, OfferCause, QueueSettings, SeatState


def test_a_call_that_arrives_rings_a_ready_seat_at_once(make_floor):
    floor = make_floor(QueueSettings("q", ring_s=12.0))
    floor.seats_ready("a")
    floor.arrives("c1")
    assert Offer("1", "c1", ("a",), 12.0) in floor.commands
    assert floor.seat("a") is SeatState.OFFERED
    assert floor.call_of("a") == "c1"


def test_a_seat_that_rings_gets_no_other_call(floor):
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    assert floor.offered == []
    assert floor.waiting == ["c2"]


def test_a_seat_that_talks_gets_no_other_call(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.arrives("c2")
    assert floor.seat("a") is SeatState.TALKING
    assert floor.waiting == ["c2"]


def test_caller_keeps_place_when_seat_does_not_answer(floor):
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.fails("a")
    assert floor.offered == [("c1", "a")]
    assert floor.waiting == ["c2"]


def test_another_seat_is_tried_before_the_one_that_did_not_answer(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.fails("a")
    assert floor.offered == [("c1", "b")]
    assert floor.seat("a") is SeatState.READY


def test_a_seat_that_misses_too_many_calls_in_a_row_is_set_not_ready(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.fails("a")
    assert floor.seat("a") is SeatState.OFFERED
    floor.fails("a")
    assert (floor.seat("a"), floor.reason("a")) == (SeatState.NOT_READY, "missed_calls")
    assert floor.notices == [(NoticeKind.SEAT_MISSED_CALLS, "a")]
    assert floor.waiting == ["c1"]


def test_a_rejected_call_counts_as_missed(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.fails("a", OfferCause.NO_ANSWER)
    floor.fails("a", OfferCause.REJECTED)
    assert floor.seat("a") is SeatState.NOT_READY


def test_an_answer_forgives_earlier_misses(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.fails("a")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    floor.arrives("c2")
    floor.fails("a")
    assert floor.seat("a") is SeatState.OFFERED


def test_a_seat_set_not_ready_takes_calls_again_when_its_operator_says_so(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.fails("a")
    floor.fails("a")
    floor.seats_ready("a")
    assert floor.offer_to("a").call_id == "c1"
    floor.fails("a")
    assert floor.seat("a") is SeatState.OFFERED, "misses are counted anew"


def test_how_many_misses_is_the_queues_setting(make_floor):
    floor = make_floor(QueueSettings("q", misses_before_not_ready=1))
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.fails("a")
    assert floor.seat("a") is SeatState.NOT_READY


def test_a_busy_phone_is_left_alone_for_a_moment_and_blamed_for_nothing(make_floor):
    floor = make_floor(QueueSettings("q", busy_pause_s=3.0, misses_before_not_ready=1))
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.fails("a", OfferCause.BUSY)
    assert (floor.seat("a"), floor.reason("a")) == (SeatState.NOT_READY, "busy")
    assert floor.offered == []
    floor.passes(2.9)
    assert floor.offered == []
    floor.passes(0.2)
    assert floor.offered == [("c1", "a")]


def test_an_unreachable_phone_is_tried_again_as_soon_as_it_registers(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.fails("a", OfferCause.UNREACHABLE)
    assert (floor.seat("a"), floor.reason("a")) == (SeatState.NOT_READY, "unreachable")
    floor.phone_gone("a")
    floor.phone_back("a")
    assert floor.offered == [("c1", "a")]


def test_each_cause_has_its_own_pause(make_floor):
    floor = make_floor(
        QueueSettings(
            "q",
            no_answer_pause_s=1.0,
            rejected_pause_s=2.0,
            busy_pause_s=4.0,
            unreachable_pause_s=8.0,
            misses_before_not_ready=9,
        )
    )
    floor.seats_ready("a")
    floor.arrives("c1")
    for cause, pause_s in (
        (OfferCause.NO_ANSWER, 1.0),
        (OfferCause.REJECTED, 2.0),
        (OfferCause.BUSY, 4.0),
        (OfferCause.UNREACHABLE, 8.0),
    ):
        floor.fails("a", cause)
        assert floor.reason("a") == cause.value
        assert floor.engine.next_wakeup() == floor.now + pause_s
        floor.passes(pause_s)
        assert floor.offered == [("c1", "a")]


def test_a_paused_operator_who_says_ready_is_ready(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.fails("a", OfferCause.BUSY)
    floor.seats_ready("a")
    assert floor.offer_to("a").call_id == "c1"
    floor.answers("a")
    assert floor.engine.next_wakeup() is None, "the pause does not run on"


def test_an_offer_of_which_nothing_is_heard_expires_and_the_caller_keeps_the_place(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1", "c2", "c3")
    floor.answers("b")
    floor.passes(19.9)
    assert floor.commands == []
    floor.passes(0.2)
    assert floor.cancelled == [("c1", "a")]
    assert floor.notices == [(NoticeKind.OFFER_EXPIRED, "a")]
    assert floor.offered == [("c1", "a")]
    assert floor.waiting == ["c3"]


def test_an_expired_offer_goes_to_another_seat_first(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.passes(20)
    assert floor.offered == [("c1", "b")]


def test_expiry_is_no_miss_because_nobody_knows_whether_the_phone_rang(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.passes(20 * 5)
    assert floor.seat("a") is SeatState.OFFERED


def test_an_answer_that_comes_with_its_expiry_beats_it(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.now += 60
    floor.answers("a")
    assert floor.cancelled == []
    assert floor.seat("a") is SeatState.TALKING


def test_an_answered_offer_expires_no_more(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    assert floor.engine.next_wakeup() is None
    floor.passes(60)
    assert floor.call("c1") is CallState.TALKING


def test_a_failure_of_an_older_offer_changes_nothing(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    first = floor.offer_to("a")
    floor.fails("a")
    floor.tell(OfferFailed("c1", "a", first.offer_id, OfferCause.NO_ANSWER))
    assert floor.commands == []
    assert floor.seat("a") is SeatState.OFFERED


def test_a_failure_that_names_another_seat_changes_nothing(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.tell(OfferFailed("c1", "b", floor.offer_to("a").offer_id, OfferCause.NO_ANSWER))
    assert floor.commands == []


def test_offers_are_numbered_on_and_never_twice_alike(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    seen = [floor.offer_to("a").offer_id]
    for _ in range(3):
        floor.fails("a")
        floor.seats_ready("a")
        seen.append(floor.offer_to("a").offer_id)
    assert len(set(seen)) == 4


def test_a_call_that_arrives_twice_is_one_call(floor):
    floor.arrives("c1")
    floor.arrives("c1")
    assert floor.waiting == ["c1"]
    floor.seats_ready("a")
    floor.tell(CallArrived("c1", "q"))
    assert floor.commands == []


def test_the_end_of_a_ring_sends_the_caller_who_left_nowhere(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.fails("a", OfferCause.CALLER_LEFT)
    assert floor.call("c1") is None
    assert floor.offered == []
    assert floor.seat("a") is SeatState.READY
    floor.leaves("c1")
    assert floor.commands == []


def test_ids_that_are_not_known_are_answered_with_nothing(floor):
    floor.seats_ready("a")
    floor.leaves("nobody")
    assert floor.commands == []
    floor.answers_offer(Offer("7", "nobody", ("a",), 1.0))
    assert floor.commands == []
    floor.answers_offer(Offer("7", "nobody", ("nowhere",), 1.0))
    assert floor.commands == []
    floor.seat_leaves("nowhere", "nobody")
    assert floor.commands == []
    floor.returns("nobody")
    assert floor.commands == []
    floor.phone_back("nowhere")
    assert floor.commands == []
    floor.seat_not_ready("nowhere")
    assert floor.commands == []
