"""Imported precinct boundaries and gazetteer rows."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "precinct_areas",
        sa.Column("precinct", sa.String(255), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("geometry", sa.Text, nullable=False, comment="GeoJSON geometry, WGS 84"),
        sa.PrimaryKeyConstraint("precinct", name="pk_precinct_areas"),
    )
    op.create_table(
        "gazetteer_rows",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("source", sa.String(255), nullable=False, comment="name of the imported file"),
        sa.Column(
            "kind", sa.String(16), nullable=False, comment="crossing, landmark, address, spelling"
        ),
        sa.Column("name", sa.String(255), nullable=False, comment="street or landmark"),
        sa.Column("other", sa.String(255), nullable=False),
        sa.Column("district", sa.String(255), nullable=False),
        sa.Column("lat", sa.Float(53)),
        sa.Column("lon", sa.Float(53)),
        sa.Column("sightings", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gazetteer_rows"),
    )
    op.create_index("ix_gazetteer_rows_source", "gazetteer_rows", ["source"])
