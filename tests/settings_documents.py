"""The shipped config.yaml as a document to change, and what is found in a changed one."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.errors import CourtclockError
from models.settings import Settings, load_settings

SHIPPED = Path(__file__).parent.parent / "config.yaml"

KeyPath = tuple[str | int, ...]


@cache
def _shipped() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return content


def shipped_document() -> dict[str, Any]:
    """A copy of its own of the whole document."""
    return deepcopy(_shipped())


def walk(node: Any, path: KeyPath = ()) -> list[tuple[KeyPath, Any]]:
    """Every place in a document with what stands there, sections before what is in them."""
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [(path, node)] + [place for key, value in entries for place in walk(value, (*path, key))]


def key_path(dotted: str) -> KeyPath:
    return tuple(int(part) if part.isdigit() else part for part in dotted.split("."))


def section_of(document: Any, path: KeyPath) -> Any:
    """What a key stands in."""
    for part in path[:-1]:
        document = document[part]
    return document


def changed(**values: Any) -> dict[str, Any]:
    """The document with other values; dots of a key path are written as two underscores."""
    document = shipped_document()
    for dotted, value in values.items():
        path = key_path(dotted.replace("__", "."))
        section_of(document, path)[path[-1]] = value
    return document


def written(folder: Path, document: Any) -> Path:
    """The document, or a text as it is, as a file."""
    path = folder / "config.yaml"
    text = document if isinstance(document, str) else yaml.safe_dump(document, allow_unicode=True)
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, document: Any) -> Settings:
    return load_settings(written(folder, document))


def findings_in(folder: Path, document: Any) -> dict[str, str]:
    """Key path and the rest of each line that an invalid document is answered with."""
    with pytest.raises(CourtclockError) as caught:
        load(folder, document)
    assert caught.value.code == "settings.invalid", caught.value
    lines = str(caught.value.details["findings"]).splitlines()
    found = [line.removeprefix("  - ").partition(": ") for line in lines]
    assert len({path for path, _, _ in found}) == len(found), "a key is named twice"
    return {path: rest for path, _, rest in found}
