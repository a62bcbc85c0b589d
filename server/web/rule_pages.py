"""The rules: every version with its date and reason, a draft, what the draft would change, and putting it in force."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import yaml
from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.language import N_, Language
from server.attendance.consequence_words import consequences_in_words, versions_in_words
from server.attendance.explaining import summary
from server.attendance.rule_documents import MAX_DOCUMENT_BYTES, PRESET_FOLDER, load_rules, presets
from server.services.context import ServerContext
from server.services.court_rules import rules_in_force
from server.services.expectation_changes import put_rules
from server.services.what_if import what_if
from server.statuses import http_status
from server.storage.court_rules import RuleVersionRecord
from server.storage.records import AccountRecord
from server.web.access import page_language, require_account
from server.web.forms import RulesForm
from server.web.rendering import render
from server.web.sheet_pages import last_month, page_month

MOST_SHOWN: Final = 500
_NO_DRAFT: Final = N_("Write or hand in a draft.")
_NOT_TEXT: Final = N_("This file is not text in UTF-8, or is too large.")
_FROM_WHEN: Final = N_("Say from which day on.")
_WHY: Final = N_("A reason is needed.")
_IN_FORCE: Final = N_("The rules are put in force.")


def add_rule_pages(pages: Blueprint, context: ServerContext) -> None:
    """Versions, draft, what if, put in force."""

    @pages.get("/rules")
    def rules() -> AnyResponse:
        account = require_account(context)
        draft = _asked_draft(context)
        form = RulesForm(formdata=None, data={"text": draft, "month": last_month(context)})
        return _page(context, account, form)

    @pages.post("/rules")
    def put_rules_now() -> AnyResponse:
        account = require_account(context)
        form = RulesForm()
        valid = form.validate() and _take_draft(form)
        effective_from = form.effective_from.data
        if effective_from is None and not form.effective_from.errors:
            form.effective_from.errors = [_FROM_WHEN]
        if not (form.reason.data or "").strip():
            form.reason.errors = [_WHY]
        if not valid or effective_from is None or form.reason.errors:
            return _page(context, account, form, status=400)
        try:
            put_rules(context, form.text.data, effective_from, form.reason.data, account.username)
        except CourtclockError as error:
            return _page(context, account, form, error)
        flash(_IN_FORCE)
        return redirect(url_for("hr.rules"), code=303)

    @pages.get("/rules/what-if")
    def to_rules() -> AnyResponse:
        return redirect(url_for("hr.rules"))

    @pages.post("/rules/what-if")
    def try_rules() -> AnyResponse:
        account = require_account(context)
        form = RulesForm()
        if not (form.validate() and _take_draft(form)):
            return _page(context, account, form, status=400)
        language = page_language(context)
        try:
            first, last = page_month((form.month.data or "").strip() or last_month(context))
            found = what_if(context, form.text.data, first, last)
        except CourtclockError as error:
            return _page(context, account, form, error)
        return render(
            context,
            "what_if.html",
            account,
            form=form,
            found=found,
            month=f"{first:%Y-%m}",
            changed=[(one, summary(one.before, language), summary(one.after, language)) for one in found.changed][
                :MOST_SHOWN
            ],
            left_out=max(0, len(found.changed) - MOST_SHOWN),
            consequences=[
                (
                    one,
                    consequences_in_words(one.reached_before, one.points_before, language),
                    consequences_in_words(one.reached_after, one.points_after, language),
                )
                for one in found.consequences[:MOST_SHOWN]
            ],
            consequences_left_out=max(0, len(found.consequences) - MOST_SHOWN),
            later_versions=versions_in_words(found.later_versions, language),
            error=None,
        )


def _take_draft(form: RulesForm) -> bool:
    """The draft is the file where there is one, and stands in the form from then on."""
    upload = form.upload.data
    if upload is not None and upload.filename:
        content = upload.stream.read(MAX_DOCUMENT_BYTES + 1)
        try:
            if len(content) > MAX_DOCUMENT_BYTES:
                raise ValueError("too large")
            form.text.data = content.decode("utf-8-sig")
        except ValueError:  # UnicodeDecodeError is one
            form.upload.errors = [_NOT_TEXT]
            return False
    if not (form.text.data or "").strip():
        form.text.errors = [_NO_DRAFT]
        return False
    return True


def _asked_draft(context: ServerContext) -> str:
    """What the draft begins with: a preset, a version, or the rules of today."""
    preset = request.args.get("preset")
    if preset in presets():
        return (PRESET_FOLDER / f"{preset}.yaml").read_text(encoding="utf-8")
    records = _versions(context)
    for record in records:
        if str(record.number) == request.args.get("version"):
            return as_yaml(record.document)
    with context.unit(read_only=True) as unit:
        today = context.site.day_of(context.clock.now())
        return as_yaml(dict(rules_in_force(context, unit).history.on(today).document))


def as_yaml(document: dict[str, Any]) -> str:
    """A stored document as people write it."""
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)


@cache
def _preset_names(name: str) -> tuple[str, str]:
    rules = load_rules(name)
    return rules.name_zh, rules.name_en


def _preset_name(name: str, language: Language) -> str:
    zh, en = _preset_names(name)
    return zh if language == "zh" else en


def _versions(context: ServerContext) -> list[RuleVersionRecord]:
    with context.unit(read_only=True) as unit:
        return unit.court_rules.rule_versions()


def _page(
    context: ServerContext,
    account: AccountRecord,
    form: RulesForm,
    error: CourtclockError | None = None,
    status: int = 200,
) -> Response:
    language = page_language(context)
    today = context.site.day_of(context.clock.now())
    with context.unit(read_only=True) as unit:
        history = rules_in_force(context, unit).history
        locked = max(unit.months.locks(), default=None)
    in_force = history.on(today)
    records = _versions(context)
    current = next((one.number for one in reversed(history.versions) if one.effective_from <= today), 1)
    return render(
        context,
        "rules.html",
        account,
        status if error is None else http_status(error),
        form=form,
        versions=records[::-1],
        current=current,
        in_force=in_force,
        presets=[(name, _preset_name(name, language)) for name in presets()],
        locked=locked,
        error=None if error is None else error.sentence(language),
    )
