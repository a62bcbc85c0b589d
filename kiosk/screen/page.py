"""The local page: state, time, last thank-you, PIN entry, "not me"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from kiosk.board import Board, BoardState, Thanks
from kiosk.deciding import DoubtReason, Hint
from kiosk.door import Door
from kiosk.health import HealthProbe
from kiosk.syncing import Syncer
from models.clock import Clock
from models.errors import CourtclockError
from models.language import N_, Language, choose_language, translate, translations
from models.settings import Settings
from models.wire import Method

HINTS: Final[dict[Hint, str]] = {
    "closer": N_("Please come closer"),
    "hold_still": N_("Please hold still for a moment"),
    "turn_left": N_("Please turn your head to your left"),
    "turn_right": N_("Please turn your head to your right"),
    "look_ahead": N_("Please look straight ahead"),
}
DOUBTS: Final[dict[DoubtReason, str]] = {
    "unknown": N_("I do not know you. Please use your PIN."),
    "look_alike": N_("You look like a colleague. Please use your PIN."),
    "not_sure": N_("I am not sure enough that it is you. Please use your PIN."),
    "covered": N_("Mouth and nose are covered. Please uncover them, or use your PIN."),
    "unsteady": N_("I am not sure who you are. Please use your PIN."),
    "not_alive": N_("I could not make sure that somebody stands here. Please use your PIN."),
    "not_moving": N_("The picture does not move. Please use your PIN."),
}
METHODS: Final[dict[Method, str]] = {"face": N_("by face"), "pin": N_("by PIN"), "card": N_("by card")}
_LANGUAGE_COOKIE: Final = "language"
_MAX_FORM_BYTES: Final = 4096
_OWN_HOST_NAMES: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class ScreenParts:
    """What the page shows and does."""

    settings: Settings
    kiosk_name: str
    board: Board
    door: Door
    health: HealthProbe
    syncer: Syncer
    clock: Clock


def create_screen(parts: ScreenParts) -> Flask:
    """The page as a Flask app. It accepts forms from itself only."""
    app = Flask(__name__, template_folder="templates", static_folder="static")
    app.config["MAX_CONTENT_LENGTH"] = _MAX_FORM_BYTES
    app.jinja_env.add_extension("jinja2.ext.i18n")
    zone = ZoneInfo(parts.settings.court.time_zone)

    def language() -> Language:
        wanted = request.args.get("lang") or request.cookies.get(_LANGUAGE_COOKIE)
        return choose_language(wanted, parts.settings.court.language)

    def page(error: CourtclockError | None = None, employee_no: str = "", status: int = 200) -> Response:
        shown = language()
        catalogue = translations(shown)
        app_response = Response(
            render_template(
                "screen.html",
                _=catalogue.gettext,
                language=shown,
                court=parts.settings.court.name_zh if shown == "zh" else parts.settings.court.name_en,
                kiosk_name=parts.kiosk_name,
                state=describe(parts, shown, zone),
                error=None if error is None else error.sentence(shown),
                employee_no=employee_no,
            ),
            status=status,
        )
        app_response.set_cookie(_LANGUAGE_COOKIE, shown, samesite="Strict", httponly=True)
        return app_response

    @app.before_request
    def refuse_foreigners() -> Response | None:
        # A name of another site that leads to this machine must not show faces and names to that site.
        if urlsplit(request.host_url).hostname not in _OWN_HOST_NAMES:
            return Response("", status=403)
        # A page of another site opened on this machine must not press buttons here.
        origin = request.headers.get("Origin")
        if request.method == "POST" and origin is not None and origin != request.host_url.rstrip("/"):
            return Response("", status=403)
        return None

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'self'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.get("/")
    def screen() -> Response:
        return page()

    @app.get("/state.json")
    def state() -> Response:
        return jsonify(describe(parts, language(), zone))

    @app.get("/health.json")
    def health() -> Response:
        return Response(parts.health.probe().model_dump_json(), mimetype="application/json")

    @app.get("/preview.jpg")
    def preview() -> Response:
        import cv2  # only a kiosk with a camera has a preview, and only it needs to load this

        picture = parts.board.preview()
        if picture is None:
            return Response(status=204)
        _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])
        return Response(encoded.tobytes(), mimetype="image/jpeg")

    @app.post("/pin")
    def pin() -> AnyResponse:
        employee_no = request.form.get("employee_no", "").strip()
        try:
            thanks = parts.door.enter_pin(employee_no, request.form.get("pin", ""))
        except CourtclockError as error:
            if _wants_json():
                return _error_json(error, language())
            return page(error, employee_no, _status(error))
        if _wants_json():
            return jsonify(_thanks(thanks, language(), zone))
        return redirect(url_for("screen"), code=303)

    @app.post("/not-me")
    def not_me() -> AnyResponse:
        try:
            parts.door.not_me(_event_id(request.form.get("event_id", "")))
        except CourtclockError as error:
            if _wants_json():
                return _error_json(error, language())
            return page(error, status=_status(error))
        if _wants_json():
            return jsonify({"voided": True})
        return redirect(url_for("screen"), code=303)

    @app.errorhandler(HTTPException)
    def not_here(error: HTTPException) -> AnyResponse:
        return Response("", status=error.code or 500)

    return app


def describe(parts: ScreenParts, language: Language, zone: ZoneInfo) -> dict[str, Any]:
    """Everything that the page shows, in one language; times in the site's zone."""
    state = parts.board.state()
    health = parts.health.probe()
    delivery_error = parts.syncer.last_error
    now = parts.clock.now().astimezone(zone)
    thanks = state.thanks
    undo_left = 0.0 if thanks is None else parts.door.seconds_to_undo(thanks.event_id)
    return {
        "mode": state.mode,
        "prompt": _prompt(state, language),
        "date": now.strftime("%Y-%m-%d"),
        "time": now.strftime("%H:%M:%S"),
        "thanks": None if thanks is None else _thanks(thanks, language, zone),
        "undo_seconds": round(undo_left),
        "fault": None if state.fault is None else state.fault.sentence(language),
        "waiting": health.queue_length,
        "quarantined": health.quarantined,
        "delivery": None if delivery_error is None else delivery_error.sentence(language),
        "knows_people": health.gallery_version is not None,
        "frames_per_second": health.frames_per_second,
        "has_preview": parts.board.preview() is not None and state.mode != "thanks",
    }


