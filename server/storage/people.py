"""People, divisions, consent and templates."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, case, delete, insert, or_, select, update

from server.attendance.rules import BEGINNING
from server.storage.inserting import insert_if_new, one_of, these_values
from server.storage.memberships import append_membership, held_on
from server.storage.records import ConsentEntry, PersonRecord, TemplateRecord
from server.storage.tables import consent, division, gallery_version, person, template

_FIRST_VERSION_AT: Final = datetime(2025, 1, 1, tzinfo=UTC)
"""Seconds since then fit the column's 32 bits until 2093; since 1970 they would until 2038."""


def _with_division(held: ColumnElement[Any]) -> Select[Any]:
    columns = person, division.c.division_id.label("held_division_id"), division.c.name.label("division")
    return select(*columns).select_from(person).outerjoin(division, division.c.division_id == held)


_WITH_DIVISION: Final = _with_division(person.c.division_id)


# Asked about every clock event that arrives, and built once.
@cache
def _these(dialect: str) -> Select[Any]:
    return _WITH_DIVISION.where(one_of(dialect, person.c.person_id))


def _spans(plain: Sequence[tuple[str, str]]) -> tuple[tuple[date, date], ...]:
    return tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in plain)


class PeopleRepository:
    """Everything about people, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _select(self, on: date | None = None) -> Select[Any]:
        """People with their division, of now or of a day."""
        return _WITH_DIVISION if on is None else _with_division(held_on(on))

    @staticmethod
    def _record(row: Row[Any]) -> PersonRecord:
        return PersonRecord(
            row.person_id,
            row.employee_no,
            row.name,
            row.held_division_id,
            row.division,
            row.pin_hash,
            row.active,
            row.joined_on,
            row.left_on,
            () if row.register_spans is None else _spans(row.register_spans),
        )

    def by_employee_no(self, employee_no: str, on: date | None = None) -> PersonRecord | None:
        """The person with this number, in the division of a day, or of now."""
        row = self._connection.execute(self._select(on).where(person.c.employee_no == employee_no)).one_or_none()
        return None if row is None else self._record(row)

    def by_id(self, person_id: UUID, on: date | None = None) -> PersonRecord | None:
        """The person with this identifier, in the division of a day, or of now."""
        row = self._connection.execute(self._select(on).where(person.c.person_id == person_id)).one_or_none()
        return None if row is None else self._record(row)

    def hold(self, person_id: UUID) -> None:
        """Let nobody else hold this person before the unit has ended; who counts what a person has, holds first."""
        self._connection.execute(select(person.c.person_id).where(person.c.person_id == person_id).with_for_update())

    def active(self, division_id: UUID | None = None) -> list[PersonRecord]:
        """Everybody who works here, of one division or of all, by division and number."""
        query = self._select().where(person.c.active).order_by(division.c.name, person.c.employee_no)
        if division_id is not None:
            query = query.where(person.c.division_id == division_id)
        return [self._record(row) for row in self._connection.execute(query)]

    def of_day(self, day: date, division_id: UUID | None = None) -> list[PersonRecord]:
        """Everybody who worked here on a day, in the division of that day, of one or of all, by division and number."""
        return self.between(day, day, division_id)

    def between(self, first_day: date, last_day: date, division_id: UUID | None = None) -> list[PersonRecord]:
        """Everybody who worked here on some day of a period, where they were on its last, by division and number."""
        query = (
            self._select(last_day)
            .where(
                or_(person.c.joined_on <= last_day, person.c.register_spans.is_not(None)),
                or_(person.c.left_on.is_(None), person.c.left_on >= first_day),
            )
            .order_by(division.c.name, person.c.employee_no)
        )
        if division_id is not None:
            query = query.where(division.c.division_id == division_id)
        found = [self._record(row) for row in self._connection.execute(query)]
        return [one for one in found if one.works_between(first_day, last_day)]

    def everybody(self) -> list[PersonRecord]:
        """All who ever worked here, in the order of their identifiers."""
        return [self._record(row) for row in self._connection.execute(self._select().order_by(person.c.person_id))]

    def all_ids(self) -> set[UUID]:
        """The identifiers of all who ever worked here."""
        return set(self._connection.execute(select(person.c.person_id)).scalars())

    def known(self, person_ids: AbstractSet[UUID]) -> set[UUID]:
        """Those of these identifiers that belong to somebody."""
        if not person_ids:
            return set()
        wanted = one_of(self._connection.dialect.name, person.c.person_id)
        these = these_values(self._connection, (person.c.person_id, person_ids))
        return set(self._connection.execute(select(person.c.person_id).where(wanted), these).scalars())

    def by_ids(self, person_ids: Sequence[UUID], on: date | None = None) -> dict[UUID, PersonRecord]:
        """These people, by identifier, in the divisions of a day, or of now."""
        dialect = self._connection.dialect.name
        query = _these(dialect) if on is None else self._select(on).where(one_of(dialect, person.c.person_id))
        rows = self._connection.execute(query, these_values(self._connection, (person.c.person_id, person_ids)))
        return {row.person_id: self._record(row) for row in rows}

    def set_last_day(self, person_id: UUID, left_on: date | None) -> None:
        """The last day on which somebody works here; None when the person stays."""
        self._connection.execute(update(person).where(person.c.person_id == person_id).values(left_on=left_on))

    def set_active(self, person_id: UUID, active: bool) -> None:
        """Whether kiosks know the person."""
        self._connection.execute(update(person).where(person.c.person_id == person_id).values(active=active))

    def set_register_spans(self, person_id: UUID, spans: Sequence[tuple[date, date]]) -> None:
        """The days that imported registers judge; none where there are no imports any more."""
        plain = [[first.isoformat(), last.isoformat()] for first, last in spans] or None
        self._connection.execute(update(person).where(person.c.person_id == person_id).values(register_spans=plain))

    def leavers(self, before: date) -> list[UUID]:
        """Those whose last day lies before a date and whom kiosks still know."""
        query = select(person.c.person_id).where(person.c.active, person.c.left_on < before)
        return list(self._connection.execute(query.order_by(person.c.person_id)).scalars())

    def add(self, employee_no: str, name: str, division_id: UUID | None, joined_on: date) -> UUID:
        """A new person; gives the identifier."""
        person_id = uuid.uuid4()
        self._connection.execute(
            insert(person).values(
                person_id=person_id,
                employee_no=employee_no,
                name=name,
                division_id=division_id,
                active=True,
                joined_on=joined_on,
            )
        )
        append_membership(self._connection, person_id, division_id, BEGINNING)
        return person_id

    def rename(self, person_id: UUID, name: str, division_id: UUID | None, from_day: date) -> None:
        """Another name, or another division from a day on: what was before that day stays with the old one."""
        self._connection.execute(
            update(person).where(person.c.person_id == person_id).values(name=name, division_id=division_id)
        )
        append_membership(self._connection, person_id, division_id, from_day)

    def set_pin_hash(self, person_id: UUID, pin_hash: str) -> None:
        """Another PIN."""
        self._connection.execute(update(person).where(person.c.person_id == person_id).values(pin_hash=pin_hash))

    def division_id(self, name: str) -> UUID | None:
        """The division of this name."""
        return self._connection.execute(select(division.c.division_id).where(division.c.name == name)).scalar()

    def ensure_division(self, name: str) -> UUID:
        """The division of this name, made if there is none."""
        found = self.division_id(name)
        if found is not None:
            return found
        division_id = uuid.uuid4()
        self._connection.execute(insert(division).values(division_id=division_id, name=name))
        return division_id

    def consent_of(self, person_id: UUID) -> ConsentEntry | None:
        """The last line of the person's consent ledger."""
        row = self._connection.execute(
            select(consent).where(consent.c.person_id == person_id).order_by(consent.c.recorded_at.desc()).limit(1)
        ).one_or_none()
        if row is None:
            return None
        return ConsentEntry(row.decision, row.notice_version, row.decided_on, row.recorded_by)

    def add_consent(self, person_id: UUID, entry: ConsentEntry, recorded_at: datetime) -> None:
        """A new line in the ledger; older ones stay.

        The last line written is the last line read: where the clock stood still or went back since the line before, the
        new one is dated a microsecond after that.
        """
        newest = self._connection.execute(
            select(consent.c.recorded_at)
            .where(consent.c.person_id == person_id)
            .order_by(consent.c.recorded_at.desc())
            .limit(1)
        ).scalar()
        if newest is not None:
            recorded_at = max(recorded_at, newest + timedelta(microseconds=1))
        self._connection.execute(
            insert(consent).values(
                consent_id=uuid.uuid4(),
                person_id=person_id,
                decision=entry.decision,
                notice_version=entry.notice_version,
                decided_on=entry.decided_on,
                recorded_by=entry.recorded_by,
                recorded_at=recorded_at,
            )
        )

    def templates(self, model_id: str) -> list[TemplateRecord]:
        """All templates of one model, in the order in which they were made."""
        rows = self._connection.execute(
            select(template)
            .where(template.c.model_id == model_id)
            .order_by(template.c.created_at, template.c.photo_sha256, template.c.view, template.c.template_id)
        )
        return [
            TemplateRecord(row.template_id, row.person_id, row.model_id, row.photo_sha256, row.sealed_vector, row.view)
            for row in rows
        ]

    def add_template(self, record: TemplateRecord, created_at: datetime) -> None:
        """A new template."""
        self._connection.execute(
            insert(template).values(
                template_id=record.template_id,
                person_id=record.person_id,
                model_id=record.model_id,
                photo_sha256=record.photo_sha256,
                sealed_vector=record.sealed_vector,
                view=record.view,
                created_at=created_at,
            )
        )

    def gallery_version(self) -> int:
        """Rises with each change to what kiosks must know; 0 before the first."""
        return self._connection.execute(select(gallery_version.c.version)).scalar() or 0

    def raise_gallery_version(self, now: datetime) -> None:
        """Something changed that kiosks must know.

        The version is the time in seconds, or the next number where that would not rise: a mere counter would, after
        a backup is restored, come round to numbers that kiosks already have with other content.
        """
        at_least = max(1, int((now - _FIRST_VERSION_AT).total_seconds()))
        if not insert_if_new(self._connection, gallery_version, {"only_row": 1, "version": at_least}):
            following = gallery_version.c.version + 1
            self._connection.execute(
                update(gallery_version).values(version=case((following < at_least, at_least), else_=following))
            )

    def remove_templates_of(self, person_id: UUID) -> int:
        """Delete a person's templates; gives how many."""
        return self._connection.execute(delete(template).where(template.c.person_id == person_id)).rowcount
