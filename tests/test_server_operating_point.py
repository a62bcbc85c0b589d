"""The site's operating point: computed from the gallery, stored once for the same inputs, sent with the gallery."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import func, select, update

from enrollment.ports import ConsentRecord
from models.errors import CourtclockError
from models.faces.comparing_all import Probe
from models.faces.values import Encoding
from models.sealing import unseal
from models.wire import GalleryContent, gallery_owner, parse
from server.services.context import ServerContext
from server.services.devices import gallery_for
from server.services.enrolling import StoredEnrollment
from server.services.operating import compute, compute_and_store, current, keep_up
from server.storage.tables import operating_point, template
from tests.attendance_days import FRIDAY
from tests.databases import Database
from tests.server_cast import SFACE, FakeClock, Kiosk, employ, face_of, make_context, pair, shipped_settings

SHIPPED = shipped_settings().faces
CAREFUL = SHIPPED.operating_points.sface


def enrol(context: ServerContext, employee_no: str, *faces: Encoding) -> UUID:
    """Somebody with one photograph for each face."""
    person = employ(context, employee_no, f"员工{employee_no}")
    with StoredEnrollment(context).begin() as transaction:
        transaction.record_consent(person.person_id, ConsentRecord("given", "2026-1", FRIDAY, "HR"))
        for number, face in enumerate(faces):
            transaction.add_template(person.person_id, f"{employee_no}{number:060x}", face)
        transaction.commit()
    return person.person_id


def resembling(face: Encoding, distance: float) -> Encoding:
    """A face at this cosine distance."""
    random = np.random.default_rng(99).normal(size=face.vector.size)
    across = random - (random @ face.vector) * face.vector
    across /= np.linalg.norm(across)
    cosine = 1 - distance
    return Encoding(face.model_id, np.asarray(cosine * face.vector + np.sqrt(1 - cosine**2) * across, dtype=np.float32))


def gallery_version(context: ServerContext) -> int:
    with context.unit(read_only=True) as unit:
        return unit.people.gallery_version()


def stored_count(context: ServerContext) -> int:
    with context.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(operating_point)).scalar_one()


def sent_to(context: ServerContext, kiosk: Kiosk) -> GalleryContent:
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    pack = gallery_for(context, record, None)
    assert pack.pack is not None
    return parse(
        GalleryContent, unseal(kiosk.gallery_key, pack.pack, gallery_owner(kiosk.kiosk_id, pack.gallery_version))
    )


# Computing and storing


def test_before_the_first_one_there_is_none(context: ServerContext) -> None:
    enrol(context, "1001", face_of(1))
    assert current(context) is None


def test_what_is_stored_is_what_was_computed(context: ServerContext, clock: FakeClock) -> None:
    enrol(context, "1001", face_of(1), resembling(face_of(1), 0.2))
    enrol(context, "1002", resembling(face_of(1), 0.5))
    expected = compute(context)
    assert stored_count(context) == 0
    stored = compute_and_store(context)
    assert stored == current(context)
    assert stored.calibration == expected
    assert (stored.version, stored.computed_at, stored.model_id) == (1, clock.now(), SFACE)
    assert (expected.people, expected.templates, expected.found) == (2, 3, "default")
    assert len(expected.look_alikes) == 1


def test_the_same_inputs_are_stored_once(context: ServerContext) -> None:
    enrol(context, "1001", face_of(1))
    first = compute_and_store(context)
    version = gallery_version(context)
    assert compute_and_store(context) == first
    assert (stored_count(context), gallery_version(context)) == (1, version)


def test_a_new_one_raises_the_gallery_version_so_that_kiosks_fetch_it(context: ServerContext) -> None:
    enrol(context, "1001", face_of(1))
    before = gallery_version(context)
    first = compute_and_store(context)
    assert first.gallery_version == gallery_version(context) > before
    enrol(context, "1002", face_of(2))
    second = compute_and_store(context)
    assert (first.version, second.version) == (1, 2)
    assert second.gallery_version == gallery_version(context) > first.gallery_version


def test_probes_are_part_of_the_inputs(context: ServerContext) -> None:
    li = enrol(context, "1001", face_of(1))
    probes = [Probe(resembling(face_of(1), 0.2), li), Probe(face_of(7), None, "visitor")]
    without, with_probes = compute_and_store(context), compute_and_store(context, probes)
    assert without.inputs_digest != with_probes.inputs_digest
    assert without.gallery_digest == with_probes.gallery_digest
    assert with_probes.calibration.probe_fnir.trials == 1
    assert with_probes.calibration.mated_probes == 1
    # In another order they are the same probes.
    assert compute_and_store(context, probes[::-1]) == with_probes


def test_two_processes_that_compute_at_once_store_it_once(context: ServerContext, database: Database) -> None:
    for number in range(3):
        enrol(context, f"100{number}", face_of(number))
    contexts = [replace(context, engine=database.engine()) for _ in range(4)]
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda own=one: found.append(compute_and_store(own).version)) for one in contexts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [1] * 4
    assert stored_count(context) == 1


def test_a_tampered_template_is_an_error_and_nothing_is_stored(context: ServerContext) -> None:
    enrol(context, "1001", face_of(1))
    with context.engine.begin() as connection:
        connection.execute(update(template).values(sealed_vector=b"x" * 60))
    with pytest.raises(CourtclockError) as told:
        compute_and_store(context)
    assert told.value.code == "seal.broken"
    assert stored_count(context) == 0


# Keeping up


def test_nothing_is_computed_for_a_gallery_without_faces(context: ServerContext) -> None:
    employ(context)
    assert keep_up(context) is False
    assert current(context) is None


def test_a_change_that_concerns_no_face_computes_nothing(context: ServerContext) -> None:
    li = enrol(context, "1001", face_of(1))
    assert keep_up(context) is True
    with StoredEnrollment(context).begin() as transaction:
        transaction.set_pin(li, "284615")
        transaction.commit()
    assert keep_up(context) is False


def test_an_operating_point_with_probes_is_kept_until_enrollments_change(context: ServerContext) -> None:
    li = enrol(context, "1001", face_of(1))
    with_probes = compute_and_store(context, [Probe(resembling(face_of(1), 0.2), li)])
    assert keep_up(context) is False
    assert current(context) == with_probes
    enrol(context, "1002", face_of(2))
    assert keep_up(context) is True
    newest = current(context)
    assert newest is not None
    assert newest.calibration.probe_fnir.trials == 0


def test_somebody_who_withdrew_is_no_longer_in_it(context: ServerContext) -> None:
    li = enrol(context, "1001", face_of(1))
    enrol(context, "1002", resembling(face_of(1), 0.1))
    assert len(compute_and_store(context).calibration.own_thresholds) == 2
    with StoredEnrollment(context).begin() as transaction:
        transaction.record_consent(li, ConsentRecord("refused", "2026-1", FRIDAY, "HR"))
        transaction.commit()
    assert keep_up(context) is True
    newest = current(context)
    assert newest is not None
    assert (newest.calibration.people, newest.calibration.own_thresholds) == (1, ())


@pytest.mark.parametrize(
    "changed",
    [
        {"calibration": SHIPPED.calibration.model_copy(update={"wanted_fpir": 0.02})},
        {"calibration": SHIPPED.calibration.model_copy(update={"workdays_per_year": 200})},
        {
            "operating_points": SHIPPED.operating_points.model_copy(
                update={"sface": CAREFUL.model_copy(update={"margin": 0.1})}
            )
        },
    ],
    ids=["wanted rate", "workdays", "margin"],
)
def test_other_settings_compute_another(
    context: ServerContext, tmp_path: Path, database: Database, clock: FakeClock, changed: dict[str, object]
) -> None:
    enrol(context, "1001", face_of(1))
    first = compute_and_store(context)
    again = make_context(tmp_path, database, clock, faces=changed)
    assert keep_up(again) is True
    second = current(again)
    assert second is not None
    assert second.version == first.version + 1


def test_another_engine_has_none_of_the_first_ones_points(
    context: ServerContext, tmp_path: Path, database: Database, clock: FakeClock
) -> None:
    enrol(context, "1001", face_of(1))
    compute_and_store(context)
    assert current(make_context(tmp_path, database, clock, faces={"engine": "face_recognition"})) is None


def test_an_older_one_keeps_its_figures_and_names_nobody(context: ServerContext) -> None:
    li = enrol(context, "1001", face_of(1))
    enrol(context, "1002", resembling(face_of(1), 0.1))
    first = compute_and_store(context)
    assert any(one.person_id == li for one in first.calibration.own_thresholds)
    enrol(context, "1003", face_of(3))
    compute_and_store(context)
    with context.engine.connect() as connection:
        older, newer = connection.execute(
            select(operating_point.c.content).order_by(operating_point.c.version)
        ).scalars()
    assert str(li) not in json.dumps(older)
    assert str(li) in json.dumps(newer)
    assert older["calibration"]["accept_distance"] == first.calibration.accept_distance


def test_back_at_the_first_engine_it_is_computed_again_with_its_own_thresholds(
    context: ServerContext, tmp_path: Path, database: Database, clock: FakeClock
) -> None:
    for number, face in (("1001", face_of(1)), ("1002", resembling(face_of(1), 0.1))):
        enrol(context, number, face)
    first = compute_and_store(context)
    other = make_context(tmp_path, database, clock, faces={"engine": "face_recognition"})
    assert compute_and_store(other).calibration.people == 0
    assert current(context) is None
    assert keep_up(context) is True
    again = current(context)
    assert again is not None
    assert again.version == 3
    assert again.calibration == first.calibration


# What kiosks are told


def test_a_kiosk_gets_the_point_with_the_gallery(context: ServerContext, clock: FakeClock) -> None:
    east = pair(context, clock)
    enrol(context, "1001", face_of(1))
    before = sent_to(context, east)
    assert before.operating_point is None
    stored = compute_and_store(context)
    sent = sent_to(context, east)
    assert sent.gallery_version == stored.gallery_version
    assert sent.operating_point is not None
    assert sent.operating_point.version == 1
    assert sent.operating_point.source == "default"
    assert sent.operating_point.accept_distance == CAREFUL.accept_distance
    assert sent.operating_point.margin == CAREFUL.margin
    assert sent.operating_point.one_to_one_distance == CAREFUL.one_to_one_distance
    assert sent.operating_point.covered_accept_distance == CAREFUL.covered_accept_distance
    assert [(one.accept_distance, one.ask_pin) for one in sent.people] == [(None, False)]


def test_a_kiosk_is_told_who_has_an_own_threshold_and_who_is_asked_for_the_pin(
    context: ServerContext, clock: FakeClock
) -> None:
    east = pair(context, clock)
    enrol(context, "1001", face_of(1))
    enrol(context, "1002", resembling(face_of(1), 0.05))
    enrol(context, "1003", face_of(2))
    enrol(context, "1004", resembling(face_of(2), 0.5))
    enrol(context, "1005", face_of(3))
    compute_and_store(context)
    told = {one.employee_no: (one.accept_distance, one.ask_pin) for one in sent_to(context, east).people}
    assert [told[number][1] for number in ("1001", "1002", "1003", "1004", "1005")] == [True, True, False, False, False]
    assert told["1003"][0] == told["1004"][0] == pytest.approx(0.5 - CAREFUL.margin, abs=2e-4)
    assert told["1005"] == (None, False)


def test_a_point_in_another_form_counts_as_none_and_is_computed_again(context: ServerContext, clock: FakeClock) -> None:
    east = pair(context, clock)
    enrol(context, "1001", face_of(1))
    compute_and_store(context)
    with context.engine.begin() as connection:
        connection.execute(update(operating_point).values(content={"gallery_digest": "x", "calibration": {"a": 1}}))
    assert current(context) is None
    assert sent_to(context, east).operating_point is None
    clock.advance(timedelta(minutes=5))
    assert keep_up(context) is True
    assert sent_to(context, east).operating_point is not None
