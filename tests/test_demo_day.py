"""The script of the demonstration's day: complete, in order, and slow where somebody is at the door."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from demo.cast import STAFF
from demo.configuration import RULES
from demo.day import (
    COURT_SECONDS_PER_HOST_SECOND,
    DAY_BEGINS,
    DAY_ENDS,
    EXPECTED,
    EXPECTED_ATTEMPTS,
    EXPECTED_CLOCK_EVENTS,
    REPORT_AT,
    SERVER_FAILS,
    SERVER_RETURNS,
    VISITS,
    ZONE,
    Visit,
    last_workday,
    moment,
    paces,
    write_camera_script,
)
from demo.photos import PHOTOS
from kiosk.camera.sample_script import load_sample_script
from models.identifiers import uuid7_at
from server.attendance.events import RawEvent
from server.attendance.rule_documents import load_rules
from server.attendance.site_days import SiteDays
from tests.attendance_days import Court, judged

DAY = date(2026, 11, 20)
PHOTO_NAMES = {photo.name for photo in PHOTOS}
# Whose face each photograph shows, by the first word of its name.
FACES = {member.photos[0].split("_")[0].split(".")[0]: member for member in STAFF}


def who(photo: str) -> str:
    return photo.split("_")[0].split(".")[0]


def host_seconds_at(when: datetime) -> float:
    """How long the machine has run when court time reaches a moment."""
    host, court = 0.0, moment(DAY, DAY_BEGINS)
    for pace in paces(DAY):
        then = court + timedelta(seconds=pace.court_seconds)
        if when <= then:
            return host + pace.host_seconds * ((when - court) / (then - court) if then > court else 0.0)
        host, court = host + pace.host_seconds, then
    raise AssertionError(f"{when} is after the day")


def starts_and_ends(visit: Visit) -> tuple[datetime, datetime]:
    start = moment(DAY, visit.at)
    return start, start + timedelta(seconds=visit.host_seconds * COURT_SECONDS_PER_HOST_SECOND)


def test_the_stretches_cover_the_day_exactly() -> None:
    whole = (moment(DAY, DAY_ENDS) - moment(DAY, DAY_BEGINS)).total_seconds()
    assert sum(pace.court_seconds for pace in paces(DAY)) == pytest.approx(whole, abs=1e-6)
    assert all(pace.court_seconds > 0 for pace in paces(DAY))


def test_nobody_waits_longer_than_two_minutes() -> None:
    assert 30 < sum(pace.host_seconds for pace in paces(DAY)) < 120


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.what)
def test_while_somebody_is_at_the_door_time_runs_at_the_doors_pace(visit: Visit) -> None:
    start, end = starts_and_ends(visit)
    quarter = (end - start) / 4
    for part in range(4):
        passed = host_seconds_at(start + quarter * (part + 1)) - host_seconds_at(start + quarter * part)
        assert passed == pytest.approx(visit.host_seconds / 4, abs=1e-6)


def test_visits_come_one_after_the_other_within_the_day() -> None:
    times = [starts_and_ends(visit) for visit in VISITS]
    assert moment(DAY, DAY_BEGINS) <= times[0][0]
    assert times[-1][1] <= moment(DAY, DAY_ENDS)
    assert [(one, other) for one, other in pairwise(times) if other[0] < one[1]] == []


def test_the_server_is_down_for_ten_court_minutes_in_which_people_leave() -> None:
    down = [
        visit
        for visit in VISITS
        if moment(DAY, SERVER_FAILS) <= starts_and_ends(visit)[0]
        and starts_and_ends(visit)[1] <= moment(DAY, SERVER_RETURNS)
    ]
    assert moment(DAY, SERVER_RETURNS) - moment(DAY, SERVER_FAILS) >= timedelta(minutes=10)
    assert len(down) >= 2
    assert any(visit.types_pin for visit in down)


def test_nobody_is_at_the_door_when_the_server_fails_or_returns() -> None:
    for change in (moment(DAY, SERVER_FAILS), moment(DAY, SERVER_RETURNS)):
        assert [
            visit.what for visit in VISITS if starts_and_ends(visit)[0] <= change <= starts_and_ends(visit)[1]
        ] == []


def test_the_report_is_due_within_the_day_after_everybody_has_left() -> None:
    assert starts_and_ends(VISITS[-1])[1] < moment(DAY, REPORT_AT) < moment(DAY, DAY_ENDS)


def test_the_returning_server_and_the_report_are_given_a_moment_of_the_machines_time() -> None:
    returned = host_seconds_at(moment(DAY, SERVER_RETURNS))
    assert host_seconds_at(moment(DAY, SERVER_RETURNS) + timedelta(minutes=1)) - returned >= 3
    assert host_seconds_at(moment(DAY, DAY_ENDS)) - host_seconds_at(moment(DAY, SERVER_RETURNS)) >= 5


def test_the_camera_can_play_its_script(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for name in PHOTO_NAMES:
        (tmp_path / "photos" / name).write_bytes(b"no photograph is needed to read the script")
    write_camera_script(tmp_path / "camera.json", DAY)
    script = load_sample_script(tmp_path / "camera.json")
    assert [scene.name for scene in script.scenes] == [visit.what for visit in VISITS]
    for scene, visit in zip(script.scenes, VISITS, strict=True):
        assert (scene.starts_at, scene.ends_at) == starts_and_ends(visit)
        assert (scene.light_from, scene.light_to) == visit.light
        assert all(actor.photo.is_file() for actor in scene.actors)
        assert all(actor.photo.parent == tmp_path / "photos" for actor in scene.actors)


def test_the_camera_shows_another_photograph_than_the_enrolled_ones() -> None:
    for visit in VISITS:
        for actor in visit.actors:
            member = FACES.get(who(actor["photo"]))
            if member is None or not member.consents:
                continue
            others = {name for name in PHOTO_NAMES if who(name) == who(actor["photo"])} - set(member.photos)
            if others:
                assert actor["photo"] in others, f"{visit.what}: the enrolled photograph itself is shown"
            else:
                # Of whom there is one photograph only, the camera shows it strongly changed.
                assert actor["mirrored"]
                assert abs(actor["tilt_degrees"]) >= 4


def test_the_report_is_expected_to_speak_of_all_staff() -> None:
    assert [expected.employee_no for expected in EXPECTED] == [member.employee_no for member in STAFF]


def test_those_without_consent_are_expected_by_pin_and_type_it() -> None:
    by_pin = {expected.employee_no for expected in EXPECTED if expected.method == "pin"}
    assert by_pin == {member.employee_no for member in STAFF if not member.consents}
    assert {visit.types_pin for visit in VISITS if visit.types_pin} == by_pin


def test_what_is_expected_follows_from_who_comes() -> None:
    shown = Counter(
        FACES[who(actor["photo"])].employee_no
        for visit in VISITS
        for actor in visit.actors
        if who(actor["photo"]) in FACES and actor["kind"] == "walk_up"
    )
    assert sum(shown.values()) == EXPECTED_CLOCK_EVENTS
    # Somebody unknown, somebody without a template, or a picture held up: an attempt each.
    attempts = [
        actor
        for visit in VISITS
        for actor in visit.actors
        if actor["kind"] == "held_photograph"
        or who(actor["photo"]) not in FACES
        or not FACES[who(actor["photo"])].consents
    ]
    assert len(attempts) == EXPECTED_ATTEMPTS


def test_the_rules_give_what_is_expected_when_people_come_as_the_script_has_it() -> None:
    court = Court(load_rules(RULES), SiteDays(ZONE, time(4)))
    came: dict[str, list[RawEvent]] = {}
    for visit in VISITS:
        for actor in visit.actors:
            member = FACES.get(who(actor["photo"]))
            if member is not None and actor["kind"] == "walk_up":
                at = moment(DAY, visit.at)
                came.setdefault(member.employee_no, []).append(RawEvent(uuid7_at(at), at, "face"))
    for expected in EXPECTED:
        verdict = judged(*came[expected.employee_no], day=DAY, rules=court)
        tally = verdict.tally
        assert (verdict.status, tally.late_minutes, tally.early_minutes) == (
            expected.status,
            expected.late_minutes,
            expected.early_minutes,
        ), expected.employee_no


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 11, 20), date(2026, 11, 20)),  # Friday
        (date(2026, 11, 21), date(2026, 11, 20)),  # Saturday
        (date(2026, 11, 22), date(2026, 11, 20)),  # Sunday
        (date(2026, 11, 23), date(2026, 11, 23)),  # Monday
        (date(2025, 10, 8), date(2025, 9, 30)),  # the last day of National Day
        (date(2025, 10, 1), date(2025, 9, 30)),  # its first
        (date(2025, 10, 11), date(2025, 10, 11)),  # a Saturday that is worked for it
        (date(2025, 10, 12), date(2025, 10, 11)),  # the Sunday after that
        (date(2025, 9, 28), date(2025, 9, 28)),  # a Sunday that is worked before it
        (date(2026, 1, 1), date(2025, 12, 31)),  # New Year's Day
        (date(2027, 3, 3), date(2026, 12, 31)),  # a year whose calendar is not known yet
    ],
)
def test_the_day_played_is_the_last_on_which_the_court_works(today: date, expected: date) -> None:
    assert last_workday(today) == expected


def test_the_day_is_the_courts_own_day() -> None:
    begins = moment(DAY, DAY_BEGINS)
    assert begins.utcoffset() == timedelta(0)
    assert begins.astimezone(ZONE).date() == DAY
    assert begins.astimezone(ZONE).utcoffset() == timedelta(hours=8)
