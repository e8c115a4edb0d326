"""How old an Asterisk is."""

from __future__ import annotations

import pytest

from callcenter.asterisk.installed import OLDEST, parse_version


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", (22, 10, 1)),
        ("Asterisk 20.6.0~dfsg+~cs6.13", (20, 6, 0)),
        ("Asterisk certified/20.7", (20, 7)),
        ("bash: asterisk: command not found", None),
    ],
)
def test_version_is_read_from_what_asterisk_says(said, version):
    assert parse_version(said) == version


def test_versions_compare_as_numbers():
    assert (22, 9, 0) < OLDEST < (22, 11)
    assert (23,) > OLDEST
