"""The Asterisk that the lab runs: the machine's own, or one in a root of its own.

Distributions often carry no Asterisk, or an old one that deadlocks under load. Where that is so,
a small Debian with a recent one is unpacked into a folder and kept. Its packages come from the
mirror that the machine's own apt uses.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from callcenter.asterisk.installed import OLDEST, AsteriskRoot, dotted, find, installed
from callcenter.lab.errors import NoAsterisk

Say = Callable[[str], None]
SUITE = "unstable"
PACKAGES = "asterisk,asterisk-modules"
BUILD_TIMEOUT_S = 900
RELEASES = frozenset(
    {"bullseye", "bookworm", "trixie", "forky", "sid"}
    | {"oldstable", "stable", "testing", "unstable"}
)
APT_FOLDER = Path("/etc/apt")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def find_or_build(folder: Path, say: Say) -> AsteriskRoot:
    """An Asterisk that will do, built into ``folder`` where there is none.

    Raises:
        NoAsterisk: none is there and none could be built; the message says why.
    """
    usable = find(folder)
    if usable:
        return usable
    own = installed()
    if own:
        say(
            f"{own.program} is Asterisk {dotted(own.version)}; expected {dotted(OLDEST)} or later, "
            "older ones deadlock under load: the lab takes one of its own"
        )
    return build(folder, say)


def build(folder: Path, say: Say) -> AsteriskRoot:
    """Unpack a small Debian with Asterisk into ``folder``, whole or not at all."""
    program = shutil.which("mmdebstrap")
    if program is None:
        raise NoAsterisk(
            "mmdebstrap is not installed; run `make setup` (or apt install mmdebstrap)"
        )
    if os.geteuid() != 0:
        raise NoAsterisk(
            "building Asterisk's root needs root; run `make setup` as root or with sudo"
        )
    mirrors = list(apt_mirrors())
    if not mirrors:
        raise NoAsterisk(f"no Debian mirror in {APT_FOLDER}/sources.list(.d); expected a deb line")
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    failures = []
    for mirror in mirrors:
        began = time.monotonic()
        say(f"building a root with Asterisk from {mirror} (about 30 s, 350 MB)")
        failure = _run(build_command(program, partial, mirror))
        if failure is None:
            if folder.exists():
                shutil.rmtree(folder)
            partial.rename(folder)
            root = find(folder)
            if root is None:
                raise NoAsterisk(
                    f"{SUITE} of {mirror} has an Asterisk older than {dotted(OLDEST)}; see {folder}"
                )
            say(f"Asterisk {dotted(root.version)} is ready ({time.monotonic() - began:.0f} s)")
            return root
        failures.append(f"{mirror}: {failure}")
        shutil.rmtree(partial, ignore_errors=True)
    raise NoAsterisk("no root could be built\n" + "\n".join(failures))


def build_command(program: str, folder: Path, mirror: str) -> list[str]:
    """The call of mmdebstrap, with the machine's own proxy and keyring."""
    command = [
        program,
        "--variant=apt",
        # A mirror that is a snapshot or lags behind is past its date, and signed all the same.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        *(f"--aptopt={option}" for option in _proxy_options()),
    ]
    if KEYRING.exists():
        command.append(f"--keyring={KEYRING}")
    return [*command, f"--include={PACKAGES}", SUITE, str(folder), mirror]


def _proxy_options() -> Iterator[str]:
    """Proxies that the machine's apt uses, as options for another apt."""
    dump = shutil.which("apt-config")
    if dump is None:
        return
    shown = subprocess.run(  # noqa: S603  # our own arguments, no shell
        [dump, "dump"], capture_output=True, text=True, check=False
    )
    for line in shown.stdout.splitlines():
        if re.match(r"Acquire::https?::(Proxy|Proxy-Auto-Detect)\b.*\"[^\"]+\"", line, re.I):
            yield line.rstrip(";")


def apt_mirrors(folder: Path = APT_FOLDER) -> Iterator[str]:
    """Debian mirrors in apt's sources (one-line and deb822), each once, in apt's order.

    A mirror of Debian's own archive carries a release by its name with the component ``main``;
    security and third-party archives do not.
    """
    seen: set[str] = set()
    for file in [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]:
        if file.suffix == ".sources":
            entries = _deb822(file)
        elif file.suffix == ".list":
            entries = _one_line(file)
        else:
            continue
        for uri, suites, components in entries:
            if "main" in components and not RELEASES.isdisjoint(suites):
                for mirror in _resolved(uri):
                    if mirror not in seen:
                        seen.add(mirror)
                        yield mirror


def _resolved(uri: str) -> Iterator[str]:
    """The mirrors that a URI stands for: itself, or those that a mirror list names."""
    scheme, _, rest = uri.partition(":")
    if scheme != "mirror+file":
        yield uri.rstrip("/")
        return
    listed = Path("/" + rest.lstrip("/"))
    if listed.exists():
        for line in listed.read_text("utf-8").splitlines():
            if words := line.partition("#")[0].split():
                yield words[0].rstrip("/")


_Entry = tuple[str, Sequence[str], Sequence[str]]


def _one_line(file: Path) -> Iterator[_Entry]:
    if not file.exists():
        return
    for line in file.read_text("utf-8", errors="replace").splitlines():
        words = re.sub(r"\[[^]]*\]", " ", line.partition("#")[0]).split()
        if len(words) >= 3 and words[0] == "deb":
            yield words[1], words[2:3], words[3:]


def _deb822(file: Path) -> Iterator[_Entry]:
    text = re.sub(r"(?m)^#.*\n", "", file.read_text("utf-8", errors="replace"))
    for stanza in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        name = ""
        for line in stanza.splitlines():
            if line[:1].isspace():
                fields[name] = f"{fields.get(name, '')} {line.strip()}"
            elif ":" in line:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value.strip()
        if "deb" not in fields.get("types", "").split():
            continue
        if fields.get("enabled", "yes").lower() in {"no", "false", "0"}:
            continue
        suites = fields.get("suites", "").split()
        for uri in fields.get("uris", "").split():
            yield uri, suites, fields.get("components", "").split()


def _run(command: Sequence[str]) -> str | None:
    """Run it; None, or why it failed."""
    try:
        done = subprocess.run(  # noqa: S603  # our own arguments, no shell
            command, capture_output=True, text=True, timeout=BUILD_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not done after {BUILD_TIMEOUT_S} s"
    if done.returncode == 0:
        return None
    why = "\n".join(done.stderr.strip().splitlines()[-5:])
    if "NO_PUBKEY" in done.stderr or "not signed" in done.stderr:
        why += (
            "\nthis machine's keyring is older than the archive's key: "
            "apt install --only-upgrade debian-archive-keyring"
        )
    return why


def main(arguments: Sequence[str]) -> int:
    """Set-up's own door: ``python -m callcenter.lab.root FOLDER``, before there are settings."""
    if len(arguments) != 1:
        print("usage: python -m callcenter.lab.root FOLDER", file=sys.stderr)
        return 2
    try:
        root = find_or_build(Path(arguments[0]), print)
    except NoAsterisk as error:
        print(f"callcenter: {error}", file=sys.stderr)
        return 1
    print(f"Asterisk {dotted(root.version)} in {root.path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
