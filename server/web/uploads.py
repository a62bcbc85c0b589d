"""Files as a form brings them."""

from __future__ import annotations

from typing import Final

from flask import request

from models.language import N_
from server.services.request_documents import MAX_ATTACHMENT_BYTES, Upload

MAX_ATTACHMENTS: Final = 3
MOST_BYTES: Final = MAX_ATTACHMENTS * MAX_ATTACHMENT_BYTES + 1_000_000
"""Of a form with files, together with what else is in it."""
TOO_MANY: Final = N_("Hand in three attachments at most.")
CHOOSE: Final = N_("Choose a file.")


def uploads_of(field: str) -> list[Upload]:
    """The files that were chosen in a field; of each a byte more than is taken at most."""
    return [
        Upload(one.filename, one.stream.read(MAX_ATTACHMENT_BYTES + 1))
        for one in request.files.getlist(field)
        if one.filename
    ]
