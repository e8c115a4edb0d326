"""Settings of one hotline: a TOML file that people edit, and a secrets file that nobody does.

``Settings.load`` reads both and refuses what is wrong with the file, the place in it and what
was expected (`SettingsError`). Paths in the file are relative to the file.
"""

from __future__ import annotations

import os
import secrets as random_secrets
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

SECRETS_MODE = 0o600

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,32}$")]
"""An id that may stand in a dialplan, a file name and a URL as it is."""

RESERVED_PHONE_IDS = frozenset(
    {"caller", "global", "outbound", "phone", "system", "tcp", "trunk", "udp"}
)
"""Names of sections in Asterisk's configuration, which a phone of that name would change."""


def _not_reserved(name: str) -> str:
    if name.lower() in RESERVED_PHONE_IDS:
        raise ValueError(f"{name} is reserved; expected another id")
    return name


PhoneId = Annotated[
    str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,31}$"), AfterValidator(_not_reserved)
]
"""An id that is a SIP user too: no number, or a caller of that number would be taken for it."""

Language = Literal["en", "ko", "zh"]
CallEnd = Literal["end", "return"]
Level = Literal["red", "orange", "yellow", "blue"]
"""The call ends, or the caller returns to the head of the queue."""
Number = Annotated[str, Field(pattern=r"^[0-9]{2,15}$")]
Port = Annotated[int, Field(ge=1, le=65535)]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("expected a time zone such as Asia/Shanghai or America/New_York") from None
    return name


def _safe_url(url: str) -> str:
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if url and not (local or (parts.scheme == "https" and parts.hostname)):
        raise ValueError("expected https://…, or http:// on this machine")
    if parts.username or parts.password:
        raise ValueError("expected no user or password in it")
    return url


class SettingsError(Exception):
    """The settings are wrong; the message names the file, the setting and what was expected."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(_Section):
    """A number that callers dial."""

    number: Number
    queue: Identifier
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en",)
    """More than one: the caller chooses by key; the first is taken when no key comes."""
    hang_up: CallEnd = "end"
    """What the operator's hang-up does to a caller with whom nobody else is left."""
    vanished: CallEnd = "return"
    """The same for an operator whose phone vanishes."""


class Queue(_Section):
    """Where calls wait for a seat."""

    id: Identifier
    name: str = ""
    priority: int = 0
    ring_s: Annotated[float, Field(gt=0, le=120)] = 15.0
    wrap_up_s: Annotated[float, Field(ge=0)] = 0.0


class Seat(_Section):
    """An operator's place: one console, and a SIP phone that several seats may share."""

    id: PhoneId
    name: str = ""
    queues: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    phone: PhoneId | None = None
    """The phone's SIP user; the seat's own id by default."""

    @property
    def phone_id(self) -> str:
        """The SIP user of the phone that rings for this seat."""
        return self.phone or self.id


class Officer(_Section):
    """A precinct officer and the phone that reaches them."""

    id: PhoneId
    name: str
    precinct: str
    duty: Literal["duty", "deputy", "desk"] = "duty"
    language: Literal["en", "ko", "zh"] | None = None
    """Of the spoken brief; none: the first language of the line that was called."""


class Partner(_Section):
    """A desk outside the hotline that operators bring to a call: ambulance, fire, interpreter."""

    id: PhoneId
    name: str
    kind: Literal["ambulance", "fire", "interpreter", "police", "municipal", "other"] = "other"
    phone: PhoneId | Number | None = None
    """The SIP user, or a number that `sip.outbound.officers` lets be dialled; none: the id."""

    @property
    def phone_id(self) -> str:
        """What is rung."""
        return self.phone or self.id


