"""A page: a template with the words, the court and the reader that every page has."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template, request

from models.language import Language, translate, translations
from server.attendance.wording import listed, percent
from server.services.context import ServerContext
from server.storage.records import AccountRecord
from server.web.access import LANGUAGE_COOKIE, page_language
from server.web.navigation import links_for


def render(
    context: ServerContext, template: str, account: AccountRecord | None, status: int = 200, **values: Any
) -> Response:
    """The page in the reader's language, which is remembered.

    Every template is given ``_`` (translates), ``language``, ``court`` (its name), ``account``, ``local_time``,
    ``percent`` and ``listed``, the links of the head and to the same page in the other language, and the values.
    """
    language = page_language(context)
    court = context.settings.court

    def local_time(moment: datetime, form: str = "%H:%M") -> str:
        return moment.astimezone(context.site.zone).strftime(form)

    main_links, office_links = links_for(account, postings=context.settings.attendance.staff_read_postings)
    response = Response(
        render_template(
            template,
            _=translations(language).gettext,
            language=language,
            court=court.name_zh if language == "zh" else court.name_en,
            account=account,
            local_time=local_time,
            percent=partial(percent, language=language),
            listed=partial(listed, language=language),
            in_other_language=_same_page(lang="en" if language == "zh" else "zh"),
            main_links=main_links,
            office_links=office_links,
            **values,
        ),
        status=status,
    )
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        samesite="Strict",
        httponly=True,
        secure=context.settings.server.secure_cookies,
        max_age=365 * 24 * 3600,
    )
    return response


def _same_page(**changed: str) -> str:
    """The address of this page with what was asked of it, some of it changed."""
    asked = [(name, value) for name, value in request.args.items(multi=True) if name not in changed]
    return f"?{urlencode([*asked, *changed.items()])}"


def words(sentence: str, language: Language, **gaps: object) -> str:
    """A sentence of the product in a language, with its gaps filled."""
    return translate(sentence, language).format(**gaps)
