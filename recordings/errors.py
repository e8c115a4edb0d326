"""What can go wrong in this room, and whose fault it is.

RecordingError
├── BadCallId          we erred: an id that may not name a file
├── BadHash            we erred: a hash that is none
├── NoRecording        there is nothing to finish: neither leg holds a sample
├── StillBeingWritten  too early: a leg grew meanwhile; try again later
├── UnsafeFile         a link or a device stands where a file should
├── TooLong            more than a WAV file can hold (37 hours)
├── NotFinished        a file that is not a whole WAV file
├── AlreadyStored      the vault has another recording of this call
└── StorageFailed      the disk erred: full, read-only, gone
"""

from __future__ import annotations


class RecordingError(Exception):
    """Anything of this room."""


class BadCallId(RecordingError):
    """The call's id may not name a file."""


class BadHash(RecordingError):
    """The hash to continue from is none."""


class NoRecording(RecordingError):
    """Nothing was recorded."""


class StillBeingWritten(RecordingError):
    """A leg grew while it was read."""


class UnsafeFile(RecordingError):
    """Not a regular file."""


class TooLong(RecordingError):
    """Longer than its format can say."""


class NotFinished(RecordingError):
    """Part of a file, or no recording at all."""


class AlreadyStored(RecordingError):
    """A kept recording is never overwritten."""


class StorageFailed(RecordingError):
    """The disk erred; the message says where and why."""
