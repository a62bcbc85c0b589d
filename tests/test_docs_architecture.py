"""docs/architecture.md names the contracts between the rooms as they are enforced, and the kiosk's files."""

from __future__ import annotations

import tomllib

from kiosk.identity import DEVICE_KEY_FILE, GALLERY_KEY_FILE, IDENTITY_FILE
from kiosk.roster import PACK_FILE
from kiosk.running import OUTBOX_FILE
from tests.test_docs_pages import ROOT, page, section, table_rows

PAGE = page("architecture.md")


def test_every_contract_between_the_rooms_stands_there() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = [contract["name"] for contract in pyproject["tool"]["importlinter"]["contracts"]]
    assert [row[0].strip("`") for row in table_rows(section(PAGE, "## Rooms, and who may know whom"))] == contracts


def test_every_file_in_a_kiosks_state_folder_is_named() -> None:
    text = section(PAGE, "## Where state is kept")
    for name in (OUTBOX_FILE, IDENTITY_FILE, DEVICE_KEY_FILE, GALLERY_KEY_FILE, PACK_FILE):
        assert f"`{name}`" in text
