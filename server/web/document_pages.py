"""Documents of requests: handed to those who may open them, and added to."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from flask import Blueprint, flash, redirect, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.language import N_
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.request_decisions import may_open_documents, seen_request
from server.services.request_documents import add_documents, open_attachment
from server.web.access import page_language, require_account
from server.web.access_noting import note_access
from server.web.forms import DocumentsForm
from server.web.uploads import CHOOSE, MAX_ATTACHMENTS, TOO_MANY, uploads_of

_ADDED = N_("The documents are added.")


def add_document_pages(pages: Blueprint, context: ServerContext) -> None:
    """Handing out a document, and adding some."""

    @pages.get("/requests/<uuid:request_id>/attachment/<int:number>")
    def attachment(request_id: UUID, number: int) -> AnyResponse:
        account = require_account(context)
        actor = Actor.of(account)
        with context.unit(read_only=True) as unit:
            found, person = seen_request(unit, actor, request_id)
            documents = unit.requests.attachments(request_id)
            if not 1 <= number <= len(documents):
                raise CourtclockError("page.not_found")
            if not may_open_documents(found, unit.requests.steps(request_id), person, actor):
                raise CourtclockError("page.forbidden")
            document = documents[number - 1]
            content = open_attachment(context, unit, document.attachment_id)
        if content is None:
            raise CourtclockError("page.not_found")
        note_access(context, account, "attachment", f"{person.employee_no} {request_id}", "file")
        # Never shown in the browser's own window: what people hand in is not ours.
        answer = send_file(
            BytesIO(content),
            mimetype=document.media_type,
            as_attachment=True,
            download_name=document.file_name,
            etag=False,
        )
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    @pages.post("/requests/<uuid:request_id>/documents")
    def add_now(request_id: UUID) -> AnyResponse:
        account = require_account(context)
        form = DocumentsForm()
        uploads = uploads_of("documents")
        if not form.validate():
            raise CourtclockError("page.form_expired")
        if not uploads or len(uploads) > MAX_ATTACHMENTS:
            flash(TOO_MANY if uploads else CHOOSE)
        else:
            try:
                add_documents(context, request_id, uploads, Actor.of(account))
            except CourtclockError as error:
                if error.code != "request.attachment":
                    raise
                flash(error.sentence(page_language(context)))
            else:
                flash(_ADDED)
        return redirect(url_for("requests.one", request_id=request_id), code=303)
