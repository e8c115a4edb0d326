"""One Chinese or Korean text read with a lexicon: what its words say, deny and leave open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from callcenter.incidents.canonical import Canonical
from callcenter.incidents.hits import Hit
from callcenter.incidents.joined.rules import JoinedRules
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.lexicon_rules import Matcher
from callcenter.incidents.reading import TextReading, normal
from callcenter.incidents.word_index import Findable

PAUSE = re.compile(r"[.;:!?,。，！？；：、…~]+")
AND_CHARACTERS = 6
DOUBT_REACH = 14
UNSURE_CHARACTERS = 22
"""An answer that says "I don't know" within so many characters is no answer."""
STATED = ("weapons", "dangers", "hurt", "unhurt")
"""What a doubt leaves open; the matter of a call may rest on it all the same."""


def read_joined(text: str, lexicon: Lexicon, rules: JoinedRules) -> TextReading:
    """Read one text."""
    return _Reader(normal(text, lexicon), lexicon, rules).read()


class _Reader:
    def __init__(self, text: str, lexicon: Lexicon, rules: JoinedRules) -> None:
        self._lexicon = lexicon
        self._rules = rules
        self._text = text
        self._idioms = _spans(lexicon.idioms, self._text)
        self._doubts = [
            *self._to_clause_end(rules["doubt_before"]),
            *self._from_clause_start(rules["doubt_behind"]),
        ]
        self._threats = self._to_clause_end(rules["threat"])
        self._past = self._to_clause_end(rules["past"])
        self._unreal = self._to_clause_end(lexicon.hypothetical)

    def read(self) -> TextReading:
        lexicon = self._lexicon
        hurt = self._all((Matcher("hurt", lexicon.hurt), Matcher("maybe", lexicon.hurt_maybe)))
        hurt = [hit for hit in self._happened(hurt) if not _within(hit, self._threats)]
        unhurt = self._found(Matcher("unhurt", lexicon.unhurt), deniable=False)
        open_hurt = [hit for hit in hurt if not any(u.start <= hit.start < u.end for u in unhurt)]
        dangers = [
            hit
            for hit in self._happened(self._all(lexicon.dangers), keep=frozenset({"death_threat"}))
            if not (hit.name in self._rules.only_threatened and _within(hit, self._threats))
        ]
        categories = [
            hit
            for hit in self._all(lexicon.categories)
            if not (hit.name in self._rules.only_threatened and _within(hit, self._threats))
            and not _within(hit, self._past)
        ]
        return TextReading(
            text=self._text,
            form=Canonical(self._text, self._text),
            categories=tuple(categories),
            dangers=tuple(self._settled(dangers)),
            weapons=tuple(self._settled(self._happened(self._all(lexicon.weapons)))),
            asked_for=tuple(self._all(lexicon.asked_for)),
            marks=tuple(self._all(lexicon.marks)),
            when=tuple(self._all(lexicon.when)),
            hurt=tuple(hit for hit in open_hurt if not hit.denied),
            unhurt=(*unhurt, *(hit for hit in open_hurt if hit.denied)),
            no_means=tuple(self._all(lexicon.no_means)),
            denials=frozenset(
                kind for kind, pattern in lexicon.denials.items() if pattern.search(self._text)
            ),
            suspects=(),
            described=(),
            introduced=None,
            bare_name=None,
            spelt_name=None,
            scenes=(),
            alike={},
            understood=frozenset(),
            fine=(),
            answer=self._answer(),
            unsure=False,
            either=bool(self._lexicon.either.search(self._text)),
            wh=bool(self._rules["open"].search(self._text)),
        )

    def _all(self, matchers: Iterable[Matcher]) -> list[Hit]:
        hits = [hit for matcher in matchers for hit in self._found(matcher)]
        return self._together(hits)

    def _found(self, matcher: Matcher, *, deniable: bool = True) -> list[Hit]:
        return [
            Hit(
                matcher.name,
                match[0].strip(" ,-，"),
                match.start(),
                match.end(),
                matcher.weight,
                deniable and self._denied(match.start(), match.end()),
            )
            for match in matcher.pattern.finditer(self._text)
            if match[0].strip()
            and not any(a <= match.start() and match.end() <= b for a, b in self._idioms)
        ]

    def _denied(self, start: int, end: int) -> bool:
        """A "not" before these words with nothing but bridging words between, or one behind."""
        before = self._text[self._clause_start(start) : start]
        near = self._lexicon.near_negators
        stripped = before.rstrip()
        if any(m.end() == len(stripped) for m in near.finditer(stripped)):
            if not any(a < start <= b for a, b in _spans(self._lexicon.not_negation, self._text)):
                return True
        for match in self._lexicon.negators.finditer(before):
            between = before[match.end() :]
            if self._rules["bridge"].fullmatch(between) or not between.strip():
                at = self._clause_start(start) + match.start()
                spans = _spans(self._lexicon.not_negation, self._text)
                if not any(a <= at < b for a, b in spans):
                    return True
        return self._rules["behind"].match(self._text, end) is not None

    def _together(self, hits: list[Hit]) -> list[Hit]:
        """What is joined by "and" to a denied word is denied with it: "no gun and knife"."""
        ordered = sorted(hits, key=lambda hit: hit.start)
        for i in range(1, len(ordered)):
            first, then = ordered[i - 1], ordered[i]
            between = self._text[first.end : then.start]
            if len(between) <= AND_CHARACTERS and self._rules["and"].fullmatch(between):
                if first.denied and not then.denied:
                    ordered[i] = replace(then, denied=True)
                elif then.denied and not first.denied and self._lexicon.language == "ko":
                    ordered[i - 1] = replace(first, denied=True)
        return ordered

    def _happened(self, hits: Iterable[Hit], keep: frozenset[str] = frozenset()) -> list[Hit]:
        """Without what is only feared, long past, or not known."""
        return [
            hit
            for hit in hits
            if not _within(hit, self._doubts)
            and not _within(hit, self._past)
            and (hit.name in keep or hit.denied or not _within(hit, self._unreal))
        ]

    def _settled(self, hits: list[Hit]) -> list[Hit]:
        """Without what the speaker took back: "a gun, no, a knife"."""
        cues = list(self._lexicon.corrections.finditer(self._text))
        if not cues:
            return hits
        cue = cues[-1]
        after = [hit for hit in hits if cue.end() <= hit.start <= cue.end() + DOUBT_REACH]
        if not after:
            return hits
        return [
            hit
            for hit in hits
            if hit.denied
            or hit.start >= cue.start()
            or any(hit.name == later.name for later in after)
            or cue.start() - hit.end > DOUBT_REACH
        ]

    def _answer(self) -> bool | None:
        rules = self._rules
        rest = self._text
        while (filler := rules["fillers"].match(rest)) and filler.end():
            rest = rest[filler.end() :]
        unsure = self._lexicon.unsure.search(rest, 0, UNSURE_CHARACTERS)
        if unsure and not PAUSE.search(rest, 0, unsure.start()):
            return None
        if rules["no"].match(rest):
            return False
        return True if rules["yes"].match(rest) else None

    def _clause_start(self, at: int) -> int:
        start = 0
        for match in PAUSE.finditer(self._text, 0, at):
            start = match.end()
        for match in self._rules["clause"].finditer(self._text, start, at):
            start = match.end()
        return start

    def _to_clause_end(self, opener: Findable) -> list[tuple[int, int]]:
        found = []
        for match in opener.finditer(self._text):
            stop = PAUSE.search(self._text, match.end())
            found.append((match.start(), stop.start() if stop else len(self._text)))
        return found

    def _from_clause_start(self, closer: Findable) -> list[tuple[int, int]]:
        found = []
        for match in closer.finditer(self._text):
            start = max(self._clause_start(match.start()), match.start() - DOUBT_REACH)
            found.append((start, match.end()))
        return found


def _spans(pattern: Findable, text: str) -> Sequence[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text)]


def _within(hit: Hit, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= hit.start < end for start, end in spans)
