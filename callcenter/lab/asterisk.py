"""One Asterisk of the lab's own, in a mount namespace where it sees nothing but what it needs.

Its file system is put together on a tmpfs: programs and libraries of the root it comes from
(read as they are), a hosts file that knows the machine's own name (else every call waits for
DNS), and the lab's folder at the same absolute path as outside, so that a path means the same
to the service. The namespace, the mounts and the tmpfs vanish with the process.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from callcenter.asterisk.installed import AsteriskRoot
from callcenter.asterisk.render import Folders, render
from callcenter.lab.errors import NotStarted
from callcenter.lab.processes import ProcessId, end_status, spawn, stop
from callcenter.settings import Secrets, Settings

RUN_INSIDE = Path("/run/asterisk")
"""The control socket's folder as Asterisk sees it: short, however long the lab's path is."""
SOCKET = "asterisk.ctl"
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 5.0
_POLL_S = 0.05
_LOG_TAIL_LINES = 12

# $1 root it comes from, $2 new root, $3 hosts file, $4 run folder, then folders to share, "--",
# and the command. Everything is a mount of this namespace only.
_ENTER = """
set -e
# In a chroot that is no mount point this fails, and does no harm unless mounts are shared.
if ! mount --make-rprivate / 2>/dev/null && grep -q " shared:" /proc/self/mountinfo; then
    echo "mounts here are shared with the system outside; cannot keep Asterisk's to itself" >&2
    exit 1
fi
from=$1 new=$2 hosts=$3 run=$4
shift 4
mount -t tmpfs -o mode=755 tmpfs "$new"
for name in usr bin sbin lib lib32 lib64 libx32; do
    if [ -L "$from/$name" ]; then
        ln -s "$(readlink "$from/$name")" "$new/$name"
    elif [ -d "$from/$name" ]; then
        mkdir "$new/$name"
        mount --rbind "$from/$name" "$new/$name"
    fi
done
mkdir "$new/etc"
for name in passwd group nsswitch.conf ld.so.cache ld.so.conf ld.so.conf.d localtime; do
    [ ! -e "$from/etc/$name" ] || cp -R -P "$from/etc/$name" "$new/etc/"
done
cp "$hosts" "$new/etc/hosts"
for name in dev proc; do
    mkdir "$new/$name"
    mount --rbind "/$name" "$new/$name"
done
mkdir -p "$new/run/asterisk" "$new/tmp"
chmod 1777 "$new/tmp"
mount --bind "$run" "$new/run/asterisk"
while [ "$1" != "--" ]; do
    mkdir -p "$new$1"
    mount --bind "$1" "$new$1"
    shift
done
shift
cd /
exec chroot "$new" "$@"
"""


@dataclass(frozen=True, slots=True)
class AsteriskFolders:
    """Where one Asterisk of the lab keeps what is its own, below one folder."""

    base: Path

    @property
    def config(self) -> Path:
        """Rendered configuration."""
        return self.base / "config"

    @property
    def run(self) -> Path:
        """The control socket, as seen from outside."""
        return self.base / "run"

    @property
    def log(self) -> Path:
        """What Asterisk says."""
        return self.base / "log"

    @property
    def state(self) -> Path:
        """Its own database: who is registered."""
        return self.base / "state"

    @property
    def spool(self) -> Path:
        """Asterisk wants one; the recordings lie elsewhere."""
        return self.base / "spool"

    @property
    def new_root(self) -> Path:
        """Empty, outside; Asterisk's whole world in its namespace."""
        return self.base / "root"

    def inside(self) -> Folders:
        """The same as ``asterisk.conf`` names them."""
        return Folders(self.config, self.state, self.spool, RUN_INSIDE, self.log)


class Asterisk:
    """A running Asterisk."""

    def __init__(self, process: ProcessId, root: AsteriskRoot, folders: AsteriskFolders) -> None:
        self.process = process
        self._root = root
        self._folders = folders

    def cli_command(self) -> list[str]:
        """Runs one CLI command: append ``-rx`` and the command."""
        return cli_command(self.process.pid, self._root, self._folders)

    def cli(self, command: str, *, timeout_s: float = 10.0) -> str:
        """What Asterisk answers to a CLI command."""
        return subprocess.run(  # noqa: S603  # our own arguments, no shell
            [*self.cli_command(), "-rx", command],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        ).stdout

    def stop(self) -> None:
        """End it and everything it started."""
        stop(self.process, within_s=STOP_TIMEOUT_S, group=True)


