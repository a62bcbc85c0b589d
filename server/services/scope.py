"""How far an account may see: the whole court, one division, or neither. The same for pages, files and mails."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from models.errors import CourtclockError
from server.storage.records import AccountRecord, Role

COURT_ROLES: Final[tuple[Role, ...]] = ("hr", "vice_president", "president")
"""Roles that see the whole court."""


def visible_division(account: AccountRecord) -> UUID | None:
    """The one division that an account may see; None is the whole court.

    Raises:
        CourtclockError: ``page.forbidden`` for an account that may see neither.
    """
    if account.role in COURT_ROLES:
        return None
    if account.role == "head" and account.division_id is not None:
        return account.division_id
    raise CourtclockError("page.forbidden")