class Outbound(_Section):
    """The trunk by which calls leave the house; without a host none do."""

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]*$")] = ""
    port: Port = 5060
    caller_id: Annotated[str, Field(pattern=r"^[0-9]{0,15}$")] = ""
    """Who is seen calling; the line that the call came in by, by default."""
    ring_s: Annotated[int, Field(ge=5, le=120)] = 20
    international_prefix: Annotated[str, Field(pattern=r"^[0-9]{0,5}$")] = "00"
    """What the trunk takes for the plus sign of a number that is called back."""
    call_back_to: tuple[Annotated[str, Field(pattern=r"^[0-9]{1,15}$")], ...] = ()
    """What a number that is called back may begin with, as it is dialled. By default every number
    but those of other countries: who calls in chooses what they are seen to call from."""
    officers: tuple[Annotated[str, Field(pattern=r"^[0-9]{1,15}$")], ...] = ()
    """What officers' numbers may begin with that are rung by this trunk, as they are dialled. No
    other one is rung, whoever writes it into a roster. Empty: officers have SIP phones only."""
    divert_to: tuple[Number, ...] = ()
    """Numbers that waiting callers may be sent to (other sites). No other one is dialled for
    them, whoever asks."""


class Sip(_Section):
    """Asterisk's SIP side as phones and trunks see it."""

    host: str = "127.0.0.1"
    port: Port = 5060
    rtp_first_port: Port = 10000
    rtp_last_port: Port = 10999
    trunk_hosts: tuple[str, ...] = ()
    """Addresses that may send calls to the lines."""
    trusted_hosts: tuple[str, ...] = ()
    """Those of them that are believed when they say who and where a caller is
    (P-Asserted-Identity, P-Access-Network-Info, Geolocation): networks that let no such header of
    a caller's through (the trust domain of RFC 3325 and RFC 7315). Of calls by others it is
    unknown where they come from, and their number is that of From."""
    rtp_timeout_s: Annotated[int, Field(ge=1)] = 10
    """A phone that sends nothing for so long has vanished."""
    officer_rtp_timeout_s: Annotated[int, Field(ge=1)] = 3
    """The same for an officer's phone, if that is shorter: a caller may be alone with it. Phones
    that send nothing while nobody speaks need more."""
    qualify_s: Annotated[int, Field(ge=0, le=3600)] = 15
    """Registered phones are asked so often whether they are there. 0: never, for phones that do
    not answer OPTIONS and would count as gone."""
    outbound: Outbound = Outbound()
    wideband: bool = True
    """G.722 (16 kHz) is taken from whoever offers it before G.711."""
    duty_number: Annotated[str, Field(pattern=r"^(\*?[0-9]{2,6})?$")] = "*81"
    """What officers dial from their phones to say that they are on duty; empty: nothing."""
    duty_line: Annotated[str, Field(pattern=r"^([0-9]{2,15})?$")] = ""
    """The same for those who call from a number of theirs by one of trusted_hosts."""

    @model_validator(mode="after")
    def _trusted_are_trunks_of_their_own(self) -> Self:
        for host in self.trusted_hosts:
            if host not in self.trunk_hosts:
                raise ValueError(f"trusted_hosts: {host} is not one of trunk_hosts")
        # Which of two that have an address in common a call comes by is Asterisk's to choose.
        for host in self.trusted_hosts:
            for other in set(self.trunk_hosts) - set(self.trusted_hosts):
                if _overlap(host, other):
                    raise ValueError(
                        f"trusted_hosts: {host} shares addresses with {other} in trunk_hosts,"
                        " which is not trusted"
                    )
        return self


def _overlap(one: str, other: str) -> bool:
    """Whether two addresses or networks have an address in common; host names are not looked up."""
    try:
        first, second = (ip_network(host, strict=False) for host in (one, other))
    except ValueError:
        return one == other
    return first.version == second.version and first.overlaps(second)


class Ami(_Section):
    """Asterisk Manager Interface."""

    host: str = "127.0.0.1"
    port: Port = 5038
    reader: Identifier = "callcenter_reader"
    actor: Identifier = "callcenter_actor"


