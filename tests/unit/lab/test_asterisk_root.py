"""Where the lab's Asterisk comes from."""

from __future__ import annotations

from pathlib import Path

from callcenter.asterisk import installed as asterisks
from callcenter.lab import root
from callcenter.lab.root import apt_mirrors, build_command

ONE_LINE = """
# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/x.gpg] http://mirror.example/debian/ bookworm main contrib
deb-src http://mirror.example/source bookworm main
deb http://security.example/debian-security bookworm-security main
deb https://packages.example/other stable contrib
"""
DEB822 = """
Types: deb deb-src
# a comment between
URIs: http://a.example/debian
  http://b.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: https://vendor.example/node
Suites: nodistro
Components: main
"""


def sources(folder, **files):
    (folder / "sources.list.d").mkdir()
    for name, text in files.items():
        path = "sources.list" if name == "main" else f"sources.list.d/x.{name}"
        (folder / path).write_text(text)
    return list(apt_mirrors(folder))


def test_mirror_is_found_in_a_one_line_list(tmp_path):
    assert sources(tmp_path, main=ONE_LINE) == ["http://mirror.example/debian"]


def test_mirrors_are_found_in_deb822_sources_in_their_order(tmp_path):
    assert sources(tmp_path, sources=DEB822) == [
        "http://a.example/debian",
        "http://b.example/debian",
    ]


def test_mirror_in_both_forms_is_tried_once(tmp_path):
    both = sources(tmp_path, main=ONE_LINE, list=ONE_LINE, sources=DEB822)
    assert both == [
        "http://mirror.example/debian",
        "http://a.example/debian",
        "http://b.example/debian",
    ]


def test_mirror_list_of_a_cloud_image_is_followed(tmp_path):
    names = tmp_path / "debian.list"
    names.write_text("https://cloud.example/debian/ priority:1\n")
    text = f"Types: deb\nURIs: mirror+file://{names}\nSuites: bookworm\nComponents: main\n"
    assert sources(tmp_path, sources=text) == ["https://cloud.example/debian"]


def test_machine_without_apt_has_no_mirror(tmp_path):
    assert list(apt_mirrors(tmp_path)) == []


def test_release_past_its_date_is_taken_for_it_is_signed(tmp_path):
    command = build_command("mmdebstrap", tmp_path, "http://mirror.example/debian")
    assert '--aptopt=Acquire::Check-Valid-Until "false"' in command
    assert command[-3:] == ["unstable", str(tmp_path), "http://mirror.example/debian"]
    assert not [option for option in command if "trusted" in option or "insecure" in option.lower()]


def test_own_asterisk_that_is_too_old_is_said_before_another_is_made(tmp_path, monkeypatch):
    old = asterisks.AsteriskRoot(Path("/"), Path("/usr/sbin/asterisk"), (20, 6, 0))
    monkeypatch.setattr(asterisks, "installed", lambda: old)
    monkeypatch.setattr(root, "installed", lambda: old)
    monkeypatch.setattr(root, "build", lambda folder, say: None)
    said = []
    root.find_or_build(tmp_path, said.append)
    assert "20.6.0; expected 22.10.1 or later" in said[0]
