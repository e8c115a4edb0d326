"""Learns from examples how much words speak for each kind of matter.

An examples file holds sentences as callers say them, one a line, under the heading of their
category (``# robbery``); ``# none`` are sentences that speak of no matter.

Learning is stochastic gradient descent with a rate of its own for each weight (AdaGrad: Duchi,
Hazan and Singer, 2011), in an order drawn from a fixed seed: the same examples give the same
weights.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from callcenter.incidents.canonical import Rewriting, canonical
from callcenter.incidents.errors import LexiconError
from callcenter.incidents.likeness import NONE, Likeness, features
from callcenter.incidents.record import CATEGORIES

ROUNDS = 25
RATE = 1.0
BIAS_RATE = 0.3
SHRINK = 2e-5
"""How much a weight is drawn back to nothing at each step (L2)."""
BALANCE = 0.5
"""0: each example weighs the same; 1: each category does."""
SEED = 110


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence and the category that it is told in."""

    category: str
    text: str


def parse_examples(text: str, source: str) -> list[Example]:
    """The examples of a file; `LexiconError` names the line that is wrong."""
    found: list[Example] = []
    category = ""
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line.startswith("#"):
            category = line[1:].strip()
            if category not in (*CATEGORIES, NONE):
                raise LexiconError(f"{source}:{number}: {category!r} is no category, nor {NONE!r}")
        elif line:
            if not category:
                raise LexiconError(f"{source}:{number}: expected a heading such as '# robbery'")
            found.append(Example(category, line))
    return found


def digest(text: str) -> str:
    """Tells one state of an examples file from another."""
    return hashlib.sha256(text.encode()).hexdigest()


def learn(examples: Sequence[Example], rewriting: Rewriting, of: str = "") -> Likeness:
    """The weights that these examples give; takes some seconds of processor for thousands.

    Raises:
        LexiconError: fewer than two categories have examples.
    """
    categories = sorted({example.category for example in examples})
    if len(categories) < 2:
        raise LexiconError("examples of at least two categories are needed")
    told = [list(features(canonical(each.text, rewriting).text)) for each in examples]
    seen = Counter(name for names in told for name in names)
    rows = {name: row for row, name in enumerate(sorted(seen))}
    count = len(examples)
    rarity = np.array([math.log((1 + count) / (1 + seen[name])) + 1 for name in rows])
    known = [np.array([rows[name] for name in names]) for names in told]
    values = [rarity[row] / np.sqrt((rarity[row] ** 2).sum()) for row in known]
    answers = np.array([categories.index(each.category) for each in examples])
    share = (count / len(categories) / np.bincount(answers)) ** BALANCE

    weights = np.zeros((len(rows), len(categories)))
    bias = np.zeros(len(categories))
    moved, bias_moved = np.full_like(weights, 1e-2), np.full_like(bias, 1e-2)
    order = np.random.default_rng(SEED)
    for _ in range(ROUNDS):
        for each in order.permutation(count):
            row, value, answer = known[each], values[each], answers[each]
            score = value @ weights[row] + bias
            wrong = np.exp(score - score.max())
            wrong /= wrong.sum()
            wrong[answer] -= 1
            wrong *= share[answer]
            slope = value[:, None] * wrong + SHRINK * weights[row]
            moved[row] += slope * slope
            weights[row] -= RATE * slope / np.sqrt(moved[row])
            bias_moved += wrong * wrong
            bias -= BIAS_RATE * wrong / np.sqrt(bias_moved)
    half = np.float16  # as they are kept, so that what was learned and what is read are equal
    return Likeness(
        tuple(categories),
        rows,
        rarity.astype(half).astype(np.float32),
        weights.astype(half).astype(np.float32),
        bias.astype(half).astype(np.float32),
        of,
    )


def save(likeness: Likeness, file: Path) -> None:
    """Keep what was learned."""
    np.savez_compressed(
        file,
        categories=np.array("\n".join(likeness.categories)),
        features=np.array("\n".join(likeness.rows)),
        rarity=likeness.rarity.astype(np.float16),
        weights=likeness.weights.astype(np.float16),
        bias=likeness.bias.astype(np.float16),
        examples=np.array(likeness.examples),
    )
