"""Which incidents were joined to which others, by whom and why, and which were separated again."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_JOINED = sa.text("separated_at IS NULL")


def upgrade() -> None:
    """Create the table; every call that is there is an incident of its own."""
    op.create_table(
        "incident_joins",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False, comment="began what was joined"),
        sa.Column("into_call_id", sa.String(64), nullable=False, comment="began what it joined"),
        sa.Column("top_call_id", sa.String(64), nullable=False, comment="began the whole"),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("separated_at", _MOMENT),
        sa.Column("separated_by", sa.String(64)),
        sa.Column("separated_why", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_incident_joins"),
        sqlite_autoincrement=True,
    )
    for column in ("top_call_id", "into_call_id", "call_id"):
        op.create_index(f"ix_incident_joins_{column}", "incident_joins", [column])
    op.create_index(
        "uq_incident_joins_joined",
        "incident_joins",
        ["call_id"],
        unique=True,
        sqlite_where=_JOINED,
        postgresql_where=_JOINED,
    )
