"""``callcenter check``: would this hotline take calls?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from callcenter.check import check as look
from callcenter.checks.finding import SETTINGS
from callcenter.commands.settings_option import HERE, SettingsOption, meant
from callcenter.lab.layout import asterisk_root

EXIT_ERRORS = 1
EXIT_SETTINGS = 2


def check(
    settings: SettingsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look at settings, Asterisk, ports, sounds, models, places, host name and clock.

    Nothing is changed. Exit status: 0 nothing is in the way (warnings may be), 1 something is,
    2 the settings themselves are wrong.

    Example: callcenter check --settings /etc/callcenter/callcenter.toml
    """
    findings = look(meant(settings) or HERE, asterisk_root())
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            typer.echo(f"{finding.level:8} {finding.what}: {finding.text}")
    if any(finding.what == SETTINGS and finding.level == "error" for finding in findings):
        raise typer.Exit(EXIT_SETTINGS)
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(EXIT_ERRORS)
