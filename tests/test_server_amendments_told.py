"""Where people look for the reasons of a verdict they are told of its amendments: who, when, what before, and why."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from server.services.accounts import add_account
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.month_close import answer_sheet, decide_amendment, lock_month, month_sheet
from server.services.periods import publish_month
from server.web.person_sheets import month_workbook
from tests.amendments_cast import HR, LAST, OCTOBER, TUESDAY, approve_duty, locked_october, refuse, sign
from tests.databases import DatabaseKind
from tests.pages_cast import as_user, words_of
from tests.persons_cast import Reader, judge_all, row_of
from tests.server_cast import PASSWORD, FakeClock, Person, employ, give_account, make_app
from tests.verbs_cast import Run, verb_runner, write_config

pytestmark = pytest.mark.usefixtures("quick_hashes")
WEDNESDAY = date(2026, 10, 21)
SHEET, CLOSE = f"/reports/sheet/0104/{OCTOBER}", f"/month-close/{OCTOBER}"
SIGNED = (
    "Amended after the month was locked, signed by 赵敏 on 2026-11-20 12:00: absent -> on duty elsewhere. "
    "Reason: the form"
)
REFUSED = "An amendment was refused by zhao on 2026-11-20 12:00: absent stays, not on duty elsewhere. Reason: no form"


def day_page(day: date) -> str:
    return f"/reports/person/0104/{day}"


@pytest.fixture
def database_kind() -> DatabaseKind:
    """What is told does not depend on the database; the services are tested on both elsewhere."""
    return "sqlite"


@pytest.fixture
def li(context: ServerContext) -> Person:
    """Of two duties that came after the lock, Zhao Min of HR signed the first; nobody known refused the other."""
    li = locked_october(context)
    employ(context, "0001", "赵敏")
    add_account(context, "zhaomin", PASSWORD, "hr", employee_no="0001")
    add_account(context, "li", PASSWORD, "employee", employee_no="0104")
    approve_duty(context, li)
    approve_duty(context, li, WEDNESDAY)
    sign(context, li, actor=Actor("zhaomin", "hr"))
    refuse(context, li, WEDNESDAY)
    return li


@pytest.fixture
def as_li(context: ServerContext, li: Person) -> Reader:
    return Reader(make_app(context), context, "li")


@pytest.fixture
def as_hr(context: ServerContext, li: Person) -> Reader:
    return Reader(make_app(context), context, "zhaomin")


@pytest.fixture
def run(
    context: ServerContext,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs a verb on the court of the test, at the moment of the test."""
    for module in ("deriving", "ruling"):
        monkeypatch.setattr(f"server.verbs.{module}.open_server", lambda config: context)
    return verb_runner(write_config(tmp_path_factory.mktemp("config")), monkeypatch, capsys)


# Pages


def test_the_persons_day_tells_who_signed_when_why_and_what_it_said_before(as_li: Reader) -> None:
    text = words_of(as_li.get(day_page(TUESDAY)))
    assert f"{SIGNED} The next bulletin will list it." in text
    assert "Result: on duty elsewhere." in text


def test_the_persons_day_tells_what_was_refused_and_why(as_li: Reader) -> None:
    text = words_of(as_li.get(day_page(WEDNESDAY)))
    assert REFUSED in text
    assert "HR has refused this change: what was locked stays in force." in text


def test_once_a_bulletin_has_listed_it_the_bulletin_is_named(as_li: Reader, context: ServerContext) -> None:
    publish_month(context, date(2026, 10, 1))
    assert f"{SIGNED} It stands on the bulletin of 2026-10." in words_of(as_li.get(day_page(TUESDAY)))


def test_the_month_marks_amended_days_and_tells_of_all_that_was_decided(as_li: Reader) -> None:
    page = as_li.get(SHEET)
    assert "amended" in row_of(page, f"{TUESDAY}</a>")
    assert "amended" not in row_of(page, f"{WEDNESDAY}</a>")
    assert f"{TUESDAY}: {SIGNED}" in words_of(page)
    assert f"{WEDNESDAY}: {REFUSED}" in words_of(page)
    assert "amended" in row_of(as_li.get(f"/requests/sheet/{OCTOBER}"), f"{TUESDAY} ")


def test_the_file_of_the_month_tells_of_them_below_the_table(context: ServerContext, li: Person) -> None:
    book = month_workbook(context, month_sheet(context, li.person_id, OCTOBER, HR), (), "en")
    assert book.sheets[0].footnotes[-2:] == (
        f"{TUESDAY}: {SIGNED} The next bulletin will list it.",
        f"{WEDNESDAY}: {REFUSED}",
    )


def test_hr_sees_the_history_of_the_month(as_hr: Reader) -> None:
    page = as_hr.get(CLOSE)
    assert SIGNED in words_of(page)
    assert REFUSED in words_of(page)
    assert "Decided amendments" not in words_of(as_hr.get("/month-close/2026-09"))


