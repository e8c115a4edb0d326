"""Users, their passwords and their sessions.

Passwords are kept as Argon2id hashes; of a session only the hash of its token is stored, so a copy
of the database signs nobody in.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from callcenter.settings import Secrets, Settings

from .database import Database
from .errors import PersonExists, PersonRefused, StoreUnavailable, UnknownPerson
from .tables import people as people_table
from .tables import sessions as sessions_table

ADMIN = "admin"
SESSION_HOURS = 12
"""A shift. Afterwards one signs in again."""
SHORTEST_PASSWORD_CHARS = 8
LONGEST_PASSWORD_CHARS = 256
REMEMBER_SESSION_S = 10.0
"""How long a session that was read is believed without asking the database again."""
SESSIONS_REMEMBERED = 2000
_NAME = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
_HASHES_AT_ONCE = 2


class Role(StrEnum):
    """What a user may do."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True)
class Person:
    """A user. ``seat`` is an operator's own seat, ``officer`` an officer's id."""

    name: str
    role: Role
    seat: str | None = None
    officer: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in, until when."""

    person: Person
    expires_at: datetime


@dataclass(slots=True)
class _Remembered:
    session: Session
    read_at: datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


class People:
    """The users of one database."""

    def __init__(
        self,
        database: Database,
        *,
        session_hours: float = SESSION_HOURS,
        hasher: PasswordHasher | None = None,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._database = database
        self._session_length = timedelta(hours=session_hours)
        self._hasher = hasher or PasswordHasher()
        self._clock = clock
        # A hash takes some 64 MiB and 50 ms of one core: a flood of sign-ins must queue.
        self._hashing = asyncio.Semaphore(_HASHES_AT_ONCE)
        self._nobody_hash: str | None = None
        self._remembered: dict[str, _Remembered] = {}

    async def add(
        self,
        name: str,
        role: Role | str,
        password: str,
        *,
        seat: str | None = None,
        officer: str | None = None,
    ) -> Person:
        """Create a user. Raises `PersonExists` and `PersonRefused`."""
        person = _checked(name, role, seat, officer)
        _check_password(password)
        row = {
            "name": person.name,
            "role": person.role.value,
            "password_hash": await self._hash(password),
            "seat": seat,
            "officer": officer,
            "created_at": self._clock(),
        }
        try:
            async with self._database.writing() as connection:
                await connection.execute(insert(people_table).values(row))
        except IntegrityError:
            raise PersonExists(f"there is a user {name} already") from None
        return person

    async def ensure(
        self,
        name: str,
        role: Role | str,
        password: str,
        *,
        seat: str | None = None,
        officer: str | None = None,
    ) -> Person:
        """Create the user, or give the one of that name this role and password.

        For laboratories and provisioning, where the password is generated. Sessions stay.
        """
        known = await self.verify(name, password)
        wanted = _checked(name, role, seat, officer)
        if known == wanted:
            return known
        try:
            return await self.add(name, role, password, seat=seat, officer=officer)
        except PersonExists:
            pass
        values = {
            "role": wanted.role.value,
            "seat": seat,
            "officer": officer,
            "password_hash": await self._hash(password),
        }
        async with self._database.writing() as connection:
            await connection.execute(
                update(people_table).where(people_table.c.name == name).values(values)
            )
        self._remembered.clear()
        return wanted

    async def get(self, name: str) -> Person | None:
        """The user of that name."""
        async with self._database.reading() as connection:
            row = (
                await connection.execute(select(people_table).where(people_table.c.name == name))
            ).one_or_none()
        return None if row is None else _person(row)

    async def all(self) -> list[Person]:
        """Every user, by name."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(people_table).order_by(people_table.c.name))
            return [_person(row) for row in rows]

    async def set_password(self, name: str, password: str) -> None:
        """Change a password and end all sessions of that user. Raises `UnknownPerson`."""
        _check_password(password)
        hashed = await self._hash(password)
        async with self._database.writing() as connection:
            done = await connection.execute(
                update(people_table).where(people_table.c.name == name).values(password_hash=hashed)
            )
            if not done.rowcount:
                raise UnknownPerson(f"there is no user {name}")
            await connection.execute(delete(sessions_table).where(sessions_table.c.name == name))
        self._remembered.clear()

    async def remove(self, name: str) -> None:
        """Delete a user and end the sessions. Raises `UnknownPerson`."""
        async with self._database.writing() as connection:
            done = await connection.execute(delete(people_table).where(people_table.c.name == name))
            if not done.rowcount:
                raise UnknownPerson(f"there is no user {name}")
        self._remembered.clear()

    async def verify(self, name: str, password: str) -> Person | None:
        """The user, if name and password agree. Takes as long for a name that is not there."""
        async with self._database.reading() as connection:
            row = (
                await connection.execute(select(people_table).where(people_table.c.name == name))
            ).one_or_none()
        if row is None:
            if self._nobody_hash is None:
                self._nobody_hash = await self._hash(secrets.token_urlsafe())
            await self._matches(self._nobody_hash, password)
            return None
        return _person(row) if await self._matches(row.password_hash, password) else None

    async def open_session(self, person: Person) -> tuple[str, Session]:
        """Sign somebody in: the secret token for the cookie, and the session."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        session = Session(person, now + self._session_length)
        async with self._database.writing() as connection:
            await connection.execute(
                delete(sessions_table).where(sessions_table.c.expires_at <= now)
            )
            await connection.execute(
                insert(sessions_table).values(
                    token_hash=_token_hash(token),
                    name=person.name,
                    created_at=now,
                    expires_at=session.expires_at,
                )
            )
        return token, session

    async def session(self, token: str) -> Session | None:
        """Whose token this is, or None when it is unknown or expired.

        While the database cannot be read, sessions that this process has seen stay good until
        they expire: consoles go on working.
        """
        key = _token_hash(token)
        now = self._clock()
        remembered = self._remembered.get(key)
        if remembered is not None and now >= remembered.session.expires_at:
            del self._remembered[key]
            return None
        if remembered is not None and now - remembered.read_at < timedelta(
            seconds=REMEMBER_SESSION_S
        ):
            return remembered.session
        try:
            session = await self._read_session(key, now)
        except StoreUnavailable:
            if remembered is None:
                raise
            return remembered.session
        if session is None:
            self._remembered.pop(key, None)
        else:
            if len(self._remembered) >= SESSIONS_REMEMBERED:
                self._remembered.pop(next(iter(self._remembered)))
            self._remembered[key] = _Remembered(session, now)
        return session

    async def close_session(self, token: str) -> None:
        """Sign out. An unknown token is no error."""
        key = _token_hash(token)
        self._remembered.pop(key, None)
        async with self._database.writing() as connection:
            await connection.execute(
                delete(sessions_table).where(sessions_table.c.token_hash == key)
            )

    async def _read_session(self, key: str, now: datetime) -> Session | None:
        statement = (
            select(people_table, sessions_table.c.expires_at)
            .join(sessions_table, sessions_table.c.name == people_table.c.name)
            .where(sessions_table.c.token_hash == key, sessions_table.c.expires_at > now)
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return None if row is None else Session(_person(row), row.expires_at)

    async def _hash(self, password: str) -> str:
        async with self._hashing:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def _matches(self, hashed: str, password: str) -> bool:
        async with self._hashing:
            try:
                return await asyncio.to_thread(self._hasher.verify, hashed, password)
            except (VerificationError, InvalidHashError):
                return False


async def seed(people: People, settings: Settings, secrets: Secrets) -> list[Person]:
    """Create those users that a floor needs to begin with; returns who was created.

    ``admin``, and for each seat and officer a user of that name whose password is the phone's.
    Users that are there already stay as they are.
    """
    wanted = [(Person(ADMIN, Role.ADMIN), secrets.admin_password)]
    wanted += [
        (Person(seat.id, Role.OPERATOR, seat=seat.id), secrets.phones[seat.id])
        for seat in settings.seats
        if seat.id in secrets.phones
    ]
    wanted += [
        (Person(officer.id, Role.OFFICER, officer=officer.id), secrets.phones[officer.id])
        for officer in settings.officers
        if officer.id in secrets.phones
    ]
    there = {person.name for person in await people.all()}
    new = [(person, password) for person, password in wanted if person.name not in there]
    for person, password in new:
        await people.add(
            person.name, person.role, password, seat=person.seat, officer=person.officer
        )
    return [person for person, _ in new]


def _person(row: object) -> Person:
    fields = row._mapping  # type: ignore[attr-defined]  # SQLAlchemy's rows are typed by position
    return Person(fields["name"], Role(fields["role"]), fields["seat"], fields["officer"])


def _checked(name: str, role: Role | str, seat: str | None, officer: str | None) -> Person:
    if not _NAME.fullmatch(name):
        raise PersonRefused(
            f"user name {name[:64]!r}: expected 1 to 64 letters, digits or one of _ . @ -"
        )
    try:
        return Person(name, Role(role), seat, officer)
    except ValueError:
        known = ", ".join(known.value for known in Role)
        raise PersonRefused(f"role {role!r}: expected one of {known}") from None


def _check_password(password: str) -> None:
    if not SHORTEST_PASSWORD_CHARS <= len(password) <= LONGEST_PASSWORD_CHARS:
        raise PersonRefused(
            f"a password has {SHORTEST_PASSWORD_CHARS} to {LONGEST_PASSWORD_CHARS} characters"
        )


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
