"""The kiosks' API, version 1."""

from __future__ import annotations

from flask import Blueprint, Response, request

from models.errors import CourtclockError
from models.wire import MAX_BODY_BYTES, ErrorAnswer, ItemBatch, KioskHealth, Message, PairRequest, parse
from server.api.signatures import require_kiosk
from server.services.context import ServerContext
from server.services.devices import gallery_for, note_health, pair_kiosk
from server.services.ingesting import ingest
from server.statuses import http_status


def make_kiosk_api(context: ServerContext) -> Blueprint:
    """The blueprint under ``/api/v1/kiosk``."""
    api = Blueprint("kiosk_api", __name__, url_prefix="/api/v1/kiosk")

    @api.post("/pair")
    def pair() -> Response:
        asked = parse(PairRequest, _body())
        return _answer(pair_kiosk(context, asked.code, asked.public_key))

    @api.post("/items")
    def items() -> Response:
        body = _body()
        kiosk = require_kiosk(context, request, body)
        return _answer(ingest(context, kiosk, parse(ItemBatch, body)))

    @api.post("/health")
    def health() -> Response:
        body = _body()
        kiosk = require_kiosk(context, request, body)
        return _answer(note_health(context, kiosk, parse(KioskHealth, body)))

    @api.get("/gallery")
    def gallery() -> Response:
        kiosk = require_kiosk(context, request, _body())
        return _answer(gallery_for(context, kiosk, request.args.get("have_version", type=int)))

    @api.errorhandler(CourtclockError)
    def tell(error: CourtclockError) -> Response:
        return error_answer(error)

    return api


def error_answer(error: CourtclockError) -> Response:
    """The one shape in which the API tells an error."""
    details = {key: value for key, value in error.details.items() if isinstance(value, str | int | float | bool)}
    told = ErrorAnswer(code=error.code, sentence=error.sentence("en"), retryable=error.retryable, details=details)
    return Response(told.model_dump_json(), status=http_status(error), mimetype="application/json")


def _body() -> bytes:
    if request.content_length is not None and request.content_length > MAX_BODY_BYTES:
        raise CourtclockError("request.too_large", limit_bytes=MAX_BODY_BYTES)
    return request.get_data(cache=True)


def _answer(message: Message) -> Response:
    return Response(message.model_dump_json(), mimetype="application/json")
