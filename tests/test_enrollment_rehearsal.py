"""A dry run finds out what the real one would, and writes nothing."""

from __future__ import annotations

from datetime import date

import pytest

from enrollment.rehearsal import RehearsalStore
from enrollment.values import EnrollmentOutcome, EnrollmentRequest
from tests.enrollment_cast import FakeStore, ScriptedFaces, consent, like, refusal, request, service_for, somebody

LI, WANG = somebody(0), somebody(1)


def play(
    store: FakeStore | RehearsalStore, faces: ScriptedFaces, asked: list[EnrollmentRequest]
) -> list[EnrollmentOutcome]:
    service = service_for(store, faces)
    return [service.enroll(one) for one in asked]


def gist(outcomes: list[EnrollmentOutcome]) -> list[object]:
    return [
        (
            one.employee_no,
            one.result,
            one.has_face,
            [remark.sentence("en") for remark in one.remarks],
            [
                (photo.file_name, photo.result, [remark.sentence("en") for remark in photo.remarks])
                for photo in one.photos
            ],
        )
        for one in outcomes
    ]


@pytest.fixture
def faces() -> ScriptedFaces:
    return ScriptedFaces()


@pytest.fixture
def store(faces: ScriptedFaces) -> FakeStore:
    """One who is enrolled, one with a PIN, one who has withdrawn."""
    store = FakeStore()
    play(
        store,
        faces,
        [
            request("0001", faces.photo_of(LI), given=consent(), pin="1111"),
            request("0002", given=refusal(), pin="2222", division="立案庭"),
            request("0003", faces.photo_of(somebody(9)), given=consent()),
        ],
    )
    store.withdraw("0003", on=date(2026, 11, 9))
    return store


def scenario(faces: ScriptedFaces) -> list[EnrollmentRequest]:
    """Everything that can happen, in an order in which later people depend on earlier ones."""
    wang = faces.photo_of(WANG)
    return [
        request("0001", faces.photo_of(like(LI, 0.1, 1)), faces.photo_of(WANG), given=consent(), pin="1111"),
        request("0002", given=consent(date(2026, 11, 12)), pin="2223", name="改名"),
        request("0003", faces.photo_of(somebody(9)), given=consent()),
        request("0104", wang, faces.photo_of(like(WANG, 0.1, 2)), b"", given=consent(), division="民一庭", pin="4444"),
        request("0777", wang, given=consent()),
        request("0778", faces.photo_of(like(LI, 0.2, 3)), given=consent()),
        request("0104", wang, given=consent(), pin="4444"),
        request("0001", given=refusal(date(2026, 11, 15))),
        request("0779", faces.photo_of(like(LI, 0.2, 4)), given=consent()),
        request("0104", given=refusal(date(2026, 11, 15)), pin="4445"),
        request("0104", given=consent(date(2026, 11, 14))),
        request("0780", wang, given=consent()),
    ]


def test_a_rehearsal_finds_exactly_what_the_real_run_then_finds(store: FakeStore, faces: ScriptedFaces) -> None:
    asked = scenario(faces)
    before = store.state
    rehearsed = play(RehearsalStore(store), faces, asked)
    assert store.state is before
    commits = store.commits
    assert gist(rehearsed) == gist(play(store, faces, asked))
    assert store.commits > commits


def test_people_of_the_same_rehearsal_are_compared_with_each_other(store: FakeStore, faces: ScriptedFaces) -> None:
    photo = faces.photo_of(WANG)
    first, second = play(
        RehearsalStore(store), faces, [request("0104", photo, given=consent()), request("0777", photo, given=consent())]
    )
    assert [photo.result for photo in first.photos] == ["enrolled"]
    assert "employee 0104" in second.photos[0].remarks[0].sentence("en")


def test_a_rehearsal_can_be_repeated_and_remembers_nothing_of_the_last(store: FakeStore, faces: ScriptedFaces) -> None:
    asked = scenario(faces)
    assert gist(play(RehearsalStore(store), faces, asked)) == gist(play(RehearsalStore(store), faces, asked))
    assert store.commits == 3


def test_within_one_rehearsal_a_second_time_changes_nothing(store: FakeStore, faces: ScriptedFaces) -> None:
    asked = request("0104", faces.photo_of(WANG), given=consent(), pin="4444")
    _, second = play(RehearsalStore(store), faces, [asked, asked])
    assert (second.result, second.has_face) == ("unchanged", True)


def test_an_exception_in_a_rehearsal_leaves_no_pretended_half(store: FakeStore) -> None:
    rehearsal = RehearsalStore(store)

    def break_off() -> None:
        with rehearsal.begin() as transaction:
            transaction.set_pin(store.person("0002").person_id, "9999")
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        break_off()
    with rehearsal.begin() as transaction:
        assert transaction.has_pin(store.person("0002").person_id, "2222")
