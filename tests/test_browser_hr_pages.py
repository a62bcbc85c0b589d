"""The pages of HR and of requests in a real browser: no complaint of the console, nothing wider than the window."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.expectation_changes import add_roster_entry, edit_calendar, put_rules
from server.services.outages import declare_outage
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.services.touching import touch_everybody
from server.web.rule_pages import as_yaml
from tests.attendance_days import FRIDAY, moment
from tests.browser import Complaints, new_context, open_chromium, sideways_scroll_px
from tests.databases import DatabaseKind
from tests.pages_cast import somebody
from tests.server_cast import PASSWORD, FakeClock, make_app

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("quick_hashes")]
LOOKS = [
    pytest.param("zh-CN", True, True, id="zh-dark-phone"),
    pytest.param("en-GB", False, False, id="en-light-desktop"),
]
PAGES = [
    "/requests",
    "/requests/new?kind=leave",
    "/requests/new?kind=correction",
    "/requests/sheet/2026-10",
    "/rules",
    "/calendar?year=2026",
    "/calendar?year=2040",
    "/rosters",
    "/outages",
    "/month-close/2026-10",
    "/people",
]


@pytest.fixture
def database_kind() -> DatabaseKind:
    """A browser does not see the database."""
    return "sqlite"


@pytest.fixture
def pages(context: ServerContext, clock: FakeClock) -> list[str]:
    """A court in which something stands on every page; gives the addresses."""
    clock.go_to("13:00")
    person = somebody(context, "0009", "赵敏", "政治部人事处", username="zhao", role="hr")
    hr = Actor("zhao", "hr")
    touch_everybody(context, date(2026, 11, 2), FRIDAY)
    derive_touched(context)
    put_rules(context, same_rules(context), date(2026, 12, 1), "党组会议纪要" * 20, "zhao")
    edit_calendar(context, date(2026, 11, 27), "rest_day", "院庆", "a reason " * 20, "zhao")
    add_roster_entry(
        context,
        [person.person_id],
        date(2026, 11, 23),
        None,
        "court_day court_day - -",
        follows_calendar=False,
        reason="night duty",
        entered_by="zhao",
    )
    outage = declare_outage(context, moment("08:00"), moment("09:00"), "no power", hr)
    filed = file_request(context, Wish("waiver", person.person_id, "the flood " * 30, day=FRIDAY), hr)
    decide(context, filed.request_id, "approved", Actor("qian", "hr"), "granted " * 30)
    return [*PAGES, f"/outages/{outage.outage_id}", f"/requests/{filed.request_id}"]


def same_rules(context: ServerContext) -> str:
    """The first rules as a document of another name."""
    return as_yaml({**context.first_rules.document, "name_en": "The same again"})


@contextmanager
def served(context: ServerContext) -> Iterator[str]:
    """The app behind a port of this machine; gives its address."""
    server = make_server("127.0.0.1", 0, make_app(context), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in?after=/requests")
    page.locator("input[name=username]").fill("zhao")
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("form[action='/sign-out']")).to_be_visible()


@pytest.mark.parametrize(("language", "dark", "phone"), LOOKS)
def test_no_page_complains_or_is_wider_than_the_window(
    context: ServerContext, pages: list[str], language: str, dark: bool, phone: bool
) -> None:
    with served(context) as address, open_chromium() as browser:
        window = new_context(browser, language=language, dark=dark, phone=phone)
        page, complaints = window.new_page(), Complaints()
        complaints.watch(page)
        sign_in(page, address)
        wide = []
        for path in pages:
            page.goto(f"{address}{path}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            if sideways_scroll_px(page):
                wide.append(path)
        assert wide == []
        assert complaints == []


def test_leave_is_filed_with_what_was_typed_before_and_a_draft_is_tried(
    context: ServerContext, pages: list[str]
) -> None:
    with served(context) as address, open_chromium() as browser:
        page = new_context(browser, language="en-GB", dark=False, phone=False).new_page()
        sign_in(page, address)
        page.goto(f"{address}/requests/new?kind=leave")
        page.locator("[name=first_day]").fill("2026-11-23")
        page.get_by_label("How much of it").select_option("hours")
        page.locator("[name=from_time]").fill("13:00")
        page.locator("[name=until_time]").fill("08:30")
        page.get_by_label("Reason").fill("a wedding")
        page.get_by_role("button", name="File the request").click()
        expect(page.get_by_role("alert")).to_contain_text("It must end after it begins")
        expect(page.get_by_label("Reason")).to_have_value("a wedding")
        page.locator("[name=until_time]").fill("17:30")
        page.get_by_role("button", name="Show how long it is").click()
        expect(page.get_by_role("status")).to_contain_text("0.5 workdays")
        page.get_by_role("button", name="File the request").click()
        expect(page.get_by_role("status")).to_have_text("The request is filed. It waits for a decision.")
        page.goto(f"{address}/rules")
        page.get_by_role("button", name="What would change?").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("What would change?")
        assert sideways_scroll_px(page) == 0
