"""The names of a gazetteer as one language's callers say them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.places_by_sound import hangul, mandarin
from callcenter.precincts.places_by_sound.forms import city_prefixes, forms_of
from callcenter.precincts.places_by_sound.index import Form, NameIndex
from callcenter.precincts.places_by_sound.units import Split
from callcenter.precincts.places_by_sound.words import PlaceWords, place_words

SCRIPTS = {"zh": re.compile(r"[\u3400-\u9fff]"), "ko": re.compile(r"[가-힣]")}
SPLITS: dict[str, Split] = {"zh": mandarin.units, "ko": hangul.units}
NAME_SPLITS: dict[str, Split] = {"zh": mandarin.name_units, "ko": hangul.units}


class Names:
    """All names in the script of ``language`` with the index over them."""

    def __init__(self, gazetteer: Gazetteer, language: str) -> None:
        self.language = language
        self.words: PlaceWords = place_words(language)
        self.split = SPLITS[language]
        script = SCRIPTS[language]
        self.gazetteer = gazetteer
        places = [row for row in gazetteer.landmarks if script.search(row.name)]
        streets = [row for row in gazetteer.streets if script.search(row.name)]
        found = {row.district for row in places} | {row.district for row in streets}
        self.districts = tuple(sorted(found - {""}))
        self.prefixes = city_prefixes([row.name for row in places], self.words)
        self.index = NameIndex(self._forms()) if places or streets else None

    def short_district(self, name: str) -> str:
        """A district's name without its ending, as callers say it: 云岩区 → 云岩."""
        for ending in self.words.district_endings:
            if name.endswith(ending) and len(name) - len(ending) >= 2:
                return name[: -len(ending)]
        return name

    def _forms(self) -> Iterator[Form]:
        script = SCRIPTS[self.language]
        split = NAME_SPLITS[self.language]
        districts = {*self.districts, *map(self.short_district, self.districts)}
        for number, row in enumerate(self.gazetteer.landmarks):
            if script.search(row.name) and row.name not in districts:
                for form, quality in forms_of(
                    row.name, self.words, self.prefixes, self.districts
                ).items():
                    if form not in districts:
                        yield Form("landmark", number, split(form), quality)
        for street in self.gazetteer.streets:
            if script.search(street.name):
                for form, quality in forms_of(street.name, self.words, self.prefixes, ()).items():
                    if quality > 0.85:
                        yield Form("street", street.id, split(form), quality)
        for number, district in enumerate(self.districts):
            yield Form("district", number, split(district), 1.0)
            short = self.short_district(district)
            if short != district:
                yield Form("district", number, split(short), 0.97)
