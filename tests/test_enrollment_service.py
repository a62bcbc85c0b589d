"""Enrolling a person: all of it or nothing of it, once and no more, and only with consent."""

from __future__ import annotations

from datetime import date

import pytest

from enrollment.photos import PhotoRefusal
from enrollment.ports import ConsentState
from enrollment.service import EnrollmentService
from enrollment.values import EnrollmentOutcome, EnrollmentRequest, PhotoFile
from models.errors import CourtclockError
from models.faces.values import ModelId
from tests.enrollment_cast import (
    NOTICE,
    FakeStore,
    ScriptedFaces,
    consent,
    like,
    refusal,
    request,
    service_for,
    somebody,
)

LI, WANG, SUN = (somebody(number) for number in range(3))
LI_TODAY, LI_SMILING = like(LI, 0.1, 0), like(LI, 0.1, 1)


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def faces() -> ScriptedFaces:
    return ScriptedFaces()


@pytest.fixture
def service(store: FakeStore, faces: ScriptedFaces) -> EnrollmentService:
    return service_for(store, faces)


def results(outcome: EnrollmentOutcome) -> list[str]:
    return [photo.result for photo in outcome.photos]


def reasons(outcome: EnrollmentOutcome) -> list[list[str]]:
    return [[remark.code for remark in photo.remarks] for photo in outcome.photos]


# Storing


