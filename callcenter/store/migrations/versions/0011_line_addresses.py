"""Addresses at which callers' lines are registered."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "line_addresses",
        sa.Column(
            "imported_at", _MOMENT, nullable=False, comment="which import; the newest counts"
        ),
        sa.Column("number", sa.String(18), nullable=False, comment="digits only"),
        sa.Column("address", sa.String(255), nullable=False),
        sa.Column("lat", sa.Float(53), nullable=False, comment="WGS-84"),
        sa.Column("lon", sa.Float(53), nullable=False, comment="WGS-84"),
        sa.PrimaryKeyConstraint("imported_at", "number", name="pk_line_addresses"),
    )
    op.create_table(
        "line_imports",
        sa.Column("imported_at", _MOMENT, nullable=False, comment="imports that are complete"),
        sa.PrimaryKeyConstraint("imported_at", name="pk_line_imports"),
    )
