"""kill -9 of kiosk or server at any moment: what the screen thanked for is on the server exactly once."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import requests
from sqlalchemy import select

from server.storage.tables import clock_event
from tests.processes import CourtFolder, add_staff, kiosk_of, make_court, pair_kiosk, run_verb, server_of

KILLS = 50
PIN = "284615"
STAFF = [str(number) for number in range(2001, 2041)]
DELIVERY_SECONDS = 30.0


class Stream:
    """Staff who clock one after the other, and what the kiosk's page thanked them for."""

    def __init__(self, court: CourtFolder) -> None:
        self._url = f"{court.kiosk_url}/pin"
        self._ending = threading.Event()
        self.thanked: list[str] = []
        self.repeated = 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        session = requests.Session()
        turn = 0
        while not self._ending.is_set():
            turn += 1
            try:
                answer = session.post(
                    self._url,
                    data={"employee_no": STAFF[turn % len(STAFF)], "pin": PIN},
                    headers={"Accept": "application/json"},
                    timeout=5,
                )
            except requests.RequestException:
                # The kiosk is dead just now: nobody was thanked.
                self._ending.wait(0.02)
                continue
            if answer.status_code == 200 and not answer.json()["repeated"]:
                self.thanked.append(answer.json()["event_id"])
            elif answer.status_code == 200:
                self.repeated += 1
            else:
                self._ending.wait(0.02)

    def end(self) -> None:
        self._ending.set()
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()


def events_on_server(court: CourtFolder) -> Counter[str]:
    context = court.context()
    with context.engine.connect() as connection:
        counts = Counter(str(event_id) for event_id in connection.execute(select(clock_event.c.event_id)).scalars())
    context.engine.dispose()
    return counts


def test_fifty_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    court = make_court(tmp_path)
    add_staff(court, STAFF, PIN)
    server, kiosk = server_of(court), kiosk_of(court)
    server.start()
    pair_kiosk(court)
    kiosk.start()
    chance = random.Random(20261120)
    stream = Stream(court)
    kills: Counter[str] = Counter()
    try:
        deadline = time.monotonic() + DELIVERY_SECONDS
        while not stream.thanked:
            assert time.monotonic() < deadline, kiosk.log_tail()
            time.sleep(0.02)
        for _ in range(KILLS):
            victim, name = chance.choice([(server, "server"), (kiosk, "kiosk")])
            # From "still starting" to "in the middle of a stream".
            victim.kill()
            kills[name] += 1
            victim.start(wait=chance.random() < 0.7)
            time.sleep(chance.uniform(0.0, 0.5))
        for program in (server, kiosk):
            program.wait_until_ready()
        stream.end()
        deadline = time.monotonic() + DELIVERY_SECONDS
        while requests.get(f"{court.kiosk_url}/health.json", timeout=5).json()["queue_length"] > 0:
            assert time.monotonic() < deadline, "the outbox was not delivered"
            time.sleep(0.05)
    finally:
        stream.end()
        kiosk.kill()
        server.kill()
    stored = events_on_server(court)
    lost = set(stream.thanked) - set(stored)
    doubled = [event_id for event_id, count in stored.items() if count > 1]
    figures = f"thanked={len(stream.thanked)} stored={len(stored)} lost={len(lost)} doubled={len(doubled)}"
    sys.stdout.write(f"kills={dict(kills)} {figures}\n")
    assert len(stream.thanked) > KILLS
    assert min(kills.values()) >= KILLS // 4
    assert not lost
    assert not doubled
    assert len(set(stream.thanked)) == len(stream.thanked)
    gaps = run_verb("server", "gaps", "--config", str(court.config))
    assert gaps.stdout.strip() == "no gaps"
