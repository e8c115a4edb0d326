"""Boundaries of several kinds, in versions with a moment from which they hold."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables; precincts that were imported become version 1."""
    op.create_table(
        "boundary_kinds",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("label", sa.String(80), nullable=False, comment="what people read"),
        sa.PrimaryKeyConstraint("kind", name="pk_boundary_kinds"),
    )
    op.create_table(
        "boundary_sets",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(255), nullable=False, comment="of the file"),
        sa.Column("sha256", sa.String(64), nullable=False, comment="of the file as it was given"),
        sa.Column("options", sa.Text, nullable=False, comment="JSON: how it was to be read"),
        sa.Column("area_count", sa.Integer, nullable=False),
        sa.Column("faults", sa.Text, nullable=False, comment="JSON: the warnings of its import"),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_boundary_sets"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "boundary_areas",
        sa.Column("set_id", _BIG_ID, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("area", sa.String(255), nullable=False, comment="its id"),
        sa.Column("geometry", sa.Text, nullable=False, comment="GeoJSON geometry, WGS 84"),
        sa.PrimaryKeyConstraint("set_id", "position", name="pk_boundary_areas"),
    )
    op.create_table(
        "boundary_versions",
        sa.Column(
            "version", sa.Integer, autoincrement=False, nullable=False, comment="of all kinds"
        ),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("holds_from", _MOMENT, nullable=False),
        sa.Column("at", _MOMENT, nullable=False, comment="when it was made"),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("restored", sa.Integer, comment="the version that it equals, when gone back to"),
        sa.Column("set_id", _BIG_ID, comment="none: nothing imported"),
        sa.PrimaryKeyConstraint("version", name="pk_boundary_versions"),
    )
    op.execute("INSERT INTO boundary_kinds (kind, label) VALUES ('precinct', 'precinct')")
    op.execute(
        "INSERT INTO boundary_sets (name, sha256, options, area_count, faults, at)"
        " SELECT 'precincts', '', '{}', (SELECT COUNT(*) FROM precinct_areas), '[]',"
        " CURRENT_TIMESTAMP WHERE EXISTS (SELECT 1 FROM precinct_areas)"
    )
    op.execute(
        "INSERT INTO boundary_areas (set_id, position, area, geometry)"
        " SELECT (SELECT MAX(id) FROM boundary_sets), position, precinct, geometry"
        " FROM precinct_areas"
    )
    op.execute(
        "INSERT INTO boundary_versions (version, kind, holds_from, at, who, why, set_id)"
        " SELECT 1, 'precinct', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 'callcenter',"
        " 'imported before versions were kept', (SELECT MAX(id) FROM boundary_sets)"
        " WHERE EXISTS (SELECT 1 FROM precinct_areas)"
    )
    op.drop_table("precinct_areas")
