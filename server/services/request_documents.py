"""Documents of requests: what is taken, and how it is kept sealed and opened."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from models.errors import CourtclockError
from models.sealing import seal, unseal
from models.texts import is_plain_text
from server.services.actors import Actor, may_see
from server.services.context import ServerContext
from server.storage.records import PersonRecord
from server.storage.requests import Attachment, StoredRequest
from server.storage.unit_of_work import UnitOfWork

MAX_ATTACHMENT_BYTES: Final = 5_000_000
MAX_DOCUMENTS: Final = 20
"""So many a request."""
_MEDIA_TYPES: Final = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
_ENDINGS: Final = {"application/pdf": ("pdf",), "image/jpeg": ("jpg", "jpeg"), "image/png": ("png",)}
_NOT_IN_NAMES: Final = frozenset('<>:"/\\|?*')
_LIKE_AN_ENDING: Final = re.compile(r"[A-Za-z0-9]{1,8}")
_LONGEST_STEM: Final = 190


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
    context: ServerContext,
    unit: UnitOfWork,
    request_id: UUID,
    documents: Sequence[CheckedUpload],
    actor: Actor,
    step_number: int | None = None,
) -> None:
    """Seal documents and add them to those of a request; what is there already is not added again.

    Args:
        context: the server's parts.
        unit: in which they are added.
        request_id: of the request.
        documents: checked.
        actor: who adds them.
        step_number: of the decision that is recorded from them.

    Raises:
        CourtclockError: ``request.many_documents``.
    """
    known = {(one.sha256, one.step_number) for one in unit.requests.attachments(request_id)}
    for one in documents:
        if (one.sha256, step_number) in known:
            continue
        known.add((one.sha256, step_number))
        if len(known) > MAX_DOCUMENTS:
            raise CourtclockError("request.many_documents", limit=MAX_DOCUMENTS)
        record = Attachment(
            uuid.uuid4(),
            request_id,
            one.file_name,
            one.media_type,
            len(one.content),
            one.sha256,
            actor.username,
            context.clock.now(),
            step_number,
        )
        sealed = seal(context.template_key, one.content, _owner(record.attachment_id))
        unit.requests.add_attachment(record, sealed)


def may_add_documents(found: StoredRequest, person: PersonRecord, actor: Actor) -> bool:
    """Whether somebody may add documents now: who filed it, whom it is for and HR, unless it came to nothing."""
    concerned = found.filed.filed_by == actor.username or actor.person_id == person.person_id
    return (concerned or actor.role == "hr") and found.state in ("open", "approved", "returned")


def add_documents(context: ServerContext, request_id: UUID, uploads: Sequence[Upload], actor: Actor) -> None:
    """Add documents to a request that is open or approved. Those that are there stay as they are.

    Raises:
        CourtclockError: ``request.unknown``, ``request.not_yours``, ``request.closed``, ``request.attachment`` or
            ``request.many_documents``.
    """
    documents = check_uploads(uploads)
    with context.unit() as unit:
        found = unit.requests.by_id(request_id)
        person = None if found is None else unit.people.by_id(found.filed.person_id)
        if found is None or person is None or not (may_see(actor, person) or found.filed.filed_by == actor.username):
            raise CourtclockError("request.unknown")
        unit.people.hold(person.person_id)
        if found.state in ("refused", "withdrawn"):
            raise CourtclockError("request.closed")
        if not may_add_documents(found, person, actor):
            raise CourtclockError("request.not_yours", role="hr")
        keep_documents(context, unit, request_id, documents, actor)
        unit.commit()


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
    if media_type is None or len(content) > MAX_ATTACHMENT_BYTES or not is_plain_text(upload.file_name):
        raise CourtclockError("request.attachment", limit_bytes=MAX_ATTACHMENT_BYTES)
    name = _safe_name(upload.file_name, media_type)
    if not name:
        raise CourtclockError("request.attachment", limit_bytes=MAX_ATTACHMENT_BYTES)
    return CheckedUpload(name, content, media_type, hashlib.sha256(content).hexdigest())


def _safe_name(file_name: str, media_type: str) -> str:
    """A name under which a file can be kept anywhere, with the ending of its type: nothing that is handed on can run.

    Folders, which some browsers send along, what file systems do not take, and marks that turn or hide letters go.
    Empty where nothing is left.
    """
    base = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(one for one in base if one not in _NOT_IN_NAMES and unicodedata.category(one) != "Cf")
    plain = plain.strip(" .")
    endings = _ENDINGS[media_type]
    stem, dot, ending = plain.rpartition(".")
    if dot and ending.lower() in endings:
        return f"{stem.strip(' .')[-_LONGEST_STEM:]}.{ending.lower()}" if stem.strip(" .") else ""
    if dot and _LIKE_AN_ENDING.fullmatch(ending):
        plain = stem.strip(" .")
    return f"{plain[-_LONGEST_STEM:]}.{endings[0]}" if plain else ""
