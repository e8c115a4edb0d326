"""What can go wrong between the service and Asterisk.

::

    AsteriskError
    ├── InvalidAction            we erred: an action that must not be sent as it stands
    ├── MalformedEvent           an event without what its kind promises
    └── AmiError                 the peer or the line
        ├── LinkError            the link as a whole
        │   ├── BadCredentials   wrong name or password; trying again would not help
        │   ├── LinkLost         there was a link, and now there is none
        │   └── SnapshotFailed   Asterisk would not say what is going on
        ├── NotConnected         the action was never sent
        ├── ActionFailed         the action did not happen
        │   └── ActionRefused    because Asterisk said no
        └── OutcomeUnknown       sent; whether it happened only the next snapshot tells
            └── ActionTimeout    because no answer came in time

Nothing that ends in `OutcomeUnknown` is ever sent again: a second Originate rings a second phone.
"""

from __future__ import annotations


class AsteriskError(Exception):
    """Base of everything that this room raises."""


class InvalidAction(AsteriskError, ValueError):
    """We erred: the action holds something that AMI would read as something else."""


class MalformedEvent(AsteriskError):
    """An event lacks a header that its kind promises, usually an error of the dialplan."""


class AmiError(AsteriskError):
    """Asterisk or the line to it failed us."""


class LinkError(AmiError):
    """The link cannot be made or kept."""


class BadCredentials(LinkError):
    """Asterisk refuses the name or the password. Fatal: trying again would not help."""


class LinkLost(LinkError):
    """The link is gone; the text says why."""


class SnapshotFailed(LinkError):
    """Asterisk would not say what is going on, so a link without that view is of no use."""


class NotConnected(AmiError):
    """There is no link, or too much is under way on it: nothing was sent."""


class ActionFailed(AmiError):
    """The action did not happen."""


class ActionRefused(ActionFailed):
    """Asterisk answered the action with an error."""

    def __init__(self, action: str, message: str) -> None:
        super().__init__(f"{action} refused: {message}")
        self.action = action
        self.message = message


class OutcomeUnknown(AmiError):
    """The action was sent and the link broke: unknown whether it happened."""

    def __init__(self, action: str, why: str) -> None:
        super().__init__(f"{action}: unknown whether it happened ({why})")
        self.action = action


class ActionTimeout(OutcomeUnknown):
    """The action was sent and no answer came in time: unknown whether it happened."""
