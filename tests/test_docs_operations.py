"""docs/operations.md names the columns of people.csv and only verbs that exist."""

from __future__ import annotations

import re

from enrollment.people_file import COLUMNS, OPTIONAL_COLUMNS
from enrollment.values import MAX_PIN_DIGITS, MIN_PIN_DIGITS
from models.settings import load_settings
from server.jobs.running import CLAIM_STALE_AFTER
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
    assert f"again {CLAIM_STALE_AFTER.total_seconds() / 60:.0f} minutes after it began" in text
    assert f"http://127.0.0.1:{settings.kiosk.screen.port}" in text
