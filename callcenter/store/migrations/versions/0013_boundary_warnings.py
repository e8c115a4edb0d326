"""How many warnings an import of boundaries told of, beside what they are."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of imports of before it is not known, and told as none."""
    op.add_column(
        "boundary_sets",
        sa.Column("warnings", sa.Integer, comment="how many faults; none: not counted"),
    )
