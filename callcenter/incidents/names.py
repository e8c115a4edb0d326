"""Names in a text: introduced ("my name is"), alone in an answer, or spelt out. English."""

from __future__ import annotations

import re
from collections.abc import Sequence

from callcenter.incidents.canonical import Canonical
from callcenter.incidents.lexicon import Lexicon

NAME_WORDS = 3
ANSWER_WORDS = 6
SPELT_AT_LEAST = 3
_NAME = re.compile(r"[^\W\d_][^\W\d_]*(?:['\u2019-][^\W\d_]+)*\.?")
_ENDS = ",.!?;:"
_SPELT = re.compile(
    r"(?<![\w'])(?:(?:double|triple) )?[A-Za-z]"
    r"(?:(?:[\s,.\-]+(?:as in \w+[\s,.\-]+|for \w+[\s,.\-]+)?"
    r"(?:(?:double|triple) )?[A-Za-z])(?![\w'])){2,}",
)
_AS_IN = re.compile(r"\b(?:as in|for|like) [A-Za-z]+", re.IGNORECASE)
_LETTER = re.compile(r"(?:(double|triple) )?\b([A-Za-z])\b", re.IGNORECASE)


def introduced(form: Canonical, lexicon: Lexicon) -> str | None:
    """A name after "my name is", "this is": capitals tell it, or the word "name" does."""
    for match in lexicon.name_is.finditer(form.text):
        if lexicon.other_name.search(form.text[max(match.start() - 24, 0) : match.end()]):
            continue
        sure = "name" in match[0]
        rest = form.said[form.span(match.start(), match.end())[1] :].lstrip(" ,")
        name = _words_of_name(rest, lexicon, sure=sure)
        if name and (sure or len(name) > 1 or _stands_alone(rest, name)):
            return _fuller(" ".join(name), rest)
    return _in_passing(form, lexicon)


def _in_passing(form: Canonical, lexicon: Lexicon) -> str | None:
    """A full name that a sentence is made of: "It's Alan Weiss, if anyone asks"."""
    for match in lexicon.maybe_name.finditer(form.text):
        rest = form.said[form.span(match.start(), match.end())[1] :].lstrip(" ,")
        name = _words_of_name(rest, lexicon, sure=False)
        if len(name) == 1:  # "It's Ruth, Ruth Abramowitz"
            again = _words_of_name(rest[len(name[0]) :].lstrip(" ,."), lexicon, sure=False)
            name = again if again[:1] == name else []
        if len(name) in (2, 3) and not lexicon.place_words & {word.lower() for word in name}:
            return " ".join(name)
    return None


def _fuller(name: str, rest: str) -> str:
    """The name said once more and in full: "it's Danny. Danny Kowalski"."""
    again = re.match(
        rf"{re.escape(name)}[.,!]?\s+({re.escape(name)}(?:\s+[A-Z][\w'\u2019-]+){{1,2}})", rest
    )
    return again[1] if again else name


def _stands_alone(rest: str, name: Sequence[str]) -> bool:
    """Whether a single name ends its clause: "I'm Dana." and not "I'm Catholic and …"."""
    after = rest[len(" ".join(name)) :]
    return (
        not after.strip()
        or after.lstrip()[0] in ",.!?;"
        or after.lower().startswith((" from ", " calling", " at ", " the "))
    )


def _words_of_name(rest: str, lexicon: Lexicon, *, sure: bool) -> list[str]:
    name: list[str] = []
    # Some recognisers write everything small, "I" perhaps not.
    small_letters = re.sub(r"\bI\b", "i", rest).islower()
    for word in rest.split():
        plain = word.strip(_ENDS + "\"'")
        small = plain.lower().rstrip(".")
        if not name and (small in lexicon.titles or small in lexicon.lead_ins):
            continue
        if not name and word in (",", "-"):
            continue
        if not _NAME.fullmatch(plain) or small in lexicon.not_names:
            break
        if len(plain) == 1 and word[-1:] in "-,.":
            break  # a letter of a spelt name
        if not plain[0].isupper() and not (sure and len(name) < 2 and small_letters):
            break
        plain = plain.rstrip(".")
        capital = plain[:1].upper() + plain[1:]
        if name and capital == name[-1]:
            break
        name.append(capital)
        if word[-1] in _ENDS or len(name) == NAME_WORDS:
            break
    return name


def bare(said: str, lexicon: Lexicon) -> str | None:
    """A name that is all there is to an answer: "Rosa. Rosa Alvarez."."""
    best: list[str] = []
    small = said.islower()
    for sentence in re.split(r"[.!?;]+(?:\s|$)|,\s|\s-+\s", _titled(said)):
        words = [word.strip(_ENDS + "\"'") for word in sentence.split()]
        while words and (
            words[0].lower() in lexicon.lead_ins or words[0].lower().rstrip(".") in lexicon.titles
        ):
            words = words[1:]
        if not 1 <= len(words) <= NAME_WORDS:
            if best or len(words) > ANSWER_WORDS:
                break
            continue
        fits = all(
            _NAME.fullmatch(word)
            and word.lower() not in lexicon.not_names
            and len(word) > 1
            and (word[0].isupper() or small)
            for word in words
        )
        if fits and len(words) > len(best):
            best = [word[:1].upper() + word[1:] for word in words]
        elif best:
            break
    return " ".join(best) or None


def _titled(said: str) -> str:
    return re.sub(r"\b(Mr|Mrs|Ms|Dr|St|Jr|Sr)\.", r"\1", said)


def spelt(said: str) -> str | None:
    """Letters that were spelt out: "R-O-S-A", "B, E, double L"."""
    best = ""
    for match in _SPELT.finditer(_AS_IN.sub("", said)):
        letters = ""
        for letter in _LETTER.finditer(match[0]):
            times = {"double": 2, "triple": 3}.get((letter[1] or "").lower(), 1)
            letters += letter[2] * times
        if len(letters) >= SPELT_AT_LEAST and len(letters) > len(best):
            best = letters
    return best[:1].upper() + best[1:].lower() or None


def spelled_name(name: str | None, letters: str) -> str:
    """The name with the word that was spelt put right; the last, unless another fits better."""
    if not name:
        return letters
    words = name.split()
    alike = [_alike(word, letters) for word in words]
    best = max(range(len(words)), key=lambda i: (alike[i], i))
    if alike[best] == 0:
        return f"{name} {letters}" if len(words) == 1 else name
    if words[best].lower() == letters.lower():
        return name
    words[best] = letters
    return " ".join(words)


def _alike(word: str, letters: str) -> float:
    a, b = word.lower(), letters.lower()
    same = sum(x == y for x, y in zip(a, b, strict=False))
    return same / max(len(a), len(b)) if a[:1] == b[:1] or same > 1 else 0.0
