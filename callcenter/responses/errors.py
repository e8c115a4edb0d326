"""What can go wrong with a response; each is the asker's to mend.

ResponseError
├── UnknownResponse   there is none of that id, or it is another officer's
└── ResponseRefused   it does not stand where that can follow; the message says where it stands
"""

from __future__ import annotations


class ResponseError(Exception):
    """Anything about a response that could not be done."""


class UnknownResponse(ResponseError):
    """No response has that id."""


class ResponseRefused(ResponseError):
    """The response does not stand where that can follow."""
