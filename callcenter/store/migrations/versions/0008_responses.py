"""What officers do after the call."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "responses",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("officer", sa.String(64), nullable=False),
        sa.Column(
            "step",
            sa.String(16),
            nullable=False,
            comment="taken, on_the_way, there, done, returned, accepted",
        ),
        sa.Column("taken_at", _MOMENT, nullable=False),
        sa.Column("on_the_way_at", _MOMENT),
        sa.Column("there_at", _MOMENT),
        sa.Column("done_at", _MOMENT),
        sa.Column("decided_at", _MOMENT, comment="when the report was accepted or returned"),
        sa.Column("decided_by", sa.String(64)),
        sa.Column("result", sa.String(16)),
        sa.Column("category", sa.String(64), comment="as the officer confirmed it"),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("notes", sa.Text, nullable=False, comment="JSON: at, by, text, how"),
        sa.Column("question", sa.Text, nullable=False, comment="why the report came back"),
        sa.Column("late_told_at", _MOMENT, comment="when it was said that nobody is there yet"),
        sa.PrimaryKeyConstraint("id", name="pk_responses"),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_responses_call_id", "responses", ["call_id", "officer"], unique=True)
    op.create_index("ix_responses_step", "responses", ["step", "taken_at"])
    op.create_index("ix_responses_officer", "responses", ["officer", "step"])
