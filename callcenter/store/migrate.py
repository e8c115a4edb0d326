"""Brings a database to the schema of this version, or says why it cannot."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from .errors import DatabaseTooNew, DatabaseUnusable

_MIGRATIONS = Path(__file__).with_name("migrations")
_POSTGRESQL_LOCK = 0x63616C6C
"""Advisory lock that lets one of several starting nodes migrate while the others wait."""


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ``alembic.ini``."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The newest schema that this version knows."""
    revision = ScriptDirectory.from_config(configuration()).get_current_head()
    if revision is None:
        raise DatabaseUnusable(f"{_MIGRATIONS}: no migrations; the installation is incomplete")
    return revision


def is_current(connection: Connection) -> bool:
    """Whether the schema is exactly the one of this version."""
    return MigrationContext.configure(connection).get_current_revision() == head()


def upgrade(connection: Connection, name: str) -> None:
    """Run what is missing, inside the caller's transaction.

    ``name`` stands for the database in messages (no passwords). Raises `DatabaseTooNew` for a
    schema of a later version and `DatabaseUnusable` for tables of somebody else.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRESQL_LOCK})
    config = configuration(connection)
    script = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    newest = script.get_current_head()
    if current == newest:
        return
    if current is not None and current not in {step.revision for step in script.walk_revisions()}:
        raise DatabaseTooNew(
            f"{name} has schema {current}, this version knows schemas up to {newest}: a later"
            " version wrote it. Start that version, or restore a backup from before the upgrade"
        )
    if current is None:
        foreign = sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})
        if foreign:
            raise DatabaseUnusable(
                f"{name} holds tables that are not the call centre's ({', '.join(foreign[:3])});"
                " name an empty database"
            )
    command.upgrade(config, "head")
