"""What comes in: events as a real Asterisk 22.10.1 wrote them."""

from pathlib import Path

import pytest

from callcenter.asterisk import events
from callcenter.asterisk.errors import MalformedEvent
from callcenter.asterisk.headers import Headers
from callcenter.asterisk.parsing import parse

CALLER = """\
Channel: PJSIP/trunk-00000001
ChannelState: 6
ChannelStateDesc: Up
CallerIDNum: +15551
CallerIDName: Bob
Language: en
Context: {context}
Exten: s
Uniqueid: 1700000000.12
Linkedid: 1700000000.12
ChanVariable: CALL_ID=1700000000.12
ChanVariable: CALL_ROLE=caller
ChanVariable: OFFER_ID=
"""
LEG = """\
Channel: PJSIP/s01-00000002
ChannelStateDesc: Up
CallerIDNum: <unknown>
Uniqueid: 1700000000.13
Linkedid: 1700000000.12
ChanVariable: CALL_ID=1700000000.12
ChanVariable: CALL_ROLE=operator
ChanVariable: CALL_PARTY=s01
ChanVariable: OFFER_ID=of3
"""
CALLER_ARGS = {
    "call_id": "1700000000.12",
    "channel": "PJSIP/trunk-00000001",
    "uniqueid": "1700000000.12",
}
LEG_ARGS = {
    "call_id": "1700000000.12",
    "channel": "PJSIP/s01-00000002",
    "uniqueid": "1700000000.13",
}
OFFER_ARGS = {"call_id": "1700000000.12", "seat_ids": ("s01",), "offer_id": "of3"}
ROOM = "Conference: 1700000000.12\nBridgeUniqueid: e3f0\nBridgeNumChannels: 3\n"


def headers(text: str) -> Headers:
    pairs = []
    for line in text.strip().splitlines():
        name, _, value = line.partition(":")
        pairs.append((name, value.removeprefix(" ")))
    return Headers(pairs)


def user_event(channel: str, name: str, more: str) -> Headers:
    return headers(f"Event: UserEvent\n{channel}UserEvent: {name}\nCallId: 1700000000.12\n{more}")


def without_variables(event: events.Event | None) -> dict[str, object]:
    assert event is not None
    return {
        name: getattr(event, name) for name in event.__dataclass_fields__ if name != "variables"
    }


