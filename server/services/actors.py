"""Who does something, and whose requests and sheets somebody may see."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

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
    if actor.role in ("hr", "president", "vice_president"):
        return True
    if actor.role == "head" and actor.division_id is not None and person.division_id == actor.division_id:
        return True
    return actor.person_id == person.person_id
