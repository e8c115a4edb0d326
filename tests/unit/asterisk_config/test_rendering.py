"""What Asterisk is given, from settings and secrets."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from callcenter.asterisk.render import (
    EVENTS,
    Folders,
    RenderError,
    head_start_s,
    render,
    rendered,
)
from callcenter.settings import Secrets, Settings
from ivr.prompts import texts as texts_of

SECRETS = Secrets(
    ami_reader="reader-secret",
    ami_actor="actor-secret",
    phones={"s01": "seat-secret", "s02": "other-secret", "o14a": "officer-secret"},
    api_token="token-token",
    admin_password="admin-admin",
    ari="taps-secret",
)


def settings(**changes):
    value = {
        "lines": [
            {"number": "110", "queue": "emergency", "languages": ["zh", "en"]},
            {"number": "911", "queue": "emergency"},
        ],
        "queues": [{"id": "emergency", "name": "Emergency; first"}],
        "seats": [
            {"id": "s01", "name": "One\n[evil]", "queues": ["emergency"]},
            {"id": "s02", "queues": ["emergency"]},
        ],
        "officers": [{"id": "o14a", "name": "A", "precinct": "14"}],
        "sip": {"host": "192.0.2.1", "trunk_hosts": ["198.51.100.7"]},
    }
    value.update(changes)
    return Settings.model_validate(value)


def texts(**changes):
    return dict(rendered(settings(**changes), SECRETS, Folders()))


def section(text, name, kind=None):
    """Lines of a section (of one type, where several share a name)."""
    found = re.findall(rf"(?ms)^\[{re.escape(name)}\][^\n]*\n(.*?)(?=^\[|\Z)", text)
    matching = [lines for lines in found if kind is None or f"type = {kind}" in lines]
    assert matching, f"no section {name}"
    return matching[0]


def test_every_line_and_only_lines_can_be_called():
    line_in = section(texts()["extensions.conf"], "line-in")
    assert re.findall(r"^exten => ([^,]+),", line_in, re.M) == ["110", "911"]


def test_line_speaks_its_first_language_until_the_caller_chose():
    line_in = section(texts()["extensions.conf"], "line-in")
    assert "CHANNEL(language)=zh)" in line_in.partition("exten => 911")[0]


def test_intake_with_a_menu_has_time_for_it_and_one_without_has_not():
    line_in = section(texts()["extensions.conf"], "line-in")
    with_menu, without = map(int, re.findall(r"INTAKE_S=(\d+)", line_in))
    assert with_menu > without
    assert without <= 5


def test_seats_and_officers_prove_who_they_are_by_password():
    text = texts()["pjsip.conf"]
    for phone, password in SECRETS.phones.items():
        assert f"auth = {phone}" in section(text, phone)
        assert re.search(rf"^username = {phone}\npassword = {password}$", text, re.M)


def test_trunk_is_known_by_address_alone():
    text = texts()["pjsip.conf"]
    assert "[trunk](trunk-common)" in text
    assert "identify_by = ip" in section(text, "trunk-common")
    assert "match = 198.51.100.7" in section(text, "trunk", "identify")
    assert "anonymous" not in text


def test_only_trunks_that_the_settings_trust_are_believed_about_who_and_where_a_caller_is():
    hosts = ["198.51.100.7", "198.51.100.8"]
    sip = {"host": "192.0.2.1", "trunk_hosts": hosts, "trusted_hosts": hosts[1:]}
    files = texts(sip=sip)
    for trunk, host in zip(("trunk", "trunk-trusted"), hosts, strict=True):
        assert re.findall("match = (.*)", section(files["pjsip.conf"], trunk, "identify")) == [host]
        believed = "yes" if trunk == "trunk-trusted" else "no"
        assert f"trust_id_inbound = {believed}" in section(files["pjsip.conf"], trunk)
    arrived = section(files["extensions.conf"], "arrived")
    known, told = arrived.index('"trunk-trusted"]?:known)'), arrived.index("n(known),UserEvent")
    for header in ("P-Access-Network-Info", "Geolocation"):
        assert known < arrived.index(f"PJSIP_HEADER(read,{header})") < told
    assert "[trunk-trusted]" not in texts()["pjsip.conf"]


def test_without_trunk_hosts_nobody_comes_in_without_a_password():
    text = texts(sip={"host": "192.0.2.1"})["pjsip.conf"]
    assert "identify\n" not in text
    assert "context = line-in" not in text


def test_media_address_is_set_so_that_no_name_is_looked_up_for_a_call():
    assert "media_address = 192.0.2.1" in texts()["pjsip.conf"]
    assert "media_address" not in texts(sip={"host": "::"})["pjsip.conf"]


def test_overload_elsewhere_in_asterisk_refuses_no_call():
    assert "taskprocessor_overload_trigger = pjsip_only" in texts()["pjsip.conf"]


def test_no_seat_is_a_member_of_the_fallback_queue_by_file_and_every_one_is_a_last_resort():
    files = texts()
    assert "member" not in section(files["queues.conf"], "fallback")
    assert "persistentmembers = yes" in files["queues.conf"]
    for seat in ("s01", "s02"):
        assert f"DEVICE_STATE(PJSIP/{seat})" in section(files["extensions.conf"], "fallback")


@pytest.mark.parametrize(
    ("priority", "ageing_per_s", "wanted_s"),
    [(0, 1 / 60, 0), (3, 1 / 60, 180), (-2, 0.1, -20), (2, 0, 200_000), (10**6, 0, 500_000_000)],
)
def test_priority_is_a_head_start_in_asterisks_own_order_of_callers(
    priority, ageing_per_s, wanted_s
):
    assert head_start_s(priority, ageing_per_s) == wanted_s


def test_seats_that_share_a_phone_have_one_endpoint_and_one_member_in_all_files():
    seats = [
        {"id": "s01", "queues": ["emergency"], "phone": "desk"},
        {"id": "s02", "queues": ["emergency"], "phone": "desk"},
    ]
    secrets = SECRETS.model_copy(update={"phones": {"desk": "desk-secret", "o14a": "officer-one"}})
    files = dict(rendered(settings(seats=seats), secrets, Folders()))
    assert len(re.findall(r"^\[desk\]\(phone\)", files["pjsip.conf"], re.M)) == 1
    assert "PJSIP/s01" not in files["queues.conf"] + files["extensions.conf"]
    assert "PJSIP/desk" in section(files["extensions.conf"], "fallback")


def test_callers_are_diverted_to_the_numbers_that_the_settings_name_and_to_no_other():
    without = texts()
    assert "[outbound]" not in without["pjsip.conf"]
    assert "exten => 5559000" not in without["extensions.conf"]
    sip = {
        "host": "192.0.2.1",
        "outbound": {"host": "198.51.100.9", "port": 5070, "divert_to": ["5559000"]},
    }
    files = texts(sip=sip)
    assert "contact = sip:198.51.100.9:5070" in section(files["pjsip.conf"], "outbound", "aor")
    endpoint = section(files["pjsip.conf"], "outbound", None)
    assert "identify_by = ip" in endpoint, "a user name of that name opens nothing"
    divert = section(files["extensions.conf"], "divert")
    assert re.findall(r"^exten => ([^,]+),", divert, re.M) == ["5559000", "i"]


def test_lines_end_their_calls_as_the_settings_say_until_the_service_says_otherwise():
    lines = [{"number": "110", "queue": "emergency", "hang_up": "return", "vanished": "end"}]
    found = section(texts(lines=lines)["extensions.conf"], "globals")
    assert "LINE_110_HANG_UP = return\n" in found
    assert "LINE_110_VANISHED = end\n" in found


def test_every_sound_that_the_dialplan_plays_is_a_prompt_in_every_language():
    played = set(re.findall(r"\$\{CHANNEL\(language\)\}/([a-z-]+)[,)]", texts()["extensions.conf"]))
    assert {"hold-comfort", "operator-lost", "call-back-noted"} <= played
    for language in ("en", "ko", "zh"):
        assert played <= texts_of(language).keys()
        assert {"announce-surge", "announce-call_back"} <= texts_of(language).keys()


def test_ami_reads_with_one_account_and_acts_with_another():
    text = texts()["manager.conf"]
    reader, actor = section(text, "callcenter_reader"), section(text, "callcenter_actor")
    for event in EVENTS:
        assert f"name({event})" in reader
    assert "write = reporting\n" in reader
    rights = re.search(r"^write = (.*)$", actor, re.M)
    assert rights
    assert {"system", "command", "config", "all"}.isdisjoint(rights[1].split(","))
    assert re.search(r"^read =\s*$", actor, re.M)


def test_names_that_people_typed_reach_no_file():
    assert not [name for name, text in texts().items() if "evil" in text or "first]" in text]
    assert not [name for name, text in texts().items() if "Emergency; first" in text]


def test_caller_keeps_two_files_that_need_no_service():
    arrived = section(texts()["extensions.conf"], "arrived")
    folder = settings().asterisk.recordings
    assert f"r({folder}/${{CALL_ID}}-rx.${{SOUND_FORMAT}})" in arrived
    assert f"t({folder}/${{CALL_ID}}-tx.${{SOUND_FORMAT}})" in arrived


def test_every_context_of_a_caller_knows_what_to_do_when_they_leave_or_get_lost():
    text = texts()["extensions.conf"]
    for context in ("arrived", "intake", "hold", "returned", "officer-wait", "offer", "fallback"):
        assert "include => caller\n" in section(text, context), context
    for extension in ("h", "i"):
        assert f"exten => {extension},1," in section(text, "caller")
        assert f"exten => {extension},1," in section(text, "join")


def test_files_are_readable_by_their_owner_alone(tmp_path):
    for file in render(settings(), SECRETS, tmp_path):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"asterisk": {"recordings": "/var/x,y"}}, "asterisk.recordings"),
        ({"asterisk": {"sounds": "/var/${EVIL}"}}, "asterisk.sounds"),
        ({"sip": {"host": "192.0.2.1\n[x]"}}, "sip.host"),
        ({"sip": {"trunk_hosts": ["1.2.3.4; x"]}}, "sip.trunk_hosts"),
    ],
)
def test_setting_that_asterisk_would_misread_is_named_and_nothing_is_written(
    tmp_path, changes, named
):
    with pytest.raises(RenderError, match=named):
        render(settings(**changes), SECRETS, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_missing_password_is_named_and_what_was_there_stays(tmp_path):
    render(settings(), SECRETS, tmp_path)
    before = (tmp_path / "pjsip.conf").read_text()
    without = SECRETS.model_copy(update={"phones": {"s01": "seat-secret", "s02": "other-secret"}})
    with pytest.raises(RenderError, match=r"phones\.o14a"):
        render(settings(), without, tmp_path)
    assert (tmp_path / "pjsip.conf").read_text() == before


def test_rendering_again_replaces_the_files_and_leaves_others(tmp_path):
    (tmp_path / "own.conf").write_text("mine")
    render(settings(), SECRETS, tmp_path)
    files = render(settings(), SECRETS, tmp_path)
    assert {file.name for file in files} | {"own.conf"} == {f.name for f in tmp_path.iterdir()}
    assert Path(tmp_path / "own.conf").read_text() == "mine"


def test_system_installation_keeps_asterisks_own_folders():
    assert "astrundir" not in texts()["asterisk.conf"]
    folders = Folders(run=Path("/run/asterisk"))
    own = dict(rendered(settings(), SECRETS, folders))["asterisk.conf"]
    assert "astrundir => /run/asterisk" in own


def test_without_a_trunk_nobody_can_be_called_back():
    context = section(texts()["extensions.conf"], "call-back")
    assert "Dial(" not in context and "Hangup(21)" in context
    sip = {"host": "192.0.2.1", "outbound": {"host": "203.0.113.5"}}
    context = section(texts(sip=sip)["extensions.conf"], "call-back")
    assert context.index("${LEN(${FILTER(0-9,${EXTEN})})} = ") < context.index("Dial(PJSIP/")


@pytest.mark.parametrize(
    ("rule", "check"),
    [
        ({"call_back_to": ["2", "0044"]}, '$["${EXTEN}" : "2|0044"]?:refused,1)'),
        ({"international_prefix": "011"}, '$["${EXTEN}" : "011"]?refused,1)'),
    ],
)
def test_the_dialplan_by_itself_calls_back_only_numbers_that_the_settings_allow(rule, check):
    sip = {"host": "192.0.2.1", "outbound": {"host": "203.0.113.5", **rule}}
    context = section(texts(sip=sip)["extensions.conf"], "call-back")
    assert context.index(check) < context.index("Dial(PJSIP/")
    for line in ("110", "911"):
        assert f"exten => {line},1,Goto(refused,1)" in context


def test_nothing_in_the_dialplan_leads_to_the_call_backs():
    """Only the service's own originating does: no phone, no trunk, no other context."""
    sip = {"host": "192.0.2.1", "outbound": {"host": "203.0.113.5", "divert_to": ["5550000"]}}
    text = texts(sip=sip)["extensions.conf"]
    assert not re.search(r"include\s*=>\s*call-back", text)
    assert not re.search(
        r"(Goto|GotoIf|Gosub|ChannelRedirect)\([^\n]*[?(:]call-back,[^,):\n]+,", text
    )
    ways_out = re.findall(r"Dial\((\S+?@outbound)", text)
    assert sorted(ways_out) == ["PJSIP/${DIVERT_TO}@outbound", "PJSIP/${EXTEN}@outbound"]


