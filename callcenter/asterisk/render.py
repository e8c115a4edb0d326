"""Asterisk's configuration, rendered from the templates in ``asterisk-config/``.

Everything is rendered before anything is written, and each file replaces the one before whole:
a wrong setting leaves the configuration that was there. Files are written mode 0600 (some carry
passwords) and belong to whoever owns the folder, so that Asterisk's own user can read them.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2

from callcenter.settings import Line, Secrets, Settings, SettingsError, Sip

TEMPLATES = Path(__file__).resolve().parents[2] / "asterisk-config"
SUFFIX = ".j2"
FILE_MODE = 0o600
HOLD_MUSIC = "moh/hold.sln"
"""Below the sounds: what ``musiconhold.conf`` plays."""

HEARTBEAT_STALE_S = 3
"""The service counts as dead when its heartbeat is older than this."""
COMFORT_EVERY_S = 20
OFFICER_KEY_S = 5
"""How long after the brief an officer's key is waited for."""
OFFICER_TRIES = 2
"""The brief is spoken so often to an officer who presses none of the keys."""
BRIEF_LATE_S = 1.5
"""A brief that is not there so long after the answer is replaced by a general one."""
BRIEF_LOOK_S = 0.05
OFFICER_WAIT_S = 60
"""A caller whose operator has left waits so long for an officer, then goes back to a seat."""
OFFICER_WAIT_LOOK_S = 0.2
INTAKE_S = 3
MENU_S_PER_LANGUAGE = 4
MENU_KEY_S = 10
"""The intake of a line with one language, and what a menu adds: saying each language once,
waiting for a key, once more after a wrong one."""
JOINING_S = 2
"""Longer than anybody takes from the last look at the caller into the bridge."""
HEADER_CHARACTERS = 300
"""So much of a header that the network sent is looked at."""
ANNOUNCEMENT_S = 30
"""No announcement keeps a caller longer, however long its recording is."""
CALL_BACK_KEY_S = 4
"""How long after the offer to be called back a key is waited for."""
FALLBACK_LOOK_S = 2
"""In fallback it is looked so often whether somebody on duty is free; else who rests is rung."""
FALLBACK_RAISE_S = 10
"""A caller whom nobody took for so long rings seats whatever their penalty."""
DUTY_S = 60
"""Longer than it takes to say whether one is on duty, with a question that is asked twice."""
NUMBER_DIGITS = (3, 15)
"""So many digits has a number that may be called back."""
NOT_REACHED_S = 3
"""The operator hears so long that the number was not reached."""
FALLBACK_QUEUE_S = 25
"""A caller whom nobody took for so long rings every phone that is free, on duty or not."""
FALLBACK_RING_ALL_S = 8
LONGEST_STEP_S = 100_000
FALLBACK_MOST_PENALTY = 90
FALLBACK_EPOCH_S = 1_700_000_000
"""Arrivals count from here in Asterisk's order of callers, which has 32 bits."""
CUT_OFF_HEAD_START_S = 1_000_000_000
"""More than any priority gives."""
TRUNK_RTP_TIMEOUT_S = 300

EVENTS = (
    "FullyBooted",
    "UserEvent",
    "Newchannel",
    "Hangup",
    "ConfbridgeJoin",
    "ConfbridgeLeave",
    "ContactStatus",
    "AgentConnect",
    "AgentComplete",
)
"""AMI events that the service reads, besides those that it reads only in part."""

MAY_RING = ("NOT_INUSE", "UNKNOWN", "INVALID", "UNAVAILABLE")
"""States of a phone in which an offer rings it, if only to be told that it is not there."""

_LOOPBACK = {"127.0.0.1": "127.0.0.1/255.255.255.255", "::1": "::1/128"}
_PLAIN_PATH = re.compile(r"[\w./@+~ -]+", re.ASCII)
_PASSWORD = re.compile(r"[\w.~+=/-]{8,}", re.ASCII)
_PLAIN_VALUE = re.compile(r"[\w.:/@+~ -]*", re.ASCII)


class RenderError(SettingsError):
    """A setting cannot stand in Asterisk's configuration; the message names it."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Folders in ``asterisk.conf``; None leaves Asterisk's own default."""

    config: Path = Path("/etc/asterisk")
    state: Path | None = None
    """Asterisk's own database and keys."""
    spool: Path | None = None
    run: Path | None = None
    """Holds the control socket: a short path (108 bytes at most with the socket's name)."""
    log: Path | None = None


def render(
    settings: Settings, secrets: Secrets, to: Path, folders: Folders | None = None
) -> tuple[Path, ...]:
    """Write the whole configuration into a folder; the files that were written.

    Args:
        settings: what to render.
        secrets: passwords; every seat and officer needs one.
        to: the folder, made when missing.
        folders: where the rendered Asterisk has its own files; by default those of a system
            installation that reads ``to``.

    Raises:
        RenderError: a setting that Asterisk would misread. Nothing was written.
    """
    texts = dict(rendered(settings, secrets, folders or Folders(config=to.resolve())))
    to.mkdir(parents=True, exist_ok=True)
    owner = to.stat()
    return tuple(
        _write(to / name, text, owner.st_uid, owner.st_gid) for name, text in texts.items()
    )


