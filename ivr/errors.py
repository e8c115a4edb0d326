"""What can go wrong in this room, and whose fault it is.

IvrError
├── BadCommand       we erred: a value that may not stand in a command, a command out of turn
├── PeerError        the other side erred
│   ├── ProtocolError   it does not speak AGI, or more of it than anybody needs
│   └── PeerSilent      it did not answer in time
├── ChannelGone      nobody erred: the caller hung up, or the connection ended
├── CannotListen     the address is not ours to listen on
└── SpeechOutError   text could not be made into sound
"""

from __future__ import annotations


class IvrError(Exception):
    """Anything of this room."""


class BadCommand(IvrError):
    """We erred: what we wanted to send may not be sent, or Asterisk did not know it."""


class PeerError(IvrError):
    """The other side of the connection erred; only this connection suffers."""


class ProtocolError(PeerError):
    """What came is not AGI, or is beyond the limits."""


class PeerSilent(PeerError):
    """No request or no reply within its time."""


class ChannelGone(IvrError):
    """The channel is no longer there; nothing more can be done with it."""


class CannotListen(IvrError):
    """The server's address could not be had."""


class SpeechOutError(IvrError):
    """No sound was made; the message says which program or file is at fault."""
