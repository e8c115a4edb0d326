"""What a phone says of its process, and where it listens for commands."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import sys

import pytest

from callcenter.lab import baresip_process


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (None, "its process runs on"),
        (0, "its process ended with status 0"),
        (-signal.SIGSEGV, "its process was ended by SIGSEGV"),
        (-63, "its process was ended by signal 63"),
    ],
)
def test_the_end_of_a_process_is_told_in_words(status: int | None, words: str):
    assert baresip_process.fate_in_words(status) == words


async def test_the_fate_of_a_process_that_is_about_to_end_is_waited_for(monkeypatch):
    monkeypatch.setattr(baresip_process, "END_SEEN_WITHIN_S", 30.0)
    dies = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", dies)
    assert await baresip_process.fate(process) == "its process was ended by SIGKILL"


def test_phones_listen_for_commands_apart_from_all_else_on_the_loopback():
    hosts = [baresip_process.free_control_address()[0] for _ in range(20)]
    assert len(set(hosts)) > 1
    assert all(ipaddress.ip_address(host).is_loopback for host in hosts)
    assert "127.0.0.1" not in hosts
