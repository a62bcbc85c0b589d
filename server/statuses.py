"""Which HTTP status an error code has: the only place where errors meet HTTP."""

from __future__ import annotations

from typing import Final

from models.errors import CourtclockError

_STATUS_OF_CODE: Final = {
    "wire.invalid": 400,
    "wire.version": 400,
    "page.bad_date": 400,
    "page.bad_month": 400,
    "page.bad_week": 400,
    "mail.bad_address": 400,
    "text.unfit": 400,
    "reason.missing": 400,
    "rules.invalid": 400,
    "rules.locked": 409,
    "person.unknown": 404,
    "roster.invalid": 400,
    "register.unreadable": 400,
    "register.unfinished": 409,
    "register.unknown": 404,
    "register.taken_back": 409,
    "register.needed": 409,
    "request.unknown": 404,
    "request.times": 400,
    "request.kind": 400,
    "request.point": 400,
    "request.in_future": 400,
    "request.too_late": 409,
    "request.over_quota": 409,
    "request.over_balance": 409,
    "request.overlaps": 409,
    "request.needs_document": 400,
    "request.attachment": 400,
    "request.decided": 409,
    "request.own": 403,
    "request.filed_by_you": 403,
    "request.needs_paper": 400,
    "request.closed": 409,
    "request.many_documents": 409,
    "request.not_yours": 403,
    "outage.unknown": 404,
    "outage.in_future": 400,
    "outage.not_declared": 409,
    "outage.retracted": 409,
    "workday.unjudged": 409,
    "month.not_over": 409,
    "month.locked": 409,
    "month.changed": 409,
    "month.not_kept": 409,
    "amendment.unknown": 404,
    "page.form_expired": 400,
    "pairing.refused": 403,
    "signature.missing": 401,
    "signature.invalid": 401,
    "signature.stale": 401,
    "signature.replayed": 401,
    "kiosk.unknown": 401,
    "kiosk.revoked": 403,
    "signin.refused": 403,
    "signin.locked": 429,
    "page.forbidden": 403,
    "page.not_found": 404,
    "request.too_large": 413,
    "database.unreachable": 503,
}


def http_status(error: CourtclockError) -> int:
    """The status of an answer that tells this error; 500 for what is nobody's mistake but ours."""
    return _STATUS_OF_CODE.get(error.code, 500)
