"""One person's month and days in a real browser: no complaint of the console, nothing wider than the window."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.expectation_changes import put_rules
from server.services.ingesting import ingest
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.services.touching import touch_everybody
from tests.attendance_days import FRIDAY, moment
from tests.browser import Complaints, new_context, open_chromium, sideways_scroll_px
from tests.databases import DatabaseKind
from tests.pages_cast import somebody
from tests.papers import SIGNED
from tests.persons_cast import PRESETS
from tests.server_cast import PASSWORD, FakeClock, batch_of, clocked_at, pair
from tests.test_browser_hr_pages import LOOKS, served

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("quick_hashes")]
SHEET, DAY = "/reports/sheet/0104/2026-11", "/reports/person/0104/2026-11-20"
PAGES = [
    SHEET,
    "/reports/sheet/0104/2026-10",
    DAY,
    "/reports/person/0104/2026-11-21",
    "/reports/person/0104/2026-12-01",
]


@pytest.fixture
def database_kind() -> DatabaseKind:
    """A browser does not see the database."""
    return "sqlite"


@pytest.fixture
def month(context: ServerContext, clock: FakeClock) -> None:
    """Four clock points a day, limits, a clock event that is not used, and requests with long reasons."""
    clock.go_to("19:00")
    li = somebody(context, "0104", "李明", "立案庭", username="li")
    put_rules(context, (PRESETS / "court_half_day_absence.yaml").read_text("utf-8"), date(2026, 11, 2), "why", "zhao")
    kiosk = pair(context, clock, "the door at the east end of the long corridor")
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    times = ("08:13", "08:15", "11:35", "13:50", "17:20")
    events = [clocked_at(li, at, seq) for seq, at in enumerate(times, start=1)]
    ingest(context, record, batch_of(*events, sent_at=clock.now()))
    touch_everybody(context, date(2026, 11, 2), FRIDAY)
    derive_touched(context)
    hr = Actor("zhao", "hr")
    wish = Wish("correction", li.person_id, "the flood " * 30, day=FRIDAY, point=0, starts_at=moment("07:58"))
    filed = file_request(context, wish, hr)
    decide(context, filed.request_id, "approved", Actor("qian", "hr"), "granted " * 30, on_paper=True, papers=SIGNED)


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in?after=/my")
    page.locator("input[name=username]").fill("li")
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("李明")


@pytest.mark.usefixtures("month")
@pytest.mark.parametrize(("language", "dark", "phone"), LOOKS)
def test_no_page_complains_or_is_wider_than_the_window(
    context: ServerContext, language: str, dark: bool, phone: bool
) -> None:
    with served(context) as address, open_chromium() as browser:
        page, complaints = new_context(browser, language=language, dark=dark, phone=phone).new_page(), Complaints()
        complaints.watch(page)
        sign_in(page, address)
        wide = []
        for path in PAGES:
            page.goto(f"{address}{path}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            if sideways_scroll_px(page):
                wide.append(path)
        assert wide == []
        assert complaints == []


@pytest.mark.usefixtures("month")
def test_from_the_own_month_to_a_day_to_a_correction_of_it(context: ServerContext) -> None:
    with served(context) as address, open_chromium() as browser:
        page = new_context(browser, language="en-GB", dark=False, phone=False).new_page()
        sign_in(page, address)
        page.get_by_role("link", name="2026-11-20").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("2026-11-20 Fri")
        expect(page.locator("main")).to_contain_text("Judged at this moment, the day would say")
        page.get_by_role("link", name="Ask for a correction").click()
        expect(page.get_by_label("Day")).to_have_value("2026-11-20")


@pytest.mark.usefixtures("month")
def test_a_printed_month_is_one_sheet_of_paper_without_buttons(context: ServerContext) -> None:
    with served(context) as address, open_chromium() as browser:
        page = new_context(browser, language="en-GB", dark=False, phone=False).new_page()
        sign_in(page, address)
        page.emulate_media(media="print")
        expect(page.get_by_role("link", name="CSV")).to_be_hidden()
        expect(page.get_by_role("row", name="Together")).to_be_visible()
        assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
