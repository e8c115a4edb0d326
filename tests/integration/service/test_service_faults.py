"""The service dies, hangs or comes back while people talk and wait; nobody loses a call."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from callcenter.settings import Settings
from tests.integration.service.hotline import Hotline
from tests.integration.service.test_seats_and_callers import (
    CALLER,
    talking,
    waits,
    with_officer_ringing,
)
from tests.integration.stopwatch import took

pytestmark = pytest.mark.asterisk

STALE_S = 3
REACHES_A_SEAT_WITHIN_S = 5
BEATS_EVERY_S = 1
AT_A_SEAT_WITHIN_S = STALE_S + BEATS_EVERY_S + REACHES_A_SEAT_WITHIN_S
"""From the service's last moment."""
LINK_DEAD_S = 4.0
"""An answer to a ping is waited for so long, and some more."""
WAITING = "2125550101"
LEAVING = "2125550102"


async def test_killed_service_costs_no_call_and_the_restarted_one_adopts_them(
    hotline, phone, hear_each_other
):
    seat, caller, talking_id = await talking(hotline, phone)
    waiting, waiting_id = await waits(hotline, phone, WAITING)
    hotline.signal_service(signal.SIGKILL)
    died = time.monotonic()
    other = await phone("s02", wait=False)
    await hear_each_other(seat, caller)
    await other.wait_ringing(AT_A_SEAT_WITHIN_S)
    assert time.monotonic() - died < AT_A_SEAT_WITHIN_S
    took("service killed: waiting caller to a seat that rings", died)
    await other.answer()
    await hear_each_other(other, waiting)
    began = time.monotonic()
    await hotline.restart_service()
    took("service started: ready", began)
    first = await hotline.call_is(talking_id, state="talking", seat="s01", adopted=True)
    second = await hotline.call_is(waiting_id, state="talking", seat="s02", adopted=True)
    took("service started: both calls adopted", began)
    assert (first["from"], second["from"]) == (CALLER, WAITING)
    await hear_each_other(seat, caller)
    await hear_each_other(other, waiting)
    officer = await phone("o14a")
    await hotline.api(f"calls/{waiting_id}/officer", {"officer": "o14a"})
    await officer.wait_ringing()
    await officer.answer()
    await hotline.call_is(waiting_id, officer_state="briefed")
    await officer.press("1")
    await hotline.call_is(waiting_id, state="with_officer")
    await hear_each_other(officer, waiting)
    await waiting.hang_up()
    await caller.hang_up()
    for call_id in (talking_id, waiting_id):
        await hotline.call_is(call_id, state="closed")


async def test_seat_that_gets_free_while_the_service_is_dead_gets_the_caller_who_waits(
    hotline, phone, hear_each_other
):
    seat, caller, talking_id = await talking(hotline, phone)
    waiting, waiting_id = await waits(hotline, phone, WAITING)
    hotline.signal_service(signal.SIGKILL)
    died = time.monotonic()
    await caller.hang_up()
    await seat.wait_closed()
    assert (await seat.wait_ringing(AT_A_SEAT_WITHIN_S)).peer == WAITING
    assert time.monotonic() - died < AT_A_SEAT_WITHIN_S
    await seat.answer()
    await hear_each_other(seat, waiting)
    await hotline.restart_service()
    await hotline.call_is(talking_id, state="closed")
    await hotline.call_is(waiting_id, state="talking", seat="s01", adopted=True)
    await hear_each_other(seat, waiting)
    await waiting.hang_up()
    await hotline.call_is(waiting_id, state="closed")


async def test_offer_that_rings_when_the_service_is_killed_is_answered_and_adopted(
    hotline, phone, hear_each_other
):
    seat = await phone("s01")
    caller, call_id = await waits(hotline, phone, CALLER, state="offered")
    offered = await seat.wait_ringing()
    hotline.signal_service(signal.SIGKILL)
    await asyncio.sleep(STALE_S + BEATS_EVERY_S)
    assert offered.open, "the offer rings no longer"
    await seat.answer()
    await hear_each_other(seat, caller)
    await hotline.restart_service()
    await hotline.call_is(call_id, state="talking", seat="s01", adopted=True)
    await hotline.seat_is("s01", "talking")
    await hear_each_other(seat, caller)
    await seat.hang_up()
    await caller.wait_closed()
    await hotline.call_is(call_id, state="closed")


