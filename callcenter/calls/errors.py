"""What can go wrong with a call's bookkeeping.

CallError
├── IllegalTransition   we erred: the state table does not know this step
├── UnknownCall         the asker erred: no call of that id is open
└── NotNow              the asker erred: the call is not in a state for what was asked
"""

from __future__ import annotations


class CallError(Exception):
    """Anything about a call that could not be done."""


class IllegalTransition(CallError):
    """A step that the state table does not have; nothing was changed."""


class UnknownCall(CallError):
    """No open call has that id."""


class NotNow(CallError):
    """The call's state does not allow what was asked; the message says what to do next."""
