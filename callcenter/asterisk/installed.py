"""Which Asterisk is on this machine: its own, or one in a folder, and how old it is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

Version = tuple[int, ...]

OLDEST: Version = (22, 10, 1)
"""Before it, Asterisk deadlocks under load (asterisk#1962, #1946)."""
PROGRAM = "usr/sbin/asterisk"
USER = "asterisk"
_ANSWER_WITHIN_S = 20


@dataclass(frozen=True, slots=True)
class AsteriskRoot:
    """A file system with an Asterisk in it; ``/`` for the machine's own."""

    path: Path
    program: Path
    """As seen inside ``path``, absolute."""
    version: Version

    @property
    def user(self) -> tuple[int, int] | None:
        """User and group id that Asterisk runs as; None when the root knows no such user."""
        for line in (self.path / "etc/passwd").read_text("utf-8").splitlines():
            name, _, uid, gid, *_ = line.split(":")
            if name == USER:
                return int(uid), int(gid)
        return None


def installed() -> AsteriskRoot | None:
    """The machine's own Asterisk, however old."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    own = shutil.which("asterisk", path=path)
    return _read(Path("/"), Path(own)) if own and own.startswith("/usr/") else None


def find(folder: Path) -> AsteriskRoot | None:
    """The machine's own Asterisk when it is recent enough, else the one kept in ``folder``."""
    own = installed()
    if own and own.version >= OLDEST:
        return own
    if (folder / PROGRAM).exists():
        root = _read(folder.resolve(), Path("/", PROGRAM))
        if root and root.version >= OLDEST:
            return root
    return None


def _read(path: Path, program: Path) -> AsteriskRoot | None:
    """Ask the Asterisk in a root for its version."""
    command = [str(program), "-V"]
    if path != Path("/"):
        chroot = ["chroot", str(path)]
        command = [*(chroot if os.geteuid() == 0 else ["unshare", "-r", *chroot]), *command]
    try:
        said = subprocess.run(  # noqa: S603  # our own arguments, no shell
            command, capture_output=True, text=True, timeout=_ANSWER_WITHIN_S, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = parse_version(said)
    return None if version is None else AsteriskRoot(path, program, version)


def parse_version(said: str) -> Version | None:
    """The numbers in what ``asterisk -V`` says: ``Asterisk 22.10.1~dfsg…`` is (22, 10, 1)."""
    found = re.search(r"Asterisk (?:certified/)?(\d+(?:\.\d+)*)", said)
    return tuple(int(part) for part in found[1].split(".")) if found else None


def dotted(version: Version) -> str:
    """A version as people write it."""
    return ".".join(map(str, version))
