from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from acd.model import SeatState
from callcenter.asterisk import events as ami
from callcenter.asterisk.actions import Hangup, OriginateExtension, Redirect, SetVariable
from callcenter.asterisk.errors import NotConnected
from callcenter.asterisk.snapshot import ChannelInfo, ConferenceUser, Snapshot
from callcenter.calls.call import CallState
from callcenter.calls.ladder import Rung
from callcenter.calls.legs import Role
from tests.unit.calls.floor import WALL_S, TestFloor
from tests.unit.calls.test_conduct import officer_takes, seat_state, talking


def channel(
    uniqueid: str, context: str, role: str, party: str = "", exten: str = "s", age_s: int = 30
) -> ChannelInfo:
    name = "PJSIP/line-1.1" if role == "caller" else f"PJSIP/{party}-1"
    return ChannelInfo(
        channel=name,
        uniqueid=uniqueid,
        linkedid="1.1",
        context=context,
        exten=exten,
        application="",
        application_data="",
        state="Up",
        bridge_id="",
        duration_s=age_s,
        caller_number="5",
        variables={
            "CALL_ID": "1.1",
            "CALL_ROLE": role,
            "CALL_PARTY": party,
            "LINE": "110",
            "QUEUE": "emergency",
        },
    )


def bridge(*uniqueids: str) -> dict[str, tuple[ConferenceUser, ...]]:
    return {
        "1.1": tuple(
            ConferenceUser(channel="", uniqueid=each, marked=each == "1.1", variables={})
            for each in uniqueids
        )
    }


async def test_a_call_that_was_never_heard_of_is_taken_in_with_its_seat() -> None:
    floor = TestFloor()
    floor.phone("s01", "INUSE")
    floor.adoption.reconcile(
        Snapshot(
            (channel("1.1", "join", "caller"), channel("1.2", "join", "operator", "s01")),
            bridge("1.1", "1.2"),
            {"PJSIP/s01": "INUSE"},
        )
    )
    call = floor.register.get("1.1")
    assert (call.state, call.seat, call.adopted) == (CallState.TALKING, "s01", True)
    assert seat_state(floor, "s01") is SeatState.TALKING
    assert call.ms(floor.clock.now) == 30_000


async def test_a_caller_who_came_back_to_the_queue_unseen_is_offered_again() -> None:
    floor = TestFloor()
    await talking(floor)
    floor.phone("s02", "NOT_INUSE")
    floor.adoption.reconcile(
        Snapshot((channel("1.1", "hold", "caller"),), {}, {"PJSIP/s02": "NOT_INUSE"})
    )
    await floor.settle()
    assert floor.actor.offered()[-1] == ("PJSIP/line-1.1", "s02")
    assert not floor.register.get("1.1").on_bridge(Role.OPERATOR)


async def test_a_call_that_asterisk_no_longer_has_is_closed() -> None:
    floor = TestFloor()
    await talking(floor)
    floor.adoption.reconcile(Snapshot((), {}, {"PJSIP/s01": "NOT_INUSE"}))
    assert [call.id for call in floor.closed] == ["1.1"]
    assert seat_state(floor, "s01") is SeatState.READY


async def test_a_leg_without_a_caller_is_hung_up() -> None:
    floor = TestFloor()
    floor.adoption.reconcile(
        Snapshot((channel("1.3", "officer-brief", "officer", "o14a"),), {}, {})
    )
    await floor.settle()
    assert [action.channel for action in floor.actor.of(Hangup)] == ["PJSIP/o14a-1"]


async def test_an_officer_who_comes_after_all_keeps_the_caller_from_the_next_seat() -> None:
    floor = TestFloor()
    await talking(floor)
    call = floor.register.get("1.1")
    await floor.officers.ring(call, (), "s01")
    await floor.settle()
    ringing = floor.actor.of(OriginateExtension)[-1]
    floor.hangs_up("1.2")
    floor.phone("s01", "UNAVAILABLE")
    floor.tell(
        ami.BridgeLeft("1.1", "", "1.1"),
        ami.CallerReturned("1.1", "no-officer", "PJSIP/line-1.1", "1.1"),
        ami.CallWaiting("1.1", "PJSIP/line-1.1", "1.1"),
        ami.PartyJoining("1.1", "PJSIP/o", ringing.channel_id, "officer", "o14a", ""),
        ami.BridgeJoined("1.1", "PJSIP/o", ringing.channel_id),
        ami.BridgeJoined("1.1", "PJSIP/line-1.1", "1.1"),
    )
    before = len(floor.actor.offered())
    floor.phone("s02", "NOT_INUSE")
    await floor.settle()
    assert len(floor.actor.offered()) == before
    assert call.state is CallState.WITH_OFFICER


