"""The operating points that were computed from the gallery."""

import sqlalchemy as sa
from alembic import op

from server.storage import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operating_point",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("computed_at", types.UtcTime(), nullable=False),
        sa.Column("gallery_version", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.String(length=50), nullable=False),
        sa.Column("inputs_digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_operating_point")),
    )


def downgrade() -> None:
    op.drop_table("operating_point")
