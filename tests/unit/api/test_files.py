import pytest

WAV = bytes(range(256)) * 40


@pytest.fixture
def recorded(api, tmp_path):
    api.floor.recording = tmp_path / "7f3a.wav"
    api.floor.recording.write_bytes(WAV)
    return api


async def test_a_recording_is_sent_and_it_is_journalled_who_took_it(recorded, operator):
    async with operator.get("/api/v1/calls/1.1/recording") as answer:
        assert answer.status == 200
        assert await answer.read() == WAV
        assert answer.headers["Content-Type"] == "audio/wav"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="call-1.1.wav"'
        assert answer.headers["Cache-Control"] == "no-store"
    call_id, kind, payload = recorded.journal.notes[-1]
    assert (call_id, kind) == ("1.1", "recording.played")
    assert (payload["by"], payload["role"], payload["recording"]) == ("s01", "operator", "7f3a.wav")


async def test_a_part_of_a_recording_is_sent_alone(recorded, operator):
    headers = {"Range": "bytes=100-199"}
    async with operator.get("/api/v1/calls/1.1/recording", headers=headers) as answer:
        assert answer.status == 206
        assert answer.headers["Content-Range"] == f"bytes 100-199/{len(WAV)}"
        assert await answer.read() == WAV[100:200]
    assert recorded.journal.notes[-1][2]["range"] == "bytes=100-199"


@pytest.mark.parametrize("wanted", ["bytes=99999-", "nonsense", "bytes=5-2"])
async def test_a_part_that_is_not_there_is_refused(recorded, operator, wanted):
    async with operator.get("/api/v1/calls/1.1/recording", headers={"Range": wanted}) as answer:
        assert answer.status == 416


async def test_a_call_without_recording_says_when_there_will_be_one(api, operator, tmp_path):
    for api.floor.recording in (None, tmp_path / "erased.wav"):
        async with operator.get("/api/v1/calls/1.1/recording") as answer:
            assert answer.status == 404
            assert "after the call has ended" in (await answer.json())["error"]["next"]
    assert "recording.played" not in api.journal.kinds()


async def test_the_console_is_served_to_everybody(api):
    async with api.browser() as stranger:
        for path in ("/", "/calls/1.1"):
            async with stranger.get(path) as answer:
                assert (answer.status, await answer.text()) == (200, "<title>console</title>")
                assert answer.headers["Cache-Control"] == "no-cache"
        async with stranger.get("/assets/app-abc.js") as answer:
            assert "javascript" in answer.headers["Content-Type"]
            assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "//etc/passwd.txt",
        "/missing.js",
        "/" + "x" * 3000 + ".js",
    ],
)
async def test_no_path_leads_out_of_the_console_folder(api, path):
    from yarl import URL

    async with api.browser() as stranger:
        async with stranger.get(URL(api.url + path, encoded=True)) as answer:
            assert answer.status == 404
            assert "not for the world" not in await answer.text()


async def test_a_link_out_of_the_console_folder_is_not_followed(api, console, tmp_path):
    (console / "out.txt").symlink_to(tmp_path / "secret.txt")
    async with api.browser() as stranger, stranger.get("/out.txt") as answer:
        assert answer.status == 404


async def test_a_console_that_was_not_built_says_how_to_build_it(api, console):
    (console / "index.html").unlink()
    async with api.browser() as stranger, stranger.get("/") as answer:
        assert answer.status == 503
        page = await answer.text()
        assert "npm run build" in page and "calls flow" in page


@pytest.mark.parametrize("path", ["/", "/assets/app-abc.js", "/api/v1/calls", "/healthz", "/no.js"])
async def test_every_answer_keeps_the_browser_on_a_short_lead(api, path):
    async with api.browser() as stranger, stranger.get(path) as answer:
        policy = dict(
            part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; ")
        )
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["connect-src"] == policy["style-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert "unsafe" not in str(policy)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Server"] == "callcenter"


async def test_whether_it_lives_and_is_ready_is_public_but_not_why(api):
    async with api.browser() as stranger:
        async with stranger.get("/healthz") as answer:
            assert answer.status == 200
        async with stranger.get("/readyz") as answer:
            assert (answer.status, (await answer.json())["ready"]) == (200, True)
        api.floor.healthy = False
        async with stranger.get("/readyz") as answer:
            assert answer.status == 503
            assert await answer.json() == {"ready": False, "checks": {"asterisk": False}}


async def test_figures_count_calls_seats_backlog_and_answers(api, program):
    api.journal.backlog = 7
    async with program.get("/api/v1/calls/1.1"):
        pass
    async with program.get("/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain")
        figures = await answer.text()
    assert 'callcenter_calls{state="talking"} 1.0' in figures
    assert 'callcenter_calls{state="waiting"} 0.0' in figures
    assert 'callcenter_seats{state="ready"} 1.0' in figures
    assert "callcenter_journal_backlog 7.0" in figures
    assert 'route="/api/v1/calls/{call_id}",status="200"' in figures
    assert "1.1" not in figures, "no call's id becomes a label"
