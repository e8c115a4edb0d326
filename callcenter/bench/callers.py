"""Callers, by SIPp: each from a number of its own, silent, and as patient as told."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from callcenter.bench.errors import BenchFailed

HOST = "127.0.0.1"
END_WITHIN_S = 5.0
DONE, SOME_FAILED = 0, 1
"""SIPp's exit status: every call went as in the scenario, or some did not."""

_HEADERS = """
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:{number}[call_number]@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:{line}@[remote_ip]:[remote_port]>{to_tag}
Call-ID: [call_id]
CSeq: {sequence}
Contact: <sip:{number}[call_number]@[local_ip]:[local_port]>
Max-Forwards: 70
"""
_SDP = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""


@dataclass(frozen=True, slots=True)
class Callers:
    """A crowd of callers.

    ``number``: what their numbers begin with; the call's number within the crowd follows.
    ``patience_ms``: who still has the call after so long hangs up, whether they wait or talk;
    None: they never do. (SIPp knows no such time drawn by lot: take several crowds.)
    """

    line: str
    number: str
    calls: int
    per_s: float
    at_once: int = 10_000
    patience_ms: int | None = None


def scenario(callers: Callers) -> str:
    """What each caller does, as SIPp reads it (SIPp reference, "Create your own XML scenarios")."""

    def request(method: str, *, sequence: str, to_tag: str = "", body: str = "") -> str:
        head = _HEADERS.format(
            number=callers.number, line=callers.line, sequence=sequence, to_tag=to_tag
        ).strip()
        return (
            f"<![CDATA[\n{method} sip:{callers.line}@[remote_ip]:[remote_port] SIP/2.0\n"
            f"{head}\n{body or 'Content-Length: 0'}\n\n]]>"
        )

    tag = "[peer_tag_param]"
    invite = request("INVITE", sequence="1 INVITE", body=_SDP)
    ack = request("ACK", sequence="1 ACK", to_tag=tag)
    bye = request("BYE", sequence="2 BYE", to_tag=tag)
    ok = (
        "<![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n"
        "[last_CSeq:]\nContent-Length: 0\n\n]]>"
    )
    provisional = "".join(
        f'<recv response="{status}" optional="true"/>\n' for status in (100, 180, 183)
    )
    if callers.patience_ms is None:
        until_end = '<recv request="BYE"/>\n'
    else:
        until_end = f'<recv request="BYE" timeout="{callers.patience_ms}" ontimeout="enough"/>\n'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="caller">\n'
        f'<send retrans="500">{invite}</send>\n{provisional}'
        f'<recv response="200"/>\n<send>{ack}</send>\n{until_end}'
        f'<send>{ok}</send>\n<nop next="end"/>\n'
        f'<label id="enough"/>\n<send retrans="500">{bye}</send>\n'
        '<recv response="200"/>\n<label id="end"/>\n'
        "</scenario>\n"
    )


@asynccontextmanager
async def calling(callers: Callers, host: str, port: int, folder: Path) -> AsyncIterator[Crowd]:
    """Let them call. What is still going on at the end of the block is broken off."""
    program = shutil.which("sipp")
    if program is None:
        raise BenchFailed("sipp is not installed; run `make setup` (or apt install sip-tester)")
    file = _write_scenario(callers, folder)
    rate, period_ms = round(callers.per_s * 1000), 1_000_000
    with (folder / f"callers-{callers.number}.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            *(program, f"{host}:{port}", "-sf", str(file), "-i", HOST, "-mi", HOST),
            *("-r", str(rate), "-rp", str(period_ms), "-m", str(callers.calls)),
            *("-l", str(callers.at_once), "-nostdin", "-trace_err"),
            *("-p", str(_free_port()), "-mp", str(_free_port())),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield Crowd(process)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), END_WITHIN_S)
            except TimeoutError:
                process.kill()
                await process.wait()


class Crowd:
    """Callers who are calling."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def done(self, within_s: float) -> bool:
        """Wait until the last call is over; whether every call went as in the scenario.

        Raises:
            BenchFailed: they are not done in time, or SIPp itself failed.
        """
        try:
            status = await asyncio.wait_for(self._process.wait(), within_s)
        except TimeoutError:
            raise BenchFailed(f"the callers were not done within {within_s:g} s") from None
        if status not in (DONE, SOME_FAILED):
            raise BenchFailed(f"sipp ended with status {status}")
        return status == DONE


def _write_scenario(callers: Callers, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"callers-{callers.number}.xml"
    file.write_text(scenario(callers), "utf-8")
    return file


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind((HOST, 0))
        port: int = held.getsockname()[1]
        return port
