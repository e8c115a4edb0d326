"""Tasks that calls leave behind, and how far the journal was read for them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_OPEN_NUMBER = sa.text("state = 'open' AND number <> ''")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "tasks",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False, comment="abandoned, call_back"),
        sa.Column("state", sa.String(16), nullable=False, comment="open, closed"),
        sa.Column("number", sa.String(64), nullable=False, comment="empty: withheld"),
        sa.Column("waiting_since", _MOMENT, nullable=False, comment="when the first call came"),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("calling_call", sa.String(64), comment="the call-back that is going on"),
        sa.Column("calling_by", sa.String(64)),
        sa.Column("calling_seat", sa.String(64)),
        sa.Column("calling_since", _MOMENT),
        sa.Column("result", sa.String(16)),
        sa.Column("note", sa.Text),
        sa.Column("closed_by", sa.String(64)),
        sa.Column("closed_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tasks_state", "tasks", ["state", "waiting_since"])
    op.create_index(
        "uq_tasks_open_number",
        "tasks",
        ["number"],
        unique=True,
        sqlite_where=_OPEN_NUMBER,
        postgresql_where=_OPEN_NUMBER,
    )
    op.create_table(
        "task_calls",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("task_id", _BIG_ID, nullable=False),
        sa.Column(
            "what",
            sa.String(16),
            nullable=False,
            comment="abandoned, call_back, cut_off, unseen, answered, called_back",
        ),
        sa.Column("arrived_at", _MOMENT, nullable=False),
        sa.Column("wait_ms", sa.Integer, nullable=False),
        sa.Column("known", sa.Text, nullable=False, comment="JSON: line, queue, place, ..."),
        sa.PrimaryKeyConstraint("call_id", name="pk_task_calls"),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name="fk_task_calls_task_id_tasks", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_task_calls_task_id", "task_calls", ["task_id"])
    op.create_table(
        "journal_readers",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column(
            "entry", _BIG_ID, nullable=False, comment="the last journal entry it has dealt with"
        ),
        sa.PrimaryKeyConstraint("name", name="pk_journal_readers"),
    )
