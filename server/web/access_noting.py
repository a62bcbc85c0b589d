"""Every look at people's attendance is written down before anything is handed out."""

from __future__ import annotations

from server.services.context import ServerContext
from server.storage.access_log import Accessed, AccessEntry, AccessForm
from server.storage.records import AccountRecord


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
