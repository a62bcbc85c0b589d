"""The file of an older machine's register is read whatever its columns are called; what cannot be read is told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from models.errors import CourtclockError
from server.services.context import site_days
from server.services.register_days import DayFinder, days_in_use, joined, span_of
from server.services.register_file import RefusedLine, RegisterLine, open_register, read_lines
from tests.attendance_days import SHANGHAI, moment
from tests.server_cast import shipped_settings

TUESDAY = date(2026, 10, 13)
BERLIN = ZoneInfo("Europe/Berlin")


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "old.csv"
    path.write_bytes(text.encode(encoding))
    return path


def lines(path: Path, zone: ZoneInfo = SHANGHAI) -> list[RegisterLine | RefusedLine]:
    return list(read_lines(open_register(path), zone))


def moments(path: Path) -> list[tuple[str, tuple[datetime, ...]]]:
    return [(one.employee_no, one.moments) for one in lines(path) if isinstance(one, RegisterLine)]


def why_not(path: Path, zone: ZoneInfo = SHANGHAI) -> list[str]:
    return [str(one.reason) for one in lines(path, zone) if isinstance(one, RefusedLine)]


@pytest.mark.parametrize(
    "text",
    [
        "employee_no,date,time\n0104,2026-10-13,08:25\n",
        "Employee_No,DATE,Time\n0104,2026-10-13,08:25\n",
        "工号,日期,时间\n0104,2026/10/13,08:25\n",
        "时间;人员编号;日期\n08:25;0104;2026-10-13\n",
        "考勤号码\t日期时间\n0104\t2026/10/13 8:25\n",
        "moment,employee_no\n2026-10-13T08:25:00,0104\n",
        "工号,日期,打卡时间\n0104,2026-10-13,08:25\n",
        "工号,姓名,打卡时间,部门\n0104,李明,2026-10-13 08:25:00,立案庭\n",
        "\n\n工号,日期,时间\n\n0104,2026-10-13,08:25\n,,\n",
        '工号,日期,时间\n="0104",2026-10-13,"08:25"\n',
        "工号,日期,时间\n'0104,2026-10-13,08：25\n",
        "工号,日期,时间\r\n0104,2026-10-13,08:25\r\n",
    ],
)
def test_columns_are_known_by_their_names_in_any_order_and_with_any_delimiter(tmp_path: Path, text: str) -> None:
    assert moments(written(tmp_path, text)) == [("0104", (moment("08:25", TUESDAY),))]


@pytest.mark.parametrize(
    ("encoding", "told"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030"), ("gbk", "gb18030")]
)
def test_what_a_chinese_machine_writes_is_read_and_said(tmp_path: Path, encoding: str, told: str) -> None:
    path = written(tmp_path, "工号,姓名,日期,时间\n0104,李明,2026-10-13,08:25\n", encoding)
    assert open_register(path).encoding == told
    assert moments(path) == [("0104", (moment("08:25", TUESDAY),))]


@pytest.mark.parametrize(
    "cell", ["08:55 12:01 13:28 17:35", "08:55;12:01;13:28;17:35", "08:55; 12:01:00  13:28；17:35"]
)
def test_several_times_in_a_cell_are_all_taken(tmp_path: Path, cell: str) -> None:
    path = written(tmp_path, f"工号,日期,时间\n0104,2026-10-13,{cell}\n")
    assert moments(path) == [("0104", tuple(moment(text, TUESDAY) for text in ("08:55", "12:01", "13:28", "17:35")))]


def test_several_moments_in_a_cell_are_all_taken(tmp_path: Path) -> None:
    path = written(tmp_path, "工号,打卡时间\n0104,2026-10-13 08:55 12:01;2026-10-14 08:30\n")
    wednesday = date(2026, 10, 14)
    assert moments(path) == [("0104", (moment("08:55", TUESDAY), moment("12:01", TUESDAY), moment("08:30", wednesday)))]


def test_a_time_without_seconds_is_the_beginning_of_its_minute(tmp_path: Path) -> None:
    path = written(tmp_path, "工号,日期,时间\n0104,2026-10-13,08:30 08:30:59\n")
    assert [(one.minute, one.second) for one in moments(path)[0][1]] == [(30, 0), (30, 59)]


def test_an_employee_number_keeps_its_zeros(tmp_path: Path) -> None:
    path = written(tmp_path, "工号,日期,时间\n000104,2026-10-13,08:25\n104,2026-10-13,08:25\n")
    assert [number for number, _ in moments(path)] == ["000104", "104"]


def test_a_line_without_a_time_names_nobodys_time(tmp_path: Path) -> None:
    path = written(tmp_path, "工号,日期,时间\n0104,2026-10-13,\n")
    assert lines(path) == [RegisterLine(2, "0104", ())]


def test_columns_that_say_nothing_needed_are_named(tmp_path: Path) -> None:
    path = written(tmp_path, "序号,工号,姓名,日期,时间,\n1,0104,李明,2026-10-13,08:25,\n")
    assert open_register(path).ignored == ("序号", "姓名")


@pytest.mark.parametrize(
    "cells",
    [
        "2026-13-01,08:25",
        "2026-10/13,08:25",
        "13.10.2026,08:25",
        "1999-10-13,08:25",
        "2026-10-13,8.25",
        "2026-10-13,24:00",
        "2026-10-13,08:60",
        "2026-10-13,08:25 迟到",
        ",08:25",
        "昨天,08:25",
        "2026-10-13,2026-10-14",
    ],
)
def test_what_is_no_date_and_time_is_refused_with_its_words(tmp_path: Path, cells: str) -> None:
    path = written(tmp_path, f"工号,日期,时间\n0104,2026-10-13,08:25\n0104,{cells}\n")
    (refused,) = (one for one in lines(path) if isinstance(one, RefusedLine))
    assert (refused.line, refused.employee_no) == (3, "0104")
    assert refused.reason.said_in("en").endswith("is not read as a date and a time")
    assert "无法识别为日期和时间" in refused.reason.said_in("zh")


def test_a_line_without_an_employee_number_is_refused(tmp_path: Path) -> None:
    assert why_not(written(tmp_path, "工号,日期,时间\n,2026-10-13,08:25\n")) == ["it has no employee number"]


def test_a_local_time_that_the_clocks_skipped_or_that_was_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "工号,打卡时间\n0104,2026-03-29 02:30\n0104,2026-10-25 02:30\n0104,2026-10-25 03:00\n")
    assert why_not(path, BERLIN) == [
        "the clocks skipped 2026-03-29 02:30",
        "2026-10-25 02:30 was twice, because the clocks went back",
    ]
    assert lines(path, BERLIN)[2] == RegisterLine(4, "0104", (datetime(2026, 10, 25, 2, tzinfo=UTC),))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "nothing is in it"),
        (b"\n \n", "nothing is in it"),
        ("工号,日期\n0104,2026-10-13\n".encode(), "it has: 工号, 日期"),
        ("姓名,日期,时间\n".encode(), "must name the employee number"),
        ("工号,人员编号,日期,时间\n".encode(), "columns say the same: 工号, 人员编号"),
        (b"\xff\xfe\x00", "neither in UTF-8 nor in GB18030"),
    ],
)
def test_a_file_that_is_no_register_is_one_error(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(content)
    with pytest.raises(CourtclockError) as told:
        open_register(path)
    assert told.value.code == "register.unreadable"
    assert reason in told.value.sentence("en")
    assert str(path) in told.value.sentence("zh")


def test_a_file_that_is_no_table_to_its_end_is_one_error(tmp_path: Path) -> None:
    path = written(tmp_path, '工号,日期,时间\n0104,2026-10-13,08:25\n0104,2026-10-13,"08:25" x\n')
    with pytest.raises(CourtclockError, match="line 3 is not of a table"):
        lines(path)


def test_a_file_that_is_not_there_is_one_error(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none.csv", "no such file"), (tmp_path, "cannot be opened")):
        with pytest.raises(CourtclockError, match=reason):
            open_register(path)


# Which days such a file judges


def october(day: int) -> date:
    return date(2026, 10, day)


def test_the_machine_was_in_use_where_no_pause_is_longer_than_holidays() -> None:
    days = [date(2000, 1, 1), october(1), october(16), october(17), date(2026, 11, 3)]
    assert days_in_use(days) == [
        (date(2000, 1, 1), date(2000, 1, 1)),
        (october(1), october(17)),
        (date(2026, 11, 3), date(2026, 11, 3)),
    ]
    assert [span_of(days_in_use(days), day) for day in days] == [0, 1, 1, 1, 2]
    assert days_in_use([]) == []


def test_spans_that_touch_are_one() -> None:
    spans = [(october(20), october(25)), (october(1), october(5)), (october(6), october(8)), (october(3), october(4))]
    assert joined(spans) == ((october(1), october(8)), (october(20), october(25)))


@pytest.mark.parametrize("text", ["00:00", "03:59:59", "04:00", "12:00", "23:59:59", "26:00"])
def test_a_days_events_are_found_as_everywhere_else(text: str) -> None:
    site = site_days(shipped_settings())
    finder = DayFinder(site)
    at = moment(text, TUESDAY)
    assert [finder.day_of(at), finder.day_of(at)] == [site.day_of(at)] * 2