async def test_a_caller_left_alone_on_the_bridge_is_sent_back() -> None:
    floor = TestFloor()
    await talking(floor)
    floor.tell(ami.BridgeLeft("1.1", "", "1.2"))
    floor.conductor.tick()
    floor.clock.now += 2.1
    floor.conductor.tick()
    await floor.settle()
    sent = floor.actor.of(Redirect)[-1]
    assert (sent.channel, sent.context) == ("PJSIP/line-1.1", "returned")


async def test_a_seat_that_answered_and_was_gone_before_the_bridge_is_free() -> None:
    floor = TestFloor()
    floor.phone("s01", "NOT_INUSE")
    floor.arrives("1.1")
    offer = floor.offer_of("1.1")
    floor.tell(
        ami.PartyJoining("1.1", "PJSIP/s01-1", "1.2", "operator", "s01", offer),
        ami.ChannelHungUp("PJSIP/s01-1", "1.2", "1.1", 16),
    )
    assert seat_state(floor, "s01") is SeatState.READY


async def test_an_officer_who_took_it_and_is_gone_does_not_block_the_next() -> None:
    floor = TestFloor()
    await talking(floor)
    call = floor.register.get("1.1")
    await floor.officers.ring(call, ("o14a",), "s01")
    await floor.settle()
    ringing = floor.actor.of(OriginateExtension)[-1]
    floor.tell(
        ami.OfficerTook(
            "1.1", "o14a", ringing.variables["ATTEMPT_ID"], "PJSIP/o", ringing.channel_id
        ),
        ami.ChannelHungUp("PJSIP/o", ringing.channel_id, "9", 16),
    )
    again = await floor.officers.ring(call, ("o18a",), "s01")
    assert again["state"] == "ringing"


async def test_the_dialplan_is_told_last_what_is_so_about_officers() -> None:
    floor = TestFloor()
    await talking(floor)
    await officer_takes(floor)
    await floor.settle()
    told = [one.value for one in floor.actor.of(SetVariable) if "OFFICER_COMING" in one.name]
    assert told[0] != ""
    assert told[-1] == ""


async def test_an_offer_that_could_not_be_sent_costs_the_caller_no_time() -> None:
    floor = TestFloor()
    floor.actor.error = NotConnected("no link")
    floor.phone("s01", "NOT_INUSE")
    floor.phone("s02", "NOT_INUSE")
    floor.arrives("1.1")
    await floor.settle()
    assert [seat for _, seat in floor.actor.offered()][:2] == ["s01", "s02"]


async def test_a_rung_reached_before_a_restart_keeps_its_time() -> None:
    floor = TestFloor()
    await talking(floor)
    call = floor.register.get("1.1")
    first = call.ladder.reached_ms[Rung.ANSWERED]
    floor.clock.now += 60
    floor.adoption.reconcile(
        Snapshot(
            (channel("1.1", "join", "caller"), channel("1.2", "join", "operator", "s01")),
            bridge("1.1", "1.2"),
            {"PJSIP/s01": "INUSE"},
        )
    )
    assert call.ladder.reached_ms[Rung.ANSWERED] == first


def ended_note(
    folder: Path, call_id: str, *moments: float, cause: int = 16, wanted: str = ""
) -> None:
    """Asterisk's note of an end: when the call ended, arrived and perhaps was answered."""
    ended, arrived, *answered = (f"{WALL_S + moment:.3f}" for moment in moments)
    fields = (ended, arrived, *(answered or [""]), str(cause), "110", "emergency", "5", wanted)
    (folder / f"{call_id}.ended").write_text(";".join(fields) + "\n")


async def known(floor: TestFloor) -> None:
    """As if the store had been read, and had nothing."""
    floor.adoption.recalled = True


async def test_a_call_that_was_answered_without_us_has_the_time_when_it_was() -> None:
    floor = TestFloor()
    arrived = {
        "ARRIVED_AT": f"{floor.wall() - 29.6:.3f}",
        "ANSWERED_AT": f"{floor.wall() - 25:.3f}",
    }
    caller = channel("1.1", "fallback", "caller")
    caller = replace(caller, bridge_id="b", variables={**caller.variables, **arrived})
    seat = replace(channel("1.2", "from-phone", "operator", "s01"), bridge_id="b")
    floor.adoption.reconcile(Snapshot((caller, seat), {}, {"PJSIP/s01": "INUSE"}))
    call = floor.register.get("1.1")
    assert call.ladder.reached_ms[Rung.ANSWERED] == 4600
    assert call.ms(floor.clock.now) == 29_600
    joined = [entry for _, kind, entry in floor.journal if kind == "leg.joined"]
    assert [(leg["party"], leg["ms"]) for leg in joined] == [("s01", 4600)]


async def test_an_arrival_that_does_not_agree_with_the_channels_age_is_not_believed() -> None:
    floor = TestFloor()
    caller = channel("1.1", "hold", "caller")
    far = {"ARRIVED_AT": f"{floor.wall() - 4000:.3f}"}
    floor.adoption.reconcile(
        Snapshot((replace(caller, variables={**caller.variables, **far}),), {}, {})
    )
    assert floor.register.get("1.1").ms(floor.clock.now) == 30_000


