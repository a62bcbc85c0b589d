"""Accounts and their sessions."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, case, delete, insert, select, update

from server.storage.records import AccountRecord, Role, SessionRecord
from server.storage.tables import account, session


class AccountRepository:
    """Who may sign in, and who is signed in, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @staticmethod
    def _record(row: Row[Any]) -> AccountRecord:
        return AccountRecord(
            row.account_id,
            row.username,
            row.password_hash,
            row.role,
            row.division_id,
            row.person_id,
            row.active,
            row.failed_tries,
            row.last_failed_at,
            row.email,
            row.language,
        )

    def by_username(self, username: str) -> AccountRecord | None:
        """The account of this name."""
        row = self._connection.execute(select(account).where(account.c.username == username)).one_or_none()
        return None if row is None else self._record(row)

    def by_id(self, account_id: UUID) -> AccountRecord | None:
        """The account with this identifier."""
        row = self._connection.execute(select(account).where(account.c.account_id == account_id)).one_or_none()
        return None if row is None else self._record(row)

    def add(
        self,
        username: str,
        password_hash: str,
        role: Role,
        division_id: UUID | None,
        person_id: UUID | None = None,
    ) -> UUID:
        """A new account; gives its identifier."""
        account_id = uuid.uuid4()
        self._connection.execute(
            insert(account).values(
                account_id=account_id,
                username=username,
                password_hash=password_hash,
                role=role,
                division_id=division_id,
                person_id=person_id,
                active=True,
                failed_tries=0,
            )
        )
        return account_id

    def set_password_hash(self, account_id: UUID, password_hash: str) -> None:
        """Another password."""
        self._connection.execute(
            update(account).where(account.c.account_id == account_id).values(password_hash=password_hash)
        )

    def set_role(self, account_id: UUID, role: Role, division_id: UUID | None) -> None:
        """What the account may see and do from now on."""
        self._connection.execute(
            update(account).where(account.c.account_id == account_id).values(role=role, division_id=division_id)
        )

    def set_active(self, account_id: UUID, *, active: bool) -> None:
        """Whether the account may sign in."""
        self._connection.execute(update(account).where(account.c.account_id == account_id).values(active=active))

    def everybodys(self) -> list[AccountRecord]:
        """All accounts, by name."""
        return [self._record(row) for row in self._connection.execute(select(account).order_by(account.c.username))]

    def set_email(self, account_id: UUID, email: str | None, language: str | None) -> None:
        """Where reports are sent, and in which language; None sends none, or takes the court's language."""
        self._connection.execute(
            update(account).where(account.c.account_id == account_id).values(email=email, language=language)
        )

    def close_those_of(self, person_id: UUID) -> None:
        """Let the accounts of somebody sign in no more, and end their sign-ins."""
        own = select(account.c.account_id).where(account.c.person_id == person_id)
        self._connection.execute(delete(session).where(session.c.account_id.in_(own)))
        self._connection.execute(update(account).where(account.c.person_id == person_id).values(active=False))

    def roles_of(self, person_id: UUID) -> set[str]:
        """The roles of somebody's active accounts."""
        rows = self._connection.execute(
            select(account.c.role).where(account.c.person_id == person_id, account.c.active)
        )
        return {row.role for row in rows}

    def active_with_email(self) -> list[AccountRecord]:
        """Every active account that has an e-mail address, by name."""
        rows = self._connection.execute(
            select(account).where(account.c.active, account.c.email.is_not(None)).order_by(account.c.username)
        )
        return [self._record(row) for row in rows]

    def note_failure(self, account_id: UUID, at: datetime, forget_before: datetime) -> None:
        """A wrong password; counted in the database, so that no two at once count as one.

        Failures before ``forget_before`` are forgotten.
        """
        recent = account.c.last_failed_at.is_not(None) & (account.c.last_failed_at > forget_before)
        tries = case((recent, account.c.failed_tries + 1), else_=1)
        self._connection.execute(
            update(account).where(account.c.account_id == account_id).values(failed_tries=tries, last_failed_at=at)
        )

    def clear_failures(self, account_id: UUID) -> None:
        """A right password."""
        self._connection.execute(
            update(account).where(account.c.account_id == account_id).values(failed_tries=0, last_failed_at=None)
        )

    def open_session(self, token_hash: str, account_id: UUID, at: datetime) -> None:
        """A new sign-in."""
        self._connection.execute(
            insert(session).values(token_hash=token_hash, account_id=account_id, started_at=at, last_used_at=at)
        )

    def session(self, token_hash: str) -> SessionRecord | None:
        """The sign-in behind a token, of an active account."""
        row = self._connection.execute(
            select(account, session.c.started_at, session.c.last_used_at)
            .join(session)
            .where(session.c.token_hash == token_hash, account.c.active)
        ).one_or_none()
        return None if row is None else SessionRecord(self._record(row), row.started_at, row.last_used_at)

    def touch_session(self, token_hash: str, at: datetime) -> None:
        """The sign-in was used."""
        self._connection.execute(update(session).where(session.c.token_hash == token_hash).values(last_used_at=at))

    def close_session(self, token_hash: str) -> None:
        """Sign out, here and at once."""
        self._connection.execute(delete(session).where(session.c.token_hash == token_hash))

    def close_sessions_of(self, account_id: UUID) -> None:
        """End every sign-in of an account."""
        self._connection.execute(delete(session).where(session.c.account_id == account_id))
