"""What can go wrong with speech, and whose fault it was.

SpeechError
├── SpeechOff            no worker can take a tap; calls go on without a transcript
├── PeerError            the other side of a connection erred
│   ├── ProtocolError    bytes that are not AudioSocket
│   └── UnknownTap       a UUID that was not issued, or was used, or came too late
├── ControlError         service and worker do not understand each other: we erred
└── ModelError           a model cannot be used
    ├── ModelUnknown     no such entry in the catalogue
    ├── ModelMissing     not installed on this machine
    ├── ModelBroken      installed, but not what it should be
    └── ModelNotFetched  no source delivered it
        ├── SourceFailed      one source did not answer, or broke off
        └── ArchiveRefused    delivered, but not the expected archive or not safe to unpack
"""

from __future__ import annotations


class SpeechError(Exception):
    """Any failure of this room."""


class SpeechOff(SpeechError):
    """No worker can take a tap; the text says why."""


class PeerError(SpeechError):
    """The peer erred."""


class ProtocolError(PeerError):
    """The peer sent what AudioSocket does not know, or in the wrong place."""


class UnknownTap(PeerError):
    """The peer named a tap that nobody waits for."""


class ControlError(SpeechError):
    """A line on the control channel that the reader cannot act on."""


class ModelError(SpeechError):
    """A model cannot be used; the text names it and what to do."""


class ModelUnknown(ModelError):
    """The catalogue has no such entry."""


class ModelMissing(ModelError):
    """The model is not installed on this machine."""


class ModelBroken(ModelError):
    """The model is installed but incomplete or altered."""


class ModelNotFetched(ModelError):
    """No source delivered the model; the text tells of each."""


class SourceFailed(ModelNotFetched):
    """One source did not answer in time, refused, or broke off."""


class ArchiveRefused(ModelNotFetched):
    """The archive is not the expected one, or not safe to unpack."""
