"""docs/operations.md names the columns of people.csv, every job and outage, fonts, and only verbs that exist."""

from __future__ import annotations

import re
import textwrap
from datetime import timedelta
from pathlib import Path
from typing import get_args

import yaml

from enrollment.people_file import COLUMNS, OPTIONAL_COLUMNS
from enrollment.values import MAX_PIN_DIGITS, MIN_PIN_DIGITS
from models.settings import load_settings
from server.jobs.claiming import CLAIM_STALE_AFTER
from server.jobs.due import JOBS
from server.services.mailing import LONGEST_PAUSE_MINUTES
from server.services.retrying import LONGEST_RETRY_PAUSE, RETRY_FAILED_AFTER
from server.storage.outages import OutageKind
from server.web.pdf_fonts import KNOWN_FILES
from tests.settings_documents import load, shipped_document
from tests.test_docs_commands import VERBS
from tests.test_docs_pages import PAGES, ROOT, page, section, table_rows

PAGE = page("operations.md")


def test_every_column_of_people_csv_stands_there_and_which_may_be_left_out() -> None:
    rows = {row[0].strip("`"): row[1:] for row in table_rows(section(PAGE, "## Enrolling"))}
    assert tuple(rows) == COLUMNS
    assert {name for name, cells in rows.items() if cells[0] == "column may be left out"} == set(OPTIONAL_COLUMNS)
    assert rows["pin"][1].startswith(f"{MIN_PIN_DIGITS} to {MAX_PIN_DIGITS} digits")


def test_every_verb_that_any_page_names_exists() -> None:
    for path in [*PAGES, ROOT / "README.md"]:
        text = path.read_text(encoding="utf-8")
        for program, verb in re.findall(r"python -m (server|kiosk|enrollment) ([a-z][a-z-]+)", text):
            assert f"{program} {verb}" in VERBS, f"{path.name} names `{program} {verb}`"


def test_the_times_it_promises_are_those_in_force() -> None:
    settings = load_settings(ROOT / "config.yaml")
    text = " ".join(PAGE.split())
    assert f"within {settings.server.pairing_code_minutes} minutes" in text
    assert f"again {CLAIM_STALE_AFTER.total_seconds() / 60:.0f} minutes after its last sign of life" in text
    assert (timedelta(minutes=1), timedelta(hours=1)) == (RETRY_FAILED_AFTER, LONGEST_RETRY_PAUSE)
    assert "after a minute, then after pauses that double up to an hour, until it succeeds" in text
    assert LONGEST_PAUSE_MINUTES == 24 * 60
    assert "after `mail.retry_minutes`, then after pauses that double up to a day" in text
    assert f"http://127.0.0.1:{settings.kiosk.screen.port}" in text


def test_every_job_stands_there_in_its_order() -> None:
    rows = table_rows(section(PAGE, "## What the server does by itself"))
    assert [row[0].strip("`") for row in rows] == list(JOBS)


def test_every_kind_of_outage_stands_there() -> None:
    rows = table_rows(section(PAGE, "## Outages"))
    assert [row[0].strip("`") for row in rows] == list(get_args(OutageKind))


def test_the_section_mail_that_it_shows_can_be_loaded(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", section(PAGE, "## Mail"), re.DOTALL)
    document = shipped_document() | yaml.safe_load(textwrap.dedent(shown))
    assert load(tmp_path, document).mail.link("/") == "https://attendance.court.example/"


def test_the_package_of_fonts_that_it_names_brings_one_that_is_looked_for() -> None:
    # On Debian and Ubuntu the package fonts-noto-cjk holds this file.
    assert "apt install fonts-noto-cjk" in section(PAGE, "## Chinese in PDF")
    assert "NotoSansCJK-Regular.ttc" in KNOWN_FILES
