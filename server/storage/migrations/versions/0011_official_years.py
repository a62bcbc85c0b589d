"""The official calendar is kept as it was taken over, so that a new version of the package changes nothing unseen."""

import sqlalchemy as sa
from alembic import op

from server.storage import types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "official_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("package_version", sa.String(length=50), nullable=False),
        sa.Column("taken_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("year", "number", name=op.f("pk_official_year")),
    )


def downgrade() -> None:
    op.drop_table("official_year")
