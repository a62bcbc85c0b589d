"""An error as a page: a sentence, and what to do."""

from __future__ import annotations

from flask import Response, render_template

from models.errors import CourtclockError
from models.language import translations
from server.services.context import ServerContext
from server.statuses import http_status
from server.web.access import page_language


def error_page(context: ServerContext, error: CourtclockError) -> Response:
    """The page that tells an error."""
    language = page_language(context)
    court = context.settings.court
    return Response(
        render_template(
            "error.html",
            _=translations(language).gettext,
            language=language,
            court=court.name_zh if language == "zh" else court.name_en,
            account=None,
            sentence=error.sentence(language),
            code=error.code,
        ),
        status=http_status(error),
    )
