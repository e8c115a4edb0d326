"""Announcements, call-backs and other sites, as the service does and follows them."""

from __future__ import annotations

import pytest

from acd.model import (
    FloorSettings,
    OverflowRule,
    OverflowTo,
    OverflowWhen,
    QueueSettings,
    SeatSettings,
    Surge,
)
from callcenter.asterisk import events as ami
from callcenter.asterisk.actions import Redirect
from callcenter.asterisk.errors import ActionRefused, OutcomeUnknown
from callcenter.asterisk.snapshot import Snapshot
from callcenter.calls.call import CallState, Step
from callcenter.calls.desk import Desk
from callcenter.settings import Outbound, Sip
from tests.unit.calls import floor as house
from tests.unit.calls.floor import TestFloor
from tests.unit.calls.test_adoption import channel

NUMBER = "5559000"


@pytest.fixture(autouse=True)
def trunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A way out, by which people of this country can be called back."""
    sip = Sip(outbound=Outbound(host="203.0.113.5"))
    monkeypatch.setattr(house, "SETTINGS", house.SETTINGS.model_copy(update={"sip": sip}))


def floor_that(to: OverflowTo, target: str) -> TestFloor:
    """A floor whose callers overflow at once, since no seat is on duty."""
    rule = OverflowRule(OverflowWhen.NO_SEAT, to, target=target)
    queue = QueueSettings("emergency", overflow=(rule,))
    return TestFloor(settings=FloorSettings((queue,), (SeatSettings("s01", ("emergency",)),)))


def arrives(floor: TestFloor, number: str = "2125550100") -> None:
    floor.tell(ami.CallArrived("1.1", "PJSIP/line-1.1", "1.1", "110", "emergency", number))


def redirects(floor: TestFloor) -> list[tuple[str, str]]:
    return [(sent.context, sent.exten) for sent in floor.actor.of(Redirect)]


def of_caller(kind: type[ami.Event], *more: str) -> ami.Event:
    return kind("1.1", *more, "PJSIP/line-1.1", "1.1")  # type: ignore[call-arg]  # all alike


async def test_a_caller_who_overflows_to_it_hears_the_offer_to_be_called_back() -> None:
    floor = floor_that(OverflowTo.ANNOUNCEMENT, "call_back")
    arrives(floor)
    await floor.settle()
    assert redirects(floor) == [("announce", "call_back*1")]
    assert "call.overflowed" in floor.kinds() and "call.announced" in floor.kinds()


@pytest.mark.parametrize(
    "number",
    ["anonymous", "0088299912345", "+88299912345", "1234567890123456", "110"],
    ids=["withheld", "abroad", "abroad by its plus", "too long", "a line of ours"],
)
async def test_whoever_cannot_be_called_back_is_not_offered_it(number: str) -> None:
    floor = floor_that(OverflowTo.ANNOUNCEMENT, "call_back")
    arrives(floor, number)
    await floor.settle()
    assert redirects(floor) == []
    floor.phone("s01", "NOT_INUSE")
    await floor.settle()
    assert redirects(floor)[0][0] == "offer"


async def test_nobody_is_promised_a_call_back_from_a_house_without_a_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(house, "SETTINGS", house.SETTINGS.model_copy(update={"sip": Sip()}))
    floor = floor_that(OverflowTo.ANNOUNCEMENT, "call_back")
    arrives(floor)
    await floor.settle()
    assert redirects(floor) == []


async def test_a_free_seat_cuts_the_announcement_short() -> None:
    floor = floor_that(OverflowTo.ANNOUNCEMENT, "call_back")
    arrives(floor)
    await floor.settle()
    floor.phone("s01", "NOT_INUSE")
    await floor.settle()
    assert [context for context, _ in redirects(floor)] == ["announce", "offer"]


async def test_a_caller_who_wants_to_be_called_back_waits_no_more_and_takes_no_old_place() -> None:
    floor = floor_that(OverflowTo.ANNOUNCEMENT, "call_back")
    arrives(floor)
    floor.tell(of_caller(ami.CallbackWanted), after_s=5)
    assert floor.engine.call("1.1") is None
    assert "call.call_back_wanted" in floor.kinds()
    floor.phone("s01", "NOT_INUSE")
    await floor.settle()
    assert ("offer" in dict(redirects(floor))) is False
    floor.hangs_up("1.1")
    assert floor.closed


@pytest.mark.parametrize("heard", [True, False])
async def test_a_wish_to_be_called_back_is_kept_once_when_the_event_was_heard_and_when_not(
    heard: bool,
) -> None:
    floor = floor_that(OverflowTo.ANNOUNCEMENT, "call_back")
    arrives(floor)
    if heard:
        floor.tell(of_caller(ami.CallbackWanted), after_s=5)
    wish = {"CALL_BACK_WANTED": "1"}
    floor.tell(ami.ChannelHungUp("PJSIP/line-1.1", "1.1", "1.1", 16, variables=wish))
    assert floor.kinds().count("call.call_back_wanted") == 1
    assert floor.kinds().index("call.call_back_wanted") < floor.kinds().index("call.ended")


async def test_callers_from_the_place_of_a_surge_hear_of_it_first_and_then_get_their_seat() -> None:
    floor = TestFloor(
        settings=FloorSettings(
            (QueueSettings("emergency", surge=Surge(calls=100)),),
            (SeatSettings("s01", ("emergency",)),),
        )
    )
    Desk(floor.conductor, floor.register, floor.clock).set_surge("cgi-3gpp=26201f0a1", True, "boss")
    header = "3GPP-GERAN%3B%20cgi-3gpp%3D26201F0A1"
    channel = "PJSIP/line-1.1"
    floor.tell(ami.CallArrived("1.1", channel, "1.1", "110", "emergency", "2125550100", header))
    await floor.settle()
    assert redirects(floor) == [("announce", "surge*0")]
    floor.phone("s01", "NOT_INUSE")
    await floor.settle()
    assert redirects(floor) == [("announce", "surge*0")]
    floor.tell(of_caller(ami.AnnouncementEnded), after_s=5)
    await floor.settle()
    assert [context for context, _ in redirects(floor)] == ["announce", "offer"]


async def test_an_announcement_that_cannot_be_made_costs_the_caller_nothing() -> None:
    floor = floor_that(OverflowTo.ANNOUNCEMENT, "call_back")
    floor.actor.error = ActionRefused("Redirect", "no")
    arrives(floor)
    await floor.settle()
    floor.actor.error = None
    floor.phone("s01", "NOT_INUSE")
    await floor.settle()
    assert redirects(floor)[-1][0] == "offer"


async def test_a_caller_is_sent_to_another_site_and_no_seat_rings_meanwhile() -> None:
    floor = floor_that(OverflowTo.NUMBER, NUMBER)
    arrives(floor)
    await floor.settle()
    assert redirects(floor) == [("divert", NUMBER)]
    floor.tell(of_caller(ami.DivertStarted))
    assert floor.register.get("1.1").state is CallState.DIVERTED
    floor.phone("s01", "NOT_INUSE")
    await floor.settle()
    assert redirects(floor) == [("divert", NUMBER)]
    floor.tell(of_caller(ami.DivertTaken))
    assert "call.divert_taken" in floor.kinds()


@pytest.mark.parametrize(
    "back",
    [
        (of_caller(ami.DivertFailed, "NOANSWER"),),
        (of_caller(ami.DivertFailed, "NOANSWER"), of_caller(ami.CallWaiting)),
        (of_caller(ami.CallWaiting),),
    ],
    ids=["told", "told and waits", "waits"],
)
async def test_a_caller_whom_nobody_takes_there_waits_at_their_place_again(back) -> None:
    floor = floor_that(OverflowTo.NUMBER, NUMBER)
    arrives(floor)
    await floor.settle()
    floor.tell(of_caller(ami.DivertStarted))
    floor.tell(*back, after_s=20)
    call = floor.register.get("1.1")
    assert call.state is CallState.WAITING
    (waiting,) = floor.engine.waiting(floor.clock.now)
    assert waiting.waited_s == pytest.approx(20)
    floor.phone("s01", "NOT_INUSE")
    await floor.settle()
    assert redirects(floor)[-1][0] == "offer"


@pytest.mark.parametrize(
    ("meanwhile", "then"),
    [(Step.FELL_BACK, "waiting"), (Step.OFFICER_JOINED, "diverted")],
    ids=["nobody has them", "an officer has them"],
)
async def test_a_divert_that_is_not_made_does_not_keep_the_caller_from_seats(
    meanwhile: Step, then: str
) -> None:
    floor = floor_that(OverflowTo.NUMBER, NUMBER)
    arrives(floor)
    floor.register.get("1.1").take(meanwhile)
    await floor.settle()
    assert redirects(floor) == []
    known = floor.engine.call("1.1")
    assert known is not None and known.state.value == then


async def test_a_caller_on_hold_whose_divert_was_never_heard_of_is_offered_to_seats() -> None:
    floor = floor_that(OverflowTo.NUMBER, NUMBER)
    arrives(floor)
    await floor.settle()
    floor.phone("s01", "NOT_INUSE")
    floor.tell(of_caller(ami.CallWaiting), after_s=0.5)
    await floor.settle()
    assert redirects(floor) == [("divert", NUMBER)], "the redirect may be on its way"
    floor.tell(of_caller(ami.CallWaiting), after_s=5)
    await floor.settle()
    assert redirects(floor)[-1][0] == "offer"


async def test_a_divert_of_unknown_outcome_is_looked_at_and_not_sent_again() -> None:
    floor = floor_that(OverflowTo.NUMBER, NUMBER)
    floor.actor.error = OutcomeUnknown("Redirect", "the link broke")
    arrives(floor)
    await floor.settle()
    assert floor.distribution.in_doubt
    assert len(redirects(floor)) == 1


async def test_a_caller_found_waiting_who_was_thought_to_be_elsewhere_is_offered_here() -> None:
    floor = floor_that(OverflowTo.NUMBER, NUMBER)
    arrives(floor)
    await floor.settle()
    floor.clock.now += 5
    floor.adoption.reconcile(Snapshot((channel("1.1", "hold", "caller"),), {}, {}))
    floor.phone("s01", "NOT_INUSE")
    await floor.settle()
    assert redirects(floor)[-1][0] == "offer"


async def test_a_caller_whom_the_other_site_lost_is_first_in_line() -> None:
    floor = floor_that(OverflowTo.NUMBER, NUMBER)
    arrives(floor)
    floor.tell(of_caller(ami.DivertStarted), of_caller(ami.DivertTaken))
    floor.tell(ami.CallerReturned("1.1", "site-lost", "PJSIP/line-1.1", "1.1"), after_s=60)
    assert [call.call_id for call in floor.engine.waiting(floor.clock.now)] == ["1.1"]