async def test_a_call_that_ended_out_of_sight_ends_when_asterisk_wrote_that_it_did(
    tmp_path: Path,
) -> None:
    floor = TestFloor(legs=tmp_path)
    await talking(floor)
    floor.adoption.lost()
    arrived = floor.clock.now
    floor.clock.now += 60
    ended_note(tmp_path, "1.1", arrived + 20, arrived)
    floor.adoption.reconcile(Snapshot((), {}, {"PJSIP/s01": "NOT_INUSE"}))
    (call,) = floor.closed
    assert call.ladder.reached_ms[Rung.CLOSED] == 20_000
    ending = next(entry for _, kind, entry in floor.journal if kind == "call.ended")
    assert (ending["why"], ending["ms"], ending["dropped"]) == ("cause 16", 20_000, False)
    assert seat_state(floor, "s01") is SeatState.READY


async def test_a_call_back_that_was_promised_as_the_service_died_is_wanted_by_its_next_life(
    tmp_path: Path,
) -> None:
    floor = TestFloor(legs=tmp_path)
    await known(floor)
    ended_note(tmp_path, "7.1", 990.0, 970.0, wanted="1")
    ended_note(tmp_path, "7.2", 990.0, 970.0)
    floor.adoption.reconcile(Snapshot())
    of_first = [kind for call_id, kind, _ in floor.journal if call_id == "7.1"]
    assert of_first.index("call.call_back_wanted") < of_first.index("call.ended")
    assert "call.call_back_wanted" not in [k for call_id, k, _ in floor.journal if call_id == "7.2"]


async def test_a_call_back_that_was_promised_out_of_sight_is_wanted_when_the_call_is_gone(
    tmp_path: Path,
) -> None:
    floor = TestFloor(legs=tmp_path)
    floor.arrives("1.1")
    floor.adoption.lost()
    arrived = floor.clock.now
    floor.clock.now += 60
    ended_note(tmp_path, "1.1", arrived + 20, arrived, wanted="1")
    floor.adoption.reconcile(Snapshot())
    wanted = [entry["ms"] for _, kind, entry in floor.journal if kind == "call.call_back_wanted"]
    assert wanted == [20_000]
    assert floor.kinds().index("call.call_back_wanted") < floor.kinds().index("call.ended")


async def test_an_end_that_was_noted_before_an_upgrade_is_read(tmp_path: Path) -> None:
    floor = TestFloor(legs=tmp_path)
    await known(floor)
    ended_note(tmp_path, "7.1", 990.0, 970.0)
    note = tmp_path / "7.1.ended"
    note.write_text(note.read_text().replace(";5;", ";5"))
    floor.adoption.reconcile(Snapshot())
    assert [call.caller_number for call in floor.closed] == ["5"]


async def test_calls_of_an_asterisk_that_was_killed_end_when_it_was_lost(
    tmp_path: Path,
) -> None:
    floor = TestFloor(legs=tmp_path)
    floor.phone("s01", "UNAVAILABLE")
    floor.arrives("1.1")
    floor.clock.now += 10
    floor.adoption.lost()
    floor.clock.now += 5
    floor.adoption.lost()
    floor.adoption.reconcile(Snapshot(), restarted=True)
    ending = next(entry for _, kind, entry in floor.journal if kind == "call.ended")
    assert (ending["why"], ending["ms"], ending["dropped"]) == ("Asterisk ended", 10_000, True)
    assert ending["was"] == "waiting"


async def test_a_call_that_came_and_went_without_us_is_accounted_for_once(
    tmp_path: Path,
) -> None:
    floor = TestFloor(legs=tmp_path)
    ended_note(tmp_path, "7.1", 990.0, 970.0, 975.5)
    ended_note(tmp_path, "7.2", 991.0, 971.0, cause=44)
    (tmp_path / "7.3.ended").write_text("half a li")
    floor.adoption.reconcile(Snapshot())
    assert floor.closed == [], "what an earlier run had filed is not known yet"
    await known(floor)
    floor.adoption.reconcile(Snapshot())
    floor.adoption.reconcile(Snapshot())
    answered, abandoned = sorted(floor.closed, key=lambda call: call.id)
    assert answered.ladder.reached_ms == {Rung.RINGING: 0, Rung.ANSWERED: 5500, Rung.CLOSED: 20_000}
    assert Rung.ANSWERED not in abandoned.ladder.reached_ms
    assert [file.name for file in tmp_path.iterdir()] == ["7.3.ended"]
    ends = [entry for _, kind, entry in floor.journal if kind == "call.ended"]
    assert {(entry["why"], entry["from"]) for entry in ends} == {
        ("cause 16", "5"),
        ("cause 44", "5"),
    }
