"""From a snapshot to the calls that go on, in the dialplan's own contexts."""

from dataclasses import replace

import pytest

from callcenter.asterisk.adopt import FoundCall, PartyState, Where, adopt
from callcenter.asterisk.snapshot import ChannelInfo, ConferenceUser, Snapshot

CALL_ID = "1700000000.12"
CALLER = ChannelInfo(
    channel="PJSIP/trunk-00000001",
    uniqueid=CALL_ID,
    linkedid=CALL_ID,
    context="hold",
    exten="s",
    application="Wait",
    application_data="1",
    state="Up",
    bridge_id="",
    duration_s=42,
    caller_number="+15551",
    variables={
        "CALL_ID": CALL_ID,
        "CALL_ROLE": "caller",
        "CALL_PARTY": "caller",
        "LINE": "110",
        "QUEUE": "police",
    },
)
OFFERED = replace(CALLER, context="offer", exten="s01*15*of3", application="Dial")
ON_BRIDGE = replace(CALLER, context="join", exten="caller", application="ConfBridge", bridge_id="b")
SEAT = ChannelInfo(
    channel="PJSIP/s01-00000002",
    uniqueid="1700000000.13",
    linkedid=CALL_ID,
    context="join",
    exten="party",
    application="ConfBridge",
    application_data=f"{CALL_ID},call,party",
    state="Up",
    bridge_id="b",
    duration_s=30,
    caller_number="",
    variables={
        "CALL_ID": CALL_ID,
        "CALL_ROLE": "operator",
        "CALL_PARTY": "s01",
        "OFFER_ID": "of3",
    },
)
RINGING_SEAT = replace(
    SEAT, state="Ringing", application="AppDial", context="from-phone", bridge_id=""
)
OFFICER = replace(
    SEAT,
    channel="PJSIP/o19a-00000003",
    uniqueid="officer-7",
    linkedid="officer-7",
    variables={
        "CALL_ID": CALL_ID,
        "CALL_ROLE": "officer",
        "CALL_PARTY": "o19a",
        "ATTEMPT_ID": "7",
    },
)
RINGING_OFFICER = replace(
    OFFICER, state="Ringing", application="AppDial2", context="from-phone", bridge_id=""
)
LISTENING_OFFICER = replace(OFFICER, application="Read", context="officer-brief", bridge_id="")
TAP = ChannelInfo(
    channel="AudioSocket/127.0.0.1:9100-00000004",
    uniqueid="tap-1",
    linkedid="tap-1",
    context="default",
    exten="",
    application="ChanSpy",
    application_data="PJSIP/s01-00000002,qoS",
    state="Up",
    bridge_id="",
    duration_s=29,
    caller_number="",
    variables={},
)


def conference(*channels: ChannelInfo) -> dict[str, tuple[ConferenceUser, ...]]:
    return {
        CALL_ID: tuple(
            ConferenceUser(c.channel, c.uniqueid, c is ON_BRIDGE, c.variables) for c in channels
        )
    }


def only(snapshot: Snapshot) -> FoundCall:
    found = adopt(snapshot)
    assert found.strays == ()
    (call,) = found.calls
    return call


def test_waiting_caller_is_found_with_line_queue_and_age() -> None:
    call = only(Snapshot((CALLER,)))

    assert call.where is Where.WAITING
    assert (call.call_id, call.channel, call.uniqueid) == (CALL_ID, CALLER.channel, CALL_ID)
    assert (call.line, call.queue, call.age_s) == ("110", "police", 42)
    assert call.caller_number == "+15551"
    assert call.parties == ()


def test_offered_call_names_the_seat_that_rings_and_the_offer() -> None:
    call = only(Snapshot((OFFERED, RINGING_SEAT)))

    assert call.where is Where.OFFERED
    assert (call.seat_ids, call.offer_id) == (("s01",), "of3")
    (seat,) = call.parties
    assert (seat.role, seat.party_id, seat.state) == ("operator", "s01", PartyState.RINGING)
    assert seat.offer_id == "of3"


