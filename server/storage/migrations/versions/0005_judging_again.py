"""Workdays know when time alone changes them next; those that cannot be judged stand in a table with the fault."""

import sqlalchemy as sa
from alembic import op

from server.storage import types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workday", sa.Column("judge_again_at", types.UtcTime(), nullable=True))
    # Those that are open now are judged at the next tick, and are then told when next.
    op.execute(
        sa.text(
            "UPDATE workday SET judge_again_at = derived_at "
            "WHERE status LIKE '%pending%' OR CAST(verdict AS TEXT) LIKE '%\"pending\"%'"
        )
    )
    op.create_index(
        "ix_workday_judge_again_at",
        "workday",
        ["judge_again_at"],
        sqlite_where=sa.text("judge_again_at IS NOT NULL"),
        postgresql_where=sa.text("judge_again_at IS NOT NULL"),
    )
    op.create_table(
        "judging_fault",
        sa.Column("person_id", types.UuidText(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mark", types.UuidText(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", types.UtcTime(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_judging_fault_person_id")),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_judging_fault")),
    )


def downgrade() -> None:
    op.drop_table("judging_fault")
    op.drop_index("ix_workday_judge_again_at", table_name="workday")
    op.drop_column("workday", "judge_again_at")
