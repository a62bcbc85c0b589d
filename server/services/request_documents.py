"""Documents of requests: what is taken, and how it is kept sealed and opened."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from models.errors import CourtclockError
from models.sealing import seal, unseal
from models.texts import is_plain_text
from server.services.context import ServerContext
from server.storage.requests import Attachment
from server.storage.unit_of_work import UnitOfWork

MAX_ATTACHMENT_BYTES: Final = 5_000_000
_MEDIA_TYPES: Final = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A document as it was handed in."""

    file_name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CheckedUpload:
    """A document that is taken."""

    file_name: str
    content: bytes
    media_type: str
    sha256: str


def check_uploads(uploads: Sequence[Upload]) -> list[CheckedUpload]:
    """The documents with their types.

    Raises:
        CourtclockError: ``request.attachment`` where one is neither a PDF nor a picture, too large, or without a name.
    """
    return [_checked(one) for one in uploads]


def keep_documents(
    context: ServerContext, unit: UnitOfWork, request_id: UUID, documents: Sequence[CheckedUpload]
) -> None:
    """Seal documents and keep them with a request."""
    for one in documents:
        record = Attachment(uuid.uuid4(), request_id, one.file_name, one.media_type, len(one.content), one.sha256)
        sealed = seal(context.template_key, one.content, _owner(record.attachment_id))
        unit.requests.add_attachment(record, sealed)


def open_attachment(context: ServerContext, unit: UnitOfWork, attachment_id: UUID) -> bytes | None:
    """The content of a document.

    Raises:
        CourtclockError: ``seal.broken``.
    """
    sealed = unit.requests.sealed_content(attachment_id)
    return None if sealed is None else unseal(context.template_key, sealed, _owner(attachment_id))


def _owner(attachment_id: UUID) -> str:
    return f"attachment|{attachment_id}"


def _checked(upload: Upload) -> CheckedUpload:
    content = upload.content
    media_type = next((name for start, name in _MEDIA_TYPES.items() if content.startswith(start)), None)
    file_name = _base_name(upload)
    if media_type is None or len(content) > MAX_ATTACHMENT_BYTES or not file_name or not is_plain_text(file_name):
        raise CourtclockError("request.attachment", limit_bytes=MAX_ATTACHMENT_BYTES)
    return CheckedUpload(file_name, content, media_type, hashlib.sha256(content).hexdigest())


def _base_name(upload: Upload) -> str:
    """The file's name without folders, which some browsers send along."""
    return upload.file_name.replace("\\", "/").rsplit("/", 1)[-1].strip()[-200:]