def test_in_chinese_it_reads_as_a_court_would_write_it(context: ServerContext, li: Person) -> None:
    client = as_user(make_app(context), context, "li")
    text = words_of(client.get(day_page(TUESDAY), headers={"Accept-Language": "zh"}, query_string={"lang": "zh"}))
    assert "月份锁定后更正，赵敏 于 2026-11-20 12:00 签署：旷工 → 公出。理由：the form。" in text


# Who locked


def test_whoever_locked_is_named_as_people_call_them(context: ServerContext) -> None:
    employ(context, "0001", "赵敏", joined_on=LAST)
    add_account(context, "zhaomin", PASSWORD, "hr", employee_no="0001")
    judge_all(context, LAST, LAST)
    assert lock_month(context, OCTOBER, Actor("zhaomin", "hr")).who == "赵敏"
    reader = Reader(make_app(context), context, "zhaomin")
    assert "Locked on 2026-11-20 12:00 by 赵敏." in words_of(reader.get(CLOSE))
    assert "Locked on 2026-11-20 12:00 by 赵敏." in words_of(reader.get(f"/reports/sheet/0001/{OCTOBER}"))


# Who confirmed what has changed


@pytest.fixture
def changed_since(context: ServerContext) -> Person:
    """Sun Li confirmed October, and then a duty changed it."""
    sun = employ(context, "0306", "孙丽", "立案庭", date(2026, 10, 19))
    give_account(context, "zhao", "hr")
    judge_all(context, date(2026, 10, 19), LAST)
    me = Actor("sun", "employee", sun.person_id)
    shown = month_sheet(context, sun.person_id, OCTOBER, me).sheet_sha256
    answer_sheet(context, OCTOBER, me, shown, confirmed=True)
    approve_duty(context, sun)
    return sun


@pytest.mark.usefixtures("changed_since")
def test_before_the_lock_hr_sees_who_confirmed_what_has_changed(context: ServerContext) -> None:
    text = words_of(Reader(make_app(context), context, "zhao").get(CLOSE))
    assert "0 confirmed" in text
    assert "1 confirmed, changed since" in text
    assert "Let them look again before the month is locked. 孙丽 0306 立案庭" in text


@pytest.mark.usefixtures("changed_since")
def test_the_verb_tells_who_confirmed_what_has_changed(run: Run) -> None:
    assert run("month-close", OCTOBER).out.splitlines()[:3] == [
        "confirmed 0, silent 0, objected 0",
        "confirmed, but changed since 1",
        "  0306 孙丽",
    ]


# Verbs


@pytest.mark.usefixtures("li")
def test_explain_tells_of_the_amendments_of_the_day(run: Run) -> None:
    told = " ".join(run("explain", "0104", f"{TUESDAY}", "--language", "en").out.split())
    assert f"{SIGNED} The next bulletin will list it." in told
    found = json.loads(run("explain", "0104", f"{TUESDAY}", "--language", "en", "--json").out)
    assert found["amendments"] == [f"{SIGNED} The next bulletin will list it."]


@pytest.mark.usefixtures("li")
def test_explain_does_not_send_people_to_hr_with_what_hr_has_refused(run: Run) -> None:
    told = " ".join(run("explain", "0104", f"{WEDNESDAY}", "--language", "en").out.split())
    assert REFUSED in told
    assert "HR has refused that, and what was locked stays." in told
    assert "HR has to sign" not in told


def test_explain_says_what_waits_for_a_signature(run: Run, context: ServerContext) -> None:
    li = locked_october(context)
    approve_duty(context, li)
    told = " ".join(run("explain", "0104", f"{TUESDAY}", "--language", "en").out.split())
    assert "Judged now it would be: on duty elsewhere; HR has to sign that as an amendment." in told
    decide_amendment(context, li.person_id, TUESDAY, HR, "the form", sign=True)
    assert "HR has to sign" not in run("explain", "0104", f"{TUESDAY}", "--language", "en").out


@pytest.mark.usefixtures("li")
def test_recomputing_everything_finds_no_difference_and_counts_what_was_refused(run: Run) -> None:
    told = run("derive", "--all", "--from", "2026-10-19", "--until", "2026-10-31", "--language", "en")
    assert told.code == 0
    assert "0 differences" in told.out
    assert "1 of locked months were refused by HR as amendments: what was locked stands." in told.out


@pytest.mark.usefixtures("li")
def test_what_is_not_kept_any_more_is_explained_by_nobody(
    run: Run, context: ServerContext, clock: FakeClock, as_li: Reader
) -> None:
    with context.unit() as unit:
        unit.months.let_go(OCTOBER, clock.now() + timedelta(days=500))
        unit.commit()
    told = run("explain", "0104", f"{TUESDAY}", "--language", "en")
    assert (told.code, told.out.splitlines()[0]) == (1, "The workdays of this month are no longer kept.")
    assert "the form" in told.out, "what HR decided is kept"
    text = words_of(as_li.get(day_page(TUESDAY)))
    assert "The workdays of this month are no longer kept." in text
    assert SIGNED in text
