"""How soon officers were on the line, and whose phones rang in vain: figures as JSON. Pure.

`DEFINITIONS` has one exact sentence a figure; whoever shows a figure shows its sentence. Where
there is nothing to divide by, a figure is None, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any, Final, Literal

from acd.figures import OFFICER_WITHIN_S, mean, quantile
from callcenter.figures.officer_lives import HuntLife, OfficerLives, Phone
from callcenter.figures.period import Period
from callcenter.precincts.hunt import Outcome

OfficerGrouping = Literal["rung", "officer", "precinct", "category", "level", "line", "hour"]

NOTE: Final = (
    "Calls that the house made are in no figure. By rung or officer a call is counted with every"
    " rung or officer whose phone rang for it, and its time to the officer with the one that took"
    " it."
)
DEFINITIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "hunts": "Arrived calls for which an officer's phone rang.",
        "heard": "Of these, calls in which both the caller and the officer had been heard.",
        "in_time_share": f"Calls in which both had been heard within {OFFICER_WITHIN_S:g} s of the"
        " first INVITE / calls for which a phone rang and which are over or were heard.",
        "to_officer_mean_ms": "Mean time from the first INVITE until both had been heard.",
        "to_officer_median_ms": "The shortest such time that at least half of the calls did not"
        " exceed.",
        "to_officer_p90_ms": "The shortest such time that at least 90 % of the calls did not"
        " exceed.",
        "asked_to_heard_mean_ms": "Mean time from the moment when an officer was asked for until"
        " both had been heard.",
        "asked_to_heard_p90_ms": "The shortest such time that at least 90 % of the calls did not"
        " exceed.",
        "phones": "Officers' phones that were rung, each time one was.",
        "took": "Of these, phones whose officer pressed 1.",
        "handed_on": "Phones whose officer passed the call on with key 2.",
        "no_answer": "Phones that rang out.",
        "silent": "Phones that were answered and on which nothing was pressed: voicemails, mostly.",
        "failed": "Phones that were busy, out of reach, or hung up.",
        "not_needed": "Phones that stopped because somebody else took the call, or nobody was"
        " wanted any more.",
        "answered_share": "Phones whose officer took the call or passed it on / phones rung"
        " without those not needed.",
        "distance_mean_m": "Mean distance from the place of the officer who took the call, where"
        " it was known.",
        "beyond_nearest_mean_m": "Mean of that distance less that of the nearest officer on duty.",
        "tripwires": "Times that an operator was called back onto a line which they had left.",
    }
)


@dataclass(frozen=True, slots=True)
class OfficerFigures:
    """The figures of some hunts; each is defined in `DEFINITIONS` under its own name."""

    hunts: int
    heard: int
    in_time_share: float | None
    to_officer_mean_ms: float | None
    to_officer_median_ms: float | None
    to_officer_p90_ms: float | None
    asked_to_heard_mean_ms: float | None
    asked_to_heard_p90_ms: float | None
    phones: int
    took: int
    handed_on: int
    no_answer: int
    silent: int
    failed: int
    not_needed: int
    answered_share: float | None
    distance_mean_m: float | None
    beyond_nearest_mean_m: float | None
    tripwires: int

    def to_json(self) -> dict[str, int | float | None]:
        """As JSON values: times and distances to a tenth, shares to 6 digits."""
        return {
            name: round(value, 6 if name.endswith("_share") else 1)
            if isinstance(value, float)
            else value
            for name, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True)
class _Counted:
    """A call, and those of its phones that count in a group."""

    life: HuntLife
    phones: Sequence[Phone]

    @property
    def taken(self) -> bool:
        """Whether one of these phones' officers was heard on the line."""
        return self.life.heard_ms is not None and any(
            phone is self.life.taken_by for phone in self.phones
        )


