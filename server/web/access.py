"""Who looks, in which language, and how far they may see."""

from __future__ import annotations

from flask import request

from models.errors import CourtclockError
from models.language import Language, choose_language
from server.services.context import ServerContext
from server.services.signing_in import signed_in
from server.storage.records import AccountRecord

LANGUAGE_COOKIE = "language"


def session_cookie(context: ServerContext) -> str:
    """Name of the sign-in cookie; bound to host and HTTPS where cookies are secure."""
    return "__Host-courtclock" if context.settings.server.secure_cookies else "courtclock"


def page_language(context: ServerContext) -> Language:
    """Chosen on the page, else remembered, else the browser's, else the court's."""
    chosen = request.args.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    if chosen is None:
        chosen = request.accept_languages.best_match(["zh", "zh-CN", "en"])
    return choose_language(chosen, context.settings.court.language)


def current_account(context: ServerContext) -> AccountRecord | None:
    """Who is signed in; None for nobody."""
    token = request.cookies.get(session_cookie(context))
    # A page that loads itself anew is not somebody at the screen: it must not keep a sign-in alive.
    used = "refreshed" not in request.args
    return None if token is None else signed_in(context, token, used=used)


class SignInNeeded(Exception):
    """Nobody is signed in; the app leads to the sign-in form and back."""


def require_account(context: ServerContext) -> AccountRecord:
    """Who is signed in.

    Raises:
        SignInNeeded: nobody is.
    """
    account = current_account(context)
    if account is None:
        raise SignInNeeded
    return account


def require_hr(account: AccountRecord) -> None:
    """For pages about everybody's faces.

    Raises:
        CourtclockError: ``page.forbidden`` for anybody but HR.
    """
    if account.role != "hr":
        raise CourtclockError("page.forbidden")
