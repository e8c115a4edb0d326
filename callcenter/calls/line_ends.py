"""How each line's calls end and how urgent they are: Asterisk acts by it without the service."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from callcenter.asterisk.actions import SetVariable
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import AmiError
from callcenter.calls.errands import Errands
from callcenter.calls.priorities import LineEnds

log = structlog.get_logger(__name__)


def tell_line_ends(link: AmiLink, errands: Errands, ends: Mapping[str, LineEnds]) -> None:
    """Set the global variables that the dialplan looks at when an operator or the service is gone.

    To be done after every (re)connect, since a restarted Asterisk knows only the settings file.
    """

    async def tell() -> None:
        try:
            for line, end in ends.items():
                await link.send(SetVariable(None, f"LINE_{line}_HANG_UP", end.hang_up))
                await link.send(SetVariable(None, f"LINE_{line}_VANISHED", end.vanished))
                head_start = SetVariable(None, f"LINE_{line}_HEAD_START_S", str(end.head_start_s))
                await link.send(head_start)
        except AmiError as error:
            log.warning("line_ends.untold", why=str(error))

    errands.run("line-ends", "tell how calls end", tell)
