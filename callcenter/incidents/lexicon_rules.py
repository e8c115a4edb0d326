"""What a lexicon is made of: patterns under names, and rules over these names."""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.incidents.word_index import Findable


@dataclass(frozen=True, slots=True, eq=False)
class Matcher:
    """All patterns of one name: one compiled expression. Told apart by identity, which is quick."""

    name: str
    pattern: Findable
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Combination:
    """``when`` together with one of ``with_any`` means ``becomes``."""

    when: str
    with_any: tuple[str, ...]
    becomes: str
    weight: float


@dataclass(frozen=True, slots=True)
class Derived:
    """A danger that follows from one of these matters and a mark, unless another mark is there."""

    danger: str
    categories: frozenset[str]
    marks: frozenset[str]
    without: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sign:
    """Concepts that, near each other in one sentence, show a danger; ``injury``: somebody hurt."""

    danger: str
    concepts: tuple[str, ...]
    ordered: bool = False
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """Concepts that, near each other, mean a category."""

    category: str
    concepts: tuple[str, ...]
    weight: float
    ordered: bool = False
    """In this order and in one sentence: who does what to whom."""
    unless: tuple[str, ...] = ()
    """Not when one of these concepts stands among them."""
