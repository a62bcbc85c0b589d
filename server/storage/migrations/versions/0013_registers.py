"""Registers of an older machine can be imported: sources beside the kiosks, imports, and days that they have judged."""

import sqlalchemy as sa
from alembic import op

from server.storage import types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_kiosk = sa.table("kiosk", sa.column("kiosk_id"), sa.column("register_since"))
_person = sa.table("person", sa.column("person_id"), sa.column("joined_on"))
_void, _clock_event = (sa.table(name, sa.column("kiosk_id")) for name in ("void", "clock_event"))
_judging_fault, _touched_workday, _workday = (
    sa.table(name, sa.column("person_id"), sa.column("day")) for name in ("judging_fault", "touched_workday", "workday")
)


def upgrade() -> None:
    op.add_column("kiosk", sa.Column("register_since", types.UtcTime(), nullable=True))
    op.add_column("person", sa.Column("register_spans", sa.JSON(), nullable=True))
    op.create_table(
        "register_import",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("import_id", types.UuidText(), nullable=False),
        sa.Column("kiosk_id", types.UuidText(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.String(length=100), nullable=False),
        sa.Column("entered_at", types.UtcTime(), nullable=False),
        sa.Column("rests_on", sa.JSON(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=True),
        sa.Column("already_had", sa.Integer(), nullable=True),
        sa.Column("refused", sa.Integer(), nullable=True),
        sa.Column("finished_at", types.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosk.kiosk_id"], name=op.f("fk_register_import_kiosk_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_register_import")),
        sa.UniqueConstraint("import_id", name=op.f("uq_register_import_import_id")),
    )
    op.create_table(
        "register_stretch",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", types.UuidText(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["register_import.number"], name=op.f("fk_register_stretch_number")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_register_stretch_person_id")),
        sa.PrimaryKeyConstraint("number", "person_id", "first_day", name=op.f("pk_register_stretch")),
    )
    op.create_table(
        "register_taken_back",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.String(length=100), nullable=False),
        sa.Column("entered_at", types.UtcTime(), nullable=False),
        sa.Column("finished_at", types.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["register_import.number"], name=op.f("fk_register_taken_back_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_register_taken_back")),
    )


def downgrade() -> None:
    # An earlier state has no word for events of a register: they go, with their voids and the days that they judged.
    # Of days on which a kiosk judged, too, `derive --all --repair` finds what is left.
    registers = sa.select(_kiosk.c.kiosk_id).where(_kiosk.c.register_since.is_not(None))
    for table in (_void, _clock_event):
        op.execute(sa.delete(table).where(table.c.kiosk_id.in_(registers)))
    for table in (_judging_fault, _touched_workday, _workday):
        joined_on = sa.select(_person.c.joined_on).where(_person.c.person_id == table.c.person_id).scalar_subquery()
        op.execute(sa.delete(table).where(table.c.day < joined_on))
    op.drop_table("register_taken_back")
    op.drop_table("register_stretch")
    op.drop_table("register_import")
    op.execute(sa.delete(_kiosk).where(_kiosk.c.register_since.is_not(None)))
    op.drop_column("person", "register_spans")
    op.drop_column("kiosk", "register_since")
