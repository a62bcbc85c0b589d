"""Gives enrollment the storage that it asks for: people, consent, sealed templates."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from enrollment.ports import ConsentRecord, ConsentState, EnrollmentTransaction, KnownPerson, NewPerson, StoredTemplate
from models.clock import open_clock
from models.faces.values import Encoding, ModelId
from models.sealing import seal
from models.settings import Settings
from server.services.context import ServerContext, open_context
from server.services.court_rules import rules_in_force
from server.services.devices import open_template, template_owner
from server.services.joining import first_day_judged
from server.services.signing_in import hash_secret, secret_fits
from server.storage.records import ConsentEntry, TemplateRecord
from server.storage.unit_of_work import UnitOfWork


class StoredEnrollment:
    """Enrollment's store on the server's database. Every change that kiosks must know raises the gallery version."""

    def __init__(self, context: ServerContext) -> None:
        self._context = context

    @contextmanager
    def begin(self) -> Iterator[EnrollmentTransaction]:
        """A new transaction; leaving without commit undoes it."""
        with self._context.unit() as unit:
            yield _Transaction(self._context, unit)


class _Transaction:
    def __init__(self, context: ServerContext, unit: UnitOfWork) -> None:
        self._context = context
        self._unit = unit
        self._kiosks_must_know = False
        self._now = context.clock.now()

    def find_person(self, employee_no: str) -> KnownPerson | None:
        person = self._unit.people.by_employee_no(employee_no)
        if person is None:
            return None
        return KnownPerson(person.person_id, person.employee_no, person.name, person.division)

    def add_person(self, person: NewPerson) -> UUID:
        self._kiosks_must_know = True
        # Rules that are put in force meanwhile would not touch the first day of somebody whom they do not see.
        self._unit.keep_expectations()
        rules = rules_in_force(self._context, self._unit)
        first_day = first_day_judged(rules, self._now)
        person_id = self._unit.people.add(
            person.employee_no, person.name, self._division_id(person.division), first_day
        )
        if first_day <= rules.site.day_of(self._now):
            # That day has begun, and with it everybody else was given a row.
            self._unit.workdays.touch([(person_id, first_day)])
        return person_id

    def update_person(self, person_id: UUID, name: str, division: str | None) -> None:
        self._kiosks_must_know = True
        today = self._context.site.day_of(self._now)
        self._unit.people.rename(person_id, name, self._division_id(division), today)

    def has_pin(self, person_id: UUID, pin: str) -> bool:
        person = self._unit.people.by_id(person_id)
        return person is not None and person.pin_hash is not None and secret_fits(person.pin_hash, pin)

    def set_pin(self, person_id: UUID, pin: str) -> None:
        self._kiosks_must_know = True
        self._unit.people.set_pin_hash(person_id, hash_secret(pin))

    def consent_of(self, person_id: UUID) -> ConsentState | None:
        entry = self._unit.people.consent_of(person_id)
        return None if entry is None else ConsentState(entry.decision, entry.notice_version, entry.decided_on)

    def record_consent(self, person_id: UUID, record: ConsentRecord) -> None:
        before = self._unit.people.consent_of(person_id)
        withdrawn = record.decision == "refused" and before is not None and before.decision == "given"
        entry = ConsentEntry(
            "withdrawn" if withdrawn else record.decision,
            record.notice_version,
            record.decided_on,
            record.recorded_by,
        )
        self._unit.people.add_consent(person_id, entry, self._now)
        if withdrawn:
            self._unit.people.remove_templates_of(person_id)
            self._kiosks_must_know = True

    def templates(self, model_id: ModelId) -> list[StoredTemplate]:
        numbers = {person.person_id: person.employee_no for person in self._unit.people.active()}
        return [
            StoredTemplate(
                record.person_id,
                numbers[record.person_id],
                record.photo_sha256,
                Encoding.from_bytes(model_id, open_template(self._context, record)),
            )
            for record in self._unit.people.templates(model_id)
            if record.person_id in numbers and record.view == 0
        ]

    def add_template(self, person_id: UUID, photo_sha256: str, encoding: Encoding, view: int = 0) -> None:
        consent = self._unit.people.consent_of(person_id)
        if consent is None or consent.decision != "given":
            raise ValueError("no template without a consent in force")
        template_id = uuid.uuid4()
        owner = template_owner(person_id, template_id, encoding.model_id)
        sealed = seal(self._context.template_key, encoding.to_bytes(), owner)
        record = TemplateRecord(template_id, person_id, encoding.model_id, photo_sha256, sealed, view)
        self._unit.people.add_template(record, self._now)
        self._kiosks_must_know = True

    def commit(self) -> None:
        if self._kiosks_must_know:
            self._unit.people.raise_gallery_version(self._now)
        self._unit.commit()

    def _division_id(self, name: str | None) -> UUID | None:
        return None if name is None else self._unit.people.ensure_division(name)


def open_store(settings: Settings) -> StoredEnrollment:
    """The store behind the entry point ``courtclock.enrollment_store``.

    Raises:
        CourtclockError: as ``open_context``.
    """
    return StoredEnrollment(open_context(settings, open_clock(settings.clock.compressed_day)))
