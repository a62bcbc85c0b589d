"""An earlier state knows no registers: taking the migration back takes their clock events and their days away."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from alembic import command
from sqlalchemy import func, select

from server.services.context import ServerContext
from server.storage import schema
from server.storage.schema import migrate
from server.storage.tables import clock_event, kiosk, void, workday
from tests.attendance_days import FRIDAY
from tests.pages_cast import derive
from tests.register_cast import WEEK, bring_over, punctual, statuses, take_back, write_register
from tests.server_cast import FakeClock, employ, pair
from tests.test_server_schema import differences


def test_registers_go_and_kiosks_with_their_days_stay(context: ServerContext, clock: FakeClock, tmp_path: Path) -> None:
    li = employ(context, joined_on=date(2026, 11, 2))
    door = pair(context, clock)
    derive(context, FRIDAY)
    bring_over(context, write_register(tmp_path, *punctual(li, WEEK[:2]), name="one.csv"))
    bring_over(context, write_register(tmp_path, *punctual(li, WEEK[2:]), name="two.csv"))
    take_back(context, 2)
    assert list(statuses(context, li)) == list(WEEK[:2])
    engine, config = context.engine, schema._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0012")
    migrate(engine)
    assert differences(engine) == []
    with engine.connect() as connection:
        counts = [connection.execute(select(func.count()).select_from(table)).scalar() for table in (clock_event, void)]
        assert counts == [0, 0]
        assert connection.execute(select(kiosk.c.kiosk_id)).scalars().all() == [door.kiosk_id]
        assert connection.execute(select(workday.c.day)).scalars().all() == [FRIDAY]
