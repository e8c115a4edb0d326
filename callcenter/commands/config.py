"""``callcenter config``: what is tuned, as a file that people edit and keep."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from callcenter.commands.failure import complain, fail
from callcenter.commands.settings_option import SettingsOption, meant
from callcenter.commands.tuning_access import Access, access
from callcenter.settings import Settings, SettingsError
from callcenter.store.errors import StoreError
from callcenter.tuning import diff as differences
from callcenter.tuning import files
from callcenter.tuning.document import FORMAT, Document
from callcenter.tuning.errors import BadDocument, Flaw, TuningError

EXIT_REFUSED = 1
EXIT_DIFFERENT = 1
EXIT_USAGE = 2
NOW = "now"

Result = TypeVar("Result")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Why = Annotated[str, typer.Option(help="Why, for whoever reads the list of versions later.")]

app = typer.Typer(
    no_args_is_help=True,
    help="Queues, lines, seats, skills, overflow, calendars, rosters: what is tuned while calls"
    " run, as a file. With the service running a change is in force at once.",
    epilog="Example: callcenter config export > tuning.toml",
)


@app.command(epilog="Example: callcenter config export --version 12 > friday.toml")
def export(
    version: Annotated[int | None, typer.Option(help="An older version.", min=1)] = None,
    settings: SettingsOption = None,
    as_json: AsJson = False,
) -> None:
    """Print what is in force, or an older version, as TOML.

    Exit status: 0 printed, 1 there is no such version or the database does not answer, 2 wrong
    options or settings.
    """
    kept = _run(settings, lambda way: way.version(version))
    if as_json:
        typer.echo(json.dumps({"format": FORMAT} | kept.document.to_json()))
    else:
        typer.echo(files.export(kept.document, version=kept.version or None), nl=False)


@app.command("import", epilog='Example: callcenter config import tuning.toml --why "night shift"')
def import_(
    file: Annotated[
        Path, typer.Argument(help="TOML or JSON; a settings file is format 1. -: standard input.")
    ],
    why: Why,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only check, and say what would change.")
    ] = False,
    based_on: Annotated[
        int | None,
        typer.Option(
            help="Refuse when somebody has made a later version than this.", min=0, metavar="N"
        ),
    ] = None,
    settings: SettingsOption = None,
    as_json: AsJson = False,
) -> None:
    """Put a file's settings in force, whole or not at all.

    Exit status: 0 in force (or, with --dry-run, could be), 1 refused, field by field, or the
    database does not answer, 2 wrong options or settings.
    """
    known = _settings(settings)

    async def work(way: Access) -> dict[str, Any]:
        read = _read(file)
        before = await way.version()
        warnings = await way.check(read.document)
        changed = _changes(before.document, read.document)
        report = {
            "file": str(file),
            "format": read.format,
            "based_on": before.version,
            "changes": [change.to_json() for change in changed],
            "warnings": [f"{_placed(read.document, flaw)}: {flaw.reason}" for flaw in warnings],
            "remarks": list(read.remarks),
            "version": None,
        }
        if changed and not dry_run:
            number = before.version if based_on is None else based_on
            report["version"] = (await way.change(read.document, why, number)).version
            report["through_service"] = way.through_service
        return report

    report = _work(known, work)
    if as_json:
        typer.echo(json.dumps(report))
        return
    for remark in report["remarks"]:
        complain(remark)
    for warning in report["warnings"]:
        complain(f"warning: {warning}")
    _show([differences.Change(**change) for change in report["changes"]])
    if not report["changes"]:
        typer.echo("nothing differs; no version was made")
    elif dry_run:
        typer.echo("nothing was changed (--dry-run)")
    else:
        when = "now" if report["through_service"] else "when the service starts"
        typer.echo(f"version {report['version']}: in force {when}")


@app.command(epilog="Example: callcenter config diff 11 tuning.toml")
def diff(
    old: Annotated[str, typer.Argument(help="A version's number, a file, or now.")],
    new: Annotated[str, typer.Argument(help="The same.")] = NOW,
    settings: SettingsOption = None,
    as_json: AsJson = False,
) -> None:
    """Say what differs between two versions, or between a version and a file, field by field.

    Exit status: 0 nothing, 1 something, 2 one of them cannot be had, wrong options or settings.
    """
    known = _settings(settings)

    async def work(way: Access) -> tuple[differences.Change, ...]:
        async def document(name: str) -> Document:
            if name == NOW:
                return (await way.version()).document
            if re.fullmatch(r"[1-9][0-9]{0,8}", name):
                return (await way.version(int(name))).document
            return _read(Path(name)).document

        return _changes(await document(old), await document(new))

    changed = _work(known, work, refused=EXIT_USAGE)
    if as_json:
        typer.echo(json.dumps([change.to_json() for change in changed]))
    else:
        _show(changed)
    raise typer.Exit(EXIT_DIFFERENT if changed else 0)


@app.command(epilog="Example: callcenter config versions")
def versions(settings: SettingsOption = None, as_json: AsJson = False) -> None:
    """List who changed what is tuned, when and why. Exit status as of `export`."""
    found = _run(settings, lambda way: way.versions())
    if as_json:
        typer.echo(json.dumps(found))
        return
    for row in found:
        back = f"  (back to {row['restored']})" if row["restored"] else ""
        typer.echo(f"{row['version']:>5}  {row['at'][:19]}  {row['who']}: {row['why']}{back}")


@app.command(epilog='Example: callcenter config restore 11 --why "too many missed calls"')
def restore(
    version: Annotated[int, typer.Argument(help="The version to go back to.", min=1)],
    why: Why,
    settings: SettingsOption = None,
    as_json: AsJson = False,
) -> None:
    """Go back to a version: a new one that is equal to it. Exit status as of `import`."""
    kept = _run(settings, lambda way: way.restore(version, why))
    if as_json:
        typer.echo(json.dumps({"version": kept.version, "restored": version}))
    else:
        typer.echo(f"version {kept.version}: as version {version}")


def _settings(option: Path | None) -> Settings:
    file = meant(option)
    if file is None:
        fail("no callcenter.toml here and no lab; name the settings with --settings", EXIT_USAGE)
    try:
        return Settings.load(file)
    except SettingsError as error:
        fail(error, EXIT_USAGE)


def _run(option: Path | None, work: Callable[[Access], Awaitable[Result]]) -> Result:
    return _work(_settings(option), work)


def _work(
    settings: Settings,
    work: Callable[[Access], Awaitable[Result]],
    *,
    refused: int = EXIT_REFUSED,
) -> Result:
    async def open_and_work() -> Result:
        async with access(settings) as way:
            return await work(way)

    try:
        return asyncio.run(open_and_work())
    except SettingsError as error:
        fail(error, EXIT_USAGE)
    except BadDocument as error:
        for flaw in error.flaws:
            complain(flaw)
        fail("refused; nothing was changed", refused)
    except (TuningError, StoreError) as error:
        fail(error, refused)


def _read(file: Path) -> files.ReadFile:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TuningError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    try:
        return files.parse(text, str(file))
    except BadDocument as error:
        raise BadDocument(
            Flaw(f"{file}: {flaw.path}", flaw.reason) for flaw in error.flaws
        ) from None


def _changes(old: Document, new: Document) -> tuple[differences.Change, ...]:
    return tuple(differences.changes(old.to_json(), new.to_json()))


def _placed(document: Document, flaw: Flaw) -> str:
    """The path, with what stands there: ``queues.0 (emergency).ring_s``."""
    here: Any = document.to_json()
    shown: list[str] = []
    for step in flaw.path.split("."):
        here = (
            here[int(step)]
            if isinstance(here, list) and step.isdigit()
            else (here.get(step) if isinstance(here, dict) else None)
        )
        name = next(
            (here[key] for key in differences.NAMES if isinstance(here, dict) and key in here), ""
        )
        shown.append(f"{step} ({name})" if name and step.isdigit() else step)
    return ".".join(shown)


def _show(changed: Sequence[differences.Change]) -> None:
    for change in changed:
        old, new = (
            "-" if value is None else json.dumps(value, ensure_ascii=False)
            for value in (change.old, change.new)
        )
        typer.echo(f"{change.path}: {old} → {new}")