class Ari(_Section):
    """Asterisk's REST interface: by it wideband legs are listened to, and nothing else is done."""

    host: str = "127.0.0.1"
    port: Port = 8088
    user: Identifier = "callcenter_taps"


class AsteriskFiles(_Section):
    """Folders as Asterisk and the service both see them."""

    recordings: Path = Path("/var/spool/asterisk/callcenter")
    sounds: Path = Path("/var/lib/asterisk/sounds/callcenter")


class FastAgi(_Section):
    """Where the dialplan asks what the caller is to hear."""

    host: str = "127.0.0.1"
    port: Port = 4573


class Speech(_Section):
    """Recognition. ``engines`` is the order of preference where several know a language."""

    enabled: bool = True
    engines: tuple[Literal["vosk", "moonshine"], ...] = ("vosk", "moonshine")
    workers: Annotated[int, Field(ge=0, le=64)] = 0
    """0: as many as the machine has cores."""
    host: str = "127.0.0.1"
    first_port: Port = 9100
    """Worker n listens for AudioSocket on ``first_port + n``."""
    models: Path = Path("models")
    worker_memory_mib: Annotated[int, Field(ge=256)] = 4096


class Api(_Section):
    """HTTP for consoles."""

    host: str = "127.0.0.1"
    port: Port = 8110


class Recordings(_Section):
    """Where finished recordings are kept."""

    directory: Path = Path("recordings")


class Precincts(_Section):
    """Boundaries, gazetteer and roster files; empty: the city that comes with the product."""

    boundaries: Path | None = None
    id_property: str = "precinct"
    gazetteer: tuple[Path, ...] = ()
    roster: Path | None = None


class Deadlines(_Section):
    """The ladder of one call, in seconds from its first INVITE."""

    answered_s: float = 3.0
    officer_ringing_s: float = 15.0
    officer_speaking_s: float = 30.0
    officer_ring_s: float = 12.0
    """How long one officer's phone rings before it counts as not answered."""
    officer_overlap_s: float = 4.0
    """The next officer's phone starts to ring so long before the last gives up."""
    officer_back_after_s: float = 600.0
    """An officer who twice did not answer is asked after the others for so long."""
    officer_heard_s: float = 6.0
    """Who of caller and officer is not heard so long after the officer came is told."""


class Duplicates(_Section):
    """How far apart two calls may be that are offered as one incident."""

    within_m: Annotated[float, Field(gt=0, le=10_000)] = 300.0
    within_min: Annotated[float, Field(gt=0, le=1440)] = 30.0
    redial_min: Annotated[float, Field(gt=0, le=1440)] = 60.0
    """For a number that calls again."""


class BriefMessages(_Section):
    """Briefs as text, besides the spoken ones."""

    url: Annotated[str, AfterValidator(_safe_url)] = ""
    """Each is sent there as JSON when an officer's phone begins to ring; empty: nowhere."""
    console: Annotated[str, AfterValidator(_safe_url)] = ""
    """The console's address as officers' phones reach it: the link to the call begins with it."""
    timeout_s: Annotated[float, Field(gt=0, le=30)] = 5.0


class Tripwire(_Section):
    """When an operator who has left is called back onto the line, by one ring."""

    enabled: bool = True
    officer_silent_s: Annotated[float, Field(gt=0, le=60)] = 4.0
    """A caller calls out, and the officer has been silent for so long."""
    silence_s: Annotated[float, Field(gt=0, le=600)] = 20.0
    """Nobody has spoken for so long."""
    ring_s: Annotated[float, Field(ge=1, le=60)] = 10.0
    """One seat's phone rings; then another's, once."""
    again_after_s: Annotated[float, Field(ge=0, le=3600)] = 60.0
    """For so long after a ring the same call asks for none."""


class Responses(_Section):
    """What is expected of officers after they took a call."""

    there_within_s: Mapping[Level, Annotated[float, Field(gt=0, le=86_400)]] = {
        "red": 300.0,
        "orange": 300.0,
        "yellow": 7200.0,
        "blue": 7200.0,
    }
    """By level: supervisors are told of an officer who is not there by then. A level that is not
    named has no such time."""


