"""The lab's settings and ports."""

from __future__ import annotations

import socket

import pytest

from callcenter.lab.errors import LabError
from callcenter.lab.layout import HOST, LabOptions, LabPorts, free_ports, settings_text
from callcenter.settings import Settings

PORTS = LabPorts(sip=5060, rtp=10000, ami=5038, fastagi=4573, speech=9100, api=8110)


def load(tmp_path, **options):
    file = tmp_path / "callcenter.toml"
    file.write_text(settings_text(LabOptions(tmp_path, **options), PORTS), "utf-8")
    return Settings.load(file)


def test_lab_has_the_seats_and_officers_that_were_asked_for(tmp_path):
    settings = load(tmp_path, seats=3, officers=5)
    assert [seat.id for seat in settings.seats] == ["s01", "s02", "s03"]
    assert len({officer.id for officer in settings.officers}) == 5
    assert {line.number for line in settings.lines} == {"110", "911"}


def test_many_officers_have_ids_of_their_own_and_share_precincts(tmp_path):
    officers = load(tmp_path, officers=60).officers
    assert len({officer.id for officer in officers}) == 60
    first = [officer for officer in officers if officer.precinct == "14"]
    assert [officer.duty for officer in first][:2] == ["duty", "deputy"]


@pytest.mark.parametrize(
    ("language", "spoken", "speech"),
    [("en", "en", True), ("ko", "ko", True), ("none", "en", False)],
)
def test_language_decides_what_lines_speak_and_whether_speech_is_on(
    tmp_path, language, spoken, speech
):
    settings = load(tmp_path, language=language)
    assert {line.languages for line in settings.lines} == {(spoken,)}
    assert settings.speech.enabled is speech


def test_wrap_up_is_none_and_everything_is_on_loopback(tmp_path):
    settings = load(tmp_path)
    assert [queue.wrap_up_s for queue in settings.queues] == [0]
    hosts = {settings.sip.host, settings.ami.host, settings.fastagi.host, settings.api.host}
    assert hosts == {HOST} == set(settings.sip.trunk_hosts)


@pytest.mark.parametrize("options", [{"seats": 0}, {"seats": 1000}, {"officers": -1}])
def test_impossible_sizes_are_refused_with_what_is_possible(tmp_path, options):
    with pytest.raises(LabError, match="expected"):
        settings_text(LabOptions(tmp_path, **options), PORTS)


def test_port_that_somebody_holds_is_passed_over():
    shift = 30000
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((HOST, 8110 + shift))
        held.listen()
        assert free_ports(1, shift).api > 8110 + shift
