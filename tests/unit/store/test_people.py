import sqlite3
import time
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from callcenter.settings import Secrets, Settings
from callcenter.store.errors import (
    PersonExists,
    PersonRefused,
    StoreUnavailable,
    UnknownPerson,
)
from callcenter.store.people import SESSION_HOURS, People, Person, Role, seed

PASSWORD = "correct horse"


class Clock:
    def __init__(self):
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def people(database, clock):
    await database.open()
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    return People(database, hasher=hasher, clock=clock)


async def test_name_and_password_together_identify_a_person(people):
    await people.add("s01", "operator", PASSWORD, seat="s01")
    assert await people.verify("s01", PASSWORD) == Person("s01", Role.OPERATOR, seat="s01")
    assert await people.verify("s01", PASSWORD + "x") is None
    assert await people.verify("s02", PASSWORD) is None


async def test_the_database_holds_neither_password_nor_token(people, file):
    person = await people.add("s01", "operator", PASSWORD)
    token, _ = await people.open_session(person)
    everything = b"".join(path.read_bytes() for path in file.parent.glob("callcenter.db*"))
    assert PASSWORD.encode() not in everything and token.encode() not in everything
    assert b"$argon2id$" in everything


async def test_an_unknown_name_takes_as_long_as_a_wrong_password(database):
    await database.open()
    people = People(database, hasher=PasswordHasher(time_cost=8, memory_cost=8192, parallelism=1))
    await people.add("s01", "operator", PASSWORD)
    await people.verify("nobody", PASSWORD)

    async def took(name):
        start = time.perf_counter()
        await people.verify(name, "wrong password")
        return time.perf_counter() - start

    known = min([await took("s01") for _ in range(5)])
    unknown = min([await took("nobody") for _ in range(5)])
    assert unknown > known / 2


@pytest.mark.parametrize(
    ("name", "role", "password", "said"),
    [
        ("", "operator", PASSWORD, "user name"),
        ("a b", "operator", PASSWORD, "user name"),
        ("x" * 65, "operator", PASSWORD, "user name"),
        ("x'; DROP TABLE people; --", "operator", PASSWORD, "user name"),
        ("s01", "king", PASSWORD, "operator, supervisor, admin, officer"),
        ("s01", "operator", "short", "8 to 256"),
        ("s01", "operator", "x" * 257, "8 to 256"),
    ],
)
async def test_what_a_user_may_not_have_is_said(people, name, role, password, said):
    with pytest.raises(PersonRefused, match=said):
        await people.add(name, role, password)


async def test_a_name_is_given_once(people):
    await people.add("s01", "operator", PASSWORD)
    with pytest.raises(PersonExists):
        await people.add("s01", "admin", PASSWORD)
    assert (await people.get("s01")).role is Role.OPERATOR


async def test_a_session_ends_after_a_shift(people, database, clock):
    person = await people.add("s01", "operator", PASSWORD)
    token, session = await people.open_session(person)
    assert session.expires_at == clock.now + timedelta(hours=SESSION_HOURS)
    clock.now += timedelta(hours=SESSION_HOURS, seconds=-1)
    assert (await people.session(token)).person == person
    clock.now += timedelta(seconds=1)
    assert await people.session(token) is None
    clock.now += timedelta(seconds=1)
    restarted = People(database, clock=clock)
    assert await restarted.session(token) is None, "also for a process that never saw it"


async def test_ended_sessions_are_swept_away(people, clock, file):
    person = await people.add("s01", "operator", PASSWORD)
    await people.open_session(person)
    clock.now += timedelta(hours=SESSION_HOURS + 1)
    await people.open_session(person)
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
    connection.close()


async def test_signing_out_ends_the_session_at_once(people):
    token, _ = await people.open_session(await people.add("s01", "operator", PASSWORD))
    assert await people.session(token)
    await people.close_session(token)
    assert await people.session(token) is None


@pytest.mark.parametrize("token", ["", "x", "\ud800", "a" * 10_000])
async def test_a_made_up_token_is_nobodys(people, token):
    assert await people.session(token) is None


async def test_a_new_password_ends_the_sessions(people):
    token, _ = await people.open_session(await people.add("s01", "operator", PASSWORD))
    assert await people.session(token)
    await people.set_password("s01", "another password")
    assert await people.session(token) is None
    assert await people.verify("s01", PASSWORD) is None
    assert await people.verify("s01", "another password")
    with pytest.raises(UnknownPerson):
        await people.set_password("s02", "another password")


async def test_removing_a_person_ends_the_sessions(people):
    token, _ = await people.open_session(await people.add("s01", "operator", PASSWORD))
    assert await people.session(token)
    await people.remove("s01")
    assert await people.session(token) is None and await people.all() == []
    with pytest.raises(UnknownPerson):
        await people.remove("s01")


async def test_who_is_signed_in_stays_so_while_the_database_is_gone(people, database, clock):
    token, _ = await people.open_session(await people.add("s01", "operator", PASSWORD))
    assert await people.session(token)
    clock.now += timedelta(minutes=5)

    def gone():
        raise StoreUnavailable("gone")

    database.reading = gone
    assert (await people.session(token)).person.name == "s01"
    with pytest.raises(StoreUnavailable):
        await people.session("never seen")
    clock.now += timedelta(hours=SESSION_HOURS)
    assert await people.session(token) is None


async def test_a_floor_begins_with_its_administrator_its_seats_and_its_officers(people):
    settings = Settings.model_validate(
        {
            "lines": [{"number": "110", "queue": "q"}],
            "queues": [{"id": "q"}],
            "seats": [{"id": "s01", "queues": ["q"]}],
            "officers": [{"id": "o19a", "name": "A", "precinct": "19"}],
        }
    )
    secrets = Secrets(
        ami_reader="r",
        ami_actor="a",
        phones={"s01": "seat-password", "o19a": "officer-password"},
        api_token="t" * 32,
        admin_password="admin-password",
    )
    await seed(people, settings, secrets)
    assert (await people.verify("admin", "admin-password")).role is Role.ADMIN
    assert await people.verify("s01", "seat-password") == Person("s01", Role.OPERATOR, seat="s01")
    assert await people.verify("o19a", "officer-password") == Person(
        "o19a", Role.OFFICER, officer="o19a"
    )
    await people.set_password("admin", "changed-password")
    assert await seed(people, settings, secrets) == [], "who is there stays as they are"
    assert await people.verify("admin", "changed-password")


async def test_ensuring_a_person_makes_role_and_password_so(people):
    await people.ensure("s01", "operator", PASSWORD, seat="s01")
    await people.ensure("s01", "supervisor", "another password")
    assert await people.verify("s01", "another password") == Person("s01", Role.SUPERVISOR)
