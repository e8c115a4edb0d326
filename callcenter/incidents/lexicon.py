"""Lexicons: the words by which a matter is known, one file a language.

How a pattern is written: `callcenter.incidents.patterns`. ``joined = true``: a language whose
words are not kept apart by spaces.

A file has, besides ``joined``: ``[categories.NAME]`` with ``sure``, ``likely`` and ``hint``
patterns; ``[dangers]``, ``[weapons]``, ``[asked_for]`` and ``[marks]`` with patterns by name;
``[[combine]]`` (a category or mark that turns one category into another); ``[negation]`` and
``[answers]``; ``[injured]``, ``[when]``, ``[suspects]``, ``[caller]``.

These may be left out, in any language:

``[phrases]``       NAME = patterns; ``<NAME>`` in another pattern stands for one of them
``[form]``          ``fillers`` (words without meaning), ``[form.same]`` meant = [variants]
``[misheard]``      meant = ["before > heard", "before > heard > after"]: words of a recogniser
``[ignored]``       ``idioms`` (mean something else), ``no_danger`` (name one only),
                    ``hypothetical`` (``conditional``: concepts that count all the same),
                    ``far_away`` (long ago, in a film), ``far_now`` (yet now), ``doubt``
                    ("I think")
``[corrections]``   ``cues``: "no wait", "I mean"
``[negation]``      also ``not_negation`` ("won't stop"), ``new_subject`` (a clause begins here)
                    and ``carries_over`` (not after these: "I don't think | he has")
``[answers]``       also ``unsure``, ``yes_whole`` and ``no_whole`` (only alone in their clause)
``[no_means]``      danger = patterns of questions that "no" affirms: "is she breathing?"
``[denials]``       ``weapons``, ``dangers``: words that as a denial say that there is none
``[only_with]``     danger = [categories]: else it is not one ("still there": who did it)
``[concepts]``      things and doings, by name, of which scenes are made
``[[scene]]``       ``category``, ``all`` (concepts near each other), ``weight``; ``ordered``
                    (in this order, in one sentence), ``unless`` (concepts among them)
``[[sign]]``        ``danger``, ``all`` (concepts near each other in one sentence), ``ordered``,
                    ``unless``; the danger ``injury``: somebody is hurt
``[operator]``      category = patterns of what an operator says who has understood it
``[kinds_of]``      weapon = [its kinds]: beside one of these it is not named itself
``[implied_weapons]`` danger = weapon
``[[derive]]``      ``danger``, ``in`` (categories), ``with`` and ``without`` (marks)
``[outranks]``      category = [categories whose words weigh less beside it]
``[injured]``       also ``not_yet`` ("he will", "nearly"; for ``done_dangers`` too), ``maybe``
                    (hurt in an accident or a fight, else ill), ``how_many`` (the question),
                    ``people`` and ``more`` ("another")
``[suspects]``      also ``looks``, ``person``, ``vehicle``, ``owned`` ("my red …": no suspect),
                    ``another``, ``stop`` (ends a description), ``kin_named`` ("my … ") and
                    what follows it: ``kin_owns``, ``kin_does``, ``kin_is``, ``kin_hurt``;
                    ``kin_suffers`` (before it), ``kin_stop``, ``did`` (ends a description that
                    goes on)
``[asked]``         ``when``, ``looks`` (``appearance``: looks only), ``age``: questions of
                    an operator
``[caller]``        also ``ask_callback``, ``other_number``, ``other_name``, ``number_ends``,
                    ``same_number``, ``maybe_name``, ``place_words`` (in no name),
                    ``titles``, ``lead_ins`` (before a name), ``kin``
``[silent]``        ``sounds``: no words, such as "mm"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from callcenter.incidents.canonical import Rewriting
from callcenter.incidents.errors import LexiconError
from callcenter.incidents.joined.rules import JoinedRules, parse_rules
from callcenter.incidents.lexicon_reader import LexiconReader
from callcenter.incidents.lexicon_rules import Combination, Derived, Matcher, Scene, Sign
from callcenter.incidents.likeness import Likeness, learned
from callcenter.incidents.record import CATEGORIES
from callcenter.incidents.word_index import Findable

WEIGHTS = {"sure": 3.0, "likely": 1.5, "hint": 0.6}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's words, compiled."""

    language: str
    joined: bool
    speech: JoinedRules | None
    """Of a language whose words are not kept apart by spaces."""
    categories: tuple[Matcher, ...]
    dangers: tuple[Matcher, ...]
    weapons: tuple[Matcher, ...]
    asked_for: tuple[Matcher, ...]
    marks: tuple[Matcher, ...]
    combinations: tuple[Combination, ...]
    concepts: tuple[Matcher, ...]
    scenes: tuple[Scene, ...]
    signs: tuple[Sign, ...]
    operator: tuple[Matcher, ...]
    """By category: what an operator says who has understood that it is one."""
    negators: re.Pattern[str]
    near_negators: re.Pattern[str]
    negators_behind: re.Pattern[str] | None
    clause_end: Findable
    yes: re.Pattern[str]
    no: re.Pattern[str]
    either: re.Pattern[str]
    hurt: Findable
    unhurt: Findable
    hurt_one: re.Pattern[str]
    when: tuple[Matcher, ...]
    suspects: re.Pattern[str]
    ask_name: Findable
    name_is: Findable
    not_names: frozenset[str]
    callback_cue: Findable
    numbers: Mapping[str, int]
    rewriting: Rewriting
    idioms: Findable
    no_danger: Findable
    conditional: frozenset[str]
    """Concepts that count although they are told with an "if": threats."""
    hypothetical: Findable
    far_away: Findable
    far_now: re.Pattern[str]
    doubt: Findable
    corrections: Findable
    not_negation: re.Pattern[str]
    new_subject: Findable
    carries_over: re.Pattern[str]
    unsure: re.Pattern[str]
    yes_whole: re.Pattern[str]
    no_whole: re.Pattern[str]
    no_means: tuple[Matcher, ...]
    denials: Mapping[str, re.Pattern[str]]
    outranks: Mapping[str, tuple[str, ...]]
    how_many: re.Pattern[str]
    people: re.Pattern[str]
    more: re.Pattern[str]
    ask_callback: Findable
    other_number: Findable
    other_name: Findable
    number_ends: re.Pattern[str]
    titles: frozenset[str]
    lead_ins: frozenset[str]
    kin: frozenset[str]
    ask_when: re.Pattern[str]
    ask_looks: re.Pattern[str]
    ask_appearance: re.Pattern[str]
    ask_age: re.Pattern[str]
    looks: Findable
    person: Findable
    vehicle: Findable
    owned: Findable
    another: re.Pattern[str]
    description_stop: Findable
    hurt_maybe: Findable
    silent: re.Pattern[str]
    kin_owns: re.Pattern[str]
    kin_does: re.Pattern[str]
    kin_named: Findable
    kin_is: re.Pattern[str]
    kin_hurt: re.Pattern[str]
    kin_suffers: re.Pattern[str]
    kin_stop: re.Pattern[str]
    did: re.Pattern[str]
    not_yet: re.Pattern[str]
    done_dangers: frozenset[str]
    only_with: Mapping[str, frozenset[str]]
    derived: tuple[Derived, ...]
    same_number: re.Pattern[str]
    maybe_name: Findable
    place_words: frozenset[str]
    """Words of places: what they stand in is nobody's name."""
    fine: Findable
    state: re.Pattern[str]
    kinds_of: Mapping[str, frozenset[str]]
    implied_weapons: Mapping[str, str]
    likeness: Likeness | None = None
    """What was learned from examples of this language."""


