"""A full floor: the one who waits longest gets the next free seat."""

from __future__ import annotations

import asyncio
import time

from callcenter.lab import screen
from callcenter.lab.phone import Phone
from callcenter.lab.scenes.stage import Stage

NUMBERS = ("2125550201", "2125550202", "2125550203", "2125550204")
APART_S = 0.4
ANSWERED_WITHIN_S = 5.0
NEXT_WITHIN_S = 5.0
LINES = (
    ("There was a car accident on Broadway and West Forty Second Street.", "Is anybody hurt?"),
    (
        "There is a fire on Fifth Avenue and East Seventy Second Street.",
        "The fire department is coming.",
    ),
)


async def play(stage: Stage) -> None:
    """Four callers, two seats."""
    stage.open_scene("full floor", "four callers, two seats")
    await stage.staff_seats()
    line = stage.lab.lines[0].number
    callers: dict[str, Phone] = {}
    for number in NUMBERS:
        callers[number] = await stage.phones.caller(number)
        await callers[number].dial(line)
        stage.tell(f"{number} dials {line}")
        await asyncio.sleep(APART_S)
    first, second, third, fourth = NUMBERS
    seats = {
        number: await stage.reaches_seat(number, ANSWERED_WITHIN_S) for number in (first, second)
    }
    stage.check("they have a seat each", seats[first] is not seats[second])
    await stage.waits(third)
    await stage.waits(fourth)
    waiting_since = time.monotonic()
    music = await callers[third].wait_voice(waiting_since, timeout_s=3.0)
    stage.check("who waits hears music", music.voiced_ms > 0)

    await callers[second].hang_up()
    stage.tell(f"{second} hangs up: seat {seats[second].name} is free")
    seats[third] = await stage.reaches_seat(third, NEXT_WITHIN_S, ", having waited longest")
    stage.check("it is the seat that became free", seats[third] is seats[second])
    await stage.waits(fourth)
    await stage.converse(
        f"{third} and seat {seats[third].name} hear each other",
        callers[third],
        seats[third],
        LINES[0],
    )

    await callers[first].hang_up()
    stage.tell(f"{first} hangs up: seat {seats[first].name} is free")
    seats[fourth] = await stage.reaches_seat(fourth, NEXT_WITHIN_S)
    await stage.converse(
        f"{fourth} and seat {seats[fourth].name} hear each other",
        callers[fourth],
        seats[fourth],
        LINES[1],
    )
    await asyncio.gather(callers[third].hang_up(), callers[fourth].hang_up())
    await asyncio.gather(*(seat.wait_closed(5.0) for seat in set(seats.values())))
    calls = [await stage.closed((await stage.call_from(number))["id"]) for number in NUMBERS]
    screen.several(stage.console, calls)
