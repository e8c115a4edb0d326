"""Which words of a conversation speak for a place, and which against it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callcenter.precincts.places_by_sound.mentions import Mention, Reading
from callcenter.precincts.places_by_sound.names import Names
from callcenter.precincts.said import Spoken


@dataclass(frozen=True, slots=True)
class Placed:
    """A mention that counts: in which turn, whether it answers "where?", who confirmed it."""

    turn: int
    mention: Mention
    asked: bool = False
    confirmed: bool = False
    denied: bool = False
    by_caller: bool = True


@dataclass(frozen=True, slots=True)
class Conversation:
    """All mentions in order; ``spoke``: whether the caller spoke of a place at all."""

    placed: tuple[Placed, ...]
    spoke: bool


def follow(names: Names, turns: Sequence[Spoken], read: Callable[[str], Reading]) -> Conversation:
    """Collect what counts: the caller's words, and the operator's that the caller answers."""
    found: list[Placed] = []
    spoke = False
    asked = False
    for number, turn in enumerate(turns):
        if turn.who == "caller":
            reading = read(turn.text)
            spoke = spoke or reading.spoke
            if reading.corrected_at is not None:
                _take_back(found, reading)
            found.extend(
                Placed(number, mention, asked=asked)
                for mention in reading.mentions
                if not mention.struck
            )
            asked = False
            continue
        asked = names.words.ask_place.search(turn.text) is not None
        reply = _answer(names, turns, number)
        if turn.who == "operator" and reply is not None:
            found.extend(
                Placed(number, m, confirmed=reply, denied=not reply, by_caller=False)
                for m in read(turn.text).mentions
                if not m.struck
            )
    return Conversation(tuple(found), spoke)


def _take_back(found: list[Placed], reading: Reading) -> None:
    """A correction at a turn's beginning takes back what was named of that kind before."""
    at = reading.corrected_at or 0
    behind = [m for m in reading.mentions if m.start >= at and not m.struck]
    before = [m for m in reading.mentions if m.end <= at]
    if before or not behind:
        return
    kinds = {m.kind for m in behind} - {"district"}
    named = {(m.kind, m.number) for m in behind}
    found[:] = [
        each
        for each in found
        if each.mention.kind not in kinds or (each.mention.kind, each.mention.number) in named
    ]


def _answer(names: Names, turns: Sequence[Spoken], operator: int) -> bool | None:
    """What the caller's next words say to the operator's."""
    for turn in turns[operator + 1 : operator + 3]:
        if turn.who != "caller":
            continue
        if names.words.no.match(turn.text):
            return False
        return True if names.words.yes.match(turn.text) else None
    return None