def cli_command(pid: int, root: AsteriskRoot, folders: AsteriskFolders) -> list[str]:
    """Enters the namespace of a running Asterisk and talks to its control socket."""
    user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
    enter = ["nsenter", f"--target={pid}", *user, "--mount", "--root", "--wd", "--"]
    return [*enter, str(root.program), "-C", str(folders.config / "asterisk.conf")]


def write_cli(file: Path, command: list[str]) -> None:
    """Write a program that runs a CLI command: ``FILE 'core show channels'``, with -rx or not."""
    quoted = " ".join(map(shlex.quote, command))
    file.write_text(
        "#!/bin/sh\n"
        "# Runs one command on the lab's Asterisk: asterisk-cli 'core show channels'\n"
        'case "$1" in -rx | -x) shift ;; esac\n'
        f'exec {quoted} -rx "$*"\n',
        "utf-8",
    )
    file.chmod(0o755)


def start(
    settings: Settings,
    secrets: Secrets,
    root: AsteriskRoot,
    base: Path,
    log_name: str = "console",
    *,
    anew: bool = True,
) -> Asterisk:
    """Render the configuration and start; returns when Asterisk takes calls.

    ``anew``: as a machine that was just set up; else it remembers what the one before knew.

    Raises:
        NotStarted: with what Asterisk said last.
        SettingsError: a setting cannot be rendered.
    """
    folders = AsteriskFolders(base)
    shared = (settings.asterisk.recordings, settings.asterisk.sounds)
    # Who registered with an Asterisk that is gone is not there any more.
    for folder in (folders.state, folders.run) if anew else (folders.run,):
        shutil.rmtree(folder, ignore_errors=True)
    user = root.user if os.geteuid() == 0 else None
    owned = (folders.config, folders.run, folders.log, folders.state, folders.spool)
    for folder in (*owned, folders.new_root, *shared):
        folder.mkdir(parents=True, exist_ok=True)
    for folder in (*owned, settings.asterisk.recordings):
        if user:
            os.chown(folder, *user)
    render(settings, secrets, folders.config, folders.inside())
    hosts = base / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {socket.gethostname()}\n::1 localhost\n", "utf-8")
    run_as = ["-U", "asterisk", "-G", "asterisk"] if user else []
    namespace = ["--mount"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--mount"]
    command = [
        *("unshare", *namespace, "--propagation=unchanged", "--", "/bin/sh", "-c", _ENTER, "enter"),
        *(str(root.path), str(folders.new_root), str(hosts), str(folders.run)),
        *(str(base), *map(str, shared), "--"),
        *(str(root.program), "-f", *run_as, "-C", str(folders.config / "asterisk.conf")),
        *(["-p"] if _may_come_first() else []),
    ]
    log = folders.log / f"{log_name}.log"
    asterisk = Asterisk(spawn(command, log), root, folders)
    try:
        _wait_until_booted(asterisk, folders)
    except BaseException:
        asterisk.stop()
        raise
    return asterisk


def _may_come_first() -> bool:
    """Whether processes that are started here may have real-time priority; ``-p`` is fatal else."""
    take = "import os; os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))"
    tried = subprocess.run([sys.executable, "-c", take], capture_output=True, check=False)  # noqa: S603  # our own
    return tried.returncode == 0


def _wait_until_booted(asterisk: Asterisk, folders: AsteriskFolders) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        ended = end_status(asterisk.process)
        if ended is not None:
            raise NotStarted(f"Asterisk ended with status {ended}\n{_last(folders)}")
        if (folders.run / SOCKET).exists():
            said = asterisk.cli("core waitfullybooted", timeout_s=START_TIMEOUT_S)
            if "fully booted" in said:
                return
        time.sleep(_POLL_S)
    raise NotStarted(f"Asterisk was not ready after {START_TIMEOUT_S:.0f} s\n{_last(folders)}")


def _last(folders: AsteriskFolders) -> str:
    lines: list[str] = []
    for file in sorted(folders.log.glob("*.log")):
        lines += [
            f"  {line}"
            for line in file.read_text("utf-8", errors="replace").splitlines()
            if "ERROR" in line or "WARNING" in line or file.name == "console.log"
        ][-_LOG_TAIL_LINES:]
    return "\n".join(lines)
