"""Runs the server until SIGTERM or Ctrl-C."""

from __future__ import annotations

import logging
import signal
from types import FrameType

from waitress.server import create_server

from models.errors import listening_error
from models.wire import MAX_BODY_BYTES
from server.app import create_app
from server.jobs.running import start_ticking
from server.services.context import ServerContext
from server.services.court_rules import write_first_rules
from server.services.official_calendar import take_official_calendar

log = logging.getLogger(__name__)


def run_server(context: ServerContext) -> None:
    """Serve pages and API, and tick for jobs.

    Raises:
        CourtclockError: ``port.busy``, ``port.unavailable``, or a missing secret.
    """
    settings = context.settings.server
    write_first_rules(context)
    take_official_calendar(context)
    app = create_app(context)
    try:
        web = create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            # Larger than what is accepted, so that a refusal comes from us, in our words and form.
            max_request_body_size=4 * MAX_BODY_BYTES,
        )
    except (OSError, ValueError) as error:  # ValueError: waitress's word for a name without an address
        raise listening_error(settings.host, settings.port, error) from error

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
    scheduler = start_ticking(context)
    log.info("the server listens at http://%s:%s", settings.host, settings.port)
    try:
        web.run()
    finally:
        # A job under way is finished; the rest is due again at the next start, its rows say so.
        scheduler.shutdown(wait=True)
        web.close()
        context.engine.dispose()