async def on_bridge(hotline: Hotline, call_id: str, users: int) -> bool:
    rows = (await asyncio.to_thread(hotline.cli, "confbridge list")).splitlines()
    return any(row.split()[:2] == [call_id, str(users)] for row in rows)


@pytest.mark.parametrize("operator_stays", [True, False], ids=["operator stays", "operator left"])
async def test_officer_who_hears_the_brief_of_a_killed_service_takes_the_call(
    hotline, phone, hear_each_other, operator_stays
):
    seat, caller, officer, call_id = await with_officer_ringing(hotline, phone)
    await officer.answer()
    await hotline.call_is(call_id, officer_state="briefed")
    hotline.signal_service(signal.SIGKILL)
    if not operator_stays:
        await seat.hang_up()
    await officer.press("1")
    # A caller who waits for the officer looks for them a few times a second.
    everybody = 3 if operator_stays else 2
    await hotline.until(lambda: on_bridge(hotline, call_id, everybody), "all on the bridge")
    await hear_each_other(officer, caller)
    await hotline.restart_service()
    call = await hotline.call_is(call_id, state="with_officer", officer="o14a", adopted=True)
    present = sorted(leg["role"] for leg in call["legs"] if leg["left_at"] is None)
    assert present == ["caller", "officer"] + (["operator"] if operator_stays else [])
    await hear_each_other(officer, caller)
    await hotline.call_is(call_id, officer_state="heard")
    await officer.hang_up()
    if operator_stays:
        await hear_each_other(seat, caller)
        await seat.hang_up()
    await caller.wait_closed()
    await hotline.call_is(call_id, state="closed")


async def test_hung_service_is_not_waited_for_and_takes_over_again(hotline, phone, hear_each_other):
    seat, caller, talking_id = await talking(hotline, phone)
    other = await phone("s02")
    leaving, leaving_id = await waits(hotline, phone, LEAVING, state="offered")
    await other.wait_ringing()
    await other.answer()
    await hotline.call_is(leaving_id, state="talking", seat="s02")
    waiting, waiting_id = await waits(hotline, phone, WAITING)
    hotline.signal_service(signal.SIGSTOP)
    hung = time.monotonic()
    try:
        await leaving.hang_up()
        await other.wait_closed()
        assert (await other.wait_ringing(AT_A_SEAT_WITHIN_S)).peer == WAITING
        assert STALE_S - 1 < time.monotonic() - hung < AT_A_SEAT_WITHIN_S
        took("service hung: waiting caller to a seat that rings", hung)
        await hear_each_other(seat, caller)
        await other.answer()
        await hear_each_other(other, waiting)
    finally:
        hotline.signal_service(signal.SIGCONT)
    await hotline.call_is(waiting_id, timeout_s=15, state="talking", seat="s02")
    await hear_each_other(other, waiting)
    await hotline.call_is(talking_id, state="talking", seat="s01")
    await hotline.call_is(leaving_id, state="closed")
    await waiting.hang_up()
    await caller.hang_up()


async def test_call_that_comes_while_the_service_is_dead_is_answered_and_adopted(
    hotline, phone, hear_each_other
):
    seat = await phone("s01")
    hotline.signal_service(signal.SIGKILL)
    await asyncio.sleep(STALE_S + 1)
    caller = await phone(CALLER)
    await caller.dial("110")
    await seat.wait_ringing(REACHES_A_SEAT_WITHIN_S)
    await seat.answer()
    await hear_each_other(seat, caller)
    await hotline.restart_service()
    call = await hotline.call_from(CALLER)
    await hotline.call_is(call["id"], state="talking", seat="s01", adopted=True)
    await caller.hang_up()
    closed = await hotline.call_is(call["id"], state="closed")

    async def kept():
        return (await hotline.api(f"calls/{closed['id']}"))["recordings"]

    recordings = await hotline.until(kept, "its recording")
    assert await asyncio.to_thread(Path(recordings[0]["path"]).exists)


