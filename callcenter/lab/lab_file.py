"""``lab.json`` as those read it who play calls through a running lab."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from callcenter.lab.errors import LabError


class LabFileError(LabError):
    """There is no lab, or its description cannot be read; the message says what to do."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class SipPlace(_Part):
    """Where SIP is spoken."""

    host: str
    port: int


class LineEntry(_Part):
    """A number that callers dial."""

    number: str
    queue: str


class PhoneEntry(_Part):
    """A seat's or an officer's phone."""

    id: str
    user: str
    password: str = Field(repr=False)
    precinct: str | None = None


class ApiPlace(_Part):
    """Where the service answers, and the token that it takes."""

    url: str
    token: str = Field(repr=False)


class Pids(_Part):
    """Processes of the lab."""

    service: int
    asterisk: int


class LabFile(_Part):
    """A running lab."""

    file: Path
    sip: SipPlace
    lines: tuple[LineEntry, ...] = Field(min_length=1)
    seats: tuple[PhoneEntry, ...] = Field(min_length=1)
    officers: tuple[PhoneEntry, ...] = ()
    api: ApiPlace
    recordings: Path
    pids: Pids
    restart: str

    @property
    def folder(self) -> Path:
        """The lab's folder."""
        return self.file.parent

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read the description of a running lab."""
        try:
            raw = json.loads(file.read_text("utf-8"))
            return cls.model_validate({**raw, "file": file.absolute()})
        except FileNotFoundError:
            raise LabFileError(
                f"{file}: no such file: no lab is up; `callcenter lab up --detach` starts one"
            ) from None
        except (OSError, UnicodeDecodeError, json.JSONDecodeError, TypeError) as error:
            raise LabFileError(f"{file}: {error}; expected what `callcenter lab up` writes") from (
                error
            )
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise LabFileError(
                f"{file}: {place}: {first['msg']}; expected what `callcenter lab up` writes"
            ) from None