class Settings(_Section):
    """Everything that one service needs to know."""

    lines: Annotated[tuple[Line, ...], Field(min_length=1)]
    queues: Annotated[tuple[Queue, ...], Field(min_length=1)]
    seats: tuple[Seat, ...] = ()
    officers: tuple[Officer, ...] = ()
    officer_phones: tuple[PhoneId, ...] = ()
    """Phones of officers besides those that have an officer's id: a second one, a desk's."""
    partners: tuple[Partner, ...] = ()
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    """Where the hotline is: days and half hours are those of its clocks."""
    database: str = "sqlite+aiosqlite:///callcenter.db"
    sip: Sip = Sip()
    ami: Ami = Ami()
    ari: Ari = Ari()
    fastagi: FastAgi = FastAgi()
    asterisk: AsteriskFiles = AsteriskFiles()
    speech: Speech = Speech()
    api: Api = Api()
    recordings: Recordings = Recordings()
    precincts: Precincts = Precincts()
    deadlines: Deadlines = Deadlines()
    duplicates: Duplicates = Duplicates()
    responses: Responses = Responses()
    tripwire: Tripwire = Tripwire()
    brief_messages: BriefMessages = BriefMessages()
    secrets: Path = Path("secrets.toml")

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        queues = {queue.id for queue in self.queues}
        for kind, ids in (
            ("queue", [queue.id for queue in self.queues]),
            ("seat", [seat.id for seat in self.seats]),
            ("officer", [officer.id for officer in self.officers]),
            ("phone of an officer or partner", list(self.officer_phones_all)),
            ("partner", [partner.id for partner in self.partners]),
            ("line", [line.number for line in self.lines]),
        ):
            for name in ids:
                if ids.count(name) > 1:
                    raise ValueError(f"{kind} {name} is named twice")
        officers = set(self.officer_phones_all)
        for seat in self.seats:
            for name in {seat.id, seat.phone_id} & officers:
                raise ValueError(f"{name} is a seat and an officer; phones need ids of their own")
        allowed = self.sip.outbound.officers if self.sip.outbound.host else ()
        for partner in self.partners:
            if partner.phone_id.isdigit() and not partner.phone_id.startswith(allowed or "-"):
                raise ValueError(
                    f"partner {partner.id}: {partner.phone_id} is outside the allow-list;"
                    f" sip.outbound.officers has {', '.join(allowed) or 'none'}"
                )
        for line in self.lines:
            if line.number == self.sip.duty_line:
                raise ValueError(f"line {line.number} is sip.duty_line; expected another number")
            if line.queue not in queues:
                raise ValueError(f"line {line.number}: queue {line.queue} is not defined")
        for seat in self.seats:
            for queue in seat.queues:
                if queue not in queues:
                    raise ValueError(f"seat {seat.id}: queue {queue} is not defined")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The hotline's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def seat_phones(self) -> tuple[str, ...]:
        """The SIP users of all seats' phones, each once."""
        return tuple(dict.fromkeys(seat.phone_id for seat in self.seats))

    @property
    def officer_phones_all(self) -> tuple[str, ...]:
        """The SIP users of all phones that ring for officers and partners."""
        partners = (each.phone_id for each in self.partners if not each.phone_id.isdigit())
        return (*(officer.id for officer in self.officers), *self.officer_phones, *partners)

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read settings from a TOML file; relative paths become absolute from its folder."""
        try:
            raw = tomllib.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            raise SettingsError(f"{file}: no such file; `callcenter lab up` makes one") from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{file}: {error}") from error
        try:
            settings = cls.model_validate(raw)
        except ValidationError as error:
            raise SettingsError(_explain(file, error)) from None
        return settings._from(file.resolve().parent)

    def _from(self, base: Path) -> Self:
        database = self.database
        head, mark, path = database.partition(":///")
        if head.startswith("sqlite") and mark and path and not path.startswith(("/", ":")):
            database = f"{head}:///{base / path}"
        pre = self.precincts
        return self.model_copy(
            update={
                "database": database,
                "secrets": base / self.secrets,
                "asterisk": AsteriskFiles(
                    recordings=base / self.asterisk.recordings,
                    sounds=base / self.asterisk.sounds,
                ),
                "speech": self.speech.model_copy(update={"models": base / self.speech.models}),
                "recordings": Recordings(directory=base / self.recordings.directory),
                "precincts": pre.model_copy(
                    update={
                        "boundaries": base / pre.boundaries if pre.boundaries else None,
                        "gazetteer": tuple(base / file for file in pre.gazetteer),
                        "roster": base / pre.roster if pre.roster else None,
                    }
                ),
            }
        )


class Secrets(_Section):
    """Generated passwords. Never logged, never in the repository, mode 0600."""

    ami_reader: str
    ami_actor: str
    phones: dict[str, str]
    """SIP password of each phone of a seat or officer, and of each seat (its user's first
    password), by id."""
    api_token: str
    admin_password: str
    brief_messages: str = ""
    """Signs the briefs that are sent as text."""
    ari: str = ""

    def __repr__(self) -> str:
        return "Secrets(…)"

    __str__ = __repr__

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read a secrets file; refuses one that others may read."""
        try:
            mode = file.stat().st_mode & 0o777
            if mode & 0o077:
                raise SettingsError(
                    f"{file}: mode {mode:o}, expected {SECRETS_MODE:o}; chmod 600 it"
                )
            return cls.model_validate(tomllib.loads(file.read_text("utf-8")))
        except FileNotFoundError:
            raise SettingsError(f"{file}: no such file; render the configuration first") from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{file}: {error}") from error
        except ValidationError as error:
            raise SettingsError(_explain(file, error)) from None

    @classmethod
    def load_or_generate(cls, settings: Settings) -> Self:
        """Secrets of these settings; what is missing is generated and written, mode 0600.

        Raises `SettingsError`, also when the file cannot be written.
        """
        file = settings.secrets
        try:
            known = cls.load(file) if file.exists() else None
            values = cls.complete(settings, known)
            if values != known:
                values._write(file)
        except OSError as error:
            raise SettingsError(f"{file}: {error.strerror or error}") from error
        return values

    @classmethod
    def complete(cls, settings: Settings, known: Secrets | None = None) -> Self:
        """What is known, and what these settings need besides, generated. Nothing is written."""
        phones = dict(known.phones) if known else {}
        ids = [*(seat.id for seat in settings.seats), *settings.seat_phones]
        for phone_id in [*ids, *settings.officer_phones_all]:
            phones.setdefault(phone_id, random_secrets.token_urlsafe(18))
        return cls(
            ami_reader=(known and known.ami_reader) or random_secrets.token_urlsafe(24),
            ami_actor=(known and known.ami_actor) or random_secrets.token_urlsafe(24),
            phones=phones,
            api_token=(known and known.api_token) or random_secrets.token_urlsafe(32),
            admin_password=(known and known.admin_password) or random_secrets.token_urlsafe(12),
            brief_messages=(known and known.brief_messages) or random_secrets.token_urlsafe(32),
            ari=(known and known.ari) or random_secrets.token_urlsafe(24),
        )

    def _write(self, file: Path) -> None:
        plain = {name: value for name, value in self.model_dump().items() if isinstance(value, str)}
        lines = [f'{name} = "{value}"' for name, value in plain.items()]
        lines += ["", "[phones]", *(f'{key} = "{value}"' for key, value in self.phones.items())]
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRETS_MODE)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
        partial.replace(file)


def _explain(file: Path, error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "(the whole file)"
    more = error.error_count() - 1
    tail = f" (and {more} more)" if more else ""
    return f"{file}: {place}: {first['msg']}{tail}"
