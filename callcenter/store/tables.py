"""The tables, as SQLAlchemy Core sees them. Their history is in ``migrations/versions``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeDecorator

CALL_ID_CHARS = 64
KIND_CHARS = 64
HASH_CHARS = 64
NAME_CHARS = 64

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database (SQLite knows no zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without zone; give SQLite plain UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give back what SQLite returns without zone as the UTC that it is."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


_BigId = BigInteger().with_variant(Integer, "sqlite")

journal = Table(
    "journal",
    metadata,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    Column("entry_id", String(32), nullable=False, unique=True),
    Column("at", Utc, nullable=False),
    Column("call_id", String(CALL_ID_CHARS)),
    Column("kind", String(KIND_CHARS), nullable=False),
    # The exact text that was hashed, hence not a JSON column.
    Column("payload", Text, nullable=False),
    # Unique: two writers can never continue the chain from the same row.
    Column("previous_hash", String(HASH_CHARS), nullable=False, unique=True),
    Column("hash", String(HASH_CHARS), nullable=False),
    Index("ix_journal_call_id", "call_id", "id"),
    sqlite_autoincrement=True,
)

calls = Table(
    "calls",
    metadata,
    Column("id", String(CALL_ID_CHARS), primary_key=True),
    Column("line", String(NAME_CHARS), nullable=False),
    Column("caller_number", String(NAME_CHARS), nullable=False),
    Column("queue", String(NAME_CHARS), nullable=False),
    Column("state", String(NAME_CHARS), nullable=False),
    Column("arrived_at", Utc, nullable=False),
    Column("answered_at", Utc),
    Column("closed_at", Utc),
    Column("wait_ms", Integer, nullable=False),
    Column("seat", String(NAME_CHARS)),
    Column("officer", String(NAME_CHARS)),
    Column("officer_state", String(NAME_CHARS)),
    Column("language", String(NAME_CHARS), nullable=False),
    Column("category", String(NAME_CHARS)),
    Column("level", String(NAME_CHARS)),
    Column("place_text", Text),
    Column("precinct", String(NAME_CHARS)),
    Column("detail", Text, nullable=False),
    Index("ix_calls_arrived_at", "arrived_at"),
    Index("ix_calls_state", "state"),
)

segments = Table(
    "transcript_segments",
    metadata,
    Column("call_id", String(CALL_ID_CHARS), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("start_ms", Integer, nullable=False),
    Column("segment", Text, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("call_id", String(CALL_ID_CHARS), primary_key=True),
    Column("record", Text, nullable=False),
    Column("typed", Text, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

_JOINED = text("separated_at IS NULL")

incident_joins = Table(
    "incident_joins",
    metadata,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    # An incident stands here by the call that began it.
    Column("call_id", String(CALL_ID_CHARS), nullable=False),
    Column("into_call_id", String(CALL_ID_CHARS), nullable=False),
    Column("top_call_id", String(CALL_ID_CHARS), nullable=False),
    Column("at", Utc, nullable=False),
    Column("by", String(NAME_CHARS), nullable=False),
    Column("why", Text, nullable=False),
    Column("separated_at", Utc),
    Column("separated_by", String(NAME_CHARS)),
    Column("separated_why", Text),
    Index("ix_incident_joins_top_call_id", "top_call_id"),
    Index("ix_incident_joins_into_call_id", "into_call_id"),
    Index("ix_incident_joins_call_id", "call_id"),
    # An incident is joined to one other at a time, whoever joins it at the same moment.
    Index(
        "uq_incident_joins_joined",
        "call_id",
        unique=True,
        sqlite_where=_JOINED,
        postgresql_where=_JOINED,
    ),
    sqlite_autoincrement=True,
)

recordings = Table(
    "recordings",
    metadata,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    Column("call_id", String(CALL_ID_CHARS), nullable=False),
    Column("path", Text, nullable=False),
    Column("sha256", String(HASH_CHARS), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("chained_hash", String(HASH_CHARS), nullable=False, unique=True),
    Column("stored_at", Utc, nullable=False),
    Column("starts_ms", Integer, nullable=False, server_default="0"),
    Index("ix_recordings_call_id", "call_id"),
    sqlite_autoincrement=True,
)

people = Table(
    "people",
    metadata,
    Column("name", String(NAME_CHARS), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("seat", String(32)),
    Column("officer", String(32)),
    Column("created_at", Utc, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(HASH_CHARS), primary_key=True),
    Column(
        "name", String(NAME_CHARS), ForeignKey("people.name", ondelete="CASCADE"), nullable=False
    ),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Index("ix_sessions_expires_at", "expires_at"),
)

_OPEN_NUMBER = text("state = 'open' AND number <> ''")

tasks = Table(
    "tasks",
    metadata,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("number", String(NAME_CHARS), nullable=False),
    Column("waiting_since", Utc, nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("calling_call", String(CALL_ID_CHARS)),
    Column("calling_by", String(NAME_CHARS)),
    Column("calling_seat", String(NAME_CHARS)),
    Column("calling_since", Utc),
    Column("result", String(16)),
    Column("note", Text),
    Column("closed_by", String(NAME_CHARS)),
    Column("closed_at", Utc),
    Index("ix_tasks_state", "state", "waiting_since"),
    # One open task a number, whoever opens it at the same time.
    Index(
        "uq_tasks_open_number",
        "number",
        unique=True,
        sqlite_where=_OPEN_NUMBER,
        postgresql_where=_OPEN_NUMBER,
    ),
    sqlite_autoincrement=True,
)

task_calls = Table(
    "task_calls",
    metadata,
    # A call belongs to one task, however often its end is read.
    Column("call_id", String(CALL_ID_CHARS), primary_key=True),
    Column("task_id", _BigId, ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
    Column("what", String(16), nullable=False),
    Column("arrived_at", Utc, nullable=False),
    Column("wait_ms", Integer, nullable=False),
    Column("known", Text, nullable=False),
    Index("ix_task_calls_task_id", "task_id"),
)

journal_readers = Table(
    "journal_readers",
    metadata,
    Column("name", String(NAME_CHARS), primary_key=True),
    Column("entry", _BigId, nullable=False),
)
