"""One transaction and the repositories in it."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from server.storage.access_log import AccessLogRepository
from server.storage.accounts import AccountRepository
from server.storage.court_rules import CourtRulesRepository
from server.storage.items import ItemRepository
from server.storage.jobs import JobRepository
from server.storage.kiosks import KioskRepository
from server.storage.mails import MailRepository
from server.storage.months import MonthRepository
from server.storage.operating_points import OperatingPointRepository
from server.storage.outages import OutageRepository
from server.storage.people import PeopleRepository
from server.storage.report_reading import ReportReadingRepository
from server.storage.requests import RequestRepository
from server.storage.workdays import WorkdayRepository


class UnitOfWork:
    """``with UnitOfWork(engine) as unit: …; unit.commit()``. Leaving without commit undoes everything.

    Args:
        engine: from ``open_database``.
        read_only: takes no write lock; for pages and reports.
    """

    def __init__(self, engine: Engine, *, read_only: bool = False) -> None:
        self._engine = engine.execution_options(read_only=True) if read_only else engine
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        connection = self._engine.connect()
        self._connection = connection
        self.people = PeopleRepository(connection)
        self.accounts = AccountRepository(connection)
        self.kiosks = KioskRepository(connection)
        self.items = ItemRepository(connection)
        self.workdays = WorkdayRepository(connection)
        self.court_rules = CourtRulesRepository(connection)
        self.requests = RequestRepository(connection)
        self.jobs = JobRepository(connection)
        self.months = MonthRepository(connection)
        self.mails = MailRepository(connection)
        self.outages = OutageRepository(connection)
        self.access_log = AccessLogRepository(connection)
        self.reading = ReportReadingRepository(connection)
        self.operating_points = OperatingPointRepository(connection)
        return self

    def commit(self) -> None:
        """Make all of it last."""
        if self._connection is None:
            raise RuntimeError("commit outside of `with`")
        self._connection.commit()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
