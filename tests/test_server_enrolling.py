"""Enrollment's store on the real database: it keeps the promises that enrollment's ports ask for."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from enrollment.ports import ConsentRecord, ConsentState, EnrollmentTransaction, KnownPerson, NewPerson
from models.faces.values import ModelId
from models.sealing import write_key_file
from server.jobs.running import tick
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.enrolling import StoredEnrollment, open_store
from server.services.recomputing import recompute
from server.services.reporting import day_report
from server.storage.tables import consent as consent_table
from server.storage.tables import division
from tests.attendance_days import FRIDAY
from tests.databases import Database
from tests.enrollment_cast import ScriptedFaces, consent, like, refusal, request, service_for, somebody
from tests.server_cast import SESSION_KEY, SFACE, TEMPLATE_KEY, FakeClock, face_of, make_context, settings_in

LI, WANG = NewPerson("0104", "李明", "立案庭"), NewPerson("0205", "王芳", None)
PHOTO = "ab" * 32
pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture
def store(context: ServerContext) -> StoredEnrollment:
    return StoredEnrollment(context)


def added(store: StoredEnrollment, person: NewPerson = LI, *, consenting: bool = False) -> UUID:
    with store.begin() as transaction:
        person_id = transaction.add_person(person)
        if consenting:
            transaction.record_consent(person_id, consent())
        transaction.commit()
    return person_id


def number_of(context: ServerContext, table: object) -> int:
    with context.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


# People


def test_a_person_is_found_as_added_with_a_division_made_for_them(store: StoredEnrollment) -> None:
    li, wang = added(store), added(store, WANG)
    with store.begin() as transaction:
        assert transaction.find_person("0104") == KnownPerson(li, "0104", "李明", "立案庭")
        assert transaction.find_person("0205") == KnownPerson(wang, "0205", "王芳", None)
        assert transaction.find_person("0999") is None


def test_a_division_is_made_once(context: ServerContext, store: StoredEnrollment) -> None:
    added(store)
    added(store, NewPerson("0105", "赵强", "立案庭"))
    assert number_of(context, division) == 1


@pytest.mark.parametrize(
    ("local_time", "first_day"),
    [
        ("08:11", FRIDAY),  # nothing of Friday was due yet
        ("15:00", FRIDAY + timedelta(days=1)),  # nobody could have met 08:30
        ("26:00", FRIDAY + timedelta(days=1)),  # two in the night still belongs to Friday
        ("29:00", FRIDAY + timedelta(days=1)),  # five in the morning is the next workday, and before 08:30
    ],
)
def test_a_person_is_judged_from_the_first_day_that_they_can_meet_whole(
    context: ServerContext, clock: FakeClock, store: StoredEnrollment, local_time: str, first_day: date
) -> None:
    clock.go_to(local_time)
    person_id = added(store)
    with context.unit(read_only=True) as unit:
        person = unit.people.by_id(person_id)
    assert person is not None
    assert person.joined_on == first_day


def test_the_first_day_of_a_new_colleague_is_judged_like_everybody_elses(
    context: ServerContext, clock: FakeClock, store: StoredEnrollment
) -> None:
    clock.go_to("07:25")
    tick(context)
    clock.go_to("07:30")
    person_id = added(store)
    tick(context)
    assert [one.person.person_id for one in day_report(context, FRIDAY).lines if one.verdict] == [person_id]
    assert recompute(context, FRIDAY, FRIDAY).differences == ()


def test_of_somebody_whose_first_day_is_tomorrow_nothing_is_judged_today(
    context: ServerContext, clock: FakeClock, store: StoredEnrollment
) -> None:
    clock.go_to("15:00")
    added(store)
    assert derive_touched(context) == 0


def test_a_person_may_get_another_name_and_a_division_that_is_new(store: StoredEnrollment) -> None:
    person_id = added(store)
    with store.begin() as transaction:
        transaction.update_person(person_id, "李明明", "刑庭")
        transaction.commit()
    with store.begin() as transaction:
        assert transaction.find_person("0104") == KnownPerson(person_id, "0104", "李明明", "刑庭")


def everything(transaction: EnrollmentTransaction) -> None:
    person_id = transaction.add_person(LI)
    transaction.set_pin(person_id, "2580")
    transaction.record_consent(person_id, consent())
    transaction.add_template(person_id, PHOTO, face_of(1))


def test_without_commit_nothing_of_a_person_is_stored(context: ServerContext, store: StoredEnrollment) -> None:
    with store.begin() as transaction:
        everything(transaction)
    with store.begin() as transaction:
        assert transaction.find_person("0104") is None
        assert transaction.templates(SFACE) == []
    assert number_of(context, division) == number_of(context, consent_table) == 0


def test_an_error_on_the_way_undoes_all_of_it(store: StoredEnrollment) -> None:
    def fail_at_the_end() -> None:
        with store.begin() as transaction:
            everything(transaction)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_at_the_end()
    with store.begin() as transaction:
        assert transaction.find_person("0104") is None


def test_what_one_transaction_wrote_it_can_read_itself(store: StoredEnrollment) -> None:
    with store.begin() as transaction:
        everything(transaction)
        known = transaction.find_person("0104")
        assert known is not None
        assert transaction.has_pin(known.person_id, "2580")
        assert [one.employee_no for one in transaction.templates(SFACE)] == ["0104"]


# PIN


def test_a_pin_is_recognised_and_can_be_replaced(store: StoredEnrollment) -> None:
    person_id = added(store)
    with store.begin() as transaction:
        assert not transaction.has_pin(person_id, "2580")
        transaction.set_pin(person_id, "2580")
        assert [transaction.has_pin(person_id, pin) for pin in ("2580", "0852", "")] == [True, False, False]
        transaction.set_pin(person_id, "1379")
        assert [transaction.has_pin(person_id, pin) for pin in ("2580", "1379")] == [False, True]
        assert not transaction.has_pin(UUID(int=404), "1379")


# Consent


def test_nobody_has_decided_before_they_decide(store: StoredEnrollment) -> None:
    person_id = added(store)
    with store.begin() as transaction:
        assert transaction.consent_of(person_id) is None


GIVEN, REFUSED = consent(), refusal(date(2026, 11, 9))
LATER = consent(date(2026, 11, 16), "2026-2")


@pytest.mark.parametrize(
    ("decisions", "in_force"),
    [
        ([GIVEN], ConsentState("given", "2026-1", date(2026, 11, 2))),
        ([REFUSED], ConsentState("refused", "2026-1", date(2026, 11, 9))),
        ([GIVEN, REFUSED], ConsentState("withdrawn", "2026-1", date(2026, 11, 9))),
        ([REFUSED, GIVEN], ConsentState("given", "2026-1", date(2026, 11, 2))),
        ([GIVEN, REFUSED, LATER], ConsentState("given", "2026-2", date(2026, 11, 16))),
        ([GIVEN, REFUSED, LATER, REFUSED], ConsentState("withdrawn", "2026-1", date(2026, 11, 9))),
        ([GIVEN, REFUSED, REFUSED], ConsentState("refused", "2026-1", date(2026, 11, 9))),
    ],
)
@pytest.mark.parametrize("how", ["in one transaction", "one by one", "while the clock goes back"])
def test_the_newest_decision_is_in_force_and_a_refusal_after_consent_is_a_withdrawal(
    store: StoredEnrollment,
    clock: FakeClock,
    context: ServerContext,
    decisions: list[ConsentRecord],
    in_force: ConsentState,
    how: str,
) -> None:
    person_id = added(store)
    if how == "in one transaction":
        with store.begin() as transaction:
            for decision in decisions:
                transaction.record_consent(person_id, decision)
            transaction.commit()
    else:
        for decision in decisions:
            with store.begin() as transaction:
                transaction.record_consent(person_id, decision)
                transaction.commit()
            if how == "while the clock goes back":
                clock.advance(-timedelta(hours=1))
    with store.begin() as transaction:
        assert transaction.consent_of(person_id) == in_force
    assert number_of(context, consent_table) == len(decisions), "the ledger keeps every line"


def test_one_persons_decision_is_nobody_elses(store: StoredEnrollment) -> None:
    li, wang = added(store, consenting=True), added(store, WANG)
    with store.begin() as transaction:
        assert transaction.consent_of(li) is not None
        assert transaction.consent_of(wang) is None


# Templates


@pytest.mark.parametrize("decisions", [[], [REFUSED], [GIVEN, REFUSED]], ids=["none", "refused", "withdrawn"])
def test_a_template_without_a_consent_in_force_is_refused(
    store: StoredEnrollment, decisions: list[ConsentRecord]
) -> None:
    person_id = added(store)
    with store.begin() as transaction:
        for decision in decisions:
            transaction.record_consent(person_id, decision)
        with pytest.raises(ValueError, match="consent"):
            transaction.add_template(person_id, PHOTO, face_of(1))
        assert transaction.templates(SFACE) == []


def test_templates_come_back_as_they_went_in_model_by_model(store: StoredEnrollment) -> None:
    li = added(store, consenting=True)
    other = ModelId("dlib-resnet-v1")
    with store.begin() as transaction:
        transaction.add_template(li, PHOTO, face_of(1))
        transaction.add_template(li, PHOTO, face_of(2, other))
        transaction.commit()
    with store.begin() as transaction:
        (of_sface,), (of_dlib,) = transaction.templates(SFACE), transaction.templates(other)
    assert (of_sface.person_id, of_sface.employee_no, of_sface.photo_sha256) == (li, "0104", PHOTO)
    assert of_sface.encoding.to_bytes() == face_of(1).to_bytes()
    assert of_dlib.encoding.to_bytes() == face_of(2).to_bytes()


def test_one_photograph_makes_one_template_of_a_person(store: StoredEnrollment) -> None:
    li, wang = added(store, consenting=True), added(store, WANG, consenting=True)
    with store.begin() as transaction:
        transaction.add_template(li, PHOTO, face_of(1))
        transaction.add_template(wang, PHOTO, face_of(1))
        transaction.commit()
    with store.begin() as transaction, pytest.raises(IntegrityError):
        transaction.add_template(li, PHOTO, face_of(1))
    with store.begin() as transaction:
        assert len(transaction.templates(SFACE)) == 2


def test_a_withdrawal_deletes_the_persons_templates_of_every_model_and_nobody_elses(store: StoredEnrollment) -> None:
    li, wang = added(store, consenting=True), added(store, WANG, consenting=True)
    other = ModelId("dlib-resnet-v1")
    with store.begin() as transaction:
        for person_id in (li, wang):
            transaction.add_template(person_id, PHOTO, face_of(1))
            transaction.add_template(person_id, PHOTO, face_of(2, other))
        transaction.commit()
    with store.begin() as transaction:
        transaction.record_consent(li, refusal())
        transaction.commit()
    with store.begin() as transaction:
        assert [one.person_id for model in (SFACE, other) for one in transaction.templates(model)] == [wang, wang]


# The service on it


def test_an_import_that_is_done_twice_changes_nothing_the_second_time(
    context: ServerContext, database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    faces = ScriptedFaces()
    li, wang = somebody(0), somebody(1)
    asked = [
        request(
            "0104",
            faces.photo_of(like(li, 0.1, 0)),
            faces.photo_of(like(li, 0.1, 1)),
            given=consent(),
            name="李明",
            division="立案庭",
            pin="2580",
        ),
        request("0205", faces.photo_of(wang), given=refusal(), name="王芳", division="刑庭", pin="1379"),
        request("0306", name="孙丽"),
    ]

    def import_all(into: ServerContext) -> list[str]:
        service = service_for(StoredEnrollment(into), faces)
        return [service.enroll(one).result for one in asked]

    def state(of: ServerContext) -> object:
        with of.unit(read_only=True) as unit:
            people = unit.people.active()
            return people, unit.people.templates(faces.encoder.model_id), unit.people.gallery_version()

    assert import_all(context) == ["created", "created", "created"]
    before, looks = state(context), faces.looks
    assert looks == 2, "a photograph without consent is not looked at"
    assert import_all(make_context(tmp_path, database, clock)) == ["unchanged", "unchanged", "unchanged"]
    assert (state(context), faces.looks) == (before, looks)


def test_the_service_refuses_a_face_that_belongs_to_somebody_else_on_record(context: ServerContext) -> None:
    faces = ScriptedFaces()
    service = service_for(StoredEnrollment(context), faces)
    service.enroll(request("0104", faces.photo_of(somebody(0)), given=consent()))
    twice = service.enroll(request("0205", faces.photo_of(like(somebody(0), 0.2, 0)), given=consent()))
    assert [photo.result for photo in twice.photos] == ["refused"]
    assert not twice.has_face


def test_the_store_that_enrollment_is_given_is_the_one_of_the_settings(
    context: ServerContext, database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    settings = settings_in(folder, database)
    write_key_file(settings.secrets.template_key_file, TEMPLATE_KEY)
    write_key_file(settings.secrets.session_key_file, SESSION_KEY)
    store = open_store(settings)
    try:
        with store.begin() as transaction:
            transaction.add_person(LI)
            transaction.commit()
    finally:
        store._context.engine.dispose()
    with context.unit(read_only=True) as unit:
        assert unit.people.by_employee_no("0104") is not None