def load_lexicon(language: str, path: Path | None = None) -> Lexicon:
    """The lexicon of a language: a file, or the one that comes with the product.

    `LexiconError` names the file and the place that is wrong.
    """
    if path is None:
        return _packaged(language)
    try:
        return parse_lexicon(tomllib.loads(path.read_text("utf-8")), language, str(path))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LexiconError(f"{path}: {error}") from error


@lru_cache(maxsize=8)
def packaged_tables(language: str) -> Mapping[str, Any]:
    """The file of a language that comes with the product, as it stands there."""
    source = resources.files("callcenter.incidents").joinpath(f"lexicon/{language}.toml")
    if not source.is_file():
        raise LexiconError(f"no lexicon for language {language!r}; expected en, ko or zh")
    return tomllib.loads(source.read_text("utf-8"))


@lru_cache(maxsize=8)
def _packaged(language: str) -> Lexicon:
    read = parse_lexicon(packaged_tables(language), language, f"{language}.toml")
    return replace(read, likeness=learned(language))


def parse_lexicon(raw: Mapping[str, Any], language: str, source: str) -> Lexicon:
    """Compile a lexicon."""
    joined = bool(raw.get("joined", False))
    reader = LexiconReader(raw, source, joined)
    categories = []
    for name, strengths in reader.table("categories").items():
        if name not in CATEGORIES:
            raise LexiconError(f"{source}: categories.{name}: no such category")
        if not isinstance(strengths, Mapping):
            raise LexiconError(f"{source}: categories.{name}: expected sure, likely, hint")
        for strength, patterns in strengths.items():
            if strength not in WEIGHTS:
                raise LexiconError(
                    f"{source}: categories.{name}.{strength}: expected sure, likely or hint"
                )
            place = f"categories.{name}.{strength}"
            categories.append(Matcher(name, reader.findable(place, patterns), WEIGHTS[strength]))
    combinations = []
    for number, row in enumerate(raw.get("combine", ())):
        try:
            rule = Combination(
                row["when"], tuple(row["with"]), row["becomes"], float(row.get("weight", 3.0))
            )
        except (KeyError, TypeError, ValueError):
            raise LexiconError(
                f"{source}: combine.{number}: expected when, with (list), becomes"
            ) from None
        for name in (rule.when, rule.becomes):
            if name not in CATEGORIES:
                raise LexiconError(f"{source}: combine.{number}: {name}: no such category")
        combinations.append(rule)
    caller = reader.table("caller")
    return Lexicon(
        language=language,
        joined=joined,
        speech=parse_rules(raw, source) if joined else None,
        categories=tuple(categories),
        dangers=reader.matchers("dangers"),
        weapons=reader.matchers("weapons"),
        asked_for=reader.matchers("asked_for"),
        marks=reader.matchers("marks"),
        combinations=tuple(combinations),
        concepts=reader.matchers("concepts"),
        scenes=tuple(reader.scenes(raw.get("scene", []))),
        signs=tuple(reader.signs(raw.get("sign", []))),
        operator=reader.matchers("operator"),
        negators=reader.one("negation", "before"),
        near_negators=reader.one("negation", "right_before"),
        negators_behind=(
            reader.one("negation", "behind") if reader.table("negation").get("behind") else None
        ),
        clause_end=reader.many("negation", "clause_end"),
        yes=reader.one("answers", "yes"),
        no=reader.one("answers", "no"),
        either=reader.one("answers", "either"),
        hurt=reader.many("injured", "hurt"),
        unhurt=reader.many("injured", "unhurt"),
        hurt_one=reader.one("injured", "one"),
        when=reader.matchers("when"),
        suspects=reader.one("suspects", "describe"),
        ask_name=reader.many("caller", "ask_name"),
        name_is=reader.many("caller", "name_is"),
        not_names=frozenset(map(str, caller.get("not_names", ()))),
        callback_cue=reader.many("caller", "callback"),
        numbers={str(word): int(n) for word, n in reader.table("numbers").items()},
        rewriting=reader.rewriting(),
        idioms=reader.many("ignored", "idioms"),
        conditional=frozenset(
            reader.words("ignored.conditional", reader.table("ignored").get("conditional", []))
        ),
        no_danger=reader.many("ignored", "no_danger"),
        hypothetical=reader.many("ignored", "hypothetical"),
        far_away=reader.many("ignored", "far_away"),
        far_now=reader.one("ignored", "far_now"),
        doubt=reader.many("ignored", "doubt"),
        corrections=reader.many("corrections", "cues"),
        not_negation=reader.one("negation", "not_negation"),
        new_subject=reader.many("negation", "new_subject"),
        carries_over=reader.at_end("negation", "carries_over"),
        unsure=reader.one("answers", "unsure"),
        yes_whole=reader.one("answers", "yes_whole"),
        no_whole=reader.one("answers", "no_whole"),
        no_means=reader.matchers("no_means"),
        denials={key: reader.one("denials", key) for key in ("weapons", "dangers")},
        outranks=reader.outranks(),
        how_many=reader.one("injured", "how_many"),
        people=reader.one("injured", "people"),
        more=reader.one("injured", "more"),
        ask_callback=reader.many("caller", "ask_callback"),
        other_number=reader.many("caller", "other_number"),
        other_name=reader.many("caller", "other_name"),
        number_ends=reader.one("caller", "number_ends"),
        titles=frozenset(reader.words("caller.titles", caller.get("titles", []))),
        lead_ins=frozenset(reader.words("caller.lead_ins", caller.get("lead_ins", []))),
        kin=frozenset(reader.words("caller.kin", caller.get("kin", []))),
        ask_when=reader.one("asked", "when"),
        ask_looks=reader.one("asked", "looks"),
        ask_appearance=reader.one("asked", "appearance"),
        ask_age=reader.one("asked", "age"),
        looks=reader.many("suspects", "looks"),
        person=reader.many("suspects", "person"),
        vehicle=reader.many("suspects", "vehicle"),
        owned=reader.many("suspects", "owned"),
        another=reader.one("suspects", "another"),
        description_stop=reader.many("suspects", "stop"),
        hurt_maybe=reader.many("injured", "maybe"),
        silent=reader.one("silent", "sounds"),
        kin_owns=reader.one("suspects", "kin_owns"),
        kin_does=reader.one("suspects", "kin_does"),
        kin_named=reader.many("suspects", "kin_named"),
        kin_is=reader.one("suspects", "kin_is"),
        kin_hurt=reader.one("suspects", "kin_hurt"),
        kin_suffers=reader.at_end("suspects", "kin_suffers"),
        kin_stop=reader.one("suspects", "kin_stop"),
        did=reader.one("suspects", "did"),
        not_yet=reader.one("injured", "not_yet"),
        done_dangers=frozenset(
            reader.words("injured.done_dangers", reader.table("injured").get("done_dangers", []))
        ),
        only_with=reader.only_with(),
        derived=tuple(reader.derived(raw.get("derive", []))),
        same_number=reader.one("caller", "same_number"),
        maybe_name=reader.many("caller", "maybe_name"),
        place_words=frozenset(reader.words("caller.place_words", caller.get("place_words", []))),
        fine=reader.many("injured", "fine"),
        state=reader.one("injured", "state"),
        kinds_of={
            name: frozenset(reader.words(f"kinds_of.{name}", kinds))
            for name, kinds in reader.table("kinds_of").items()
        },
        implied_weapons={
            str(danger): str(name) for danger, name in reader.table("implied_weapons").items()
        },
    )