@pytest.mark.parametrize(
    ("received", "kind", "expected"),
    [
        (
            user_event(CALLER, "CallArrived", "Line: 110\nQueue: police\n"),
            events.CallArrived,
            {
                **CALLER_ARGS,
                "line": "110",
                "queue": "police",
                "caller_number": "+15551",
                "access": "",
                "geolocation": "",
            },
        ),
        (
            user_event(
                CALLER,
                "CallArrived",
                "Line: 110\nQueue: police\nAccess: 3GPP%3B\nGeolocation: geo%3A1%2C2\n",
            ),
            events.CallArrived,
            {
                **CALLER_ARGS,
                "line": "110",
                "queue": "police",
                "caller_number": "+15551",
                "access": "3GPP%3B",
                "geolocation": "geo%3A1%2C2",
            },
        ),
        (
            user_event(CALLER, "OfferStarted", "Seat: s01&s02\nOfferId: of3\n"),
            events.OfferStarted,
            {**OFFER_ARGS, "seat_ids": ("s01", "s02")},
        ),
        (user_event(CALLER, "AnnouncementEnded", ""), events.AnnouncementEnded, CALLER_ARGS),
        (user_event(CALLER, "CallbackWanted", ""), events.CallbackWanted, CALLER_ARGS),
        (user_event(CALLER, "DivertStarted", ""), events.DivertStarted, CALLER_ARGS),
        (user_event(LEG, "DivertTaken", ""), events.DivertTaken, LEG_ARGS),
        (
            user_event(CALLER, "DivertFailed", "Why: NOANSWER\n"),
            events.DivertFailed,
            {**CALLER_ARGS, "why": "NOANSWER"},
        ),
        (
            headers("Event: ContactStatus\nContactStatus: Removed\nEndpointName: s01\n"),
            events.ContactChanged,
            {"phone": "s01", "reachable": False},
        ),
        (
            headers("Event: ContactStatus\nContactStatus: Created\nEndpointName: s01\n"),
            events.ContactChanged,
            {"phone": "s01", "reachable": True},
        ),
        (user_event(CALLER, "CallWaiting", ""), events.CallWaiting, CALLER_ARGS),
        (user_event(CALLER, "FallbackEntered", ""), events.FallbackEntered, CALLER_ARGS),
        (
            user_event(CALLER, "CallerReturned", "Why: vanished\n"),
            events.CallerReturned,
            {**CALLER_ARGS, "why": "vanished"},
        ),
        (
            user_event(CALLER, "OfferStarted", "Seat: s01\nOfferId: of3\n"),
            events.OfferStarted,
            OFFER_ARGS,
        ),
        (
            user_event(CALLER, "OfferEnded", "Seat: s01\nOfferId: of3\nDialStatus: NOANSWER\n"),
            events.OfferEnded,
            {**OFFER_ARGS, "dial_status": "NOANSWER"},
        ),
        (
            user_event(LEG, "PartyJoining", "Role: operator\nParty: s01\nOfferId: of3\n"),
            events.PartyJoining,
            {**LEG_ARGS, "role": "operator", "party_id": "s01", "offer_id": "of3"},
        ),
        (
            user_event(LEG, "PartyJoining", "Role: officer\nParty: o19a\nOfferId: \n"),
            events.PartyJoining,
            {**LEG_ARGS, "role": "officer", "party_id": "o19a", "offer_id": ""},
        ),
        (
            user_event(LEG, "OfficerAnswered", "Officer: o19a\nAttemptId: at1\n"),
            events.OfficerAnswered,
            {**LEG_ARGS, "officer_id": "o19a", "attempt_id": "at1"},
        ),
        (
            user_event(LEG, "OfficerTook", "Officer: o19a\nAttemptId: at1\n"),
            events.OfficerTook,
            {**LEG_ARGS, "officer_id": "o19a", "attempt_id": "at1"},
        ),
        (
            user_event(LEG, "OfficerDeclined", "Officer: o19a\nAttemptId: at1\nKey: 2\n"),
            events.OfficerDeclined,
            {**LEG_ARGS, "officer_id": "o19a", "attempt_id": "at1", "key": "2"},
        ),
        (headers(f"Event: ConfbridgeJoin\n{ROOM}{LEG}"), events.BridgeJoined, LEG_ARGS),
        (headers(f"Event: ConfbridgeLeave\n{ROOM}{LEG}"), events.BridgeLeft, LEG_ARGS),
        (
            headers(f"Event: HangupRequest\n{LEG}"),
            events.OperatorHangsUp,
            {"channel": "PJSIP/s01-00000002", "uniqueid": "1700000000.13"},
        ),
        (
            headers(f"Event: Newchannel\n{LEG}"),
            events.ChannelCreated,
            {
                "channel": "PJSIP/s01-00000002",
                "uniqueid": "1700000000.13",
                "linkedid": "1700000000.12",
                "caller_number": "",
            },
        ),
        (
            headers(f"Event: Newstate\n{LEG}".replace("Up", "Ringing")),
            events.ChannelRinging,
            {
                "channel": "PJSIP/s01-00000002",
                "uniqueid": "1700000000.13",
                "linkedid": "1700000000.12",
            },
        ),
        (
            headers(f"Event: Hangup\n{LEG}Cause: 44\nCause-txt: Requested channel unavailable\n"),
            events.ChannelHungUp,
            {
                "channel": "PJSIP/s01-00000002",
                "uniqueid": "1700000000.13",
                "linkedid": "1700000000.12",
                "cause": 44,
            },
        ),
        (
            headers(
                "Event: OriginateResponse\nActionID: x\nResponse: Failure\n"
                "Channel: PJSIP/o19a\nReason: 3\nUniqueid: officer-7\n"
            ),
            events.OriginateFailed,
            {"channel_id": "officer-7", "reason": 3},
        ),
        (
            headers("Event: DeviceStateChange\nDevice: PJSIP/s01\nState: NOT_INUSE\n"),
            events.DeviceState,
            {"device": "PJSIP/s01", "state": "NOT_INUSE"},
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_event_is_read_as_its_kind(received: Headers, kind: type, expected: dict) -> None:
    event = parse(received)

    assert type(event) is kind
    assert without_variables(event) == expected


def test_event_carries_the_channel_variables_that_are_set() -> None:
    event = parse(headers(f"Event: ConfbridgeJoin\n{ROOM}{LEG}"))

    assert event is not None
    assert event.variables == {
        "CALL_ID": "1700000000.12",
        "CALL_ROLE": "operator",
        "CALL_PARTY": "s01",
        "OFFER_ID": "of3",
    }


def test_variables_of_an_event_that_names_its_channel_are_read_too() -> None:
    failed = headers(
        "Event: OriginateResponse\nResponse: Failure\nReason: 0\nUniqueid: o\n"
        "ChanVariable(PJSIP/o19a-1): CALL_ID=1.2\n"
    )

    event = parse(failed)

    assert event is not None
    assert event.variables == {"CALL_ID": "1.2"}


def test_variable_keeps_the_equals_signs_of_its_value() -> None:
    assert headers("ChanVariable: A=b=c\n").variables() == {"A": "b=c"}


@pytest.mark.parametrize(
    ("role", "known"),
    [
        ("", {"CALL_ROLE": "operator", "CALL_PARTY": "s01", "OFFER_ID": "7"}),
        ("ChanVariable: CALL_ROLE=caller\n", {"CALL_ROLE": "caller"}),
    ],
)
def test_a_seat_that_is_rung_alone_is_known_by_what_its_leg_inherits(role, known):
    assert headers(f"{role}ChanVariable: OFFERED=7*s01\n").variables() == known


@pytest.mark.parametrize(
    "received",
    [
        headers("Event: OriginateResponse\nResponse: Success\nReason: 4\nUniqueid: o\n"),
        headers(f"Event: Newstate\n{LEG}"),
        headers("Event: RTCPSent\nChannel: x\n"),
        headers("Event: UserEvent\nUserEvent: SomebodyElses\n"),
        headers("Event: UserEvent\n"),
        headers("Response: Success\n"),
    ],
)
def test_event_that_nobody_follows_reads_as_none(received: Headers) -> None:
    assert parse(received) is None


@pytest.mark.parametrize(
    ("received", "missing"),
    [
        (user_event(CALLER, "CallArrived", "Line: 110\n"), "CallArrived without queue"),
        (headers("Event: UserEvent\nUserEvent: CallWaiting\nChannel: x\n"), "without callid"),
        (headers("Event: Hangup\nChannel: x\nUniqueid: 1\nLinkedid: 1\n"), "cause"),
        (headers("Event: Hangup\nChannel: x\nUniqueid: 1\nLinkedid: 1\nCause: ²\n"), "cause"),
        (headers("Event: Newchannel\nChannel: x\n"), "Newchannel without uniqueid"),
    ],
)
def test_event_without_what_its_kind_promises_says_what_is_missing(
    received: Headers, missing: str
) -> None:
    with pytest.raises(MalformedEvent, match=missing):
        parse(received)


def test_callers_number_is_in_no_text_that_a_log_could_take() -> None:
    arrived = user_event(CALLER, "CallArrived", "Line: 110\nQueue: police\n")

    assert "15551" not in repr(parse(arrived))
    assert "15551" not in repr(arrived)


def test_every_user_event_of_the_dialplan_is_known_here() -> None:
    dialplan = Path(__file__).parents[3] / "asterisk-config" / "extensions.conf.j2"
    raised = {
        line.split("UserEvent(")[1].split(",")[0]
        for line in dialplan.read_text("utf-8").splitlines()
        if "UserEvent(" in line and not line.strip().startswith(";")
    }

    assert raised
    for name in raised:
        with pytest.raises(MalformedEvent):
            parse(headers(f"Event: UserEvent\nUserEvent: {name}\n"))
