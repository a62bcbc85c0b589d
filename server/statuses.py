"""Which HTTP status an error code has: the only place where errors meet HTTP."""

from __future__ import annotations

from typing import Final

from models.errors import CourtclockError

_STATUS_OF_CODE: Final = {
    "wire.invalid": 400,
    "wire.version": 400,
    "page.bad_date": 400,
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
