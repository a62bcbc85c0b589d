"""A dry run: a store that reads from the real one and writes into thin air."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID, uuid4

from enrollment.ports import (
    ConsentRecord,
    ConsentState,
    EnrollmentStore,
    EnrollmentTransaction,
    KnownPerson,
    NewPerson,
    StoredTemplate,
)
from models.faces.values import Encoding, ModelId


@dataclass(frozen=True, slots=True)
class _Pretended:
    """In what the real store would differ.

    Attributes:
        people: added, changed or merely asked for, by identifier.
        added: those of them whom the real store has never heard of.
        faceless: whose real templates would be gone.
    """

    people: dict[UUID, KnownPerson] = field(default_factory=dict)
    added: set[UUID] = field(default_factory=set)
    pins: dict[UUID, str] = field(default_factory=dict)
    consents: dict[UUID, ConsentState] = field(default_factory=dict)
    templates: list[StoredTemplate] = field(default_factory=list)
    faceless: set[UUID] = field(default_factory=set)

    def copy(self) -> _Pretended:
        return _Pretended(
            dict(self.people),
            set(self.added),
            dict(self.pins),
            dict(self.consents),
            list(self.templates),
            set(self.faceless),
        )


class RehearsalStore:
    """Behaves like the store it is given, which never hears of a write: its transactions are never committed.

    One rehearsal remembers what it pretended, so people who are new in the same run are compared
    with each other as they would be in earnest.
    """

    def __init__(self, store: EnrollmentStore) -> None:
        self._store = store
        self._pretended = _Pretended()

    @contextmanager
    def begin(self) -> Iterator[EnrollmentTransaction]:
        """A transaction that pretends."""
        with self._store.begin() as real:
            rehearsed = _RehearsedTransaction(real, self._pretended.copy())
            yield rehearsed
        if rehearsed.committed:
            self._pretended = rehearsed.pretended


class _RehearsedTransaction:
    def __init__(self, real: EnrollmentTransaction, pretended: _Pretended) -> None:
        self._real = real
        self.pretended = pretended
        self.committed = False

    def find_person(self, employee_no: str) -> KnownPerson | None:
        for person in self.pretended.people.values():
            if person.employee_no == employee_no:
                return person
        found = self._real.find_person(employee_no)
        if found is not None:
            self.pretended.people[found.person_id] = found
        return found

    def add_person(self, person: NewPerson) -> UUID:
        person_id = uuid4()
        self.pretended.people[person_id] = KnownPerson(person_id, person.employee_no, person.name, person.division)
        self.pretended.added.add(person_id)
        return person_id

    def update_person(self, person_id: UUID, name: str, division: str | None) -> None:
        person = self.pretended.people[person_id]
        self.pretended.people[person_id] = replace(person, name=name, division=division)

    def has_pin(self, person_id: UUID, pin: str) -> bool:
        if person_id in self.pretended.pins:
            return self.pretended.pins[person_id] == pin
        return person_id not in self.pretended.added and self._real.has_pin(person_id, pin)

    def set_pin(self, person_id: UUID, pin: str) -> None:
        self.pretended.pins[person_id] = pin

    def consent_of(self, person_id: UUID) -> ConsentState | None:
        if person_id in self.pretended.added or person_id in self.pretended.consents:
            return self.pretended.consents.get(person_id)
        return self._real.consent_of(person_id)

    def record_consent(self, person_id: UUID, record: ConsentRecord) -> None:
        before = self.consent_of(person_id)
        decision: Literal["given", "refused", "withdrawn"] = record.decision
        if record.decision == "refused" and before is not None and before.decision == "given":
            decision = "withdrawn"
            self.pretended.faceless.add(person_id)
            self.pretended.templates[:] = [one for one in self.pretended.templates if one.person_id != person_id]
        self.pretended.consents[person_id] = ConsentState(decision, record.notice_version, record.decided_on)

    def templates(self, model_id: ModelId) -> list[StoredTemplate]:
        real = [one for one in self._real.templates(model_id) if one.person_id not in self.pretended.faceless]
        return real + [one for one in self.pretended.templates if one.encoding.model_id == model_id]

    def add_template(self, person_id: UUID, photo_sha256: str, encoding: Encoding, view: int = 0) -> None:
        if view > 0:
            return
        employee_no = self.pretended.people[person_id].employee_no
        self.pretended.templates.append(StoredTemplate(person_id, employee_no, photo_sha256, encoding))

    def commit(self) -> None:
        self.committed = True
