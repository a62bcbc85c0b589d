"""Several templates of one photograph: further views beside the one that photographs are compared by."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("uq_template_person_photo_model", table_name="template")
    op.add_column("template", sa.Column("view", sa.Integer(), nullable=False, server_default="0"))
    # Whoever stores a template says which view it is; the default was for the rows that were there.
    with op.batch_alter_table("template") as batch:
        batch.alter_column("view", server_default=None)
    op.create_index(
        "uq_template_person_photo_model_view",
        "template",
        ["person_id", "photo_sha256", "model_id", "view"],
        unique=True,
    )


def downgrade() -> None:
    op.drop_index("uq_template_person_photo_model_view", table_name="template")
    op.execute(sa.text("DELETE FROM template WHERE view > 0"))
    op.drop_column("template", "view")
    op.create_index(
        "uq_template_person_photo_model", "template", ["person_id", "photo_sha256", "model_id"], unique=True
    )
