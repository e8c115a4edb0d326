"""What can go wrong in distribution.

::

    AcdError
    ├── InvalidSettings      they erred: settings that cannot be; nothing of them is used
    └── IllegalTransition    we erred: a seat or a call was sent along an arrow its table lacks

Events never raise for what Asterisk or people did: an unknown id, an answer that comes too late
or an event that comes twice is an ordinary day, and the engine has a rule for each.
"""


class AcdError(Exception):
    """Base of everything that this room raises."""


class InvalidSettings(AcdError, ValueError):
    """The settings contradict themselves; the message names the queue or seat, and the field."""


class IllegalTransition(AcdError, RuntimeError):
    """A state table has no such arrow. Nothing was changed."""
