"""A folder of people: a faulty file is one error, a faulty row is one sentence, a photograph one outcome."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment.folder import import_folder, open_folder, read_photo_file
from enrollment.people_file import PeopleList, SkippedEntry, parse_date, read_people
from enrollment.photos import PhotoRefusal
from enrollment.ports import ConsentRecord
from enrollment.values import EnrollmentOutcome
from models.errors import CourtclockError
from tests.enrollment_cast import FakeStore, ScriptedFaces, like, service_for, somebody

HEADER = "employee_no,name,division,pin,consent,notice_version,consent_date"
LI, WANG = somebody(0), somebody(1)


def people_in(folder: Path, *lines: str, header: str = HEADER) -> PeopleList:
    (folder / "people.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return read_people(folder, "Zhao", "en")


def reason_of(folder: Path, content: bytes | None) -> str:
    if content is not None:
        (folder / "people.csv").write_bytes(content)
    with pytest.raises(CourtclockError) as caught:
        read_people(folder, "Zhao", "en")
    assert caught.value.code == "import.folder_unreadable"
    assert str(folder) in caught.value.sentence("en")
    return str(caught.value.details["reason"])


# people.csv as a whole


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "there is no people.csv"),
        ("employee_no,name\n0104,李明\n".encode("gbk"), "not in UTF-8"),
        (b"", "lacks a column: 'employee_no', 'name', 'consent', 'notice_version', 'consent_date'"),
        (HEADER.replace("name,", "").encode(), "lacks a column: 'name'"),
        (HEADER.encode() + b",salary", "not known: 'salary'"),
        (HEADER.replace(",", ";").encode(), "not known: "),
        (HEADER.encode() + b",pin", "twice: 'pin'"),
        (HEADER.encode() + b'\n0104,"Li\n', "not a table"),
    ],
)
def test_a_file_that_is_no_list_of_people_is_one_error_with_its_reason(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    assert reason in reason_of(tmp_path, content)


def test_a_people_file_that_is_a_folder_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "people.csv").mkdir()
    assert "cannot be opened" in reason_of(tmp_path, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_is_read_with_and_without_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    text = f"{HEADER}\r\n0104, 李明 ,立案庭,2580,given,2026-1,2026-11-02\r\n,,,,,,\r\n"
    (tmp_path / "people.csv").write_text(text, encoding=encoding, newline="")
    people = read_people(tmp_path, "Zhao", "en")
    (row,) = people.rows
    assert (row.employee_no, row.name, row.division, row.pin) == ("0104", "李明", "立案庭", "2580")
    assert row.consent == ConsentRecord("given", "2026-1", date(2026, 11, 2), "Zhao")
    assert people.skipped == ()


def test_columns_may_stand_in_any_order_and_division_and_pin_may_be_missing(tmp_path: Path) -> None:
    people = people_in(
        tmp_path, "2026/11/2,李明,2026-1,同意,0104", header="consent_date,name,notice_version,consent,employee_no"
    )
    (row,) = people.rows
    assert (row.division, row.pin) == (None, None)
    assert row.consent == ConsentRecord("given", "2026-1", date(2026, 11, 2), "Zhao")


# Its rows


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("0104,,x,,,,", "empty_name", "name is empty"),
        (",李明,x,,,,", "bad_employee_no", "“”"),
        ("../etc,李明,x,,,,", "bad_employee_no", "“../etc”"),
        (".hidden,李明,x,,,,", "bad_employee_no", "“.hidden”"),
        (f"{'9' * 33},李明,x,,,,", "bad_employee_no", "1 to 32"),
        (f"0104,{'李' * 101},x,,,,", "too_long", "column name holds 101 characters, at most 100"),
        (f"0104,李明,{'庭' * 101},,,,", "too_long", "column division holds 101 characters, at most 100"),
        (f"0104,李明,x,,given,{'1' * 51},2026-11-02", "too_long", "column notice_version holds 51"),
        ("0104,李\x00明,x,,,,", "bad_characters", "column name"),
        ("0104,李明,x\x1b[31m,,,,", "bad_characters", "column division"),
        ("0104,李明,x,,given,1\x7f2,2026-11-02", "bad_characters", "column notice_version"),
        ("0104\x00,李明,x,,,,", "bad_employee_no", "is not an employee number"),
        ("0104,李明,x,123,,,", "bad_pin", "4 to 8 digits"),
        ("0104,李明,x,123456789,,,", "bad_pin", "4 to 8 digits"),
        ("0104,李明,x,12a4,,,", "bad_pin", "4 to 8 digits"),
        ("0104,李明,x,,yes,1,2026-11-02", "bad_consent", "“yes”"),
        ("0104,李明,x,,given,,2026-11-02", "consent_incomplete", "version"),
        ("0104,李明,x,,given,1,", "consent_incomplete", "date"),
        ("0104,李明,x,,refused,1,2026-02-30", "bad_date", "“2026-02-30”"),
        ("0104,李明,x,,given,1,2 Nov 2026", "bad_date", "“2 Nov 2026”"),
        ("0104,李明,x,,given,1,2026-11-02,more", "bad_cells", "8 cells, 7"),
        ("0104,李明,x", "bad_cells", "3 cells, 7"),
    ],
)
def test_a_faulty_row_gets_its_sentence_and_the_others_go_on(tmp_path: Path, line: str, code: str, words: str) -> None:
    people = people_in(tmp_path, "0001,赵一,x,,,,", line, "0003,孙三,x,,,,")
    assert [row.employee_no for row in people.rows] == ["0001", "0003"]
    (entry,) = people.skipped
    assert entry.place == "people.csv:3"
    assert [remark.code for remark in entry.remarks] == [code]
    assert words in entry.remarks[0].sentence("en")


def test_no_row_of_a_doubled_number_is_used_for_nobody_knows_which_is_right(tmp_path: Path) -> None:
    people = people_in(tmp_path, "0104,李明,x,,,,", "0105,王芳,x,,,,", "0104,李鸣,x,,,,")
    assert [row.employee_no for row in people.rows] == ["0105"]
    assert [entry.place for entry in people.skipped] == ["people.csv:2", "people.csv:4"]
    assert "lines 2, 4" in people.skipped[0].remarks[0].sentence("en")


def test_texts_as_long_as_the_records_hold_are_taken(tmp_path: Path) -> None:
    (row,) = people_in(tmp_path, f"0104,{'李' * 100},{'庭' * 100},,given,{'1' * 50},2026-11-02").rows
    assert (len(row.name), len(row.division or "")) == (100, 100)


@pytest.mark.parametrize("word", ["refused", "Refused", "拒绝"])
def test_a_refusal_is_read_as_one(tmp_path: Path, word: str) -> None:
    (row,) = people_in(tmp_path, f"0104,李明,x,,{word},1,2026-11-02").rows
    assert row.consent is not None
    assert row.consent.decision == "refused"


@given(st.dates())
def test_every_date_is_read_back_in_both_spellings(day: date) -> None:
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day.year:04}/{day.month}/{day.day}") == day


@given(st.text(max_size=12))
def test_any_other_text_is_no_date(text: str) -> None:
    found = parse_date(text)
    assert found is None or text.replace("/", "-").startswith(f"{found.year:04}-")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_list_or_one_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    for beginning in (b"", HEADER.encode() + b"\n"):
        (folder / "people.csv").write_bytes(beginning + content)
        try:
            people = read_people(folder, "Zhao", "en")
        except CourtclockError as error:
            assert error.code == "import.folder_unreadable"  # noqa: PT017 - both ends are right
        else:
            assert len(people.rows) + len(people.skipped) <= content.count(b"\n") + content.count(b"\r") + 1


# The folders beside it


@pytest.fixture
def faces() -> ScriptedFaces:
    return ScriptedFaces()


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def entries(folder: Path, store: FakeStore, faces: ScriptedFaces) -> Iterator[EnrollmentOutcome | SkippedEntry]:
    return import_folder(open_folder(folder, "Zhao", "en"), service_for(store, faces), 1_000_000)


def test_everybody_in_the_folder_is_enrolled_with_every_file_in_their_own_folder(
    tmp_path: Path, faces: ScriptedFaces
) -> None:
    people_in(tmp_path, "0104,李明,立案庭,2580,given,1,2026-11-02", "0105,王芳,民一庭,1379,refused,1,2026-11-02")
    put(tmp_path / "0104" / "b.png", faces.photo_of(LI))
    put(tmp_path / "0104" / "a.png", faces.photo_of(like(LI, 0.1, 1)))
    put(tmp_path / "0104" / "notes.txt", b"left profile missing")
    put(tmp_path / "0104" / "old" / "c.png", b"")
    put(tmp_path / "0105" / "1.png", faces.photo_of(WANG))
    store = FakeStore()
    li, wang = entries(tmp_path, store, faces)
    assert isinstance(li, EnrollmentOutcome)
    assert isinstance(wang, EnrollmentOutcome)
    assert [(photo.file_name, photo.result) for photo in li.photos] == [
        ("a.png", "enrolled"),
        ("b.png", "enrolled"),
        ("notes.txt", "refused"),
        ("old", "refused"),
    ]
    assert [photo.result for photo in wang.photos] == ["not_looked_at"]
    assert len(store.templates_of("0104")) == 2
    assert store.pin_of("0105") == "1379"


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "desktop.ini", "._a.png", "~$a.png"])
def test_files_that_systems_leave_behind_are_not_mentioned(tmp_path: Path, faces: ScriptedFaces, name: str) -> None:
    people_in(tmp_path, "0104,李明,x,,given,1,2026-11-02")
    put(tmp_path / "0104" / name, b"x")
    put(tmp_path / name, b"x")
    put(tmp_path / "__MACOSX" / "a.png", b"x")
    (outcome,) = entries(tmp_path, FakeStore(), faces)
    assert isinstance(outcome, EnrollmentOutcome)
    assert outcome.photos == ()


def test_a_folder_without_a_usable_row_and_a_stray_photograph_get_their_sentences(
    tmp_path: Path, faces: ScriptedFaces
) -> None:
    people_in(tmp_path, "0104,,x,,given,1,2026-11-02")
    put(tmp_path / "0104" / "a.png", faces.photo_of(LI))
    put(tmp_path / "0999" / "a.png", faces.photo_of(WANG))
    put(tmp_path / "stray.JPG", faces.photo_of(WANG))
    put(tmp_path / "README.txt", b"from the photographer")
    found = [
        (entry.place, entry.remarks[0].code)
        for entry in entries(tmp_path, FakeStore(), faces)
        if isinstance(entry, SkippedEntry)
    ]
    assert found == [
        ("people.csv:2", "empty_name"),
        ("0104/", "folder_without_row"),
        ("0999/", "folder_without_row"),
        ("stray.JPG", "stray_photo"),
    ]
    assert faces.looks == 0


def test_outcomes_come_one_by_one_and_photographs_are_read_when_their_turn_comes(
    tmp_path: Path, faces: ScriptedFaces
) -> None:
    people_in(tmp_path, *(f"010{n},Name,x,,given,1,2026-11-02" for n in range(3)))
    for number in range(3):
        put(tmp_path / f"010{number}" / "1.png", faces.photo_of(somebody(number)))
    store = FakeStore()
    running = entries(tmp_path, store, faces)
    next(running)
    assert (store.commits, faces.looks) == (1, 1)
    (tmp_path / "0101" / "1.png").unlink()
    second = next(running)
    assert isinstance(second, EnrollmentOutcome)
    assert second.photos == ()


def test_the_number_of_entries_is_known_before_the_first(tmp_path: Path, faces: ScriptedFaces) -> None:
    people_in(tmp_path, "0104,李明,x,,,,", "0105,,x,,,,")
    put(tmp_path / "0999" / "a.png", b"")
    folder = open_folder(tmp_path, "Zhao", "en")
    assert folder.entry_count == 3 == len(list(import_folder(folder, service_for(FakeStore(), faces), 1000)))


def test_of_a_huge_file_no_more_is_read_than_shows_that_it_is_too_large(tmp_path: Path) -> None:
    put(tmp_path / "huge.jpg", b"x" * 5000)
    photo = read_photo_file(tmp_path / "huge.jpg", "huge.jpg", 1000)
    assert isinstance(photo.content, bytes)
    assert len(photo.content) == 1001


def test_what_is_not_a_readable_file_is_a_refusal(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.jpg"):
        assert read_photo_file(path, "x", 1000).content == PhotoRefusal("unreadable_file")
