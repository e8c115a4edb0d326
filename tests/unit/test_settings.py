from pathlib import Path

import pytest

from callcenter.settings import Secrets, Settings, SettingsError, Sip

GOOD = """
[[lines]]
number = "110"
queue = "emergency"
[[queues]]
id = "emergency"
[[seats]]
id = "s01"
queues = ["emergency"]
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "callcenter.toml"
    file.write_text(text, "utf-8")
    return file


def test_good_settings_load_with_paths_from_their_own_folder(tmp_path: Path) -> None:
    settings = Settings.load(written(tmp_path, GOOD))
    assert settings.secrets == tmp_path / "secrets.toml"
    assert settings.database == f"sqlite+aiosqlite:///{tmp_path}/callcenter.db"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('queue = "emergency"', 'queue = "nowhere"'), "line 110: queue nowhere is not defined"),
        (('number = "110"', 'number = "abc"'), "lines.0.number"),
        (('id = "s01"', 'id = "s 01"'), "seats.0.id"),
        (('id = "s01"', 'id = "1001"'), "seats.0.id"),
        (('id = "s01"', 'id = "trunk"'), "trunk is reserved"),
        (('queues = ["emergency"]', "queues = []"), "seats.0.queues"),
        (("[[lines]]", "[[lines"), "callcenter.toml"),
        (("[[queues]]", "[[queues]]\ncolour = 3"), "queues.0.colour"),
    ],
)
def test_a_wrong_setting_is_named_with_file_and_place(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.load(written(tmp_path, GOOD.replace(*change)))
    assert "callcenter.toml" in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("trunks", "said"),
    [
        (("198.51.100.7",), "trusted_hosts: 192.0.2.9 is not one of trunk_hosts"),
        (("192.0.2.9", "192.0.2.0/24"), "192.0.2.9 shares addresses with 192.0.2.0/24"),
        (("192.0.2.9", "198.51.100.0/24", "carrier.example", "2001:db8::1"), ""),
    ],
)
def test_only_a_trunk_with_addresses_of_its_own_can_be_trusted(
    trunks: tuple[str, ...], said: str
) -> None:
    if not said:
        assert Sip(trunk_hosts=trunks, trusted_hosts=("192.0.2.9",)).trusted_hosts
        return
    with pytest.raises(ValueError, match=said):
        Sip(trunk_hosts=trunks, trusted_hosts=("192.0.2.9",))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.toml: no such file"):
        Settings.load(tmp_path / "nothing.toml")


def test_secrets_are_generated_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    settings = Settings.load(written(tmp_path, GOOD))
    first = Secrets.load_or_generate(settings)
    assert settings.secrets.stat().st_mode & 0o777 == 0o600
    assert Secrets.load_or_generate(settings) == first
    assert set(first.phones) == {"s01"}


def test_secrets_that_others_may_read_are_refused(tmp_path: Path) -> None:
    settings = Settings.load(written(tmp_path, GOOD))
    Secrets.load_or_generate(settings)
    settings.secrets.chmod(0o644)
    with pytest.raises(SettingsError, match="mode 644, expected 600"):
        Secrets.load(settings.secrets)


def test_a_new_seat_gets_a_password_and_the_others_keep_theirs(tmp_path: Path) -> None:
    settings = Settings.load(written(tmp_path, GOOD))
    before = Secrets.load_or_generate(settings)
    more = GOOD + '[[seats]]\nid = "s02"\nqueues = ["emergency"]\n'
    after = Secrets.load_or_generate(Settings.load(written(tmp_path, more)))
    assert after.phones["s01"] == before.phones["s01"]
    assert after.phones["s02"]


def test_secrets_do_not_show_in_a_printout(tmp_path: Path) -> None:
    secrets = Secrets.load_or_generate(Settings.load(written(tmp_path, GOOD)))
    assert secrets.api_token not in repr(secrets)
    assert secrets.api_token not in str(secrets)


def test_partner_may_be_a_number_of_the_allow_list_and_no_other(tmp_path: Path) -> None:
    trunk = '[sip.outbound]\nhost = "192.0.2.1"\nofficers = ["12345"]\n'
    partner = '[[partners]]\nid = "municipal"\nname = "City"\nphone = "{}"\n'
    settings = Settings.load(written(tmp_path, GOOD + partner.format("12345") + trunk))
    assert settings.partners[0].phone_id == "12345"
    assert "12345" not in settings.officer_phones_all
    with pytest.raises(SettingsError, match="partner municipal: 999 is outside the allow-list"):
        Settings.load(written(tmp_path, GOOD + partner.format("999") + trunk))
