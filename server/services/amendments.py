"""Amendments of locked months: what becomes of a change, and what HR has decided about one, in words."""

from __future__ import annotations

from typing import Any, Final, Literal

from models.language import N_, Language, translate
from server.attendance.explaining import summary
from server.attendance.wording import status_names
from server.services.context import ServerContext
from server.services.court_rules import CourtRules
from server.services.deriving import as_verdict, reads_as_stored
from server.storage.months import AmendmentRecord
from server.storage.records import WorkdayRecord
from server.storage.unit_of_work import UnitOfWork
from server.storage.workdays import as_plain, from_plain

Fate = Literal["proposed", "alike", "refused", "waiting"]
"""Of a locked workday that judging would change: it is proposed to HR; it would count and read the same, so it stays;
HR refused exactly that; or it was not judged again yet."""
_NOTHING: Final = N_("no workday")
_SIGNED: Final = N_(
    "Amended after the month was locked, signed by {who} on {moment}: {before} -> {after}. Reason: {reason}"
)
_LISTED: Final = N_("It stands on the bulletin of {month}.")
_UNLISTED: Final = N_("The next bulletin will list it.")
_REFUSED: Final = N_("An amendment was refused by {who} on {moment}: {before} stays, not {after}. Reason: {reason}")


def fate_of_change(unit: UnitOfWork, rules: CourtRules, stored: WorkdayRecord, judged: WorkdayRecord) -> Fate:
    """What becomes of what judging a locked workday at this moment gives."""
    if reads_as_stored(stored, as_verdict(judged, rules), rules):
        return "alike"
    before, after = as_plain(stored), as_plain(judged)
    if unit.months.refusal(stored.person_id, stored.day, before, after) is not None:
        return "refused"
    opened = unit.months.proposal(stored.person_id, stored.day)
    return "waiting" if opened is None or opened.after != after else "proposed"


def amended_verdict(record: AmendmentRecord, content: dict[str, Any], rules: CourtRules, language: Language) -> str:
    """What one side of an amendment says, in a line."""
    if not content:
        return translate(_NOTHING, language)
    try:
        return summary(as_verdict(from_plain(record.person_id, record.day, content), rules), language)
    except (ValueError, LookupError, TypeError, AttributeError):
        # What was locked was no verdict, as after somebody changed it by hand.
        return status_names(str(content.get("status", "")), language)


def decided_amendment(context: ServerContext, record: AmendmentRecord, rules: CourtRules, language: Language) -> str:
    """The whole story of an amendment that HR has signed or refused."""
    moment = "" if record.decided_at is None else f"{record.decided_at.astimezone(context.site.zone):%Y-%m-%d %H:%M}"
    is_signed = record.state == "signed"
    told = translate(_SIGNED if is_signed else _REFUSED, language).format(
        who=record.who,
        moment=moment,
        before=amended_verdict(record, record.before, rules, language),
        after=amended_verdict(record, record.after, rules, language),
        reason=record.reason or "",
    )
    if not is_signed:
        return told
    listed = translate(_UNLISTED if record.bulletin is None else _LISTED, language).format(month=record.bulletin)
    return f"{told} {listed}"
