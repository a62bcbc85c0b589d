"""Further kinds of outages, what HR takes back, and when the server itself was last up."""

import sqlalchemy as sa
from alembic import op

from server.storage import types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OLD_KINDS = "kind IN ('silent', 'clock_jump', 'camera', 'declared')"
_NEW_KINDS = "kind IN ('silent', 'clock', 'clock_jump', 'camera', 'engine', 'outbox', 'server', 'declared')"


def upgrade() -> None:
    _change_kinds(_NEW_KINDS)
    op.create_table(
        "outage_retraction",
        sa.Column("outage_id", types.UuidText(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("retracted_by", sa.String(length=100), nullable=False),
        sa.Column("retracted_at", types.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["outage_id"], ["outage.outage_id"], name=op.f("fk_outage_retraction_outage_id")),
        sa.PrimaryKeyConstraint("outage_id", name=op.f("pk_outage_retraction")),
    )
    op.create_table(
        "server_seen",
        sa.Column("only_row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen_at", types.UtcTime(), nullable=False),
        sa.CheckConstraint("only_row = 1", name=op.f("ck_server_seen_one")),
        sa.PrimaryKeyConstraint("only_row", name=op.f("pk_server_seen")),
    )
    # It was up when it last heard a kiosk: the time since then is its own downtime, not theirs.
    op.execute(
        sa.text(
            "INSERT INTO server_seen (only_row, seen_at) "
            "SELECT 1, MAX(seen_at) FROM kiosk_seen HAVING MAX(seen_at) IS NOT NULL"
        )
    )


def downgrade() -> None:
    op.drop_table("server_seen")
    op.drop_table("outage_retraction")
    op.execute(sa.text("UPDATE outage SET kind = 'clock_jump' WHERE kind = 'clock'"))
    op.execute(sa.text("UPDATE outage SET kind = 'camera' WHERE kind IN ('engine', 'outbox')"))
    op.execute(sa.text("UPDATE outage SET kind = 'silent' WHERE kind = 'server'"))
    _change_kinds(_OLD_KINDS)


def _change_kinds(condition: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_outage_kind"), "outage", type_="check")
        op.create_check_constraint(op.f("ck_outage_kind"), "outage", condition)
        return
    # The table is made anew, and nothing may refer to it meanwhile: waivers forget their outage and are told it again.
    op.execute(
        sa.text(
            "CREATE TEMPORARY TABLE waiver_of_outage AS "
            "SELECT request_id, outage_id FROM request WHERE outage_id IS NOT NULL"
        )
    )
    op.execute(sa.text("UPDATE request SET outage_id = NULL WHERE outage_id IS NOT NULL"))
    with op.batch_alter_table("outage", recreate="always") as batch:
        batch.drop_constraint(op.f("ck_outage_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_outage_kind"), condition)
    op.execute(
        sa.text(
            "UPDATE request SET outage_id = (SELECT outage_id FROM waiver_of_outage AS known "
            "WHERE known.request_id = request.request_id) "
            "WHERE request_id IN (SELECT request_id FROM waiver_of_outage)"
        )
    )
    op.execute(sa.text("DROP TABLE waiver_of_outage"))
