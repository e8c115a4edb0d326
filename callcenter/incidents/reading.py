"""One text read with a lexicon: what its words say, and what they deny."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from callcenter.incidents import names
from callcenter.incidents.canonical import Canonical, canonical
from callcenter.incidents.clauses import Clauses
from callcenter.incidents.hits import Hit
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.lexicon_rules import Matcher
from callcenter.incidents.looks import Described, described
from callcenter.incidents.scenes import Played, played, shown
from callcenter.incidents.word_index import Group

GROUPS_KEPT = 128
INJURY = "injury"
"""The danger that goes with at least one who is hurt."""
NEGATION_CHARACTERS = 6
ANSWER_CHARACTERS = 28
_PUNCTUATION = re.compile(r"[.;:!?,。，！？；]")
_QUESTION = re.compile(r"[^.!?。！？]*[.!?。！？]*")


@dataclass(frozen=True, slots=True)
class TextReading:
    """Everything that one text says, by kind."""

    text: str
    form: Canonical
    categories: tuple[Hit, ...]
    dangers: tuple[Hit, ...]
    weapons: tuple[Hit, ...]
    asked_for: tuple[Hit, ...]
    marks: tuple[Hit, ...]
    scenes: tuple[Played, ...]
    """What things and doings near each other tell."""
    alike: Mapping[str, float]
    """How probable each category is by words alone; empty for a question, or without examples."""
    understood: frozenset[tuple[str, str]]
    """Categories that an operator has understood who says this, each with the words."""
    when: tuple[Hit, ...]
    hurt: tuple[Hit, ...]
    unhurt: tuple[Hit, ...]
    fine: tuple[Hit, ...]
    """Words that say "not hurt" only in answer to the question for it: "I'm okay"."""
    no_means: tuple[Hit, ...]
    """Dangers that a "no" to this question affirms: "is she breathing?"."""
    denials: frozenset[str]
    """``weapons``, ``dangers`` when the text denies having seen any."""
    suspects: tuple[str, ...]
    """Descriptions, in a language without spaces."""
    described: tuple[Described, ...]
    """Descriptions, in a language with spaces."""
    introduced: str | None
    """A name after "my name is"."""
    bare_name: str | None
    """A name that is all the text says."""
    spelt_name: str | None
    answer: bool | None
    """True when the text opens with yes, False with no."""
    unsure: bool
    """The text opens with "I don't know"."""
    either: bool
    """The text asks for one of several, or for what yes and no do not answer."""
    wh: bool
    """The text asks what, where, who."""


def normal(text: str, lexicon: Lexicon) -> str:
    """Text as it is shown: plain apostrophes, no spaces between joined words."""
    text = text.replace("\u2019", "'").replace("\u2018", "'")
    if lexicon.joined and lexicon.language == "zh":
        return re.sub(r"\s+", "", text)
    return " ".join(text.split())


def formed(text: str, lexicon: Lexicon) -> Canonical:
    """Text in the form that patterns expect."""
    said = normal(text, lexicon)
    return Canonical(said, said) if lexicon.joined else canonical(said, lexicon.rewriting)


def read_text(text: str, lexicon: Lexicon, *, question: bool = False) -> TextReading:
    """Read one text. ``question``: what it asks about counts, because it was answered."""
    return _Reader(text, lexicon, question).read()


def last_question(text: str, lexicon: Lexicon) -> str:
    """The part of an operator's words that a yes or no answers: the last question."""
    sentences: list[str] = [s.strip() for s in _QUESTION.findall(text) if s.strip(" .!?。！？")]
    asked = [s for s in sentences if s[-1] in "?？"]
    if asked:
        return asked[-1]
    return sentences[-1] if sentences else text


@lru_cache(maxsize=GROUPS_KEPT)
def _group(matchers: tuple[Matcher, ...]) -> Group:
    return Group([matcher.pattern for matcher in matchers])


