"""Every look at other people's data is written down before anything is handed out."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Response, request

from server.services.context import ServerContext
from server.storage.access_log import Accessed, AccessEntry, AccessForm
from server.storage.records import AccountRecord
from server.web.access import current_account

# Pages that name people. Reports, sheets, workdays and documents are written down where they are read, each with its
# period and its form.
NOTED_PAGES: Final[dict[str, Accessed]] = {
    "pages.board": "board",
    "pages.operating_point": "operating_point",
    "requests.home": "requests",
    "requests.one": "request",
    "requests.decide_now": "request",
    "hr.people": "people",
    "hr.rosters": "rosters",
    "hr.outage": "outages",
    "hr.month_close": "month_close",
    "hr.try_rules": "what_if",
    "hr.access_log": "access_log",
}

_ONE_LOOK: Final = timedelta(minutes=30)


def note_access(
    context: ServerContext, account: AccountRecord, what: Accessed, scope: str, form: AccessForm = "page"
) -> None:
    """Write down that an account looks at something, or takes a file away.

    Args:
        context: the server's parts.
        account: who.
        what: kind of page.
        scope: which period, of whom: the court, a division or an employee number.
        form: a page, or the kind of file.
    """
    entry = AccessEntry(context.clock.host_now(), account.username, what, scope, form)
    with context.unit() as unit:
        unit.access_log.add(entry)
        unit.commit()


def note_page(context: ServerContext, response: Response) -> None:
    """Write down that somebody looks at one of the pages that name people; the own requests are nobody else's."""
    what = NOTED_PAGES.get(request.endpoint or "")
    if what is None or response.status_code != 200:
        return
    account = current_account(context)
    if account is None or (what == "requests" and account.role == "employee"):
        return
    scope = _scope(context, account, what)
    if scope is None:
        return
    if "refreshed" in request.args:
        # A page that loads itself anew is the same look, for as long as it does.
        with context.unit(read_only=True) as unit:
            since = context.clock.host_now() - _ONE_LOOK
            if unit.access_log.has(account.username, what, scope, "page", since):
                return
    note_access(context, account, what, scope)


def _scope(context: ServerContext, account: AccountRecord, what: Accessed) -> str | None:
    """Which period, of whom; None where it is the account's own person."""
    if what == "request":
        with context.unit(read_only=True) as unit:
            found = unit.requests.by_id(request.view_args["request_id"]) if request.view_args else None
            people = {} if found is None else unit.people.by_ids([found.filed.person_id])
        if found is None or found.filed.person_id == account.person_id:
            return None
        return f"{people[found.filed.person_id].employee_no} {found.filed.request_id}"
    whole = "court" if account.role != "head" else str(account.division_id)
    asked = request.args.get("person", "").strip()
    values = [str(one) for one in (request.view_args or {}).values()]
    return " ".join([*values, asked or whole])
