"""Figures as lines to read, each with its definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

WIDTH = 34


def figure_lines(
    columns: Mapping[str, Mapping[str, object]], definitions: Mapping[str, str]
) -> Iterator[str]:
    """A line a figure, a column each; a figure that has no value is a dash."""
    yield f"{'':{WIDTH}}" + "".join(f"{title:>14}" for title in columns)
    values = list(columns.values())
    for name, definition in definitions.items():
        first = values[0][name]
        if isinstance(first, Mapping):
            yield f"{name}: {definition}"
            for threshold in first:
                cells = [_shown(name, _at(value[name], threshold)) for value in values]
                yield f"{f'  T = {threshold} s':{WIDTH}}" + "".join(cells)
            continue
        cells = [_shown(name, value[name]) for value in values]
        yield f"{name:{WIDTH}}" + "".join(cells) + f"  {definition}"


def _at(by_threshold: object, threshold: str) -> object:
    return by_threshold.get(threshold) if isinstance(by_threshold, Mapping) else None


def _shown(name: str, value: object) -> str:
    if value is None:
        return f"{'–':>14}"
    if name.endswith("_ms") and isinstance(value, float):
        return f"{value / 1000:>12.1f} s"
    if name.endswith("_m") and isinstance(value, float):
        return f"{value / 1000:>11.2f} km"
    if isinstance(value, float):
        return f"{value:>12.1%}".replace("%", " %").rjust(14)
    return f"{value:>14}"