def test_call_offered_to_several_seats_names_them_without_their_phones() -> None:
    call = only(Snapshot((replace(OFFERED, exten="s01&s02@desk*15*of3"),)))

    assert (call.seat_ids, call.offer_id) == (("s01", "s02"), "of3")


@pytest.mark.parametrize("context", ["divert", "diverted"])
def test_call_on_its_way_to_another_site_is_found_there(context: str) -> None:
    assert only(Snapshot((replace(CALLER, context=context),))).where is Where.DIVERTED


def test_call_on_the_bridge_has_its_seat_talking() -> None:
    call = only(Snapshot((ON_BRIDGE, SEAT), conference(ON_BRIDGE, SEAT)))

    assert call.where is Where.BRIDGED
    assert [party.party_id for party in call.talking("operator")] == ["s01"]
    assert (call.seat_ids, call.offer_id) == ((), "")


def test_call_with_seat_and_officer_has_both() -> None:
    snapshot = Snapshot((ON_BRIDGE, SEAT, OFFICER), conference(ON_BRIDGE, SEAT, OFFICER))

    call = only(snapshot)

    assert [p.party_id for p in call.talking("operator")] == ["s01"]
    assert [p.party_id for p in call.talking("officer")] == ["o19a"]


def test_call_that_the_operator_has_left_keeps_the_officer() -> None:
    call = only(Snapshot((ON_BRIDGE, OFFICER), conference(ON_BRIDGE, OFFICER)))

    assert call.talking("operator") == ()
    assert [p.attempt_id for p in call.talking("officer")] == ["7"]


@pytest.mark.parametrize(
    ("officer", "state"),
    [(RINGING_OFFICER, PartyState.RINGING), (LISTENING_OFFICER, PartyState.ANSWERED)],
)
def test_officer_who_is_not_with_the_caller_yet_is_found_by_the_variables(
    officer: ChannelInfo, state: PartyState
) -> None:
    call = only(Snapshot((ON_BRIDGE, SEAT, officer), conference(ON_BRIDGE, SEAT)))

    assert [p.state for p in call.parties if p.role == "officer"] == [state]


def test_caller_in_fallback_without_anybody_has_no_parties() -> None:
    call = only(Snapshot((replace(CALLER, context="fallback", application="Queue"),)))

    assert call.where is Where.FALLBACK
    assert call.parties == ()


def test_pair_that_asterisks_queue_has_joined_is_fallback_with_the_seat_talking() -> None:
    caller = replace(CALLER, context="fallback", application="Queue", bridge_id="q")
    seat = replace(SEAT, application="AppQueue", context="from-phone", bridge_id="q")

    call = only(Snapshot((caller, seat)))

    assert call.where is Where.FALLBACK
    assert [p.party_id for p in call.talking("operator")] == ["s01"]


def test_two_channels_without_any_bridge_do_not_talk() -> None:
    call = only(Snapshot((replace(CALLER, context="fallback"), replace(SEAT, bridge_id=""))))

    assert call.talking("operator") == ()


@pytest.mark.parametrize("context", ["arrived", "intake", "returned"])
def test_caller_on_the_way_to_hold_is_arriving(context: str) -> None:
    assert only(Snapshot((replace(CALLER, context=context),))).where is Where.ARRIVING


def test_caller_about_to_enter_the_bridge_counts_as_bridged() -> None:
    assert only(Snapshot((replace(ON_BRIDGE, bridge_id=""), SEAT))).where is Where.BRIDGED


def test_caller_who_is_kept_for_an_officer_waits_for_the_officer() -> None:
    call = only(Snapshot((replace(CALLER, context="officer-wait"), RINGING_OFFICER)))

    assert call.where is Where.OFFICER_AWAITED


def test_caller_in_the_conference_is_bridged_whatever_the_channel_list_said() -> None:
    call = only(Snapshot((CALLER, SEAT), conference(CALLER, SEAT)))

    assert call.where is Where.BRIDGED


