"""kill -9 of a kiosk that recognises faces: whoever its screen thanked by name is on the server exactly once."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import cv2
import requests
from sqlalchemy import select

from enrollment.ports import ConsentRecord, NewPerson
from models.faces.engine import open_engine
from models.settings import load_settings
from server.services.enrolling import StoredEnrollment
from server.storage.tables import clock_event
from tests.painted_faces import paint_face, plain_hall
from tests.processes import CourtFolder, kiosk_of, make_court, pair_kiosk, run_verb, server_of

KILLS = 10
FRAMES_WITH_FACE = 14
FRAMES_WITHOUT = 10
PATIENCE_SECONDS = 30.0


def film_somebody_passing(path: Path) -> None:
    """Somebody comes by, and then there is nobody: every two seconds, for ever."""
    film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15.0, (640, 480))
    for frame in range(FRAMES_WITH_FACE + FRAMES_WITHOUT):
        picture = plain_hall()
        if frame < FRAMES_WITH_FACE:
            paint_face(picture, (250 + 8 * frame, 220))
        film.write(picture)
    film.release()


def enroll_the_painted_face(court: CourtFolder) -> None:
    settings = load_settings(court.config)
    engine = open_engine(settings.faces)
    picture = plain_hall()
    paint_face(picture, (300, 220))
    encoding = engine.encode(picture, engine.detect(picture)[0])
    context = court.context()
    with StoredEnrollment(context).begin() as transaction:
        person_id = transaction.add_person(NewPerson("5001", "李伟", "立案庭"))
        today = context.clock.now().date()
        transaction.record_consent(person_id, ConsentRecord("given", "1", today, "HR"))
        transaction.add_template(person_id, "0" * 64, encoding)
        transaction.commit()
    context.engine.dispose()


def thanked_now(court: CourtFolder) -> str | None:
    """The event that the screen thanks for at this moment."""
    try:
        state = requests.get(f"{court.kiosk_url}/state.json", timeout=2).json()
    except requests.RequestException:
        return None
    return state["thanks"]["event_id"] if state["mode"] == "thanks" and state["thanks"] else None


def test_ten_kills_of_a_kiosk_that_recognises_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    film_somebody_passing(tmp_path / "hall.avi")
    court = make_court(
        tmp_path,
        {
            "kiosk.camera.source": "hall.avi",
            "kiosk.liveness.mode": "off",  # a painted face does not turn its head
            "kiosk.deciding.forget_track_after_seconds": 0.2,
            "kiosk.screen.thanks_seconds": 1.0,
        },
    )
    enroll_the_painted_face(court)
    server, kiosk = server_of(court), kiosk_of(court)
    chance = random.Random(20261120)
    thanked: set[str] = set()
    try:
        server.start()
        pair_kiosk(court)
        for number in range(KILLS + 1):
            kiosk.start()
            before = len(thanked)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while len(thanked) == before:
                assert time.monotonic() < deadline, kiosk.log_tail()
                event_id = thanked_now(court)
                if event_id is not None:
                    thanked.add(event_id)
                time.sleep(0.02)
            if number < KILLS:
                # Straight after a thank-you, or somewhere on the way to the next.
                time.sleep(chance.choice([0.0, chance.uniform(0.0, 1.0)]))
                kiosk.kill()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while requests.get(f"{court.kiosk_url}/health.json", timeout=5).json()["queue_length"] > 0:
            assert time.monotonic() < deadline, "the outbox was not delivered"
            time.sleep(0.05)
        assert kiosk.terminate() == 0
    finally:
        kiosk.kill()
        server.kill()
    context = court.context()
    with context.engine.connect() as connection:
        rows = connection.execute(select(clock_event.c.event_id, clock_event.c.method)).all()
    context.engine.dispose()
    stored = Counter(str(row.event_id) for row in rows)
    assert len(thanked) > KILLS
    assert {row.method for row in rows} == {"face"}
    assert thanked <= set(stored)
    assert max(stored.values()) == 1
    assert run_verb("server", "gaps", "--config", str(court.config)).stdout.strip() == "no gaps"
