"""One transaction and the repositories in it."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import Connection, Engine, Select, func, select

from server.storage.access_log import AccessLogRepository
from server.storage.accounts import AccountRepository
from server.storage.court_rules import CourtRulesRepository
from server.storage.items import ItemRepository
from server.storage.jobs import JobRepository
from server.storage.judging_faults import JudgingFaultRepository
from server.storage.kiosks import KioskRepository
from server.storage.mails import MailRepository
from server.storage.months import MonthRepository
from server.storage.operating_points import OperatingPointRepository
from server.storage.outages import OutageRepository
from server.storage.people import PeopleRepository
from server.storage.registers import RegisterRepository
from server.storage.report_reading import ReportReadingRepository
from server.storage.requests import RequestRepository
from server.storage.standing import StandingRepository
from server.storage.workdays import WorkdayRepository

_EXPECTATIONS: Final = 4_001
"""The number of PostgreSQL's advisory lock on what is expected of people; nothing else uses such locks."""
_KEEPING: Final = select(func.pg_advisory_xact_lock_shared(_EXPECTATIONS))
_CHANGING: Final = select(func.pg_advisory_xact_lock(_EXPECTATIONS))


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
        self.judging_faults = JudgingFaultRepository(connection)
        self.court_rules = CourtRulesRepository(connection)
        self.requests = RequestRepository(connection)
        self.jobs = JobRepository(connection)
        self.standing = StandingRepository(connection)
        self.months = MonthRepository(connection)
        self.mails = MailRepository(connection)
        self.outages = OutageRepository(connection)
        self.access_log = AccessLogRepository(connection)
        self.reading = ReportReadingRepository(connection)
        self.operating_points = OperatingPointRepository(connection)
        self.registers = RegisterRepository(connection)
        return self

    def keep_expectations(self) -> None:
        """Until the end of this unit rules, calendar and rosters stay as they are; called before they are read.

        For whoever works out from them which workdays something touches: a change that is under way would not see what
        is touched here, nor be seen here. Any number of units may keep them at once.
        """
        self._lock_expectations(_KEEPING)

    def change_expectations(self) -> None:
        """Until the end of this unit nobody else changes rules, calendar or rosters, or keeps them; called first."""
        self._lock_expectations(_CHANGING)

    def _lock_expectations(self, lock: Select[Any]) -> None:
        if self._connection is None:
            raise RuntimeError("a lock outside of `with`")
        # SQLite has one writer at a time anyway.
        if self._connection.dialect.name != "sqlite":
            self._connection.execute(lock)

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
