"""What goes out: every action as Asterisk reads it, and what must never go out."""

import pytest

from callcenter.asterisk import actions
from callcenter.asterisk.actions import (
    Action,
    ConfbridgeKick,
    GetDeviceState,
    GetVariable,
    Hangup,
    OriginateApplication,
    OriginateExtension,
    Ping,
    QueueMemberAdd,
    QueueMemberPause,
    QueueMemberRemove,
    Redirect,
    SetVariable,
)
from callcenter.asterisk.errors import AmiError, InvalidAction
from callcenter.asterisk.headers import MAX_LINE_BYTES

INJECTIONS = ["a\r\nAction: Originate", "a\nb", "a\rb", "a\0b"]


def written(action: Action) -> list[str]:
    return [f"{name}: {value}" for name, value in action.headers()]


def test_redirect_of_one_channel_names_where_it_goes() -> None:
    assert written(Redirect("PJSIP/110-1", "offer", "s01*15*7", 1)) == [
        "Action: Redirect",
        "Channel: PJSIP/110-1",
        "Context: offer",
        "Exten: s01*15*7",
        "Priority: 1",
    ]


def test_redirect_of_two_channels_at_once_can_send_them_to_different_priorities() -> None:
    lines = written(
        Redirect("a", "join", "s", 1, extra_channel="b", extra_priority=2),
    )

    assert lines[-4:] == [
        "ExtraChannel: b",
        "ExtraContext: join",
        "ExtraExten: s",
        "ExtraPriority: 2",
    ]


def test_originate_is_always_asynchronous_and_carries_its_own_channel_id() -> None:
    action = OriginateExtension(
        "PJSIP/o19a",
        "officer-brief",
        "s",
        caller_id='"110" <110>',
        variables={"__CALL_ID": "1.2", "CALL_ROLE": "officer"},
        timeout_s=12.5,
        channel_id="officer-7",
    )

    lines = written(action)

    assert "Async: true" in lines
    assert "Timeout: 12500" in lines
    assert "ChannelId: officer-7" in lines
    assert "Variable: __CALL_ID=1.2" in lines
    assert "Variable: CALL_ROLE=officer" in lines


def test_originate_of_an_application_runs_it_on_the_channel() -> None:
    lines = written(OriginateApplication("AudioSocket/h:1/u", "ChanSpy", "PJSIP/1,qoS"))

    assert "Application: ChanSpy" in lines
    assert "Data: PJSIP/1,qoS" in lines
    assert "Async: true" in lines


def test_global_variable_has_no_channel_line() -> None:
    assert written(SetVariable(None, "OFFICER_COMING_1700000000.12", "")) == [
        "Action: Setvar",
        "Variable: OFFICER_COMING_1700000000.12",
        "Value: ",
    ]


def test_queue_members_are_named_by_their_interface() -> None:
    assert "Paused: false" in written(QueueMemberAdd("fallback", "PJSIP/s01", "s01"))
    assert "Interface: PJSIP/s01" in written(QueueMemberRemove("fallback", "PJSIP/s01"))
    assert "Paused: true" in written(QueueMemberPause("fallback", "PJSIP/s01", True))


@pytest.mark.parametrize("value", INJECTIONS)
@pytest.mark.parametrize(
    "make",
    [
        lambda value: Redirect(value, "hold", "s"),
        lambda value: Redirect("a", value, "s"),
        lambda value: Redirect("a", "hold", value),
        lambda value: Redirect("a", "hold", "s", extra_channel=value),
        lambda value: Hangup(value),
        lambda value: SetVariable(None, "X", value),
        lambda value: SetVariable(None, value, "x"),
        lambda value: GetVariable(None, value),
        lambda value: GetDeviceState(value),
        lambda value: ConfbridgeKick(value, "a"),
        lambda value: QueueMemberAdd("q", value),
        lambda value: QueueMemberPause("q", "a", True, value),
        lambda value: OriginateExtension("a", "c", "e", caller_id=value),
        lambda value: OriginateExtension("a", "c", "e", variables={"X": value}),
        lambda value: OriginateExtension("a", "c", "e", variables={value: "x"}),
        lambda value: OriginateExtension("a", "c", "e", channel_id=value),
        lambda value: OriginateApplication("a", "ChanSpy", value),
        lambda value: OriginateApplication(value, "ChanSpy", "x"),
        lambda value: actions.ListConferenceUsers(value),
        lambda value: actions.ListQueueMembers(value),
    ],
)
def test_line_break_in_any_value_is_refused(make, value: str) -> None:
    with pytest.raises(InvalidAction):
        make(value).headers()


@pytest.mark.parametrize("value", ["a,CALL_ROLE=caller", 'a"b', "a\\b"])
def test_value_that_would_become_a_second_variable_is_refused(value: str) -> None:
    with pytest.raises(InvalidAction):
        OriginateExtension("a", "c", "e", variables={"X": value}).headers()


@pytest.mark.parametrize("name", ["/^PJSIP/", "/.*/", ""])
def test_channel_that_is_a_pattern_or_empty_is_never_hung_up(name: str) -> None:
    with pytest.raises(InvalidAction):
        Hangup(name).headers()


@pytest.mark.parametrize("name", ["all", "participants"])
def test_kick_puts_out_one_party_only(name: str) -> None:
    with pytest.raises(InvalidAction):
        ConfbridgeKick("1.2", name).headers()


def test_line_longer_than_asterisk_reads_is_refused() -> None:
    fits = MAX_LINE_BYTES - len("Value: \r\n")

    SetVariable(None, "X", "é" * (fits // 2)).headers()
    with pytest.raises(InvalidAction):
        SetVariable(None, "X", "é" * (fits // 2 + 1)).headers()


def test_text_that_is_not_unicode_is_refused_instead_of_vanishing() -> None:
    with pytest.raises(InvalidAction):
        SetVariable(None, "X", "\udc80").headers()


def test_originate_without_time_to_ring_is_refused() -> None:
    with pytest.raises(InvalidAction):
        OriginateExtension("a", "c", "e", timeout_s=0).headers()


def test_our_own_error_is_not_taken_for_asterisks() -> None:
    assert not issubclass(InvalidAction, AmiError)


def test_ping_needs_no_arguments() -> None:
    assert written(Ping()) == ["Action: Ping"]
