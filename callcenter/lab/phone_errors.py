"""What can go wrong with a phone.

PhoneError
├── PhoneMisused        we erred: the phone cannot do that in its present state
├── PhoneMissing        baresip (or a part of it) is not installed on this machine
├── PhoneDied           the phone's process ended, or its control link broke
├── PhoneRefused        the phone answered a command with a failure
├── PhoneTimeout        what was waited for did not happen in time
└── CallGone            the call ended while something was waited for on it

Every message begins with the phone's name and says what it was doing.
"""

from __future__ import annotations


class PhoneError(Exception):
    """A phone could not do what it was told, or did not see what it waited for."""


class PhoneMisused(PhoneError):
    """The phone cannot do that in its present state (for example: speak with no call)."""


class PhoneMissing(PhoneError):
    """The program behind the phone is not installed; the message says what to install."""


class PhoneDied(PhoneError):
    """The phone's process ended by itself, or its control link broke."""


class PhoneRefused(PhoneError):
    """The phone answered a command with a failure."""


class PhoneTimeout(PhoneError):
    """What was waited for did not happen in time."""


class CallGone(PhoneError):
    """The call ended while something was waited for on it."""