def officer_report(
    lives: OfficerLives, period: Period, by: OfficerGrouping | None, zone: tzinfo
) -> dict[str, Any]:
    """The figures of the calls that arrived in the period, with what each means."""
    whole, groups = officers_measured(lives, period, by, zone)
    return {
        "from": period.since.isoformat(timespec="seconds"),
        "to": period.until.isoformat(timespec="seconds"),
        "by": by,
        "zone": str(zone),
        "figures": whole.to_json(),
        "groups": [{"key": key, "figures": group.to_json()} for key, group in groups.items()],
        "definitions": dict(DEFINITIONS),
        "note": NOTE,
    }


def officers_measured(
    lives: OfficerLives, period: Period, by: OfficerGrouping | None, zone: tzinfo
) -> tuple[OfficerFigures, dict[str, OfficerFigures]]:
    """The figures of all hunts of the period, and of each group by its key, in order."""
    counted = [
        _Counted(life, tuple(life.phones.values()))
        for life in lives.hunts(period.since_s, period.until_s)
    ]
    groups: dict[str, list[_Counted]] = {}
    if by is not None:
        for each in counted:
            for key, part in _parts(each, by, zone).items():
                groups.setdefault(key, []).append(part)
    return _figures(counted), {key: _figures(groups[key]) for key in sorted(groups)}


def _parts(counted: _Counted, by: OfficerGrouping, zone: tzinfo) -> dict[str, _Counted]:
    """What of a call counts under which keys."""
    if by in {"rung", "officer"}:
        keys: dict[str, list[Phone]] = {}
        for phone in counted.phones:
            keys.setdefault(phone.rung if by == "rung" else phone.officer, []).append(phone)
        return {key: _Counted(counted.life, phones) for key, phones in keys.items()}
    return {_KEYS[by](counted.life, zone): counted}


_KEYS: Final[Mapping[str, Callable[[HuntLife, tzinfo], str]]] = {
    "precinct": lambda life, zone: life.precinct,
    "category": lambda life, zone: life.category,
    "level": lambda life, zone: life.level,
    "line": lambda life, zone: life.line,
    "hour": lambda life, zone: f"{datetime.fromtimestamp(life.arrived_s, zone):%H}:00",
}


def _figures(calls: Collection[_Counted]) -> OfficerFigures:
    taken = [each.life for each in calls if each.taken]
    to_officer = sorted(life.heard_ms for life in taken if life.heard_ms is not None)
    asked = sorted(
        life.heard_ms - life.asked_ms
        for life in taken
        if life.heard_ms is not None and life.asked_ms is not None
    )
    in_time = sum(ms <= OFFICER_WITHIN_S * 1000 for ms in to_officer)
    known = sum(each.life.ended or each.life.heard_ms is not None for each in calls)
    phones = [phone for each in calls for phone in each.phones]
    came = {outcome: sum(phone.outcome == outcome for phone in phones) for outcome in Outcome}
    answered = came[Outcome.TOOK] + came[Outcome.HANDED_ON]
    wanted = sum(count for outcome, count in came.items() if outcome is not Outcome.NOT_NEEDED)
    chosen = [life.taken_by for life in taken if life.taken_by is not None]
    far = [phone.distance_m for phone in chosen if phone.distance_m is not None]
    beyond = [
        phone.distance_m - phone.nearest_m
        for phone in chosen
        if phone.distance_m is not None and phone.nearest_m is not None
    ]
    return OfficerFigures(
        hunts=len(calls),
        heard=len(taken),
        in_time_share=in_time / known if known else None,
        to_officer_mean_ms=mean(to_officer),
        to_officer_median_ms=quantile(to_officer, 0.5),
        to_officer_p90_ms=quantile(to_officer, 0.9),
        asked_to_heard_mean_ms=mean(asked),
        asked_to_heard_p90_ms=quantile(asked, 0.9),
        phones=len(phones),
        took=came[Outcome.TOOK],
        handed_on=came[Outcome.HANDED_ON],
        no_answer=came[Outcome.NO_ANSWER],
        silent=came[Outcome.SILENT],
        failed=came[Outcome.FAILED],
        not_needed=came[Outcome.NOT_NEEDED],
        answered_share=answered / wanted if wanted else None,
        distance_mean_m=mean(far),
        beyond_nearest_mean_m=mean(beyond),
        tripwires=sum(each.life.tripwires for each in calls),
    )
