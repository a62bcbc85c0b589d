"""Requests keep their length and what they were joined with; documents keep who added them, and when."""

import sqlalchemy as sa
from alembic import op

from server.storage import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request", sa.Column("days", sa.Float(), nullable=True))
    op.add_column("request", sa.Column("days_together", sa.Float(), nullable=True))
    op.add_column("request", sa.Column("joined", sa.JSON(), nullable=True))
    op.add_column("attachment", sa.Column("added_by", sa.String(length=100), nullable=True))
    op.add_column("attachment", sa.Column("added_at", types.UtcTime(), nullable=True))
    op.add_column("attachment", sa.Column("step_number", sa.Integer(), nullable=True))
    # Until now every document came with its request.
    for column, source in (("added_by", "filed_by"), ("added_at", "filed_at")):
        op.execute(
            sa.text(
                f"UPDATE attachment SET {column} ="  # noqa: S608
                f" (SELECT {source} FROM request WHERE request.request_id = attachment.request_id)"
            )
        )
    with op.batch_alter_table("attachment") as batch:
        batch.alter_column("added_by", existing_type=sa.String(length=100), nullable=False)
        batch.alter_column("added_at", existing_type=types.UtcTime(), nullable=False)


def downgrade() -> None:
    for column in ("step_number", "added_at", "added_by"):
        op.drop_column("attachment", column)
    for column in ("joined", "days_together", "days"):
        op.drop_column("request", column)
