"""The models that are known: which language, which engine, where from, and how to tell."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from asr.errors import ModelError, ModelUnknown

BUILT_IN = Path(__file__).with_name("catalogue.toml")
LOCAL_NAME = "catalogue.toml"
"""A file of this name in the models folder adds entries."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
"""A name that is one folder and nothing else."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Package(_Strict):
    """A Python package that has the model inside."""

    distribution: Name
    version: str
    module: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    folder: str
    sha256: tuple[Sha256, ...] = ()
    """Of the package's files; empty: whatever the installer's own checks accept."""


class Entry(_Strict):
    """One model."""

    name: Name
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    engine: Literal["vosk", "moonshine"]
    trained_hz: Literal[8000, 16000]
    licence: str
    bytes: Annotated[int, Field(gt=0)] | None = None
    sha256: Sha256 | None = None
    sources: tuple[str, ...] = ()
    package: Package | None = None

    @property
    def id(self) -> str:
        """Engine and name, as segments and the speech state say it."""
        return f"{self.engine}/{self.name}"

    @field_validator("sources")
    @classmethod
    def _are_web_addresses(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        for source in sources:
            if urlsplit(source).scheme not in ("http", "https"):
                raise ValueError(f"{source} is not an http or https address")
        return sources

    @model_validator(mode="after")
    def _can_be_had_and_checked(self) -> Self:
        if bool(self.sources) == bool(self.package):
            raise ValueError(f"{self.name}: either sources or a package, expected one of them")
        if self.sources and not self.sha256:
            raise ValueError(f"{self.name}: sources without sha256")
        return self


class _File(_Strict):
    model: tuple[Entry, ...] = ()


class Catalogue:
    """Entries in order of preference."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries

    @classmethod
    def load(cls, models_dir: Path | None = None) -> Self:
        """Read what comes with the product, and what the models folder adds (it goes first).

        Raises `ModelError` with the file and the place in it.
        """
        local = models_dir / LOCAL_NAME if models_dir else None
        added = _read(local) if local and local.is_file() else ()
        names = {entry.name for entry in added}
        return cls((*added, *(entry for entry in _read(BUILT_IN) if entry.name not in names)))

    def of(self, language: str, engine: str) -> list[Entry]:
        """The models of a language for an engine, preferred first."""
        return [e for e in self.entries if e.language == language and e.engine == engine]

    def find(self, wanted: str) -> Entry:
        """A model by name or "engine/name"; by language, the smallest that can be downloaded.

        Raises `ModelUnknown`.
        """
        for entry in self.entries:
            if wanted in (entry.name, entry.id):
                return entry
        spoken = [entry for entry in self.entries if entry.language == wanted]
        spoken.sort(key=lambda entry: (entry.engine != "vosk", entry.bytes or 0))
        if spoken:
            return spoken[0]
        known = ", ".join(entry.name for entry in self.entries)
        raise ModelUnknown(f"no model {wanted!r} in the catalogue; known: {known}")


def _read(file: Path) -> tuple[Entry, ...]:
    try:
        return _File.model_validate(tomllib.loads(file.read_text("utf-8"))).model
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{file}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "(the whole file)"
        raise ModelError(f"{file}: {place}: {first['msg']}") from None
