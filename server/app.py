"""Puts the server's app together."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from models.errors import CourtclockError
from models.sealing import read_key_file
from models.wire import MAX_BODY_BYTES
from server.api.kiosks import error_answer, make_kiosk_api
from server.services.context import ServerContext
from server.web.access import SignInNeeded
from server.web.access_noting import note_page
from server.web.errors import error_page
from server.web.hr_pages import make_hr_pages
from server.web.jobs_pages import make_jobs_pages
from server.web.pages import make_pages, to_sign_in
from server.web.period_pages import make_period_pages
from server.web.person_pages import make_person_pages
from server.web.posting_pages import make_posting_pages
from server.web.request_pages import make_request_pages
from server.web.trend_pages import make_trend_pages

log = logging.getLogger(__name__)


def create_app(context: ServerContext) -> Flask:
    """The whole server as a WSGI app.

    Raises:
        CourtclockError: ``secret.missing`` or ``secret.malformed``.
    """
    app = Flask(__name__, template_folder="web/templates", static_folder="web/static")
    secure = context.settings.server.secure_cookies
    app.config.update(
        SECRET_KEY=read_key_file(context.settings.secrets.session_key_file),
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_NAME="__Host-courtclock-form" if secure else "courtclock-form",
        WTF_CSRF_TIME_LIMIT=8 * 3600,
    )
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    csrf = CSRFProtect(app)
    kiosk_api = make_kiosk_api(context)
    csrf.exempt(kiosk_api)
    app.register_blueprint(kiosk_api)
    app.register_blueprint(make_pages(context))
    app.register_blueprint(make_request_pages(context))
    app.register_blueprint(make_person_pages(context))
    app.register_blueprint(make_hr_pages(context))
    app.register_blueprint(make_period_pages(context))
    app.register_blueprint(make_posting_pages(context))
    app.register_blueprint(make_trend_pages(context))
    app.register_blueprint(make_jobs_pages(context))

    @app.after_request
    def write_down(response: Response) -> Response:
        note_page(context, response)
        return response

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            "default-src 'self'; script-src 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; "
            "form-action 'self'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        if secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    def tell(error: CourtclockError) -> Response:
        return error_answer(error) if request.path.startswith("/api/") else error_page(context, error)

    @app.errorhandler(CourtclockError)
    def courtclock_error(error: CourtclockError) -> Response:
        return tell(error)

    @app.errorhandler(SignInNeeded)
    def sign_in_needed(_error: SignInNeeded) -> AnyResponse:
        return to_sign_in()

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> Response:
        return tell(CourtclockError("request.too_large", limit_bytes=request.max_content_length or MAX_BODY_BYTES))

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        if error.code in (404, 405):
            return tell(CourtclockError("page.not_found"))
        if isinstance(error, InternalServerError):
            # A fault after the page was made, such as in what is done after every request.
            fault = error.original_exception
            return unforeseen(fault if isinstance(fault, Exception) else error)
        return tell(CourtclockError("page.form_expired"))

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        # Tests see the fault itself; people see a reference under which it stands in the log.
        if app.testing:
            raise error
        reference = secrets.token_hex(4)
        log.error("fault %s", reference, exc_info=error)
        return tell(CourtclockError("internal", reference=reference))

    @app.get("/healthz")
    def healthz() -> Response:
        with context.unit(read_only=True) as unit:
            unit.people.gallery_version()
        return Response("ok\n", mimetype="text/plain")

    return app
