"""The staff of the demonstration, as HR's folder import and the programs' settings see them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from demo.cast import NOTICE_VERSION, STAFF, new_pins, write_enrollment_folder
from demo.configuration import SHIPPED, write_configuration
from demo.day import REPORT_AT
from demo.photos import PHOTOS
from enrollment.people_file import read_people
from models.settings import load_settings
from tests.settings_documents import walk

CONSENT_DATE = date(2026, 11, 20)


@pytest.fixture
def photos(tmp_path: Path) -> dict[str, Path]:
    folder = tmp_path / "photos"
    folder.mkdir()
    for photo in PHOTOS:
        (folder / photo.name).write_bytes(photo.name.encode())
    return {photo.name: folder / photo.name for photo in PHOTOS}


def test_everybody_has_a_number_of_their_own_and_photographs_that_exist() -> None:
    assert len({member.employee_no for member in STAFF}) == len(STAFF)
    assert {name for member in STAFF for name in member.photos} <= {photo.name for photo in PHOTOS}
    assert any(not member.consents for member in STAFF)


def test_everybody_gets_a_fresh_pin_of_six_digits() -> None:
    pins = new_pins()
    assert list(pins) == [member.employee_no for member in STAFF]
    assert all(re.fullmatch(r"\d{6}", pin) for pin in pins.values())
    assert new_pins() != pins


def test_the_folder_import_reads_everybody_with_their_decision(tmp_path: Path, photos: dict[str, Path]) -> None:
    pins = new_pins()
    write_enrollment_folder(tmp_path / "enrollment", photos, pins, CONSENT_DATE)
    people = read_people(tmp_path / "enrollment", "HR", "en")
    assert people.skipped == ()
    assert [row.employee_no for row in people.rows] == [member.employee_no for member in STAFF]
    for row, member in zip(people.rows, STAFF, strict=True):
        assert (row.name, row.division, row.pin) == (member.name, member.division, pins[member.employee_no])
        assert row.consent is not None
        assert row.consent.decision == ("given" if member.consents else "refused")
        assert (row.consent.notice_version, row.consent.decided_on) == (NOTICE_VERSION, CONSENT_DATE)


def test_photographs_lie_there_only_of_those_who_consent(tmp_path: Path, photos: dict[str, Path]) -> None:
    folder = tmp_path / "enrollment"
    write_enrollment_folder(folder, photos, new_pins(), CONSENT_DATE)
    found = {
        person.name: sorted(file.name for file in person.iterdir()) for person in folder.iterdir() if person.is_dir()
    }
    assert found == {member.employee_no: sorted(member.photos) for member in STAFF if member.consents}


def test_the_settings_are_the_shipped_ones_in_a_folder_of_their_own(tmp_path: Path) -> None:
    settings = load_settings(write_configuration(tmp_path, 18080, 18090))
    shipped = load_settings(SHIPPED)
    assert (settings.server.port, settings.kiosk.screen.port) == (18080, 18090)
    assert settings.kiosk.server_url == "http://127.0.0.1:18080"
    assert settings.jobs.day_report_at == REPORT_AT
    # What identifies people is not made easier for the demonstration.
    assert settings.faces == shipped.faces
    assert settings.kiosk.deciding == shipped.kiosk.deciding.model_copy(update={"ask_pin_after_seconds": 1.2})
    assert settings.court == shipped.court


def test_everything_that_the_programs_write_stays_in_that_folder(tmp_path: Path) -> None:
    settings = load_settings(write_configuration(tmp_path, 18080, 18090))
    paths = [value for _, value in walk(settings.model_dump()) if isinstance(value, Path)]
    assert len(paths) >= 5
    assert [path for path in paths if not path.is_relative_to(tmp_path)] == []
    assert settings.database.url == f"sqlite:///{tmp_path}/courtclock.db"
