"""What Asterisk can be asked to do over AMI, typed and checked before anything is sent.

An AMI action is a block of ``Name: value`` lines. Whatever would be read as more than it is
meant to be is refused here with `InvalidAction`: a line break starts another header, a comma in
``Variable:`` another variable, a channel name of the form ``/…/`` is a regular expression that
hangs up every channel that it matches.

The privilege each action needs (manager.conf, ``write=``) stands at its class; none needs
``system``, ``command`` or ``config``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from callcenter.asterisk.errors import InvalidAction
from callcenter.asterisk.headers import (
    Header,
    Headers,
    assignment,
    boolean,
    channel_name,
    check_line,
    device_name,
    needed,
    variable_name,
)

NORMAL_CLEARING = 16
"""Q.850 cause of an ordinary hang-up."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What Asterisk answered to an action that it accepted: the response and a list's items."""

    response: Headers
    items: tuple[Headers, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """Base of all actions."""

    ACTION: ClassVar[str]
    LISTS: ClassVar[bool] = False

    def headers(self) -> list[Header]:
        """Return the action as AMI headers, without ``ActionID``; raises `InvalidAction`."""
        lines = [("Action", self.ACTION), *self._arguments()]
        for name, value in lines:
            check_line(self.ACTION, name, value)
        return lines

    def _arguments(self) -> list[Header]:
        return []


@dataclass(frozen=True, slots=True)
class Ping(Action):
    """Ask whether Asterisk still answers. Needs no privilege."""

    ACTION: ClassVar[str] = "Ping"


@dataclass(frozen=True, slots=True)
class Redirect(Action):
    """Send a channel, or two at once, to other places of the dialplan. Needs ``call``.

    Asterisk answers "successful" even when the extension does not exist, and then hangs the
    channel up: every context that is a target needs an ``i`` extension.
    """

    ACTION: ClassVar[str] = "Redirect"
    channel: str
    context: str
    exten: str
    priority: int = 1
    extra_channel: str | None = None
    extra_context: str | None = None
    extra_exten: str | None = None
    extra_priority: int | None = None

    def _arguments(self) -> list[Header]:
        lines = [
            ("Channel", channel_name(self.channel)),
            ("Context", needed("context", self.context)),
            ("Exten", needed("exten", self.exten)),
            ("Priority", str(self.priority)),
        ]
        if self.extra_channel is not None:
            lines += [
                ("ExtraChannel", channel_name(self.extra_channel)),
                ("ExtraContext", self.extra_context or self.context),
                ("ExtraExten", self.extra_exten or self.exten),
                ("ExtraPriority", str(self.extra_priority or self.priority)),
            ]
        return lines


@dataclass(frozen=True, slots=True)
class _Originate(Action):
    """Always asynchronous: Asterisk answers at once, the failure comes as `OriginateFailed`."""

    ACTION: ClassVar[str] = "Originate"

    @staticmethod
    def _common(
        channel: str,
        channel_id: str | None,
        timeout_s: float,
        variables: Mapping[str, str],
        optional: Mapping[str, str | None],
    ) -> list[Header]:
        if timeout_s <= 0:
            raise InvalidAction(f"Originate: a timeout of {timeout_s} s rings nobody")
        lines = [
            ("Channel", channel_name(channel)),
            ("Async", "true"),
            ("Timeout", str(round(timeout_s * 1000))),
        ]
        if channel_id is not None:
            lines.append(("ChannelId", needed("channel_id", channel_id)))
        lines += [(name, value) for name, value in optional.items() if value is not None]
        lines += [("Variable", assignment(*item)) for item in variables.items()]
        return lines


@dataclass(frozen=True, slots=True)
class OriginateExtension(_Originate):
    """Ring an endpoint and send it, once answered, into the dialplan. Needs ``originate``.

    ``channel_id`` becomes the channel's Uniqueid and names it in events and other actions.
    """

    endpoint: str
    context: str
    exten: str
    priority: int = 1
    caller_id: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 30.0
    channel_id: str | None = None

    def _arguments(self) -> list[Header]:
        return [
            *self._common(
                self.endpoint,
                self.channel_id,
                self.timeout_s,
                self.variables,
                {"CallerID": self.caller_id},
            ),
            ("Context", needed("context", self.context)),
            ("Exten", needed("exten", self.exten)),
            ("Priority", str(self.priority)),
        ]


@dataclass(frozen=True, slots=True)
class OriginateApplication(_Originate):
    """Make a channel and run one application on it. Needs ``originate``.

    Applications that reach the operating system are refused by Asterisk without ``system``.
    """

    channel: str
    application: str
    data: str
    codecs: str | None = None
    channel_id: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 10.0

    def _arguments(self) -> list[Header]:
        return [
            *self._common(
                self.channel,
                self.channel_id,
                self.timeout_s,
                self.variables,
                {"Codecs": self.codecs},
            ),
            ("Application", needed("application", self.application)),
            ("Data", self.data),
        ]


@dataclass(frozen=True, slots=True)
class Hangup(Action):
    """Hang up one channel, by name or Uniqueid. Needs ``call``."""

    ACTION: ClassVar[str] = "Hangup"
    channel: str
    cause: int = NORMAL_CLEARING

    def _arguments(self) -> list[Header]:
        return [("Channel", channel_name(self.channel)), ("Cause", str(self.cause))]


@dataclass(frozen=True, slots=True)
class SetVariable(Action):
    """Set a variable of a channel, or a global one (``channel`` None). Needs ``call``."""

    ACTION: ClassVar[str] = "Setvar"
    channel: str | None
    name: str
    value: str

    def _arguments(self) -> list[Header]:
        lines = [("Variable", variable_name(self.name)), ("Value", self.value)]
        if self.channel is not None:
            lines.append(("Channel", channel_name(self.channel)))
        return lines


@dataclass(frozen=True, slots=True)
class GetVariable(Action):
    """Read a variable; the reply's ``response["value"]``. Needs ``call`` or ``reporting``."""

    ACTION: ClassVar[str] = "Getvar"
    channel: str | None
    name: str

    def _arguments(self) -> list[Header]:
        lines = [("Variable", variable_name(self.name))]
        if self.channel is not None:
            lines.append(("Channel", channel_name(self.channel)))
        return lines


@dataclass(frozen=True, slots=True)
class CountPackets(Action):
    """How many packets of sound came in by a phone's channel: the reply's ``response["value"]``.

    Needs ``call`` or ``reporting``.
    """

    ACTION: ClassVar[str] = "Getvar"
    channel: str

    def _arguments(self) -> list[Header]:
        return [
            ("Variable", "CHANNEL(rtcp,rxcount)"),
            ("Channel", channel_name(self.channel)),
        ]


@dataclass(frozen=True, slots=True)
class ConfbridgeKick(Action):
    """Put one party out of a conference. Needs ``call``."""

    ACTION: ClassVar[str] = "ConfbridgeKick"
    conference: str
    channel: str

    def _arguments(self) -> list[Header]:
        if self.channel in {"all", "participants"}:
            raise InvalidAction("ConfbridgeKick: one channel at a time")
        return [
            ("Conference", needed("conference", self.conference)),
            ("Channel", channel_name(self.channel)),
        ]


@dataclass(frozen=True, slots=True)
class QueueMemberAdd(Action):
    """Put a phone into a queue; refused when it is already there. Needs ``agent``."""

    ACTION: ClassVar[str] = "QueueAdd"
    queue: str
    interface: str
    member_name: str = ""
    paused: bool = False
    penalty: int = 0
    """Members with less are rung first."""

    def _arguments(self) -> list[Header]:
        return [
            ("Queue", needed("queue", self.queue)),
            ("Interface", channel_name(self.interface)),
            ("MemberName", self.member_name or self.interface),
            ("Paused", boolean(self.paused)),
            ("Penalty", str(_not_negative("QueueAdd", self.penalty))),
        ]


@dataclass(frozen=True, slots=True)
class QueueMemberRemove(Action):
    """Take a phone out of a queue; refused when it is not there. Needs ``agent``."""

    ACTION: ClassVar[str] = "QueueRemove"
    queue: str
    interface: str

    def _arguments(self) -> list[Header]:
        return [("Queue", needed("queue", self.queue)), ("Interface", channel_name(self.interface))]


@dataclass(frozen=True, slots=True)
class QueueMemberPause(Action):
    """Pause a queue's member, or let it go on. Needs ``agent``."""

    ACTION: ClassVar[str] = "QueuePause"
    queue: str
    interface: str
    paused: bool
    reason: str = ""

    def _arguments(self) -> list[Header]:
        lines = [
            ("Queue", needed("queue", self.queue)),
            ("Interface", channel_name(self.interface)),
            ("Paused", boolean(self.paused)),
        ]
        return [*lines, ("Reason", self.reason)] if self.reason else lines


@dataclass(frozen=True, slots=True)
class QueueMemberPenalty(Action):
    """Change a member's penalty. Needs ``agent``.

    Asterisk does not keep the new one over a restart until something else of the queue's members
    changes (a `QueueMemberPause` to what it was is enough).
    """

    ACTION: ClassVar[str] = "QueuePenalty"
    queue: str
    interface: str
    penalty: int

    def _arguments(self) -> list[Header]:
        return [
            ("Queue", needed("queue", self.queue)),
            ("Interface", channel_name(self.interface)),
            ("Penalty", str(_not_negative(self.ACTION, self.penalty))),
        ]


@dataclass(frozen=True, slots=True)
class ListChannels(Action):
    """All channels. Needs ``reporting``."""

    ACTION: ClassVar[str] = "CoreShowChannels"
    LISTS: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class ListConferences(Action):
    """All conferences; Asterisk refuses when there is none. Needs ``reporting``."""

    ACTION: ClassVar[str] = "ConfbridgeListRooms"
    LISTS: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class ListConferenceUsers(Action):
    """Everybody in one conference; refused when it has ended. Needs ``reporting``."""

    ACTION: ClassVar[str] = "ConfbridgeList"
    LISTS: ClassVar[bool] = True
    conference: str

    def _arguments(self) -> list[Header]:
        return [("Conference", needed("conference", self.conference))]


@dataclass(frozen=True, slots=True)
class ListDeviceStates(Action):
    """The state of every device that ever had one. Needs ``reporting``."""

    ACTION: ClassVar[str] = "DeviceStateList"
    LISTS: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class GetDeviceState(Action):
    """The state of one device; the reply's ``response["value"]``. Needs ``reporting``."""

    ACTION: ClassVar[str] = "Getvar"
    device: str

    def _arguments(self) -> list[Header]:
        return [("Variable", f"DEVICE_STATE({device_name(self.device)})")]


@dataclass(frozen=True, slots=True)
class ListQueueMembers(Action):
    """A queue, its members and its callers. Needs no privilege."""

    ACTION: ClassVar[str] = "QueueStatus"
    LISTS: ClassVar[bool] = True
    queue: str

    def _arguments(self) -> list[Header]:
        return [("Queue", needed("queue", self.queue))]


def _not_negative(action: str, penalty: int) -> int:
    if penalty < 0:
        raise InvalidAction(f"{action}: a penalty of {penalty} is less than none")
    return penalty