async def test_call_that_ended_while_the_service_was_dead_is_closed_and_its_recording_kept(
    hotline, phone
):
    seat, caller, call_id = await talking(hotline, phone)
    hotline.signal_service(signal.SIGKILL)
    await caller.hang_up()
    await seat.wait_closed()
    await hotline.restart_service()
    await hotline.call_is(call_id, state="closed")

    async def kept():
        return (await hotline.api(f"calls/{call_id}"))["recordings"]

    assert await hotline.until(kept, "its recording")


async def test_wrong_ami_password_is_said_at_once_with_an_exit_status(hotline, tmp_path):
    original = Path(hotline.description["settings"])
    for file in (original, original.with_name("secrets.toml")):
        shutil.copy(file, tmp_path)
    secrets = tmp_path / "secrets.toml"
    lines = secrets.read_text("utf-8").splitlines()
    secrets.write_text(
        "\n".join('ami_reader = "wrong"' if x.startswith("ami_reader") else x for x in lines)
    )
    secrets.chmod(0o600)
    settings = tmp_path / original.name
    # Ports of its own: the running service holds the others.
    settings.write_text(moved_ports(settings.read_text("utf-8")), "utf-8")
    began = time.monotonic()
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "callcenter", "serve", "--settings", str(settings)],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode == 3, ended.stderr
    assert "password" in ended.stderr.splitlines()[-1]
    assert time.monotonic() - began < 20


def moved_ports(text: str) -> str:
    """The settings with other ports for everything that the service listens on."""
    section, lines = "", []
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        name, _, value = line.partition(" = ")
        if section in {"fastagi", "api"} and name == "port":
            line = f"port = {int(value) + 1000}"
        if section == "speech" and name == "first_port":
            line = f"first_port = {int(value) + 1000}"
        lines.append(line)
    return "\n".join(lines) + "\n"


async def test_locked_database_and_a_cut_link_cost_no_call_neither_at_the_start_nor_later(
    hotline, phone, hear_each_other
):
    seat, caller, talking_id = await talking(hotline, phone)
    talked = seat.call
    waiting, waiting_id = await waits(hotline, phone, WAITING)
    file = Settings.load(Path(hotline.description["settings"])).database.partition(":///")[2]
    holder = sqlite3.connect(file, isolation_level=None)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        hotline.signal_service(signal.SIGKILL)
        await hotline.restart_service()
        await hotline.call_is(talking_id, timeout_s=20, state="talking", seat="s01", adopted=True)
        await hotline.call_is(waiting_id, timeout_s=20, state="waiting", adopted=True)
        # Asterisk says nothing for so long that the link counts as dead; a caller leaves meanwhile.
        asterisk = hotline.description["pids"]["asterisk"]
        os.kill(asterisk, signal.SIGSTOP)
        await asyncio.sleep(LINK_DEAD_S)
        await caller.stop()
        os.kill(asterisk, signal.SIGCONT)
        heard_again = time.monotonic()
        await seat.wait_closed(call=talked)
        assert (await seat.wait_ringing(AT_A_SEAT_WITHIN_S)).peer == WAITING
        took("link cut, database locked: link back to the next caller's ringing", heard_again)
        await seat.answer()
        await hear_each_other(seat, waiting)
        await hotline.call_is(waiting_id, timeout_s=15, state="talking", seat="s01")
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    await waiting.hang_up()
    for call_id, answered in ((talking_id, CALLER), (waiting_id, WAITING)):
        closed = await hotline.call_is(call_id, state="closed", timeout_s=15)
        assert closed["from"] == answered
        assert "answered" in {step["step"] for step in closed["timeline"]}
