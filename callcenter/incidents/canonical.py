"""Spoken English in one form: contractions apart, fillers gone, variants of a word made one.

Patterns are written once and meet "he's not", "he isn't" and "hes not" alike. Every word keeps
where it stood, so that what is shown as evidence are the words as they were said.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W\d_]+)*|\.{2,}|[.,;:!?]|[\u2014\u2013\u2026]|\s-+\s|--")
_SUFFIX = re.compile(r"(\w+?)('re|'ve|'m|'ll|'s|'d)", re.IGNORECASE)
_EXPANDED = {"'re": "are", "'ve": "have", "'m": "am", "'ll": "will", "'s": "'s", "'d": "'d"}
_NOT = re.compile(r"(\w+)n't")
_WHOLE = {
    "can't": "can not",
    "cannot": "can not",
    "won't": "will not",
    "shan't": "shall not",
    "ain't": "is not",
    "y'all": "you all",
    "o'clock": "o'clock",
    "let's": "let us",
}
_BARE = {
    word.replace("'", ""): word
    for word in (
        "don't doesn't didn't isn't wasn't aren't weren't can't won't haven't hasn't hadn't "
        "couldn't wouldn't shouldn't he's she's they're i've i'm they've there's that's you're "
        "he'd they'd what's who's it'll they'll"
    ).split()
    if word.replace("'", "") not in ("hed", "wed")
}
_STUTTERED = frozenset("a an the he she they i is has my and to we it there was in on of".split())


@dataclass(frozen=True, slots=True)
class Canonical:
    """A text in one form, and where its words stand in the text as it was said."""

    text: str
    said: str
    _starts: tuple[int, ...] = field(repr=False, default=())
    _ends: tuple[int, ...] = field(repr=False, default=())
    _places: tuple[tuple[int, int], ...] = field(repr=False, default=())
    doubtful: tuple[tuple[int, int], ...] = ()
    """Stretches of ``text`` that stand for words which were probably misheard."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where this stretch of ``text`` stands in ``said``."""
        if not self._starts:
            return start, end
        first = max(bisect_right(self._starts, start) - 1, 0)
        last = max(bisect_left(self._starts, end) - 1, first)
        return self._places[first][0], self._places[last][1]

    def words(self, start: int, end: int) -> str:
        """The words as they were said."""
        a, b = self.span(start, end)
        return self.said[a:b].strip(" ,-")

    def is_doubtful(self, start: int, end: int) -> bool:
        """Whether these words rest on ones that were probably misheard."""
        return any(a < end and start < b for a, b in self.doubtful)


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What a lexicon says of the form of words."""

    fillers: frozenset[str] = frozenset()
    same: Mapping[str, str] = field(default_factory=dict)
    """One word by another that means it: neighbour → neighbor."""
    phrases: re.Pattern[str] | None = None
    phrase_of: Mapping[str, str] = field(default_factory=dict)
    misheard: Sequence[tuple[re.Pattern[str], str]] = ()
    """Expressions with a group ``heard``, and what was said in its place."""


@lru_cache(maxsize=8192)
def expand(word: str) -> str:
    """One small word with its contraction taken apart: "isn't" → "is not"."""
    word = _BARE.get(word, word)
    if "'" not in word:
        return _WHOLE.get(word, word)
    if word in _WHOLE:
        return _WHOLE[word]
    negated = _NOT.fullmatch(word)
    if negated:
        return f"{negated[1]} not"
    suffixed = _SUFFIX.fullmatch(word)
    return f"{suffixed[1]} {_EXPANDED[suffixed[2]]}" if suffixed else word


def expand_pattern(pattern: str) -> str:
    """The words of a pattern in the same form as texts."""
    return re.sub(r"[^\W_]+(?:'[^\W\d_]+)*", lambda match: expand(match[0].lower()), pattern)


def canonical(said: str, rewriting: Rewriting) -> Canonical:
    """A text of a language with spaces, in one form."""
    tokens: list[tuple[str, int, int]] = []
    for match in _TOKEN.finditer(said.replace("\u2019", "'").replace("\u2018", "'")):
        start, end = match.span()
        word = match[0].lower()
        if not word[0].isalnum():
            tokens.append((word if len(word) == 1 and word in ".,;:!?" else ",", start, end))
            continue
        if word in rewriting.fillers:
            if tokens and tokens[-1][0] == ",":
                tokens.pop()
            tokens.append(("", start, end))
            continue
        if tokens and tokens[-1][0] == word and word in _STUTTERED:
            continue
        for part in rewriting.same.get(word, expand(word)).split():
            tokens.append((rewriting.same.get(part, part), start, end))
    return _rewritten(_joined(tokens, said), rewriting)


def _joined(tokens: Sequence[tuple[str, int, int]], said: str) -> Canonical:
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    places: list[tuple[int, int]] = []
    length = 0
    dropped = False
    for piece, start, end in tokens:
        if not piece:
            dropped = True
            continue
        if dropped and piece == ",":
            dropped = False
            continue
        dropped = False
        if pieces and piece not in ".,;:!?":
            pieces.append(" ")
            length += 1
        starts.append(length)
        pieces.append(piece)
        length += len(piece)
        ends.append(length)
        places.append((start, end))
    return Canonical("".join(pieces), said, tuple(starts), tuple(ends), tuple(places))


def _rewritten(form: Canonical, rewriting: Rewriting) -> Canonical:
    if rewriting.phrases is not None:
        found = [
            (*match.span(), rewriting.phrase_of[match[0]])
            for match in rewriting.phrases.finditer(form.text)
        ]
        form = _replaced(form, found, doubtful=False)
    for expression, meant in rewriting.misheard:
        found = [(*match.span("heard"), meant) for match in expression.finditer(form.text)]
        form = _replaced(form, found, doubtful=True)
    return form


def _replaced(
    form: Canonical, found: Sequence[tuple[int, int, str]], *, doubtful: bool
) -> Canonical:
    """The text with stretches replaced; each new stretch stands where the old words stood."""
    for start, end, meant in reversed(found):
        place = form.span(start, end)
        by = len(meant) - (end - start)
        keep = [i for i, at in enumerate(form._starts) if at < start or at >= end]
        rows = sorted(
            [
                *(
                    (
                        form._starts[i] + (by if form._starts[i] >= end else 0),
                        form._ends[i] + (by if form._starts[i] >= end else 0),
                        form._places[i],
                    )
                    for i in keep
                ),
                *([(start, start + len(meant), place)] if meant else []),
            ]
        )
        form = Canonical(
            form.text[:start] + meant + form.text[end:],
            form.said,
            tuple(row[0] for row in rows),
            tuple(row[1] for row in rows),
            tuple(row[2] for row in rows),
            tuple(
                (a + by, b + by) if a >= end else (a, b)
                for a, b in (*form.doubtful, *(((start, start + len(meant)),) if doubtful else ()))
            ),
        )
    return form