def _prompt(state: BoardState, language: Language) -> str:
    if state.mode == "thanks" and state.thanks is not None:
        if state.thanks.repeated:
            return translate(N_("You have clocked already"), language)
        return translate(N_("Thank you"), language)
    if state.mode == "ask_pin":
        sentence = N_("Please use your PIN.") if state.doubt is None else DOUBTS[state.doubt]
        return translate(sentence, language)
    if state.mode == "guide" and state.hint is not None:
        return translate(HINTS[state.hint], language)
    if state.fault is not None:
        return translate(N_("Please use your PIN."), language)
    return translate(N_("Please look into the camera"), language)


def _thanks(thanks: Thanks, language: Language, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "event_id": str(thanks.event_id),
        "name": thanks.display_name,
        "at": thanks.captured_at.astimezone(zone).strftime("%H:%M:%S"),
        "method": translate(METHODS[thanks.method], language),
        "repeated": thanks.repeated,
    }


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _error_json(error: CourtclockError, language: Language) -> Response:
    response = jsonify({"code": error.code, "sentence": error.sentence(language), "retryable": error.retryable})
    response.status_code = _status(error)
    return response


def _status(error: CourtclockError) -> int:
    return {"pin.wrong": 403, "pin.locked": 429, "void.too_late": 409}.get(error.code, 503)


def _event_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
