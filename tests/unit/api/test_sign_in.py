import asyncio

import pytest

from callcenter.api.access import COOKIE
from callcenter.api.rate_limit import FailureLimit
from callcenter.api.sign_in import FAILURES_PER_NAME_AND_ADDRESS, WINDOW_S
from tests.unit.api.conftest import PASSWORD, sign_in


async def attempt(session, name, password, **kwargs):
    body = {"name": name, "password": password}
    async with session.post("/api/v1/sign-in", json=body, **kwargs) as answer:
        return answer.status, await answer.json(), answer.headers


async def test_signing_in_gives_a_cookie_that_scripts_cannot_read(api):
    async with api.browser() as person:
        status, body, headers = await attempt(person, "s01", PASSWORD)
        assert status == 200
        assert (body["name"], body["role"], body["seat"]) == ("s01", "operator", "s01")
        cookie = headers["Set-Cookie"]
        assert cookie.startswith(f"{COOKIE}=")
        for attribute in ("HttpOnly", "SameSite=Strict", "Path=/", "expires="):
            assert attribute in cookie
        assert "Secure" not in cookie, "on plain loopback the browser would not send it back"
        async with person.get("/api/v1/me") as answer:
            assert (await answer.json())["name"] == "s01"


async def test_behind_tls_the_cookie_is_never_sent_in_the_clear(api):
    async with api.browser() as person:
        _, _, headers = await attempt(
            person, "s01", PASSWORD, headers={"X-Forwarded-Proto": "https"}
        )
        assert "Secure" in headers["Set-Cookie"]


@pytest.mark.parametrize(("name", "password"), [("s01", "wrong password"), ("nobody", PASSWORD)])
async def test_a_wrong_name_and_a_wrong_password_look_the_same(api, name, password):
    async with api.browser() as person:
        status, body, headers = await attempt(person, name, password)
    assert status == 401 and "Set-Cookie" not in headers
    assert body["error"]["code"] == "wrong_password"
    assert body["error"]["message"] == "name and password do not agree"
    assert api.journal.kinds() == ["sign_in.refused"]


async def test_who_guesses_must_wait_and_is_told_how_long(api):
    async with api.browser() as guesser:
        for _ in range(FAILURES_PER_NAME_AND_ADDRESS):
            assert (await attempt(guesser, "s01", "wrong password"))[0] == 401
        status, body, headers = await attempt(guesser, "s01", PASSWORD)
        assert status == 429, "not even with the right one"
        assert headers["Retry-After"] == "60"
        assert body["error"]["next"] == "Wait 60 s, then try again."
        assert (await attempt(guesser, "boss", PASSWORD))[0] == 200, "others are not locked out"
        api.clock.now += WINDOW_S
        assert (await attempt(guesser, "s01", PASSWORD))[0] == 200


async def test_guesses_at_the_same_moment_do_not_slip_through(api):
    async with api.browser() as guesser:
        tried = await asyncio.gather(
            *(attempt(guesser, "s01", f"wrong password {n}") for n in range(20))
        )
    statuses = [status for status, _, _ in tried]
    assert statuses.count(401) == FAILURES_PER_NAME_AND_ADDRESS
    assert statuses.count(429) == 20 - FAILURES_PER_NAME_AND_ADDRESS


async def test_one_address_cannot_try_every_name(api):
    async with api.browser() as guesser:
        statuses = [(await attempt(guesser, f"x{n}", "wrong password"))[0] for n in range(60)]
    assert 429 in statuses and statuses[-1] == 429


async def test_many_people_behind_one_address_sign_in_unhindered(api):
    async with api.browser() as person:
        for _ in range(60):
            assert (await attempt(person, "s01", PASSWORD))[0] == 200


async def test_another_sites_page_cannot_sign_somebody_in(api):
    async with api.browser() as person:
        status, body, _ = await attempt(
            person, "s01", PASSWORD, headers={"Origin": "http://evil.example"}
        )
    assert status == 403 and body["error"]["code"] == "wrong_origin"


async def test_signing_out_ends_the_session_and_takes_the_cookie_away(api, operator):
    (cookie,) = operator.cookie_jar
    async with operator.post("/api/v1/sign-out") as answer:
        assert answer.status == 200
    operator.cookie_jar.update_cookies({COOKIE: cookie.value})
    async with operator.get("/api/v1/me") as answer:
        assert answer.status == 401
    assert api.journal.kinds() == ["sign_in", "sign_out"]


async def test_passwords_are_in_no_log_and_no_journal(api, capfd):
    async with api.browser() as person:
        await attempt(person, "s01", "a password nobody may see")
        await sign_in(person, "s01")
    said = "".join(capfd.readouterr()) + repr(api.journal.notes)
    assert "nobody may see" not in said and PASSWORD not in said


def test_failures_are_forgotten_one_by_one_as_the_window_passes():
    limit = FailureLimit(most=2, window_s=10)
    limit.failed("a", 0)
    limit.failed("a", 4)
    assert limit.wait_s("a", 5) == 5
    assert limit.wait_s("a", 10) == 0
    limit.failed("a", 10)
    assert limit.wait_s("a", 10) == 4


def test_a_flood_of_keys_takes_bounded_memory():
    limit = FailureLimit(most=2, window_s=10, keys=100)
    for n in range(1000):
        limit.failed(f"key{n}", 0)
    assert len(limit._failures) == 100