@pytest.mark.parametrize(
    ("sip", "seat_s", "officer_s"), [({}, 10, 3), ({"rtp_timeout_s": 2}, 2, 2)]
)
def test_an_officers_phone_that_falls_silent_is_given_up_sooner_than_a_seats(
    sip, seat_s, officer_s
):
    text = texts(sip={"host": "192.0.2.1"} | sip)["pjsip.conf"]
    assert f"rtp_timeout = {seat_s}\n" in section(text, "s01", None)
    assert f"rtp_timeout = {officer_s}\n" in section(text, "o14a", None)


def test_wideband_codecs_come_first_and_narrowband_ones_stay():
    files = texts()
    assert "allow = g722,ulaw,alaw" in files["pjsip.conf"]
    assert "incoming_call_offer_pref = remote_first" in files["pjsip.conf"]
    assert "[callcenter_taps]" in files["ari.conf"]
    assert "bindaddr = 127.0.0.1" in files["http.conf"]


def test_without_wideband_nothing_of_it_is_there():
    files = texts(sip={"wideband": False})
    assert "allow = ulaw,alaw" in files["pjsip.conf"]
    assert "res_ari" not in files["modules.conf"]
    assert "enabled = no" in files["http.conf"]
    assert "taps-secret" not in files["ari.conf"]
    assert "[tap]" not in files["extensions.conf"]


def test_a_bridge_is_wideband_only_by_the_band_of_its_caller():
    files = texts()
    bridges = files["confbridge.conf"]
    assert "internal_sample_rate = 8000" in section(bridges, "call")
    assert "internal_sample_rate = 16000" in section(bridges, "call-wide")
    joins = re.findall(r"ConfBridge\(\S+?,(\S+),[a-z-]+\)", files["extensions.conf"])
    theirs = "call${IMPORT(${CALLER_CHANNEL},CALL_BAND)}"
    assert sorted(joins) == sorted(["call${CALL_BAND}", theirs, theirs, theirs])
