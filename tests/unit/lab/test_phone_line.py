"""The signalling side of a phone whose process is not there, or does not do as it should."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Callable
from pathlib import Path

import pytest

from callcenter.lab import baresip_process
from callcenter.lab.phone_errors import PhoneDied
from callcenter.lab.phone_line import PhoneLine

BARESIP = """
import json, os, re, signal, socket, sys
host, port = re.search(r"ctrl_tcp_listen (\\S+):(\\d+)", open("config").read()).groups()
listener = socket.create_server((host, int(port)))
peer, _ = listener.accept()
for line in iter(lambda: peer.recv(4096), b""):
    command = json.loads(line.partition(b":")[2][:-1])
    print(command["command"], flush=True)
    if command["command"] == "{dies_at}":
        os.kill(os.getpid(), signal.SIGKILL)
    data = open("accounts").read() if {knows} else "somebody else"
    reply = json.dumps({{"ok": True, "data": data.strip("<"), "token": command["token"]}})
    peer.sendall(b"%d:%s," % (len(reply), reply.encode()))
"""
"""As much of baresip as there is to its control link."""

Make = Callable[..., PhoneLine]


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setattr(baresip_process, "QUIT_GRACE_S", 0.05)
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "ctrl_tcp.so").touch()
    monkeypatch.setattr(baresip_process, "MODULE_FOLDERS", (modules,))

    def make(*, dies_at: str = "", knows: bool = True) -> PhoneLine:
        program = tmp_path / "bin" / "baresip"
        program.parent.mkdir()
        program.write_text("#!/usr/bin/env python3" + BARESIP.format(dies_at=dies_at, knows=knows))
        program.chmod(0o700)
        monkeypatch.setenv("PATH", str(program.parent), prepend=":")
        return PhoneLine("s01", "secret", "127.0.0.1", 5060, tmp_path / "s01")

    return make


async def test_phone_makes_its_new_account_before_it_deletes_the_one_it_uses(phone: Make):
    line = phone()
    await line.start()
    said = (line.folder / "baresip.log").read_text().split()
    await line.stop()
    assert said == ["reginfo", "uanew", "uadel"]


async def test_death_of_a_phone_tells_its_signal(phone: Make):
    line = phone(dies_at="dial")
    await line.start()
    with pytest.raises(PhoneDied, match=r"s01: .* ended, its process was ended by SIGKILL"):
        await line.dial("110")
    with pytest.raises(PhoneDied, match=r"s01: .* ended, its process was ended by SIGKILL: .*dial"):
        await line.registered()
    await line.stop()


async def test_phone_that_could_not_start_leaves_no_connection_open(
    phone: Make, recwarn: pytest.WarningsRecorder
):
    line = phone(knows=False)
    with pytest.raises(PhoneDied, match="s01: did not start"):
        await line.start()
    gc.collect()
    assert not [str(one.message) for one in recwarn]


async def test_phone_whose_stop_is_cancelled_leaves_no_connection_open(
    phone: Make, recwarn: pytest.WarningsRecorder
):
    line = phone()
    await line.start()
    stopping = asyncio.create_task(line.stop())
    await asyncio.sleep(0.01)
    stopping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await stopping
    await line.stop()
    del line
    gc.collect()
    assert not [str(one.message) for one in recwarn]
