"""Versions of the gazetteer: which files it consists of, and whose rows are whose."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables; rows that are there become version 1."""
    op.create_table(
        "gazetteer_versions",
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("restored", sa.Integer, comment="the version that it equals, when gone back to"),
        sa.PrimaryKeyConstraint("version", name="pk_gazetteer_versions"),
    )
    op.create_table(
        "gazetteer_files",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, comment="of the file as it was given"),
        sa.Column("options", sa.Text, nullable=False, comment="JSON: how it was to be read"),
        sa.Column("row_count", sa.Integer, nullable=False),
        sa.Column("skipped", sa.Integer, nullable=False, comment="rows that were wrong"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gazetteer_files"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "gazetteer_version_files",
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("file_id", _BIG_ID, nullable=False),
        sa.PrimaryKeyConstraint("version", "position", name="pk_gazetteer_version_files"),
    )
    op.add_column(
        "gazetteer_rows",
        sa.Column("file_id", _BIG_ID, nullable=False, server_default="0"),
    )
    op.execute(
        "INSERT INTO gazetteer_files (name, sha256, options, row_count, skipped, at)"
        " SELECT source, '', '{}', COUNT(*), 0, CURRENT_TIMESTAMP FROM gazetteer_rows"
        " GROUP BY source ORDER BY MIN(id)"
    )
    op.execute(
        "UPDATE gazetteer_rows SET file_id ="
        " (SELECT id FROM gazetteer_files WHERE name = gazetteer_rows.source)"
    )
    op.execute(
        "INSERT INTO gazetteer_versions (version, at, who, why)"
        " SELECT 1, CURRENT_TIMESTAMP, 'callcenter', 'imported before versions were kept'"
        " WHERE EXISTS (SELECT 1 FROM gazetteer_files)"
    )
    op.execute(
        "INSERT INTO gazetteer_version_files (version, position, file_id)"
        " SELECT 1, id, id FROM gazetteer_files"
    )
    op.drop_index("ix_gazetteer_rows_source", "gazetteer_rows")
    with op.batch_alter_table("gazetteer_rows") as rows:
        rows.drop_column("source")
        rows.alter_column("file_id", server_default=None)
    op.create_index("ix_gazetteer_rows_file_id", "gazetteer_rows", ["file_id"])
