"""Journal, calls, transcripts, incidents, recordings, people."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)

_APPEND_ONLY_SQLITE = """
CREATE TRIGGER journal_refuses_{action} BEFORE {action} ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
"""

_APPEND_ONLY_POSTGRESQL = (
    """
CREATE FUNCTION journal_refuses() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$
""",
    """
CREATE TRIGGER journal_refuses BEFORE UPDATE OR DELETE ON journal
FOR EACH ROW EXECUTE FUNCTION journal_refuses()
""",
)


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "journal",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("entry_id", sa.String(32), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("call_id", sa.String(64)),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sa.UniqueConstraint("entry_id", name="uq_journal_entry_id"),
        sa.UniqueConstraint("previous_hash", name="uq_journal_previous_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_journal_call_id", "journal", ["call_id", "id"])
    op.create_table(
        "calls",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("line", sa.String(64), nullable=False),
        sa.Column("caller_number", sa.String(64), nullable=False),
        sa.Column("queue", sa.String(64), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("arrived_at", _MOMENT, nullable=False),
        sa.Column("answered_at", _MOMENT),
        sa.Column("closed_at", _MOMENT),
        sa.Column("wait_ms", sa.Integer, nullable=False),
        sa.Column("seat", sa.String(64)),
        sa.Column("officer", sa.String(64)),
        sa.Column("officer_state", sa.String(64)),
        sa.Column("language", sa.String(64), nullable=False),
        sa.Column("category", sa.String(64)),
        sa.Column("level", sa.String(64)),
        sa.Column("place_text", sa.Text),
        sa.Column("precinct", sa.String(64)),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_arrived_at", "calls", ["arrived_at"])
    op.create_index("ix_calls_state", "calls", ["state"])
    op.create_table(
        "transcript_segments",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("start_ms", sa.Integer, nullable=False),
        sa.Column("segment", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "id", name="pk_transcript_segments"),
    )
    op.create_table(
        "incidents",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("typed", sa.Text, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("call_id", name="pk_incidents"),
    )
    op.create_table(
        "recordings",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("chained_hash", sa.String(64), nullable=False),
        sa.Column("stored_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
        sa.UniqueConstraint("chained_hash", name="uq_recordings_chained_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_recordings_call_id", "recordings", ["call_id"])
    op.create_table(
        "people",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("seat", sa.String(32)),
        sa.Column("officer", sa.String(32)),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_people"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
        sa.ForeignKeyConstraint(
            ["name"], ["people.name"], name="fk_sessions_name_people", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    if op.get_context().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(_APPEND_ONLY_SQLITE.format(action=action))
    else:
        for statement in _APPEND_ONLY_POSTGRESQL:
            op.execute(statement)
