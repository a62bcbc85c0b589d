"""Who does something, whose requests and sheets somebody may see, and for whom somebody may file."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.services.scope import COURT_ROLES
from server.storage.records import AccountRecord, PersonRecord


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: an account, or whoever sits at the server's command line, which is HR's.

    Attributes:
        person_id: the person that the account belongs to, if any.
        division_id: of a head.
    """

    username: str
    role: str
    person_id: UUID | None = None
    division_id: UUID | None = None

    @staticmethod
    def of(account: AccountRecord) -> Actor:
        """The owner of an account."""
        return Actor(account.username, account.role, account.person_id, account.division_id)


def may_see(actor: Actor, person: PersonRecord) -> bool:
    """Whether somebody may see a person's requests and sheet: the own, the own division's, or the court's."""
    return actor.role in COURT_ROLES or may_file_for(actor, person)


def may_file_for(actor: Actor, person: PersonRecord) -> bool:
    """Whether somebody may file a person's requests: the own, the own division's, or HR anybody's."""
    if actor.role == "hr" or actor.person_id == person.person_id:
        return True
    return actor.role == "head" and actor.division_id is not None and person.division_id == actor.division_id
