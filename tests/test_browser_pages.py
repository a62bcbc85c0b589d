"""The pages in a real browser: both languages, light and dark, desktop and phone, and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from models.settings import load_settings
from server.services.accounts import add_account
from server.services.operating import compute_and_store
from tests.browser import Complaints, new_context, open_chromium, sideways_scroll_px
from tests.processes import CourtFolder, add_staff, kiosk_of, make_court, pair_kiosk, server_of

pytestmark = pytest.mark.browser

PIN = "284615"
PASSWORD = "correct horse battery"
LOOKS = [
    pytest.param("zh-CN", False, False, id="zh-light-desktop"),
    pytest.param("en-GB", True, False, id="en-dark-desktop"),
    pytest.param("zh-CN", True, True, id="zh-dark-phone"),
    pytest.param("en-GB", False, True, id="en-light-phone"),
]


@dataclass(frozen=True)
class House:
    """A running court and a browser before it."""

    court: CourtFolder
    browser: Browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_chromium() as browser:
        folder: Path = tmp_path_factory.mktemp("court")
        court = make_court(folder, {"jobs.tick_seconds": 0.1})
        add_staff(court, ["3001", "3002", "3003"], PIN)
        context = court.context()
        add_account(context, "hr", PASSWORD, "hr", None)
        compute_and_store(context)
        context.engine.dispose()
        server, kiosk = server_of(court), kiosk_of(court)
        try:
            server.start()
            pair_kiosk(court)
            kiosk.start()
            yield House(court, browser)
        finally:
            kiosk.kill()
            server.kill()


def wait_for_gallery(page: Page, house: House) -> None:
    page.wait_for_function(
        "async () => (await (await fetch('/health.json')).json()).gallery_version !== null", timeout=15_000
    )


@pytest.mark.parametrize(("language", "dark", "phone"), LOOKS)
def test_somebody_clocks_at_the_kiosk_by_pin(house: House, language: str, dark: bool, phone: bool) -> None:
    complaints = Complaints()
    context = new_context(house.browser, language=language, dark=dark, phone=phone)
    page = context.new_page()
    complaints.watch(page)
    page.goto(f"{house.court.kiosk_url}/?lang={language[:2]}")
    wait_for_gallery(page, house)
    page.locator("input[name=employee_no]").fill("3001")
    page.locator("input[name=pin]").fill(PIN)
    page.keyboard.press("Enter")
    expect(page.locator("#thanks-name")).to_have_text("员工3001")
    # Whoever clocked in the same minute at another window of this test is told so; both are a thank-you.
    thanked = {"zh": r"打卡成功|您已打卡", "en": r"Thank you|You have clocked already"}[language[:2]]
    expect(page.locator("#prompt")).to_have_text(re.compile(thanked))
    assert sideways_scroll_px(page) == 0
    assert complaints == []
    context.close()


def test_a_wrong_pin_is_told_in_a_sentence_and_thanks_nobody(house: House) -> None:
    context = new_context(house.browser, language="en-GB", dark=False, phone=False)
    page = context.new_page()
    page.goto(f"{house.court.kiosk_url}/?lang=en")
    page.locator("input[name=employee_no]").fill("3003")
    page.locator("input[name=pin]").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Employee number or PIN is not right.")).to_be_visible()
    context.close()


def test_not_me_takes_the_clock_event_back(house: House) -> None:
    context = new_context(house.browser, language="en-GB", dark=False, phone=False)
    page = context.new_page()
    page.goto(f"{house.court.kiosk_url}/?lang=en")
    wait_for_gallery(page, house)
    page.locator("input[name=employee_no]").fill("3002")
    page.locator("input[name=pin]").fill(PIN)
    page.keyboard.press("Enter")
    expect(page.locator("#thanks-name")).to_have_text("员工3002")
    page.get_by_role("button", name="That is not me").click()
    expect(page.locator("body")).to_have_attribute("data-mode", "ask_pin")
    expect(page.locator("#prompt")).to_have_text("Please use your PIN.")
    context.close()


@pytest.mark.parametrize(("language", "dark", "phone"), LOOKS)
def test_hr_signs_in_and_reads_board_and_report(house: House, language: str, dark: bool, phone: bool) -> None:
    complaints = Complaints()
    context = new_context(house.browser, language=language, dark=dark, phone=phone)
    page = context.new_page()
    complaints.watch(page)
    page.goto(f"{house.court.server_url}/board")
    expect(page.get_by_role("heading", level=1)).to_have_text({"zh": "登录", "en": "Sign in"}[language[:2]])
    page.locator("input[name=username]").fill("hr")
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/board")
    expect(page.locator("tbody tr").first).to_contain_text("员工3001")
    assert sideways_scroll_px(page) == 0
    today = date.fromisoformat(page.locator("h1 .soft").inner_text()[:10])
    page.goto(f"{house.court.server_url}/reports/day/{today}")
    expect(page.locator("table.report").last).to_contain_text("3002")
    assert sideways_scroll_px(page) == 0
    assert complaints == []
    context.close()


@pytest.mark.parametrize(("language", "dark", "phone"), LOOKS)
def test_hr_reads_the_operating_point(house: House, language: str, dark: bool, phone: bool) -> None:
    complaints = Complaints()
    context = new_context(house.browser, language=language, dark=dark, phone=phone)
    page = context.new_page()
    complaints.watch(page)
    page.goto(f"{house.court.server_url}/sign-in?after=/operating-point")
    page.locator("input[name=username]").fill("hr")
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        {"zh": "工作点", "en": "Operating point"}[language[:2]]
    )
    expect(page.locator(".told")).to_be_visible()
    assert sideways_scroll_px(page) == 0
    assert complaints == []
    context.close()


def test_the_report_on_paper_shows_reasons_and_no_buttons(house: House) -> None:
    context = new_context(house.browser, language="en-GB", dark=False, phone=False)
    page = context.new_page()
    page.goto(f"{house.court.server_url}/sign-in?after=/reports/day")
    page.locator("input[name=username]").fill("hr")
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports/day/**")
    expect(page.locator(".reasons").first).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".reasons").first).to_be_visible()
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.locator(".pick")).to_be_hidden()
    assert load_settings(house.court.config).court.name_en == page.locator("header strong").inner_text()
    context.close()
