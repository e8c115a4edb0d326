"""Many judged calls as figures: precision, recall and F1, precincts, what confidence is worth."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from callcenter.bench.record_scoring import SURE, CallScore, Finding, PrecinctOutcome
from callcenter.incidents.record import FIELDS

BUCKETS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Edges of the reliability table; a confidence belongs to the bucket that it begins."""

JUST_BELOW = 0.999999
"""The last bucket takes in 1.0 too."""


@dataclass(frozen=True, slots=True)
class Counts:
    """One field over all calls."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float | None:
        """Of what was found, the share that is right; None: nothing was found."""
        return _share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float | None:
        """Of what was expected, the share that was found; None: nothing was expected."""
        return _share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both; None: nothing was expected and nothing found."""
        return _share(2 * self.right, 2 * self.right + self.wrong + self.missed)

    def to_json(self) -> dict[str, Any]:
        """Shares and the counts behind them."""
        return {
            "precision": _rounded(self.precision),
            "recall": _rounded(self.recall),
            "f1": _rounded(self.f1),
            "right": self.right,
            "wrong": self.wrong,
            "missed": self.missed,
        }


@dataclass(frozen=True, slots=True)
class Bucket:
    """Values of about the same confidence."""

    at_least: float
    below: float
    count: int
    right: int
    said: float
    """Their mean confidence."""

    @property
    def share(self) -> float | None:
        """How many of them are right."""
        return _share(self.right, self.count)

    def to_json(self) -> dict[str, Any]:
        """One row of the reliability table."""
        return {
            "at_least": self.at_least,
            "below": self.below,
            "count": self.count,
            "mean_confidence": _rounded(self.said),
            "share_right": _rounded(self.share),
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """What is told of one set of calls in one language."""

    calls: int
    fields: dict[str, Counts]
    precincts: dict[str, int]
    """Calls by outcome."""
    unresolvable: int
    asked: int
    questions: int
    """Of those asked for, how many with a question that is ready to be read."""
    reliability: Sequence[Bucket]
    sure: int
    """Values of confidence `SURE` or more."""
    sure_right: int
    callback_sure_and_wrong: int

    @classmethod
    def of(cls, scores: Iterable[CallScore]) -> Tally:
        """Of these calls."""
        scores = list(scores)
        findings = [finding for score in scores for finding in score.findings]
        sure = [finding for finding in findings if finding.confidence >= SURE]
        return cls(
            calls=len(scores),
            fields={name: _counts(scores, name) for name in FIELDS},
            precincts={
                outcome: sum(score.precinct == outcome for score in scores)
                for outcome in get_args(PrecinctOutcome)
            },
            unresolvable=sum(score.asked is not None for score in scores),
            asked=sum(score.asked is True for score in scores),
            questions=sum(score.question is True for score in scores),
            reliability=reliability(findings),
            sure=len(sure),
            sure_right=sum(finding.right for finding in sure),
            callback_sure_and_wrong=sum(
                finding.field == "callback" and not finding.right for finding in sure
            ),
        )

    def f1(self, *names: str) -> float | None:
        """Of one field, or of several together."""
        chosen = [self.fields[name] for name in names]
        return Counts(
            sum(counts.right for counts in chosen),
            sum(counts.wrong for counts in chosen),
            sum(counts.missed for counts in chosen),
        ).f1

    def precinct_share(self, outcome: PrecinctOutcome) -> float | None:
        """Of the calls with a precinct to be found."""
        return _share(self.precincts[outcome], sum(self.precincts.values()))

    @property
    def asked_share(self) -> float | None:
        """Of the unresolvable places, those that were asked for."""
        return _share(self.asked, self.unresolvable)

    def accuracy(self, name: str) -> float | None:
        """Of the calls, those in which the field (expected in each) is right."""
        counts = self.fields[name]
        return _share(counts.right, counts.right + counts.missed)

    @property
    def sure_share(self) -> float | None:
        """Of the values of confidence `SURE` or more, those that are right."""
        return _share(self.sure_right, self.sure)

    def to_json(self) -> dict[str, Any]:
        """Everything, as ``--json`` prints it."""
        return {
            "calls": self.calls,
            "fields": {name: counts.to_json() for name, counts in self.fields.items()},
            "category_accuracy": _rounded(self.accuracy("category")),
            "level_accuracy": _rounded(self.accuracy("level")),
            "precinct": {
                **{outcome.replace(" ", "_"): n for outcome, n in self.precincts.items()},
                "of": sum(self.precincts.values()),
            },
            "unresolvable_places": {
                "of": self.unresolvable,
                "asked": self.asked,
                "with_a_question": self.questions,
                "guessed": self.unresolvable - self.asked,
            },
            "reliability": [bucket.to_json() for bucket in self.reliability],
        }


def reliability(findings: Sequence[Finding]) -> list[Bucket]:
    """Of the values that say so much confidence, how many are right."""
    buckets = []
    for low, high in itertools.pairwise(BUCKETS):
        inside = [f for f in findings if low <= min(f.confidence, JUST_BELOW) < high]
        if inside:
            said = sum(finding.confidence for finding in inside) / len(inside)
            right = sum(finding.right for finding in inside)
            buckets.append(Bucket(low, high, len(inside), right, said))
    return buckets


def _counts(scores: Iterable[CallScore], name: str) -> Counts:
    rows = [score.fields[name] for score in scores]
    return Counts(
        sum(row.right for row in rows),
        sum(row.wrong for row in rows),
        sum(row.missed for row in rows),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
