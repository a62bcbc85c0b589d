"""Requests: the own ones, those that wait for a decision, one of them with its history and its documents."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.language import N_, Language
from server.attendance.filing import SUPERIOR
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.request_decisions import (
    allowed_decisions,
    decide,
    may_open_documents,
    requests_waiting_for,
    seen_request,
)
from server.services.request_documents import may_add_documents
from server.services.request_lengths import Balance, PersonAbsences
from server.statuses import http_status
from server.storage.records import AccountRecord
from server.storage.requests import Decision, StoredRequest
from server.storage.unit_of_work import UnitOfWork
from server.web.access import page_language, require_account
from server.web.document_pages import add_document_pages
from server.web.filing_pages import add_filing_pages
from server.web.forms import DecisionForm, DocumentsForm
from server.web.rendering import render
from server.web.request_words import DECISIONS, request_lines, role_in_words
from server.web.sheet_pages import add_sheet_pages, last_month
from server.web.uploads import MAX_ATTACHMENTS, MOST_BYTES, TOO_MANY, uploads_of

_MOST_LISTED = 200
_DONE: dict[Decision, str] = {
    "approved": N_("The request is approved."),
    "refused": N_("The request is refused."),
    "withdrawn": N_("The request is withdrawn."),
    "returned": N_("You are reported back."),
}
_WHEN_BACK = N_("Say from when on the work was taken up again.")


def make_request_pages(context: ServerContext) -> Blueprint:
    """The blueprint of requests and of the own month."""
    pages = Blueprint("requests", __name__)

    @pages.url_value_preprocessor
    def take_attachments(endpoint: str | None, values: dict[str, object] | None) -> None:
        # Before the guard against forged requests reads the form: documents are larger than all else that comes in.
        if endpoint in ("requests.file_now", "requests.decide_now", "requests.add_now"):
            request.max_content_length = MOST_BYTES

    add_filing_pages(pages, context)
    add_document_pages(pages, context)
    add_sheet_pages(pages, context)

    @pages.get("/requests")
    def home() -> AnyResponse:
        account = require_account(context)
        language = page_language(context)
        with context.unit(read_only=True) as unit:
            own = [] if account.person_id is None else unit.requests.of_people([account.person_id])
            for_others = [
                one
                for one in unit.requests.filed_by(account.username)
                if one.filed.person_id != account.person_id and one.filed.outage_id is None
            ]
            waiting = requests_waiting_for(unit, Actor.of(account))
            mine = [one for one in waiting if one.filed.needs_role == account.role]
            others = [one for one in waiting if one.filed.needs_role != account.role]
            if account.role == "hr":
                for_approvers = unit.requests.open_for(("head", "vice_president", "president", SUPERIOR))
                others = [one for one in for_approvers if one.filed.person_id != account.person_id]
            own_lines = request_lines(context, unit, own[::-1][:_MOST_LISTED], language)
            other_lines = request_lines(context, unit, for_others[::-1][:_MOST_LISTED], language)
            waiting_lines = request_lines(context, unit, mine, language)
            open_lines = request_lines(context, unit, others, language)
        return render(
            context,
            "requests.html",
            account,
            last_month=last_month(context),
            own=own_lines,
            own_count=len(own),
            waiting=waiting_lines,
            others=open_lines,
            for_others=other_lines,
            for_others_count=len(for_others),
        )

    @pages.get("/requests/<uuid:request_id>")
    def one(request_id: UUID) -> AnyResponse:
        account = require_account(context)
        return _request_page(context, account, request_id, DecisionForm(formdata=None))

    @pages.post("/requests/<uuid:request_id>")
    def decide_now(request_id: UUID) -> AnyResponse:
        account = require_account(context)
        form = DecisionForm()
        decision = _decision(form.decision.data)
        if not form.validate():
            return _request_page(context, account, request_id, form, status=400)
        papers = uploads_of("papers")
        if len(papers) > MAX_ATTACHMENTS:
            form.papers.errors = [TOO_MANY]
            return _request_page(context, account, request_id, form, status=400)
        if decision == "returned" and form.ends_at.data is None:
            form.ends_at.errors = [_WHEN_BACK]
            return _request_page(context, account, request_id, form, status=400)
        try:
            decide(
                context,
                request_id,
                decision,
                Actor.of(account),
                form.reason.data or "",
                on_paper=bool(form.on_paper.data) and account.role == "hr" and decision in ("approved", "refused"),
                papers=papers,
                ends_at=form.ends_at.at(context.site.zone),
            )
        except CourtclockError as error:
            if _said_before(context, request_id, account, decision, form):
                return redirect(url_for("requests.one", request_id=request_id), code=303)
            return _request_page(context, account, request_id, form, error)
        flash(_DONE[decision])
        return redirect(url_for("requests.one", request_id=request_id), code=303)

    return pages


def _decision(text: str | None) -> Decision:
    for decision in DECISIONS:
        if decision == text:
            return decision
    raise CourtclockError("page.form_expired")


def _said_before(
    context: ServerContext, request_id: UUID, account: AccountRecord, decision: Decision, form: DecisionForm
) -> bool:
    """Whether this account said just this before: the form was sent twice."""
    with context.unit(read_only=True) as unit:
        found = unit.requests.by_id(request_id)
    step = None if found is None else found.step
    return (
        step is not None
        and step.decided_by == account.username
        and step.decision == decision
        and (decision != "returned" or step.ends_at == form.ends_at.at(context.site.zone))
    )


def _request_page(
    context: ServerContext,
    account: AccountRecord,
    request_id: UUID,
    form: DecisionForm,
    error: CourtclockError | None = None,
    status: int = 200,
) -> Response:
    language = page_language(context)
    actor = Actor.of(account)
    with context.unit(read_only=True) as unit:
        found, person = seen_request(unit, actor, request_id)
        line = request_lines(context, unit, [found], language)[0]
        steps = unit.requests.steps(request_id)
        documents = unit.requests.attachments(request_id)
        joined = request_lines(context, unit, unit.requests.by_ids(found.filed.joined), language)
        balances = _balances(context, unit, found)
    allowed = allowed_decisions(found, person, actor)
    on_paper = account.role == "hr" and not {"approved", "refused"} & set(allowed)
    if on_paper:
        allowed += [one for one in allowed_decisions(found, person, actor, on_paper=True) if one not in allowed]
    is_own = account.person_id == person.person_id
    return render(
        context,
        "request.html",
        account,
        status if error is None else http_status(error),
        line=line,
        filed=found.filed,
        steps=[
            (step, DECISIONS[step.decision], role_in_words(step.decided_as, language), step.ends_at) for step in steps
        ],
        documents=documents,
        may_open=may_open_documents(found, steps, person, actor),
        documents_form=DocumentsForm(formdata=None) if may_add_documents(found, person, actor) else None,
        joined=joined,
        balances=balances,
        allowed=allowed,
        on_paper=on_paper,
        is_own=is_own,
        form=form,
        error=None if error is None else _told(error, found, language),
    )


def _balances(context: ServerContext, unit: UnitOfWork, found: StoredRequest) -> list[Balance]:
    """What is left of the year of the kind of leave or duty, with this request where it stands."""
    filed = found.filed
    if filed.starts_at is None or filed.kind not in ("leave", "duty"):
        return []
    rules = rules_in_force(context, unit)
    first_day = filed.starts_at.astimezone(rules.site.zone).date()
    own = rules.history.on(first_day).absence_kind(filed.kind, filed.name)
    if own is None:
        return []
    absences = PersonAbsences.of(unit, rules, filed.person_id)
    stands = (found.state == "open" or found.in_force) and found.ends_at is not None
    taken = absences.measure(filed.kind, filed.starts_at, found.ends_at).taken if stands and found.ends_at else {}
    return absences.balances(filed.kind, own, taken, filed.request_id, () if taken else (first_day.year,))


def _told(error: CourtclockError, found: StoredRequest, language: Language) -> str:
    if error.code == "request.not_yours":
        # Roles have names of their own in each language.
        error = CourtclockError(error.code, role=role_in_words(found.filed.needs_role, language))
    return error.sentence(language)
