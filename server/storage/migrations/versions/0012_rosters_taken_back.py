"""A wrong roster entry can be taken back: the entry stays, and who took it back, when and why stands beside it."""

import sqlalchemy as sa
from alembic import op

from server.storage import types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roster_taken_back",
        sa.Column("entry_id", types.UuidText(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.String(length=100), nullable=False),
        sa.Column("entered_at", types.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["roster_entry.entry_id"], name=op.f("fk_roster_taken_back_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_roster_taken_back")),
    )


def downgrade() -> None:
    # The entries hold again: an earlier state has no other word for them.
    op.drop_table("roster_taken_back")
