"""Which calls are one incident: each begins as its own, and incidents are joined to others.

``links`` says by the call that began an incident which other incident (by the call that began
that one) it was joined to. A join adds one link and a separation takes one away; nothing else is
kept, so that taking a join back leaves exactly what was before it. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

Links = Mapping[str, str]


def top(links: Links, call_id: str) -> str:
    """The call that began the incident which this call now belongs to."""
    while call_id in links:
        call_id = links[call_id]
    return call_id


def members(links: Links, call_id: str) -> set[str]:
    """This call and all whose incidents were joined to its own, directly or by others."""
    below: dict[str, list[str]] = {}
    for joined, into in links.items():
        below.setdefault(into, []).append(joined)
    found, to_do = {call_id}, [call_id]
    while to_do:
        for joined in below.get(to_do.pop(), ()):
            found.add(joined)
            to_do.append(joined)
    return found


def joined(links: Links, call_id: str, into: str) -> dict[str, str]:
    """The links once the incident of one call is joined to that of another.

    Raises:
        ValueError: both are one incident already.
    """
    first, second = top(links, call_id), top(links, into)
    if first == second:
        raise ValueError("both calls are one incident already")
    return {**links, first: second}


def separated(links: Links, call_id: str) -> dict[str, str]:
    """The links once what this call began is on its own again, with all that was joined to it.

    Raises:
        ValueError: it was not joined to anything.
    """
    if call_id not in links:
        raise ValueError("the incident is not joined to another")
    return {joined: into for joined, into in links.items() if joined != call_id}