def rendered(settings: Settings, secrets: Secrets, folders: Folders) -> Iterator[tuple[str, str]]:
    """Each file's name and text."""
    _refuse_what_asterisk_would_misread(settings, secrets)
    environment = _environment()
    names = sorted(name for name in environment.list_templates() if name.endswith(SUFFIX))
    if not names:
        raise RenderError(f"{TEMPLATES}: no templates here; expected asterisk-config/*{SUFFIX}")
    priority_of = {queue.id: queue.priority for queue in settings.queues}
    sip = settings.sip
    phones = [(phone, "auto_info", sip.rtp_timeout_s) for phone in settings.seat_phones]
    lost_s = min(sip.officer_rtp_timeout_s, sip.rtp_timeout_s)
    phones += [(phone, "auto", lost_s) for phone in settings.officer_phones_all]
    values = {
        "settings": settings,
        "secrets": secrets,
        "folders": folders,
        "phones": phones,
        "trunks": _trunks(settings.sip),
        "may_ring": "|".join(MAY_RING),
        "recordings": settings.asterisk.recordings,
        "sounds": settings.asterisk.sounds,
        "events": EVENTS,
        "ami_permit": _LOOPBACK.get(settings.ami.host, f"{settings.ami.host}/255.255.255.255"),
        "intake_s": intake_s,
        "heartbeat_stale_s": HEARTBEAT_STALE_S,
        "comfort_every_s": COMFORT_EVERY_S,
        "officer_key_s": OFFICER_KEY_S,
        "officer_tries": OFFICER_TRIES,
        "brief_looks": round(BRIEF_LATE_S / BRIEF_LOOK_S),
        "brief_look_s": BRIEF_LOOK_S,
        "officer_wait_looks": round(OFFICER_WAIT_S / OFFICER_WAIT_LOOK_S),
        "officer_wait_look_s": OFFICER_WAIT_LOOK_S,
        "joining_s": JOINING_S,
        "header_characters": HEADER_CHARACTERS,
        "announcement_s": ANNOUNCEMENT_S,
        "call_back_key_s": CALL_BACK_KEY_S,
        "fallback_look_s": FALLBACK_LOOK_S,
        "fallback_raise_s": FALLBACK_RAISE_S,
        "fallback_most_penalty": FALLBACK_MOST_PENALTY,
        "fallback_epoch_s": FALLBACK_EPOCH_S,
        "cut_off_head_start_s": CUT_OFF_HEAD_START_S,
        "head_start_s": lambda line: head_start_s(priority_of[line.queue]),
        "number_digits": NUMBER_DIGITS,
        "not_reached_s": NOT_REACHED_S,
        "duty_s": DUTY_S,
        "fallback_queue_s": FALLBACK_QUEUE_S,
        "fallback_ring_all_s": FALLBACK_RING_ALL_S,
        "trunk_rtp_timeout_s": TRUNK_RTP_TIMEOUT_S,
    }
    for name in names:
        yield name.removesuffix(SUFFIX), environment.get_template(name).render(values)


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # not HTML; values are checked above
    )


def _trunks(sip: Sip) -> list[tuple[str, list[str]]]:
    """The endpoints of trunks: those that the dialplan believes, and the others; none empty."""
    trusted = [host for host in sip.trunk_hosts if host in sip.trusted_hosts]
    others = [host for host in sip.trunk_hosts if host not in sip.trusted_hosts]
    named = (("trunk-trusted", trusted), ("trunk", others))
    return [(name, hosts) for name, hosts in named if hosts]


def intake_s(line: Line) -> int:
    """How long the intake may keep a caller of this line, in seconds."""
    if len(line.languages) == 1:
        return INTAKE_S
    return INTAKE_S + MENU_S_PER_LANGUAGE * len(line.languages) + MENU_KEY_S


def head_start_s(priority: int, ageing_per_s: float = 1 / 60) -> int:
    """How many seconds of waiting a priority is worth in Asterisk's order of callers.

    Without ageing it is worth more than anybody waits.
    """
    step_s = min(1 / ageing_per_s, LONGEST_STEP_S) if ageing_per_s > 0 else LONGEST_STEP_S
    most = CUT_OFF_HEAD_START_S // 2
    return max(-most, min(most, round(priority * step_s)))


def _refuse_what_asterisk_would_misread(settings: Settings, secrets: Secrets) -> None:
    """Check free text: a comma, bracket or line break would mean something else there."""
    for name, path in (
        ("asterisk.recordings", settings.asterisk.recordings),
        ("asterisk.sounds", settings.asterisk.sounds),
    ):
        if not _PLAIN_PATH.fullmatch(str(path)):
            raise RenderError(
                f"{name}: {str(path)!r} has a character that the dialplan would misread; "
                "expected letters, digits, space and . / _ - @ + ~"
            )
    hosts = [
        ("sip.host", settings.sip.host),
        ("ami.host", settings.ami.host),
        ("ari.host", settings.ari.host),
        ("fastagi.host", settings.fastagi.host),
        *(("sip.trunk_hosts", host) for host in settings.sip.trunk_hosts),
        ("sip.outbound.host", settings.sip.outbound.host or "none"),
    ]
    for name, value in hosts:
        if not value or not _PLAIN_VALUE.fullmatch(value):
            raise RenderError(f"{name}: {value!r}: expected an address or a host name")
    passwords = [("ami_reader", secrets.ami_reader), ("ami_actor", secrets.ami_actor)]
    if settings.sip.wideband:
        passwords.append(("ari", secrets.ari))
    for phone in [*settings.seat_phones, *settings.officer_phones_all]:
        passwords.append((f"phones.{phone}", secrets.phones.get(phone, "")))
    for name, password in passwords:
        if not _PASSWORD.fullmatch(password):
            raise RenderError(
                f"{settings.secrets}: {name}: expected 8 or more letters, digits and . _ ~ + = / -"
            )


def _write(file: Path, text: str, uid: int, gid: int) -> Path:
    partial = file.with_name(f".{file.name}.partial")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
        if os.geteuid() == 0:
            os.fchown(out.fileno(), uid, gid)
    partial.replace(file)
    return file
