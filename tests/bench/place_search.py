"""How long one search takes in a gazetteer of 100,000 rows, by kind of what is said.

    python -m tests.bench.place_search [--data FOLDER] [--rows 100000] [--rounds 5]

The full files of New York are widened with streets, crossings and places of names made from
their own words, moved aside, until there are so many rows. Each search is of words that were
never read before. With ``--rebuild`` also how late the event loop is while another thread makes
such a gazetteer ready. Prints a line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.city import CITY_BOUNDARIES
from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.gazetteer_files import read_gazetteer
from callcenter.precincts.gazetteer_rows import GazetteerRows
from callcenter.precincts.places import PlaceFinder

DATA = Path(os.environ.get("CALLCENTER_TEST_DATA", "../shared/data")) / "gazetteer"
FILES = ("nyc_crossings", "nyc_addresses", "nyc_streets", "nyc_point_of_interest")
EAST_DEG = 0.6
TICK_S = 0.001


class Said(NamedTuple):
    who: str
    text: str


def widened(rows: GazetteerRows, wanted: int, chance: random.Random) -> GazetteerRows:
    """The same rows and others of made names, ``wanted`` in all."""
    words = sorted({w for row in rows.landmarks for w in row.name.split() if w.isalpha()})
    while rows.count < wanted:
        name = " ".join(chance.sample(words, 2))
        place = chance.choice(rows.landmarks)
        rows.landmarks.append(replace(place, name=name, lon=place.lon + EAST_DEG))
        met = chance.choice(rows.crossings)
        street = f"{chance.choice(words).title()} Street"
        rows.crossings.append(replace(met, street_a=street, lon=met.lon + EAST_DEG))
    return rows


def queries(rows: GazetteerRows, count: int, chance: random.Random) -> dict[str, list[str]]:
    """Sentences of each kind, all different."""
    met = chance.sample(rows.crossings, count * 3)
    houses = chance.sample(rows.addresses, count)
    named = chance.sample(rows.landmarks, count)
    letters = "abcdefghiklmnoprstuw"

    def misheard(text: str) -> str:
        at = chance.randrange(len(text))
        return text[:at] + chance.choice(letters) + text[at + 1 :]

    return {
        "crossing": [f"I'm at {c.street_a} and {c.street_b}" for c in met[:count]],
        "crossing, misheard": [
            f"it's {misheard(c.street_a)} near {misheard(c.street_b)} please hurry"
            for c in met[count : count * 2]
        ],
        "house number": [f"{a.number} {a.street}, {a.district}" for a in houses],
        "named place": [f"we are at {p.name.lower()}" for p in named],
        "one street": [f"somewhere on {c.street_a}" for c in met[count * 2 :]],
        "no place": [
            f"please send somebody he has been bleeding for {n} minutes and does not answer"
            for n in range(count)
        ],
    }


def told(took: list[float]) -> dict[str, float]:
    """Milliseconds."""
    took.sort()
    at = {f"p{p}": round(took[min(len(took) * p // 100, len(took) - 1)], 2) for p in (50, 95, 99)}
    return at | {"max": round(took[-1], 2)}


async def lateness(rows: GazetteerRows) -> dict[str, float]:
    """How late the loop's ticks are while a thread makes a gazetteer, in ms."""
    late: list[float] = []
    gc.disable()  # as the running service does
    making = asyncio.create_task(asyncio.to_thread(Gazetteer, rows))
    while not making.done():
        began = time.perf_counter()
        await asyncio.sleep(TICK_S)
        late.append((time.perf_counter() - began - TICK_S) * 1000)
    gc.enable()
    return told(late)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=300, help="of each kind")
    parser.add_argument("--rebuild", action="store_true")
    given = parser.parse_args()
    chance = random.Random(110)  # noqa: S311 - no secret
    rows = GazetteerRows.together(read_gazetteer(given.data / f"{name}.csv") for name in FILES)
    asked = queries(rows, given.queries, chance)
    rows = widened(rows, given.rows, chance)
    began = time.process_time()
    finder = PlaceFinder(Gazetteer(rows), Boundaries.load(CITY_BOUNDARIES))
    finder.warm()
    made_s = time.process_time() - began
    all_took: list[float] = []
    kinds = {}
    for kind, sentences in asked.items():
        took = []
        for sentence in sentences:
            start = time.process_time()
            finder.resolve([Said("caller", sentence)])
            took.append((time.process_time() - start) * 1000)
        all_took += took
        kinds[kind] = told(took)
    result = {"rows": rows.count, "made_s": round(made_s, 2), "ms": told(all_took), "kinds": kinds}
    if given.rebuild:
        result["loop_late_ms_while_made"] = asyncio.run(lateness(rows))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
