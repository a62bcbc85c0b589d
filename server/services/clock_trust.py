"""HR's word that the server's clock is right, where it went further than time had passed and no kiosk agrees."""

from __future__ import annotations

import logging

from models.errors import CourtclockError
from server.services.actors import Actor
from server.services.context import ServerContext

log = logging.getLogger(__name__)


def confirm_clock(context: ServerContext, actor: Actor) -> bool:
    """Say that the clock is right as it is; jobs go by it from their next look on. False when it is believed anyway.

    Raises:
        CourtclockError: ``page.forbidden``.
    """
    if actor.role != "hr":
        raise CourtclockError("page.forbidden")
    now = context.clock.now()
    with context.unit() as unit:
        confirmed = unit.standing.confirm_clock(now, actor.username)
        unit.commit()
    if confirmed:
        log.warning("%s says that the clock is right at %s", actor.username, now)
    return confirmed
