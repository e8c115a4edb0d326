"""What is still to be transcribed from recordings, and the transcripts that were replaced."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables; recordings so far begin with their calls."""
    op.create_table(
        "late_work",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("leg", sa.String(64), nullable=False, comment="empty: the whole call again"),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("party", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("from_ms", sa.Integer, nullable=False),
        sa.Column("to_ms", sa.Integer, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("asked_by", sa.String(64)),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_late_work"),
    )
    op.create_index("ix_late_work_call_id", "late_work", ["call_id"])
    op.create_index("ix_late_work_asked_at", "late_work", ["asked_at"])
    op.create_table(
        "transcript_versions",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("replaced_at", _MOMENT, nullable=False),
        sa.Column("replaced_by", sa.String(64)),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("segments", sa.Text, nullable=False, comment="JSON"),
        sa.PrimaryKeyConstraint("call_id", "version", name="pk_transcript_versions"),
    )
    op.add_column(
        "recordings",
        sa.Column(
            "starts_ms",
            sa.Integer,
            nullable=False,
            server_default="0",
            comment="of its first sample, from the call's start",
        ),
    )
