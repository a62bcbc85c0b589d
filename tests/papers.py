"""Documents as people hand them in."""

from __future__ import annotations

from typing import Final

from server.attendance.rule_documents import PRESET_FOLDER
from server.services.request_documents import Upload

PDF: Final = b"%PDF-1.7 a certificate"
SIGNED: Final = (Upload("批件.pdf", b"%PDF-1.7 signed by the president"),)
"""The paper that HR records a decision from."""


def preset(name: str) -> str:
    """The text of rules that ship with the product."""
    return (PRESET_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
