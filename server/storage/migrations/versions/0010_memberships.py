"""To which division somebody belongs is known from which day on: a report of the past keeps who was there then."""

import sqlalchemy as sa
from alembic import op

from server.storage import types

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "division_membership",
        sa.Column("person_id", types.UuidText(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("division_id", types.UuidText(), nullable=True),
        sa.ForeignKeyConstraint(
            ["division_id"], ["division.division_id"], name=op.f("fk_division_membership_division_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_division_membership_person_id")),
        sa.PrimaryKeyConstraint("person_id", "from_day", "number", name=op.f("pk_division_membership")),
    )
    # Where people were before was not kept: as far as anybody knows they were always where they are.
    op.execute(
        sa.text(
            "INSERT INTO division_membership (person_id, from_day, number, division_id) "
            # Both databases read this text as a date.
            "SELECT person_id, '1970-01-01', 1, division_id FROM person"
        )
    )


def downgrade() -> None:
    op.drop_table("division_membership")
