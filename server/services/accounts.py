"""Accounts: who may sign in, as what, and whose they are. A change ends the sign-ins of the account."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from models.errors import CourtclockError
from server.services.context import ServerContext
from server.services.signing_in import hash_secret
from server.storage.records import AccountRecord, Role
from server.storage.unit_of_work import UnitOfWork

MIN_PASSWORD_CHARACTERS: Final = 12


def add_account(
    context: ServerContext,
    username: str,
    password: str,
    role: Role,
    division: str | None = None,
    employee_no: str | None = None,
) -> UUID:
    """A new account.

    Args:
        context: the server's parts.
        username, password: to sign in with.
        role: what the account may see and do.
        division: of a head.
        employee_no: whose account it is; who has one sees the own sheet and files requests.

    Raises:
        CourtclockError: ``account.exists``, ``account.weak_password``, ``division.unknown`` or ``person.unknown``.
    """
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise CourtclockError("account.weak_password", minimum=MIN_PASSWORD_CHARACTERS)
    with context.unit() as unit:
        if unit.accounts.by_username(username) is not None:
            raise CourtclockError("account.exists", username=username)
        division_id = None if division is None else _division_id(unit, division)
        person_id = None
        if employee_no is not None:
            person = unit.people.by_employee_no(employee_no)
            if person is None:
                raise CourtclockError("person.unknown", employee_no=employee_no)
            person_id = person.person_id
        account_id = unit.accounts.add(username, hash_secret(password), role, division_id, person_id)
        unit.commit()
    return account_id


def change_password(context: ServerContext, username: str, password: str) -> None:
    """Another password; every sign-in of the account ends.

    Raises:
        CourtclockError: ``account.unknown`` or ``account.weak_password``.
    """
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise CourtclockError("account.weak_password", minimum=MIN_PASSWORD_CHARACTERS)
    with context.unit() as unit:
        account = _known(unit, username)
        unit.accounts.set_password_hash(account.account_id, hash_secret(password))
        unit.accounts.close_sessions_of(account.account_id)
        unit.commit()


def change_role(context: ServerContext, username: str, role: Role, division: str | None = None) -> None:
    """Another role, or another division of a head; every sign-in of the account ends.

    Raises:
        CourtclockError: ``account.unknown`` or ``division.unknown``.
    """
    with context.unit() as unit:
        account = _known(unit, username)
        division_id = None if division is None else _division_id(unit, division)
        unit.accounts.set_role(account.account_id, role, division_id)
        unit.accounts.close_sessions_of(account.account_id)
        unit.commit()


def set_active(context: ServerContext, username: str, *, active: bool) -> None:
    """Let an account sign in no more and end its sign-ins, or let it sign in again.

    Raises:
        CourtclockError: ``account.unknown``.
    """
    with context.unit() as unit:
        account = _known(unit, username)
        unit.accounts.set_active(account.account_id, active=active)
        unit.accounts.close_sessions_of(account.account_id)
        unit.commit()


def _known(unit: UnitOfWork, username: str) -> AccountRecord:
    account = unit.accounts.by_username(username)
    if account is None:
        raise CourtclockError("account.unknown", username=username)
    return account


def _division_id(unit: UnitOfWork, division: str) -> UUID:
    division_id = unit.people.division_id(division)
    if division_id is None:
        raise CourtclockError("division.unknown", name=division)
    return division_id