def test_taps_belong_to_the_call_whose_leg_they_hear() -> None:
    call = only(Snapshot((ON_BRIDGE, SEAT, TAP), conference(ON_BRIDGE, SEAT)))

    assert [(tap.uniqueid, tap.target) for tap in call.taps] == [("tap-1", SEAT.channel)]
    assert len(call.parties) == 1


def test_caller_who_has_only_just_been_given_an_id_is_no_stray() -> None:
    call = only(Snapshot((replace(CALLER, context="arrived", variables={"CALL_ID": CALL_ID}),)))

    assert (call.where, call.channel) == (Where.ARRIVING, CALLER.channel)


@pytest.mark.parametrize("role", [{}, {"CALL_ROLE": "caller"}, {"CALL_ROLE": "supervisor"}])
def test_channel_that_does_not_say_it_is_a_party_is_never_a_stray(role: dict[str, str]) -> None:
    channel = replace(SEAT, variables={"CALL_ID": CALL_ID, **role})

    assert adopt(Snapshot((channel,))).strays == ()


def test_tap_whose_leg_is_gone_is_a_stray() -> None:
    found = adopt(Snapshot((CALLER, TAP)))

    assert [channel.uniqueid for channel in found.strays] == ["tap-1"]


def test_legs_whose_caller_is_gone_are_strays() -> None:
    found = adopt(Snapshot((SEAT, OFFICER)))

    assert found.calls == ()
    assert {channel.uniqueid for channel in found.strays} == {SEAT.uniqueid, OFFICER.uniqueid}


def test_supervisor_who_listens_is_no_tap() -> None:
    listener = replace(TAP, channel="PJSIP/supervisor-1", variables={})

    found = adopt(Snapshot((ON_BRIDGE, SEAT, listener), conference(ON_BRIDGE, SEAT)))

    assert found.calls[0].taps == ()
    assert found.strays == ()


def test_channel_without_a_call_is_left_alone() -> None:
    found = adopt(Snapshot((replace(CALLER, variables={}, context="from-phone"),)))

    assert (found.calls, found.strays) == ((), ())


def test_leg_that_still_carries_the_callers_inherited_role_is_not_the_caller() -> None:
    too_early = replace(RINGING_SEAT, variables=dict(CALLER.variables), duration_s=99)

    call = only(Snapshot((too_early, OFFERED)))

    assert call.channel == CALLER.channel


def test_caller_whose_id_is_not_the_calls_is_found_by_the_role() -> None:
    far_half = replace(CALLER, channel="Local/110@line-in-01;2", uniqueid="1700000000.99")

    assert only(Snapshot((far_half,))).uniqueid == "1700000000.99"


def test_local_seat_counts_once() -> None:
    near = replace(SEAT, channel="Local/s01@phone-01;1")
    far = replace(SEAT, channel="Local/s01@phone-01;2", uniqueid="1700000000.14")

    call = only(Snapshot((ON_BRIDGE, near, far), conference(ON_BRIDGE, near)))

    assert [party.uniqueid for party in call.parties] == [near.uniqueid]


def test_several_calls_are_kept_apart() -> None:
    other = replace(
        CALLER,
        channel="PJSIP/trunk-00000009",
        uniqueid="1700000000.20",
        variables={**CALLER.variables, "CALL_ID": "1700000000.20"},
    )

    found = adopt(Snapshot((ON_BRIDGE, other, SEAT), conference(ON_BRIDGE, SEAT)))

    assert {call.call_id: call.where for call in found.calls} == {
        CALL_ID: Where.BRIDGED,
        "1700000000.20": Where.WAITING,
    }
    assert [len(call.parties) for call in found.calls] == [1, 0]


def test_callers_number_is_in_no_text_that_a_log_could_take() -> None:
    found = adopt(Snapshot((CALLER,)))

    assert "15551" not in f"{found} {CALLER}"
