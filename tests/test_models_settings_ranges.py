"""The range of every number in config.yaml, written out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from models.settings import Section, Settings
from tests.settings_documents import findings_in, key_path, load, section_of, shipped_document

# For each key: too little, the least that is good, the most that is good, too much.
RANGES: Final[dict[str, tuple[float, float, float, float]]] = {
    "faces.min_detection_score": (0, 0.01, 0.99, 1),
    "faces.operating_points.sface.accept_distance": (0, 0.01, 1.99, 2),
    "faces.operating_points.sface.margin": (-0.01, 0, 0.99, 1),
    "faces.operating_points.sface.same_person_distance": (0, 0.01, 1.99, 2),
    "faces.operating_points.sface.duplicate_distance": (0, 0.01, 1.99, 2),
    "faces.operating_points.sface.one_to_one_distance": (0, 0.01, 1.99, 2),
    "faces.operating_points.sface.covered_accept_distance": (0, 0.01, 1.99, 2),
    "faces.operating_points.face_recognition.accept_distance": (0, 0.01, 1.99, 2),
    "faces.operating_points.face_recognition.margin": (-0.01, 0, 0.99, 1),
    "faces.operating_points.face_recognition.same_person_distance": (0, 0.01, 1.99, 2),
    "faces.operating_points.face_recognition.duplicate_distance": (0, 0.01, 1.99, 2),
    "faces.operating_points.face_recognition.one_to_one_distance": (0, 0.01, 1.99, 2),
    "faces.operating_points.face_recognition.covered_accept_distance": (0, 0.01, 1.99, 2),
    "faces.calibration.wanted_fpir": (0, 0.001, 0.499, 0.5),
    "faces.calibration.min_people": (19, 20, 100_000, 100_001),
    "faces.calibration.stranger_encounters_per_day": (-1, 0, 100_000, 100_001),
    "faces.calibration.clock_points_per_day": (0, 1, 24, 25),
    "faces.calibration.workdays_per_year": (0, 1, 366, 367),
    "faces.enrollment_quality.min_eye_distance_px": (15.9, 16, 500, 500.1),
    "faces.enrollment_quality.min_sharpness": (-1, 0, 10_000, 10_001),
    "faces.enrollment_quality.min_brightness": (-1, 0, 255, 256),
    "faces.enrollment_quality.max_brightness": (-1, 0, 255, 256),
    "faces.enrollment_quality.max_clipped_share": (-0.01, 0, 1, 1.01),
    "faces.enrollment_quality.max_side_light_ratio": (0.99, 1, 20, 20.1),
    "faces.enrollment_quality.max_roll_degrees": (-1, 0, 90, 91),
    "faces.enrollment_quality.max_yaw_share": (-0.01, 0, 1, 1.01),
    "faces.enrollment_quality.min_nod": (-0.01, 0, 0.5, 0.51),
    "faces.enrollment_quality.max_nod": (0.49, 0.5, 1, 1.01),
    "faces.enrollment_quality.min_margin_share": (-0.01, 0, 2, 2.01),
    "faces.enrollment_quality.min_eye_brightness_share": (-0.01, 0, 1, 1.01),
    "faces.enrollment_quality.max_lower_face_covered": (-0.01, 0, 1, 1.01),
    "faces.enrollment_quality.max_file_bytes": (9_999, 10_000, 200_000_000, 200_000_001),
    "faces.enrollment_quality.max_pixels": (99_999, 100_000, 200_000_000, 200_000_001),
    "kiosk.camera.width_px": (159, 160, 7680, 7681),
    "kiosk.camera.height_px": (119, 120, 4320, 4321),
    "kiosk.camera.frame_deadline_seconds": (0, 0.01, 60, 60.1),
    "kiosk.camera.frozen_after_seconds": (0, 0.01, 600, 601),
    "kiosk.camera.reopen_after_seconds": (0, 0.01, 600, 601),
    "kiosk.deciding.votes": (0, 1, 30, 31),
    "kiosk.deciding.of_frames": (0, 1, 60, 61),
    "kiosk.deciding.grey_zone": (-0.01, 0, 0.5, 0.51),
    "kiosk.deciding.max_lower_face_covered": (-0.01, 0, 1, 1.01),
    "kiosk.deciding.faces_a_frame": (0, 1, 10, 11),
    "kiosk.deciding.min_eye_distance_px": (9.9, 10, 500, 501),
    "kiosk.deciding.min_sharpness": (-1, 0, 10_000, 10_001),
    "kiosk.deciding.min_motion_share": (-0.01, 0, 1, 1.01),
    "kiosk.deciding.ask_pin_after_seconds": (0, 0.01, 60, 61),
    "kiosk.deciding.forget_track_after_seconds": (0, 0.01, 60, 61),
    "kiosk.deciding.repeat_after_seconds": (0.9, 1, 3600, 3601),
    "kiosk.liveness.undecided_after_seconds": (0.9, 1, 60, 61),
    "kiosk.liveness.challenge_turns": (0, 1, 6, 7),
    "kiosk.liveness.antispoof.input_size_px": (15, 16, 1024, 1025),
    "kiosk.liveness.antispoof.crop_scale": (0.9, 1, 10, 10.1),
    "kiosk.liveness.antispoof.largest_value": (0, 0.1, 255, 256),
    "kiosk.liveness.antispoof.live_class": (-1, 0, 99, 100),
    "kiosk.liveness.antispoof.min_live_score": (0, 0.01, 0.99, 1),
    "kiosk.screen.port": (0, 1, 65535, 65536),
    "kiosk.screen.thanks_seconds": (0, 0.01, 60, 61),
    "kiosk.screen.not_me_seconds": (0, 0.01, 300, 301),
    "kiosk.pin.max_tries": (0, 1, 20, 21),
    "kiosk.pin.lock_seconds": (0.9, 1, 3600, 3601),
    "kiosk.sync.interval_seconds": (0, 0.01, 3600, 3601),
    "kiosk.sync.max_backoff_seconds": (0, 0.01, 3600, 3601),
    "kiosk.sync.timeout_seconds": (0, 0.01, 120, 121),
    "kiosk.sync.batch_items": (0, 1, 500, 501),
    "kiosk.sync.gallery_seconds": (0, 0.01, 86400, 86401),
    "kiosk.sync.keep_done_days": (0, 1, 365, 366),
    "server.port": (0, 1, 65535, 65536),
    "server.threads": (0, 1, 64, 65),
    "server.session_idle_minutes": (0, 1, 1440, 1441),
    "server.session_hours": (0, 1, 168, 169),
    "server.pairing_code_minutes": (0, 1, 1440, 1441),
    "server.signature_max_age_seconds": (4, 5, 3600, 3601),
    "attendance.silent_kiosk_seconds": (29, 30, 86400, 86401),
    "attendance.clock_jump_seconds": (1, 2, 3600, 3601),
    "jobs.tick_seconds": (0.04, 0.05, 3600, 3601),
    "jobs.month_bulletin_on": (0, 1, 28, 29),
    "jobs.catch_up_days": (-1, 0, 366, 367),
    "mail.port": (0, 1, 65535, 65536),
    "mail.timeout_seconds": (0.9, 1, 60, 60.1),
    "mail.max_tries": (0, 1, 50, 51),
    "mail.retry_minutes": (0, 1, 1440, 1441),
    "retention.attempts_days": (0, 1, 3650, 3651),
    "retention.access_log_days": (29, 30, 3650, 3651),
    "retention.job_runs_days": (399, 400, 3650, 3651),
    "retention.clock_events_days": (399, 400, 36_500, 36_501),
}
TOO_LITTLE, LEAST, MOST, TOO_MUCH = range(4)
# At their bounds these two pairs would contradict each other, which is another rule.
IN_ORDER = {
    LEAST: {"faces.enrollment_quality.max_brightness": 1},
    MOST: {"faces.enrollment_quality.min_brightness": 254},
}


def document_at(column: int) -> dict[str, Any]:
    document = shipped_document()
    values = {path: row[column] for path, row in RANGES.items()} | IN_ORDER.get(column, {})
    for dotted, value in values.items():
        path = key_path(dotted)
        section_of(document, path)[path[-1]] = value
    return document


def value_in(settings: Settings, dotted: str) -> Any:
    node: Any = settings
    for part in key_path(dotted):
        node = getattr(node, str(part)) if isinstance(node, Section) else node[part]
    return node


def numbers_of(section: type[Section], path: str = "") -> Iterator[str]:
    """Every key that takes a number, also one that is null as shipped."""
    for name, field in section.model_fields.items():
        form = field.annotation
        if isinstance(form, type) and issubclass(form, Section):
            yield from numbers_of(form, f"{path}{name}.")
        elif {int, float} & {form, *get_args(form)}:
            yield f"{path}{name}"


def test_every_number_of_the_document_has_a_range_here() -> None:
    assert list(RANGES) == list(numbers_of(Settings))


@pytest.mark.parametrize("column", [TOO_LITTLE, TOO_MUCH], ids=["too little", "too much"])
def test_each_number_out_of_its_range_is_named(tmp_path: Path, column: int) -> None:
    found = findings_in(tmp_path, document_at(column))
    assert set(found) == set(RANGES)
    for path, row in RANGES.items():
        assert f"(found {row[column]!r})" in found[path]
        assert found[path].endswith("Give a value in the range.")


@pytest.mark.parametrize("column", [LEAST, MOST], ids=["least", "most"])
def test_each_number_at_the_end_of_its_range_is_good(tmp_path: Path, column: int) -> None:
    settings = load(tmp_path, document_at(column))
    for path, row in RANGES.items():
        assert value_in(settings, path) == IN_ORDER[column].get(path, row[column])
