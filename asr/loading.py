"""Which model serves which language in this process, by preference and by what is installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from asr.catalogue import Catalogue, Entry
from asr.errors import ModelBroken, ModelError, ModelMissing
from asr.models import find_model
from asr.moonshine_engine import MoonshineRecogniser
from asr.recogniser import Recogniser
from asr.vosk_engine import VoskRecogniser

WARM_UP_HZ = 8_000


@dataclass(slots=True)
class LoadedModels:
    """What could be loaded, and what is wrong with the rest."""

    recognisers: dict[str, Recogniser] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def load_recogniser(entry: Entry, folder: Path) -> Recogniser:
    """Load one model. Raises `ModelBroken`."""
    if entry.engine == "moonshine":
        return MoonshineRecogniser(folder, entry.name, entry.language)
    return VoskRecogniser(folder, entry.name, entry.language, entry.trained_hz)


def _warm_up(recogniser: Recogniser, entry: Entry) -> None:
    """Decode a second of noise: the first words of a process take ten times as long.

    Some damage shows only now. Raises `ModelBroken`.
    """
    noise = np.random.default_rng(0).integers(-2_000, 2_000, WARM_UP_HZ, np.int16)
    try:
        stream = recogniser.open(WARM_UP_HZ)
        stream.accept(noise, voiced=True)
        stream.finish()
    except Exception as error:
        # The libraries raise whatever their C side said.
        raise ModelBroken(f"{entry.id} was loaded but cannot decode: {error}") from error


def load_models(
    models_dir: Path,
    engines: Sequence[str],
    languages: Sequence[str],
    *,
    skip: Sequence[str] = (),
    about_to_load: Callable[[str], None] = lambda model: None,
    load: Callable[[Entry, Path], Recogniser] = load_recogniser,
) -> LoadedModels:
    """Load for each language the first model, by engine preference, that is installed and whole.

    ``about_to_load`` is told each model ("engine/name") before its library sees it, because a
    damaged one may end the process. ``skip`` names models that did.
    """
    loaded = LoadedModels()
    try:
        catalogue = Catalogue.load(models_dir)
    except ModelError as error:
        loaded.problems.append(str(error))
        catalogue = Catalogue.load()
    for language in languages:
        _load_language(loaded, catalogue, language, models_dir, engines, skip, about_to_load, load)
    return loaded


def _load_language(
    loaded: LoadedModels,
    catalogue: Catalogue,
    language: str,
    models_dir: Path,
    engines: Sequence[str],
    skip: Sequence[str],
    about_to_load: Callable[[str], None],
    load: Callable[[Entry, Path], Recogniser],
) -> None:
    without: list[str] = []
    """Preferred engines that know the language but have no model here."""
    for engine in engines:
        entries = catalogue.of(language, engine)
        for entry in entries:
            if entry.id in skip:
                loaded.problems.append(
                    f"{language}: {entry.id} ended the worker that loaded it; "
                    f"callcenter models check {entry.name}"
                )
                continue
            try:
                folder = find_model(entry, models_dir)
                about_to_load(entry.id)
                recogniser = load(entry, folder)
                _warm_up(recogniser, entry)
            except ModelMissing:
                continue
            except ModelBroken as error:
                loaded.problems.append(f"{language}: {error}")
                continue
            loaded.recognisers[language] = recogniser
            if without:
                loaded.problems.append(
                    f"{language}: no {' or '.join(without)} model is installed, {entry.id} serves"
                )
            return
        if entries:
            without.append(engine)
    loaded.problems.append(
        f"{language}: no model is installed; callcenter models get {language}"
        if without
        else f"{language}: no model is known for {' or '.join(engines) or 'no engine'}"
    )
