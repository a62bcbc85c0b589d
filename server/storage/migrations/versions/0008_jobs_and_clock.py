"""Jobs: how far the server's clock is believed, work without periods, and reports that came before their time."""

import sqlalchemy as sa
from alembic import op

from server.storage import types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("report", sa.Column("withdrawn_at", types.UtcTime(), nullable=True))
    op.create_table(
        "replaced_report",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("withdrawn_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "period", "made_at", name=op.f("pk_replaced_report")),
    )
    op.create_table(
        "standing_work",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("began_at", types.UtcTime(), nullable=False),
        sa.Column("finished_at", types.UtcTime(), nullable=False),
        sa.Column("handled", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_standing_work")),
    )
    op.create_table(
        "server_clock",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("believed_at", types.UtcTime(), nullable=False),
        sa.Column("ahead_seconds", sa.Float(), nullable=False),
        sa.Column("noticed_at", types.UtcTime(), nullable=True),
        sa.Column("confirmed_at", types.UtcTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_server_clock")),
    )


def downgrade() -> None:
    op.drop_table("server_clock")
    op.drop_table("standing_work")
    op.drop_table("replaced_report")
    op.drop_column("report", "withdrawn_at")