def test_a_new_person_with_consent_and_good_photographs_is_stored_whole(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    photos = faces.photo_of(LI_TODAY), faces.photo_of(LI_SMILING)
    outcome = service.enroll(request("0104", *photos, given=consent(), name="李明", division="立案庭", pin="2580"))
    assert (outcome.result, outcome.has_face, outcome.all_went_in) == ("created", True, True)
    assert results(outcome) == ["enrolled", "enrolled"]
    person = store.person("0104")
    assert (person.name, person.division, store.pin_of("0104")) == ("李明", "立案庭", "2580")
    assert store.consent_of("0104") == ConsentState("given", NOTICE, date(2026, 11, 2))
    assert len(store.templates_of("0104")) == 2
    assert store.commits == 1


def test_a_second_time_nothing_changes_and_no_photograph_is_looked_at_again(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    asked = request("0104", faces.photo_of(LI_TODAY), faces.photo_of(LI_SMILING), given=consent(), pin="2580")
    service.enroll(asked)
    before, looks = store.state, faces.looks
    outcome = service.enroll(asked)
    assert (outcome.result, outcome.has_face, outcome.all_went_in) == ("unchanged", True, True)
    assert results(outcome) == ["already_enrolled", "already_enrolled"]
    assert store.state is before
    assert faces.looks == looks


@pytest.mark.parametrize(
    ("name", "division", "pin", "stored", "result"),
    [
        ("李明明", "立案庭", "2580", ("李明明", "立案庭", "2580"), "updated"),
        ("李明", "民一庭", "2580", ("李明", "民一庭", "2580"), "updated"),
        ("李明", "立案庭", "1379", ("李明", "立案庭", "1379"), "updated"),
        # what is left empty stays as it is
        ("李明", None, None, ("李明", "立案庭", "2580"), "unchanged"),
    ],
)
def test_what_differs_is_updated_and_what_is_left_empty_stays(
    store: FakeStore,
    service: EnrollmentService,
    name: str,
    division: str | None,
    pin: str | None,
    stored: tuple[str, str, str],
    result: str,
) -> None:
    service.enroll(request("0104", name="李明", division="立案庭", pin="2580"))
    outcome = service.enroll(request("0104", name=name, division=division, pin=pin))
    person = store.person("0104")
    assert (person.name, person.division, store.pin_of("0104")) == stored
    assert outcome.result == result


def test_a_later_photograph_is_added_to_those_that_are_stored(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    first, second = faces.photo_of(LI_TODAY), faces.photo_of(LI_SMILING)
    service.enroll(request("0104", first, given=consent()))
    outcome = service.enroll(request("0104", first, second, given=consent()))
    assert (outcome.result, results(outcome)) == ("updated", ["already_enrolled", "enrolled"])
    assert len(store.templates_of("0104")) == 2


def test_the_same_file_twice_gives_one_template(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    photo = faces.photo_of(LI)
    outcome = service.enroll(request("0104", photo, photo, given=consent()))
    assert results(outcome) == ["enrolled", "already_enrolled"]
    assert "1.png" in outcome.photos[1].remarks[0].sentence("en")
    assert len(store.templates_of("0104")) == 1


def test_a_copy_of_a_refused_photograph_is_refused_too(faces: ScriptedFaces, service: EnrollmentService) -> None:
    li, wang = faces.photo_of(LI), faces.photo_of(WANG)
    outcome = service.enroll(request("0104", li, wang, wang, given=consent()))
    assert results(outcome) == ["refused", "refused", "refused"]
    assert reasons(outcome) == [["disagrees"]] * 3


def test_templates_of_another_model_are_not_compared_and_the_photograph_is_enrolled_again(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    asked = request("0104", faces.photo_of(LI), given=consent())
    service.enroll(asked)
    faces.encoder.model_id = ModelId("scripted-2")
    outcome = service.enroll(asked)
    assert (outcome.result, results(outcome)) == ("updated", ["enrolled"])


def test_no_transaction_is_open_while_photographs_are_looked_at(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    open_then = []

    def photos() -> object:
        open_then.append(store.open_transactions)
        yield PhotoFile("1.png", faces.photo_of(LI))

    service.enroll(EnrollmentRequest("0104", "李明", consent=consent(), photos=photos()))  # type: ignore[arg-type]
    assert open_then == [0]


def test_an_exception_leaves_nothing_half_written(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    service.enroll(request("0100", pin="1379"))
    before = store.state
    store.fail_on_template = OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        service.enroll(request("0104", faces.photo_of(LI), given=consent(), pin="2580"))
    assert store.state is before
    store.fail_on_template = None
    assert service.enroll(request("0104", faces.photo_of(LI), given=consent())).result == "created"


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "１２３４", "12 34", ""])
def test_a_pin_of_another_form_is_refused_before_anything_happens(pin: str) -> None:
    with pytest.raises(CourtclockError) as caught:
        EnrollmentRequest("0104", "李明", pin=pin)
    assert caught.value.code == "pin.malformed"


@pytest.mark.parametrize(("employee_no", "name"), [("", "李明"), ("0104", "  ")])
def test_nobody_is_without_number_or_name(employee_no: str, name: str) -> None:
    with pytest.raises(ValueError, match="number and a name"):
        EnrollmentRequest(employee_no, name)


# Refusing photographs


def test_photographs_are_refused_one_by_one_and_the_good_ones_go_in(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    outcome = service.enroll(
        EnrollmentRequest(
            "0104",
            "李明",
            consent=consent(),
            photos=(
                PhotoFile("good.png", faces.photo_of(LI)),
                PhotoFile("empty.jpg", b""),
                PhotoFile("letter.jpg", b"Dear HR"),
                PhotoFile("wall.png", faces.photo_of()),
                PhotoFile("wedding.png", faces.photo_of(LI, WANG)),
                PhotoFile("locked.png", PhotoRefusal("unreadable_file")),
            ),
        )
    )
    assert reasons(outcome) == [
        [],
        ["empty_file"],
        ["not_an_image"],
        ["no_face"],
        ["several_faces"],
        ["unreadable_file"],
    ]
    assert results(outcome) == ["enrolled"] + ["refused"] * 5
    assert (outcome.result, outcome.has_face, outcome.all_went_in) == ("created", True, False)
    assert len(store.templates_of("0104")) == 1


def test_a_stranger_among_the_photographs_is_refused_and_the_other_file_named(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    photos = [faces.photo_of(one) for one in (LI_TODAY, WANG, LI_SMILING)]
    outcome = service.enroll(request("0104", *photos, given=consent()))
    assert results(outcome) == ["enrolled", "refused", "enrolled"]
    assert "png" in outcome.photos[1].remarks[0].sentence("en")
    assert len(store.templates_of("0104")) == 2


def test_photographs_that_disagree_with_the_stored_ones_are_refused(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    service.enroll(request("0104", faces.photo_of(LI), given=consent()))
    outcome = service.enroll(request("0104", faces.photo_of(WANG), faces.photo_of(like(WANG, 0.1, 3)), given=consent()))
    assert (outcome.result, outcome.has_face) == ("unchanged", True)
    assert reasons(outcome) == [["disagrees_with_stored"]] * 2


def test_somebody_who_is_enrolled_under_another_number_is_not_enrolled_again(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    service.enroll(request("0104", faces.photo_of(LI), given=consent()))
    outcome = service.enroll(request("0777", faces.photo_of(LI_TODAY), faces.photo_of(LI_SMILING), given=consent()))
    assert results(outcome) == ["refused", "refused"]
    assert "employee 0104" in outcome.photos[0].remarks[0].sentence("en")
    # the person may still clock by PIN
    assert (outcome.result, outcome.has_face) == ("created", False)
    assert store.templates_of("0777") == []


def test_the_very_same_file_under_two_numbers_is_a_duplicate(faces: ScriptedFaces, service: EnrollmentService) -> None:
    photo = faces.photo_of(LI)
    service.enroll(request("0104", photo, given=consent()))
    assert reasons(service.enroll(request("0777", photo, given=consent()))) == [["looks_like_other"]]


def test_refusals_are_the_same_a_second_time(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    service.enroll(request("0100", faces.photo_of(SUN), given=consent()))
    photos = [faces.photo_of(one) for one in (LI, LI_TODAY, WANG, like(SUN, 0.1, 4))]
    asked = request("0104", *photos, faces.photo_of(LI_SMILING), given=consent())
    first = service.enroll(asked)
    before = store.state
    second = service.enroll(asked)
    assert store.state is before
    assert second.result == "unchanged"
    assert [one == "refused" for one in results(first)] == [one == "refused" for one in results(second)]
    assert results(first) == ["enrolled", "enrolled", "refused", "refused", "enrolled"]


# Consent


@pytest.mark.parametrize("decision", [None, refusal(), consent(date(2026, 11, 21))])
def test_without_a_consent_in_force_no_photograph_is_even_decoded(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService, decision: object
) -> None:
    photos = (PhotoFile("1.png", faces.photo_of(LI)), PhotoFile("2.png", b""))
    asked = EnrollmentRequest("0104", "李明", pin="2580", consent=decision, photos=photos)  # type: ignore[arg-type]
    outcome = service.enroll(asked)
    assert (outcome.result, outcome.has_face, outcome.all_went_in) == ("created", False, False)
    assert results(outcome) == ["not_looked_at", "not_looked_at"]
    assert reasons(outcome) == [["no_consent"], ["no_consent"]]
    assert faces.looks == 0
    assert (store.pin_of("0104"), store.templates_of("0104")) == ("2580", [])


def test_somebody_who_refused_and_brings_no_photographs_is_all_right(service: EnrollmentService) -> None:
    outcome = service.enroll(request("0104", given=refusal(), pin="2580"))
    assert (outcome.result, outcome.has_face, outcome.all_went_in) == ("created", False, True)


def test_a_consent_on_record_is_enough_for_more_photographs(faces: ScriptedFaces, service: EnrollmentService) -> None:
    service.enroll(request("0104", given=consent()))
    assert results(service.enroll(request("0104", faces.photo_of(LI)))) == ["enrolled"]


def test_a_withdrawn_consent_is_not_brought_back_by_the_old_list(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    asked = request("0104", faces.photo_of(LI), given=consent())
    service.enroll(asked)
    store.withdraw("0104", on=date(2026, 11, 10))
    before = store.state
    outcome = service.enroll(asked)
    assert store.state is before
    assert (outcome.result, outcome.has_face, results(outcome)) == ("unchanged", False, ["not_looked_at"])
    assert outcome.remarks[0].sentence("en").startswith("Consent was withdrawn on 2026-11-10.")
    again = service.enroll(request("0104", faces.photo_of(LI), given=consent(date(2026, 11, 11))))
    assert (again.result, again.has_face) == ("updated", True)


def test_a_refusal_after_a_consent_withdraws_it_and_the_templates_go(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    service.enroll(request("0104", faces.photo_of(LI), given=consent()))
    outcome = service.enroll(request("0104", given=refusal(date(2026, 11, 10))))
    assert (outcome.result, outcome.has_face) == ("updated", False)
    assert [remark.code for remark in outcome.remarks] == ["refusal_withdraws_consent"]
    assert store.templates_of("0104") == []
    assert not outcome.all_went_in


def test_a_withdrawal_while_photographs_are_looked_at_still_counts(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    service.enroll(request("0104", given=consent()))

    def photos() -> object:
        yield PhotoFile("1.png", faces.photo_of(LI))
        store.withdraw("0104", on=date(2026, 11, 10))

    outcome = service.enroll(EnrollmentRequest("0104", "Name 0104", photos=photos()))  # type: ignore[arg-type]
    assert (results(outcome), reasons(outcome)) == (["refused"], [["no_consent"]])
    assert store.templates_of("0104") == []


def test_the_same_photograph_enrolled_meanwhile_by_somebody_else_is_not_stored_twice(
    store: FakeStore, faces: ScriptedFaces, service: EnrollmentService
) -> None:
    photo = faces.photo_of(LI)
    other = service_for(store, faces)

    def photos() -> object:
        yield PhotoFile("1.png", photo)
        other.enroll(request("0104", photo, given=consent()))

    asked = EnrollmentRequest("0104", "Name 0104", consent=consent(), photos=photos())  # type: ignore[arg-type]
    outcome = service.enroll(asked)
    assert (outcome.result, results(outcome)) == ("unchanged", ["already_enrolled"])
    assert len(store.templates_of("0104")) == 1
