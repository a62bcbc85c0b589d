"""The gallery: sealed for one kiosk, at rest and on its way, and gone when consent is withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from enrollment.ports import ConsentRecord
from models.errors import CourtclockError
from models.faces.values import ModelId
from models.sealing import unseal
from models.wire import GalleryContent, GalleryPack, HealthAnswer, gallery_owner, parse
from server.services.context import ServerContext
from server.services.devices import gallery_for
from server.services.enrolling import StoredEnrollment
from server.storage.records import KioskRecord
from server.storage.tables import gallery_version, kiosk, template
from tests.attendance_days import FRIDAY
from tests.databases import Database
from tests.server_cast import GALLERY, HEALTH, SFACE, FakeClock, Kiosk, employ, face_of, health_body, make_app, pair

LI_FACE, WANG_FACE, OTHER_FACE = face_of(1), face_of(2), face_of(3)
pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture
def client(context: ServerContext) -> FlaskClient:
    return make_app(context).test_client()


@pytest.fixture
def store(context: ServerContext) -> StoredEnrollment:
    return StoredEnrollment(context)


@pytest.fixture
def east(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock)


def decision(kind: Any) -> ConsentRecord:
    return ConsentRecord(kind, "2026-1", FRIDAY, "Zhao of HR")


def enrol(context: ServerContext, store: StoredEnrollment, employee_no: str, name: str, *faces: Any) -> UUID:
    person = employ(context, employee_no, name)
    with store.begin() as transaction:
        transaction.record_consent(person.person_id, decision("given"))
        for number, face in enumerate(faces):
            transaction.add_template(person.person_id, f"{employee_no}{number:060x}", face)
        transaction.commit()
    return person.person_id


def record_of(context: ServerContext, of: Kiosk) -> KioskRecord:
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(of.kiosk_id)
    assert record is not None
    return record


def fetch(client: FlaskClient, of: Kiosk, have: int | None = None) -> GalleryPack:
    return parse(GalleryPack, of.send(client, "GET", GALLERY + ("" if have is None else f"?have_version={have}")).data)


def opened(pack: GalleryPack, by: Kiosk) -> GalleryContent:
    assert pack.pack is not None
    return parse(GalleryContent, unseal(by.gallery_key, pack.pack, gallery_owner(by.kiosk_id, pack.gallery_version)))


# What is in it


def test_a_kiosk_gets_everybody_with_their_own_templates(
    context: ServerContext, client: FlaskClient, store: StoredEnrollment, east: Kiosk
) -> None:
    li = enrol(context, store, "0104", "李明", LI_FACE, OTHER_FACE)
    wang = employ(context, "0205", "王芳").person_id
    with store.begin() as transaction:
        transaction.set_pin(wang, "2580")
        transaction.commit()
    content = opened(fetch(client, east), east)
    assert (content.model_id, content.dimensions) == (SFACE, 128)
    entries = {entry.person_id: entry for entry in content.people}
    assert (entries[li].employee_no, entries[li].display_name, entries[li].pin_hash) == ("0104", "李明", None)
    assert sorted(entries[li].templates) == sorted([LI_FACE.to_bytes(), OTHER_FACE.to_bytes()])
    assert entries[wang].templates == []
    assert str(entries[wang].pin_hash).startswith("$argon2id$")


def test_templates_of_another_model_stay_behind(
    context: ServerContext, client: FlaskClient, store: StoredEnrollment, east: Kiosk
) -> None:
    enrol(context, store, "0104", "李明", LI_FACE, face_of(9, ModelId("dlib-resnet-v1")))
    assert [len(entry.templates) for entry in opened(fetch(client, east), east).people] == [1]


def test_a_kiosk_that_is_up_to_date_gets_an_empty_pack(
    context: ServerContext, client: FlaskClient, store: StoredEnrollment, east: Kiosk
) -> None:
    enrol(context, store, "0104", "李明", LI_FACE)
    pack = fetch(client, east)
    assert pack.pack is not None
    assert fetch(client, east, pack.gallery_version) == GalleryPack(gallery_version=pack.gallery_version, pack=None)
    assert fetch(client, east, pack.gallery_version - 1).pack is not None
    assert fetch(client, east, pack.gallery_version + 7).pack is not None, "a kiosk from before a restored backup"


# Sealed on its way


def test_a_pack_opens_for_its_own_kiosk_and_version_alone(
    context: ServerContext, client: FlaskClient, store: StoredEnrollment, east: Kiosk, clock: FakeClock
) -> None:
    west = pair(context, clock, "west door")
    enrol(context, store, "0104", "李明", LI_FACE)
    pack = fetch(client, east)
    assert pack.pack is not None
    assert len(opened(pack, east).people) == 1
    for key, owner in (
        (west.gallery_key, gallery_owner(east.kiosk_id, pack.gallery_version)),
        (east.gallery_key, gallery_owner(west.kiosk_id, pack.gallery_version)),
        (east.gallery_key, gallery_owner(east.kiosk_id, pack.gallery_version + 1)),
    ):
        with pytest.raises(CourtclockError) as told:
            unseal(key, pack.pack, owner)
        assert told.value.code == "seal.broken"
    assert LI_FACE.to_bytes() not in pack.pack
    assert "李明".encode() not in pack.pack


def test_the_gallery_key_of_one_kiosk_does_not_serve_another(
    context: ServerContext, store: StoredEnrollment, east: Kiosk, clock: FakeClock
) -> None:
    west = pair(context, clock, "west door")
    with context.engine.begin() as connection:
        stolen = connection.execute(
            select(kiosk.c.sealed_gallery_key).where(kiosk.c.kiosk_id == west.kiosk_id)
        ).scalar_one()
        connection.execute(update(kiosk).where(kiosk.c.kiosk_id == east.kiosk_id).values(sealed_gallery_key=stolen))
    with pytest.raises(CourtclockError) as told:
        gallery_for(context, record_of(context, east), None)
    assert told.value.code == "seal.broken"


# Sealed at rest


def test_a_template_that_was_moved_to_another_person_does_not_open(
    context: ServerContext, client: FlaskClient, store: StoredEnrollment, east: Kiosk
) -> None:
    li = enrol(context, store, "0104", "李明", LI_FACE)
    wang = enrol(context, store, "0205", "王芳", WANG_FACE)
    with context.engine.begin() as connection:
        of_li = connection.execute(select(template.c.template_id).where(template.c.person_id == li)).scalar_one()
        of_wang = connection.execute(select(template.c.template_id).where(template.c.person_id == wang)).scalar_one()
        connection.execute(update(template).where(template.c.template_id == of_li).values(person_id=wang))
        connection.execute(update(template).where(template.c.template_id == of_wang).values(person_id=li))
    answer = east.send(client, "GET", GALLERY)
    assert (answer.status_code, answer.json and answer.json["code"]) == (500, "seal.broken")
    with pytest.raises(CourtclockError, match=r"seal\.broken"), store.begin() as transaction:
        transaction.templates(SFACE)


@pytest.mark.parametrize("column", ["sealed_vector", "model_id", "template_id"])
def test_a_template_that_was_changed_in_any_way_does_not_open(
    context: ServerContext, store: StoredEnrollment, east: Kiosk, column: str
) -> None:
    enrol(context, store, "0104", "李明", face_of(5, ModelId("other-model")))
    with context.engine.begin() as connection:
        sealed = connection.execute(select(template.c.sealed_vector)).scalar_one()
        values = {
            "sealed_vector": {"sealed_vector": sealed[:-1] + bytes([sealed[-1] ^ 1]), "model_id": SFACE},
            "model_id": {"model_id": SFACE},
            "template_id": {"template_id": UUID(int=1), "model_id": SFACE},
        }
        connection.execute(update(template).values(**values[column]))
    with pytest.raises(CourtclockError) as told:
        gallery_for(context, record_of(context, east), None)
    assert told.value.code == "seal.broken"


def all_bytes_of(database: Database, context: ServerContext) -> bytes:
    """Everything that somebody who steals the database has."""
    if database.file is not None:
        files = database.file.parent.glob(f"{database.file.name}*")
        return b"".join(Path(file).read_bytes() for file in files)
    with context.engine.connect() as connection:
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
        everything = []
        for name in tables:
            for row in connection.execute(text(f'SELECT * FROM "{name}"')):  # noqa: S608 - the database's own names
                everything += [bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in row]
    return b"\0".join(everything)


def test_no_vector_and_no_pin_stands_in_the_database(
    context: ServerContext, database: Database, store: StoredEnrollment
) -> None:
    person_id = enrol(context, store, "0104", "李明", LI_FACE)
    with store.begin() as transaction:
        transaction.set_pin(person_id, "73915502")
        transaction.commit()
    everything = all_bytes_of(database, context)
    assert "李明".encode() in everything, "the search does find what is there"
    vector = LI_FACE.to_bytes()
    for start in range(0, len(vector) - 16, 64):
        assert vector[start : start + 16] not in everything
    assert vector.hex().encode()[:32] not in everything
    assert b"73915502" not in everything


# Versions


def version(context: ServerContext) -> int:
    with context.unit(read_only=True) as unit:
        return unit.people.gallery_version()


def test_the_version_rises_with_everything_that_kiosks_must_know(
    context: ServerContext, client: FlaskClient, store: StoredEnrollment, east: Kiosk
) -> None:
    person_id = employ(context).person_id
    seen = [version(context)]

    def after(change: Any) -> None:
        with store.begin() as transaction:
            change(transaction)
            transaction.commit()
        seen.append(version(context))

    after(lambda transaction: transaction.record_consent(person_id, decision("given")))
    assert seen == [0, 0], "a consent alone changes nothing on a kiosk"
    after(lambda transaction: transaction.add_template(person_id, "a" * 64, LI_FACE))
    after(lambda transaction: transaction.set_pin(person_id, "2580"))
    after(lambda transaction: transaction.update_person(person_id, "李明明", "刑庭"))
    after(lambda transaction: transaction.record_consent(person_id, decision("refused")))
    first = seen[2]
    assert first > 0
    assert seen == [0, 0, first, first + 1, first + 2, first + 3], "it rises also while the clock stands still"
    told = parse(HealthAnswer, east.send(client, "POST", HEALTH, health_body()).data)
    assert told.gallery_version == first + 3, "the heartbeat tells it"


def raised(context: ServerContext, now: datetime) -> int:
    with context.unit() as unit:
        unit.people.raise_gallery_version(now)
        unit.commit()
    return version(context)


def test_after_a_backup_is_restored_no_version_comes_round_again(context: ServerContext, clock: FakeClock) -> None:
    now = clock.now()
    of_the_backup = raised(context, now)
    given_since = [raised(context, now + timedelta(hours=1)) for _ in range(5)]
    with context.engine.begin() as connection:
        connection.execute(update(gallery_version).values(version=of_the_backup))
    after = [raised(context, now + timedelta(hours=2)) for _ in range(5)]
    assert after[0] > max(given_since)
    assert after == sorted(set(after))


def test_a_clock_that_was_put_back_does_not_put_the_version_back(context: ServerContext, clock: FakeClock) -> None:
    before = raised(context, clock.now())
    assert raised(context, clock.now() - timedelta(days=400)) == before + 1


@pytest.mark.parametrize(("year", "least", "most"), [(1990, 1, 1), (2092, 2**30, 2**31 - 1)])
def test_a_version_fits_its_column_whatever_the_year(context: ServerContext, year: int, least: int, most: int) -> None:
    assert least <= raised(context, datetime(year, 1, 1, tzinfo=UTC)) <= most


def test_a_withdrawal_deletes_the_templates_here_and_on_the_next_gallery(
    context: ServerContext, client: FlaskClient, store: StoredEnrollment, east: Kiosk
) -> None:
    li = enrol(context, store, "0104", "李明", LI_FACE, OTHER_FACE)
    wang = enrol(context, store, "0205", "王芳", WANG_FACE)
    have = fetch(client, east).gallery_version
    with store.begin() as transaction:
        transaction.record_consent(li, decision("refused"))
        transaction.commit()
    content = opened(fetch(client, east, have), east)
    assert {entry.person_id: len(entry.templates) for entry in content.people} == {li: 0, wang: 1}
    with context.engine.connect() as connection:
        assert list(connection.execute(select(template.c.person_id)).scalars()) == [wang]


def test_what_was_not_committed_raises_no_version(context: ServerContext, store: StoredEnrollment) -> None:
    person_id = employ(context).person_id
    with store.begin() as transaction:
        transaction.set_pin(person_id, "2580")
    assert version(context) == 0
