"""A real Chromium, driven headless; skipped with one visible line where there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

REQUIRED = "COURTCLOCK_REQUIRE_CHROMIUM"
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str:
    """Where Chromium is; skips the test, or fails it where it is required."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get(REQUIRED):
            pytest.fail("Chromium is required here and is not on this machine")
        pytest.skip("Chromium is not on this machine")
    return path


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """A browser that ends with the block."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Complaints(list[str]):
    """What the browser's console complained about: errors, refused scripts and styles."""

    def watch(self, page: Page) -> None:
        page.on("console", lambda message: self.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.append(str(error)))


def sideways_scroll_px(page: Page) -> int:
    """How far the page reaches over the right edge of the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def new_context(browser: Browser, *, language: str, dark: bool, phone: bool) -> BrowserContext:
    """A window in one language, light or dark, of a desktop or a phone."""
    return browser.new_context(
        locale=language,
        color_scheme="dark" if dark else "light",
        viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 800},
    )
