"""Passwords and sessions. Sessions live on the server, so ending one ends it at once."""

from __future__ import annotations

import hashlib
import math
import secrets
from datetime import timedelta
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.errors import CourtclockError
from server.services.context import ServerContext
from server.storage.records import AccountRecord

MAX_FAILED_TRIES: Final = 5
LOCK_MINUTES: Final = 15

_hasher: Final = PasswordHasher()


def hash_secret(secret: str) -> str:
    """Argon2id hash of a password or a PIN."""
    return _hasher.hash(secret)


def secret_fits(secret_hash: str, secret: str) -> bool:
    """Whether a password or PIN is the one behind a hash."""
    try:
        return _hasher.verify(secret_hash, secret)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    """Checked for names that do not exist, so that they take as long as those that do."""
    return hash_secret("nobody")


def token_hash(token: str) -> str:
    """What the database keeps of a token: a leaked table signs nobody in."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(context: ServerContext, username: str, password: str) -> str:
    """Check name and password; gives a new token.

    Raises:
        CourtclockError: ``signin.refused``, or ``signin.locked`` after too many failures.
    """
    now = context.clock.host_now()
    lock = timedelta(minutes=LOCK_MINUTES)
    # No name has a NUL in it, and PostgreSQL cannot even be asked for one.
    with context.unit(read_only=True) as unit:
        account = None if "\x00" in username else unit.accounts.by_username(username)
    if account is not None and account.last_failed_at is not None and account.failed_tries >= MAX_FAILED_TRIES:
        locked_for = account.last_failed_at + lock - now
        if locked_for > timedelta(0):
            raise CourtclockError("signin.locked", minutes=math.ceil(locked_for / timedelta(minutes=1)))
    fits = secret_fits(account.password_hash if account is not None else _nobodys_hash(), password)
    if account is None or not account.active or not fits:
        if account is not None:
            with context.unit() as unit:
                unit.accounts.note_failure(account.account_id, now, forget_before=now - lock)
                unit.commit()
        raise CourtclockError("signin.refused")
    token = secrets.token_urlsafe(32)
    with context.unit() as unit:
        unit.accounts.clear_failures(account.account_id)
        unit.accounts.open_session(token_hash(token), account.account_id, now)
        unit.commit()
    return token


def signed_in(context: ServerContext, token: str, *, used: bool = True) -> AccountRecord | None:
    """Whose token this is; None when it ended, was never given, or is too old.

    With ``used`` the sign-in counts as in use from now on.
    """
    now = context.clock.host_now()
    hashed = token_hash(token)
    server = context.settings.server
    with context.unit(read_only=True) as unit:
        session = unit.accounts.session(hashed)
    if session is None:
        return None
    idle = now - session.last_used_at > timedelta(minutes=server.session_idle_minutes)
    if idle or now - session.started_at > timedelta(hours=server.session_hours):
        sign_out(context, token)
        return None
    if used and now - session.last_used_at > timedelta(minutes=1):
        with context.unit() as unit:
            unit.accounts.touch_session(hashed, now)
            unit.commit()
    return session.account


def sign_out(context: ServerContext, token: str) -> None:
    """End a sign-in."""
    with context.unit() as unit:
        unit.accounts.close_session(token_hash(token))
        unit.commit()
