"""One baresip process: its folder, its configuration, its start and its end.

The phone has no sound card. What it says comes from WAV files (``aufile``), what it hears is
written by the ``sndfile`` filter while it arrives. Everything it listens on is on the loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from callcenter.lab.phone_errors import PhoneMissing

MODULE_FOLDERS = (
    Path("/usr/lib/baresip/modules"),
    Path("/usr/local/lib/baresip/modules"),
)
SILENCE_FILE = "silence.wav"
QUIT_GRACE_S = 2.0
END_SEEN_WITHIN_S = 1.0
"""A process that ends lets go of its sockets first; its status comes a moment later."""
INSTALL_HINT = "install the package baresip-core"

Codec = Literal["pcmu", "pcma", "g722", "pcmu,g722"]
_G722 = "G722/16000/1"
"""baresip finds a codec whose rate is not 8 kHz with its rate only."""
_NAMES: dict[Codec, str] = {
    "pcmu": "pcmu",
    "pcma": "pcma",
    "g722": _G722,
    "pcmu,g722": f"pcmu,{_G722}",
}
"""As baresip knows them, the one that is liked best first."""
RATES_HZ: dict[Codec, int] = {"pcmu": 8_000, "pcma": 8_000, "g722": 16_000, "pcmu,g722": 8_000}


@dataclass(frozen=True, slots=True)
class Account:
    """Who a phone is. Without a password it does not register and only places calls."""

    user: str
    password: str | None
    host: str
    port: int
    codec: Codec = "pcmu"

    def line(self, *, register: bool = True) -> str:
        """The account as baresip's accounts file and its ``uanew`` command take it."""
        for part in (self.user, self.password or "", self.host):
            if any(sign in part for sign in '<>;"\\@\r\n\t '):
                raise ValueError("a phone's user, password or host holds a forbidden sign")
        uri = f"<sip:{self.user}@{self.host}:{self.port}>"
        registers = register and self.password
        sign_in = f";auth_pass={self.password};regint=300" if registers else ";regint=0"
        return f"{uri}{sign_in};audio_codecs={_NAMES[self.codec]};answermode=manual"

    @property
    def aor(self) -> str:
        """The address of record as baresip prints it."""
        return f"sip:{self.user}@{self.host}:{self.port}"


def free_control_address() -> tuple[str, int]:
    """Where one phone listens for commands: a loopback address and a TCP port of its own.

    baresip drops its control link, and says nothing, when anybody else connects there: not on
    127.0.0.1, where others choose and try ports too.
    """
    parts = (random.randint(2, 254) for _ in range(3))  # noqa: S311  # to be apart, not secret
    host = f"127.{'.'.join(map(str, parts))}"
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return host, port


def write_folder(
    folder: Path,
    account: Account,
    control: tuple[str, int],
    rtp: tuple[int, int],
    sip_port: int = 0,
) -> None:
    """Write baresip's configuration into a folder of its own (mode 0700: it holds a password).

    ``sip_port``: where it is called without having registered; 0 takes any port.
    """
    modules = next((path for path in MODULE_FOLDERS if (path / "ctrl_tcp.so").exists()), None)
    if modules is None:
        raise PhoneMissing(f"no baresip modules in {MODULE_FOLDERS[0]}; {INSTALL_HINT}")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    lines = [
        f"sip_listen 127.0.0.1:{sip_port}",
        "net_interface 127.0.0.1",
        "call_max_calls 1",
        "audio_player none,none",
        f"audio_source aufile,{SILENCE_FILE}",
        "audio_alert none,none",
        "audio_path /nonexistent",
        # No jitter buffer: on the loopback it only makes what is heard later than it arrived.
        "jitter_buffer_delay 0-0",
        f"rtp_ports {rtp[0]}-{rtp[1]}",
        f"ctrl_tcp_listen {control[0]}:{control[1]}",
        "snd_path .",
        "statmode_default off",
        "menu_bell no",
        "ringback_disabled yes",
        f"module_path {modules}",
        *(f"module {name}.so" for name in ("g711", "g722", "aufile", "sndfile")),
        "module_tmp account.so",
        *(f"module_app {name}.so" for name in ("menu", "ctrl_tcp")),
    ]
    (folder / "config").write_text("\n".join(lines) + "\n", "utf-8")
    accounts = folder / "accounts"
    accounts.touch(mode=0o600)
    # Registered only once somebody listens to its events: a waiting call rings at once.
    accounts.write_text(account.line(register=False) + "\n", "utf-8")
    (folder / "contacts").write_text("", "utf-8")


async def start(folder: Path) -> asyncio.subprocess.Process:
    """Start baresip in its folder; it dies with the process that started it."""
    program = shutil.which("baresip")
    if program is None:
        raise PhoneMissing(f"baresip is not on the PATH; {INSTALL_HINT}")
    guard = shutil.which("setpriv")
    command = [guard, "--pdeathsig", "KILL", program] if guard else [program]
    log = _open_log(folder)
    try:
        return await asyncio.create_subprocess_exec(
            *command,
            "-f",
            ".",
            cwd=folder,
            env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "LANG": "C.UTF-8"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    finally:
        os.close(log)


def _open_log(folder: Path) -> int:
    return os.open(folder / "baresip.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


async def end(process: asyncio.subprocess.Process) -> None:
    """See the process out: as asked before, then SIGTERM, then SIGKILL."""
    for sign in (None, signal.SIGTERM, signal.SIGKILL):
        if process.returncode is not None:
            return
        if sign is not None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(sign)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(QUIT_GRACE_S):
                await process.wait()


async def fate(process: asyncio.subprocess.Process) -> str:
    """How the process ended, or that it did not, for an error message."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(END_SEEN_WITHIN_S):
            await process.wait()
    return fate_in_words(process.returncode)


def fate_in_words(status: int | None) -> str:
    """An exit status as `asyncio.subprocess.Process.returncode` has it; None: it runs."""
    if status is None:
        return "its process runs on"
    if status >= 0:
        return f"its process ended with status {status}"
    try:
        return f"its process was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"its process was ended by signal {-status}"


def log_tail(folder: Path, lines: int = 5) -> str:
    """The last lines that baresip wrote, for an error message."""
    try:
        text = (folder / "baresip.log").read_text("utf-8", "replace")
    except OSError:
        return "(no log)"
    return " | ".join(text.strip().splitlines()[-lines:])
