"""How many places are found of what callers say, made from the full gazetteer files.

    python -m tests.bench.place_figures [--data FOLDER] [--half developing|judging] [--errors]

Prints a line of JSON. House numbers that are said are left out of the gazetteer, each second of
them, so that they must be found between their neighbours.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections import Counter
from pathlib import Path

from callcenter.precincts.boundaries import Boundaries, metres_between
from callcenter.precincts.city import CITY_BOUNDARIES
from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.gazetteer_files import read_gazetteer
from callcenter.precincts.gazetteer_rows import GazetteerRows
from callcenter.precincts.places import PlaceFinder
from callcenter.precincts.resolved import ResolvedPlace
from tests.unit.precincts.spoken_places import DEVELOPING, JUDGING, Case, cases

DATA = Path(os.environ.get("CALLCENTER_TEST_DATA", "../shared/data")) / "gazetteer"
FILES = ("nyc_crossings", "nyc_addresses", "nyc_streets", "nyc_point_of_interest")
NEAR_M = 250.0
SURE = 0.9


def verdict(case: Case, found: ResolvedPlace | None, boundaries: Boundaries) -> str:
    """Right, asked, wrong; ``!`` behind it: with confidence."""
    if found is None or not found.resolved or found.lat is None or found.lon is None:
        return "asked"
    sure = "!" if found.confidence >= SURE else ""
    if case.at is None:
        return "wrong" + sure
    precinct = boundaries.find(*case.at).precinct
    near = metres_between(found.lat, found.lon, *case.at) <= NEAR_M
    return ("right" if near or found.precinct == precinct else "wrong") + sure


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--half", choices=("developing", "judging"), default="developing")
    parser.add_argument("--sentences", type=int, default=600)
    parser.add_argument("--errors", action="store_true", help="print what went wrong")
    given = parser.parse_args()
    rows = GazetteerRows.together(read_gazetteer(given.data / f"{name}.csv") for name in FILES)
    half = DEVELOPING if given.half == "developing" else JUDGING
    made = cases(rows, half, given.sentences)
    said = {case.text for case in made if case.kind.startswith("house")}
    unsaid = [
        a for i, a in enumerate(rows.addresses) if i % 4 or f"{a.number} {a.street}" not in said
    ]
    rows.addresses[:] = unsaid
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    gazetteer = Gazetteer(rows)
    loaded_s = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    boundaries = Boundaries.load(CITY_BOUNDARIES)
    finder = PlaceFinder(gazetteer, boundaries)
    kinds: dict[str, Counter[str]] = {}
    took: list[float] = []
    confidences: list[tuple[float, bool]] = []
    for case in made:
        for end in range(1, len(case.turns) + 1):
            started = time.process_time()
            found = finder.resolve(case.turns[:end])
            took.append((time.process_time() - started) * 1000)
        result = verdict(case, found, boundaries)
        kinds.setdefault(case.kind, Counter())[result] += 1
        if found is not None and found.resolved:
            confidences.append((found.confidence, result.startswith("right")))
        bad = result != "asked" if case.at is None else not result.startswith("right")
        if given.errors and bad:
            told = (
                "none" if found is None else f"{found.text} ({found.confidence}) {found.read_back}"
            )
            print(f"{case.kind} | {result} | {[t.text for t in case.turns]} | {case.text} | {told}")
    told = [case for case in made if case.at is not None]
    resolvable = Counter[str]()
    unresolvable = Counter[str]()
    open_kinds = {case.kind for case in made if case.at is None}
    for kind, count in kinds.items():
        (unresolvable if kind in open_kinds else resolvable).update(count)
    took.sort()
    bins = {}
    for low in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        high = {0.5: 0.6, 0.6: 0.7, 0.7: 0.8, 0.8: 0.9, 0.9: 0.95, 0.95: 1.01}[low]
        inside = [right for sure, right in confidences if low <= sure < high]
        if inside:
            bins[f"{low:.2f}"] = [len(inside), round(sum(inside) / len(inside), 3)]
    right = resolvable["right"] + resolvable["right!"]
    print(
        json.dumps(
            {
                "sentences": len(made),
                "resolvable": len(told),
                "right": round(right / len(told), 4),
                "confidently_wrong": round(resolvable["wrong!"] / len(told), 4),
                "unresolvable": unresolvable.total(),
                "asked": round(unresolvable["asked"] / unresolvable.total(), 4),
                "unresolvable_confidently_wrong": unresolvable["wrong!"],
                "by_confidence": bins,
                "kinds": {kind: dict(count) for kind, count in kinds.items()},
                "ms": {
                    "p50": round(took[len(took) // 2], 1),
                    "p95": round(took[int(len(took) * 0.95)], 1),
                    "p99": round(took[int(len(took) * 0.99)], 1),
                    "max": round(took[-1], 1),
                },
                "rows": rows.count,
                "index_s": round(loaded_s, 2),
                "index_mib": round(memory / 1024, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