class _Reader:
    def __init__(self, text: str, lexicon: Lexicon, question: bool) -> None:
        self._lexicon = lexicon
        self._question = question
        self._form = formed(text, lexicon)
        self._text = self._form.text
        self._clauses = Clauses(self._text, lexicon)

    def _alike(self) -> Mapping[str, float]:
        likeness = self._lexicon.likeness
        return {} if likeness is None or self._question else likeness.of(self._text)

    def read(self) -> TextReading:
        lexicon = self._lexicon
        concepts = self._hits(lexicon.concepts, asking=True)
        signs = self._signs(concepts)
        hurt = self._settled(
            [
                *self._found(Matcher("hurt", lexicon.hurt)),
                *(replace(hit, name="hurt") for hit in signs if hit.name == INJURY),
                *self._found(Matcher("maybe", lexicon.hurt_maybe)),
            ]
        )
        unhurt = self._found(Matcher("unhurt", lexicon.unhurt), deniable=False)
        open_hurt = [
            h
            for h in hurt
            if not any(u.start <= h.start < u.end for u in unhurt)
            and not self._clauses.not_yet(h.start)
        ]
        return TextReading(
            text=self._text,
            form=self._form,
            categories=self._hits(lexicon.categories, asking=True),
            dangers=self._happened(
                self._settled(self._meant([*self._hits(lexicon.dangers), *signs]))
            ),
            weapons=self._settled(self._hits(lexicon.weapons)),
            asked_for=self._hits(lexicon.asked_for, asking=True, sayings=False),
            marks=self._happened(self._hits(lexicon.marks)),
            scenes=tuple(played(lexicon.scenes, concepts, self._text)),
            alike=self._alike(),
            understood=frozenset(
                (lexicon.operator[number].name, match[0])
                for number, match in _group(lexicon.operator).finditer(self._text)
            ),
            when=self._hits(lexicon.when, far=True),
            hurt=tuple(hit for hit in open_hurt if not hit.denied),
            unhurt=(
                *unhurt,
                *(h for h in open_hurt if h.denied and self._names_injury(h)),
            ),
            fine=tuple(self._found(Matcher("fine", lexicon.fine))),
            no_means=self._hits(lexicon.no_means, asking=True),
            denials=frozenset(
                kind for kind, pattern in lexicon.denials.items() if pattern.search(self._text)
            ),
            suspects=tuple(self._descriptions()) if lexicon.joined else (),
            **self._spaced(),
            answer=self._answer(),
            unsure=bool(lexicon.unsure.search(self._text[: 2 * ANSWER_CHARACTERS])),
            either=bool(lexicon.either.search(self._text)),
            wh=self._wh(),
        )

    def _meant(self, hits: Sequence[Hit]) -> list[Hit]:
        """Without words that only name a danger: "a fire alarm"."""
        names = [match.span() for match in self._lexicon.no_danger.finditer(self._text)]
        return [hit for hit in hits if not any(a <= hit.end - 1 < b for a, b in names)]

    def _signs(self, concepts: Sequence[Hit]) -> list[Hit]:
        """Dangers shown by what stands together; each of its concepts may itself be denied."""
        if self._question:
            return []
        found = []
        for name, start, end in shown(self._lexicon.signs, concepts, self._text):
            unsure = self._clauses.at(start).unsure or self._form.is_doubtful(start, end)
            found.append(Hit(name, self._form.words(start, end), start, end, 1.0, False, unsure))
        return found

    def _names_injury(self, hit: Hit) -> bool:
        """Whether to deny it says that nobody is hurt: "not bleeding", but not "hasn't hit"."""
        lexicon = self._lexicon
        return lexicon.joined or lexicon.state.search(self._text, hit.start, hit.end) is not None

    def _spaced(self) -> dict[str, Any]:
        """What is read in languages with spaces only."""
        form, lexicon = self._form, self._lexicon
        if lexicon.joined:
            return {
                "described": (),
                "introduced": None,
                "bare_name": None,
                "spelt_name": None,
            }
        return {
            "described": described(form, lexicon),
            "introduced": names.introduced(form, lexicon),
            "bare_name": names.bare(form.said, lexicon),
            "spelt_name": names.spelt(form.said),
        }

    def _hits(
        self,
        matchers: tuple[Matcher, ...],
        *,
        asking: bool = False,
        far: bool = False,
        sayings: bool = True,
    ) -> tuple[Hit, ...]:
        return tuple(
            hit
            for number, match in _group(matchers).finditer(self._text)
            for hit in self._hit(matchers[number], match, asking=asking, far=far, sayings=sayings)
        )

    def _found(
        self, matcher: Matcher, *, deniable: bool = True, asking: bool = False, far: bool = False
    ) -> list[Hit]:
        return [
            hit
            for match in matcher.pattern.finditer(self._text)
            for hit in self._hit(matcher, match, deniable=deniable, asking=asking, far=far)
        ]

    def _hit(
        self,
        matcher: Matcher,
        match: re.Match[str],
        *,
        deniable: bool = True,
        asking: bool = False,
        far: bool = False,
        sayings: bool = True,
    ) -> Iterator[Hit]:
        """The hit that a match is, unless it is part of a saying or of what is not so."""
        start, end = match.span()
        if not match[0].strip() or (sayings and self._clauses.idiom(start, end)):
            return
        clause = self._clauses.at(start)
        if (
            clause.unreal
            and not far
            and matcher.name not in self._lexicon.conditional
            and not (clause.asked and (asking or self._question))
            and not self._lexicon.hypothetical.search(match[0])
        ):
            return
        yield Hit(
            matcher.name,
            self._form.words(start, end),
            start,
            end,
            matcher.weight,
            deniable and self._denied(start, end),
            clause.unsure or self._form.is_doubtful(start, end),
        )

    def _happened(self, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """Without blows that are only threatened or were missed: "he'd cut his head off"."""
        done = self._lexicon.done_dangers
        return tuple(
            hit for hit in hits if hit.name not in done or not self._clauses.not_yet(hit.start)
        )

    def _settled(self, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """Without what the speaker took back: "a gun, no wait, a knife"."""
        if not self._clauses.corrections:
            return tuple(hits)
        kept = [hit for hit in hits if not hit.denied]
        return tuple(
            hit
            for hit in hits
            if hit.denied
            or not self._clauses.taken_back(
                hit.end, [o.start for o in kept if o.name != hit.name or o.start != hit.start]
            )
        )

    def _denied(self, start: int, end: int) -> bool:
        """Whether a "not", "nobody", "no" of the same clause stands before these words.

        Within the words themselves ("not breathing") it belongs to what they say.
        """
        if not self._lexicon.joined:
            return self._clauses.denied(start)
        lexicon = self._lexicon
        before = _clause_before(self._text[:start], lexicon)
        near = before[-NEGATION_CHARACTERS:]
        if lexicon.negators.search(near) or lexicon.near_negators.search(before[-1:]):
            return True
        behind = lexicon.negators_behind
        return behind is not None and behind.match(self._text, end) is not None

    def _wh(self) -> bool:
        opening = self._text[:60]
        match = self._lexicon.either.search(opening)
        return match is not None and match[0] not in ("or",)

    def _answer(self) -> bool | None:
        lexicon = self._lexicon
        opening = self._text[:ANSWER_CHARACTERS]
        if lexicon.unsure.search(self._text[: 2 * ANSWER_CHARACTERS]):
            return None
        yes, no = lexicon.yes.search(opening), lexicon.no.search(opening)
        first = _PUNCTUATION.split(self._text.strip(" ,"), maxsplit=1)[0].strip()
        if yes is None and lexicon.yes_whole.fullmatch(first):
            return True
        if no is None and lexicon.no_whole.fullmatch(first):
            return False
        if no and (yes is None or no.start() <= yes.start()):
            return False
        return True if yes else None

    def _descriptions(self) -> list[str]:
        """Stretches that describe somebody, to the end of their clause."""
        found: list[str] = []
        taken = 0
        for match in self._lexicon.suspects.finditer(self._text):
            if match.start() < taken or self._denied(match.start(), match.end()):
                continue
            stop = _PUNCTUATION.search(self._text, match.end())
            end = stop.start() if stop else len(self._text)
            found.append(self._form.words(match.start(), end))
            taken = end
        return found


def _clause_before(text: str, lexicon: Lexicon) -> str:
    pieces = _PUNCTUATION.split(text)
    clause = pieces[-1]
    ends = [match.end() for match in lexicon.clause_end.finditer(clause)]
    return clause[ends[-1] :] if ends and ends[-1] < len(clause) else clause
