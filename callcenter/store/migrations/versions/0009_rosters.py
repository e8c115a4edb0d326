"""Officers, their shifts, absences and positions, and who changed what of them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "officers",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("precinct", sa.String(255), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("numbers", sa.Text, nullable=False, comment="JSON list, in the order of ringing"),
        sa.Column("link_hash", sa.String(64), comment="of the link's secret"),
        sa.PrimaryKeyConstraint("id", name="pk_officers"),
        sa.UniqueConstraint("link_hash", name="uq_officers_link_hash"),
    )
    op.create_table(
        "officer_shifts",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("officer", sa.String(32), nullable=False),
        sa.Column("precinct", sa.String(255), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("start", _MOMENT, nullable=False),
        sa.Column("end", _MOMENT, nullable=False),
        sa.Column("source", sa.String(16), nullable=False, comment="planned or self"),
        sa.Column("key", sa.String(400), comment="of the calendar entry"),
        sa.PrimaryKeyConstraint("id", name="pk_officer_shifts"),
        sa.UniqueConstraint("key", name="uq_officer_shifts_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_officer_shifts_end", "officer_shifts", ["end"])
    op.create_index("ix_officer_shifts_officer", "officer_shifts", ["officer"])
    op.create_table(
        "officer_absences",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("officer", sa.String(32), nullable=False),
        sa.Column("start", _MOMENT, nullable=False),
        sa.Column("end", _MOMENT, nullable=False),
        sa.Column("why", sa.String(64), nullable=False),
        sa.Column("key", sa.String(400), comment="of the calendar entry"),
        sa.PrimaryKeyConstraint("id", name="pk_officer_absences"),
        sa.UniqueConstraint("key", name="uq_officer_absences_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_officer_absences_end", "officer_absences", ["end"])
    op.create_table(
        "officer_positions",
        sa.Column("officer", sa.String(32), nullable=False),
        sa.Column("lat", sa.Float, nullable=False),
        sa.Column("lon", sa.Float, nullable=False),
        sa.Column("accuracy_m", sa.Float, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("officer", name="pk_officer_positions"),
    )
    op.create_table(
        "roster_changes",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("officer", sa.String(32), nullable=False),
        sa.Column("before", sa.Text, comment="JSON"),
        sa.Column("after", sa.Text, comment="JSON"),
        sa.PrimaryKeyConstraint("id", name="pk_roster_changes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_roster_changes_officer", "roster_changes", ["officer"])
