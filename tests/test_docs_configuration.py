"""docs/configuration.md says of every key what it means, which values it takes, and what is shipped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

import yaml
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from models.errors import ERROR_KINDS
from models.settings import Settings
from tests.test_docs_pages import ROOT, page, table_rows

SHIPPED: Final = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
# Patterns are for programs; people read these words.
_FORMS: Final = {
    r"^(sqlite:///.|postgresql\+psycopg://.)": "`sqlite:///FILE` or `postgresql+psycopg://USER@HOST/NAME`",
    r"^https?://[^/]+/?$": "`http://HOST:PORT` or `https://HOST:PORT`, no path",
    r"^[0-9a-fA-F]{64}$": "64 hexadecimal digits",
}
_BOUNDS: Final = {Ge: "at least", Gt: "more than", Le: "at most", Lt: "less than"}


def leaves(form: type[BaseModel], path: str, shipped: dict[str, Any]) -> Iterator[tuple[str, FieldInfo, Any]]:
    """Every key that holds a value: its path, its field, and its shipped value."""
    for name, field in form.model_fields.items():
        key = f"{path}.{name}" if path else name
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from leaves(inner, key, shipped[name])
        else:
            yield key, field, shipped[name]


def values_taken(annotation: Any, metadata: list[Any]) -> str:
    """Type and range in words."""
    if get_origin(annotation) in (Union, UnionType):
        first = next(one for one in get_args(annotation) if one is not type(None))
        return f"{values_taken(first, metadata)}, or `null`"
    if hasattr(annotation, "__metadata__"):
        return values_taken(annotation.__origin__, metadata)
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{one}`" for one in get_args(annotation))
    pattern = next((one.pattern for one in metadata if getattr(one, "pattern", None)), None)
    if pattern is not None:
        return _FORMS[pattern]
    words = {
        str: "text",
        Path: "path",
        bool: "`true` or `false`",
        time: "`HH:MM` in quotes",
        date: "a date like 2026-11-20",
    }.get(annotation)
    if words is not None:
        return words
    bounds = {
        kind: next(getattr(one, kind.__name__.lower()) for one in metadata if isinstance(one, kind))
        for kind in _BOUNDS
        if any(isinstance(one, kind) for one in metadata)
    }
    number = {int: "whole number", float: "number"}[annotation]
    if set(bounds) == {Ge, Le}:
        return f"{number}, {bounds[Ge]:.10g} to {bounds[Le]:.10g}"
    return ", ".join([number, *(f"{_BOUNDS[kind]} {bound:.10g}" for kind, bound in bounds.items())])


def expected_row(key: str, field: FieldInfo, shipped: Any) -> list[str]:
    """The row that the page must have for a key."""
    value = f"`{json.dumps(shipped, ensure_ascii=False)}`"
    return [f"`{key}`", str(field.description), values_taken(field.annotation, list(field.metadata)), value]


def test_every_key_has_its_row_and_no_other_key_stands_there() -> None:
    expected = [expected_row(*leaf) for leaf in leaves(Settings, "", SHIPPED)]
    found = table_rows(page("configuration.md"))
    missing = "\n".join(f"| {' | '.join(row)} |" for row in expected if row not in found)
    surplus = "\n".join(f"| {' | '.join(row)} |" for row in found if row not in expected)
    assert not missing, f"docs/configuration.md lacks these rows:\n{missing}\nand has these instead:\n{surplus}"
    assert not surplus, f"docs/configuration.md has rows for keys that do not exist:\n{surplus}"
    assert len(found) == len(expected)


def test_every_key_path_in_the_text_exists() -> None:
    keys = {key for key, _, _ in leaves(Settings, "", SHIPPED)}
    sections = {key.rsplit(".", count)[0] for key in keys for count in range(1, key.count(".") + 1)} | keys
    roots = "|".join(Settings.model_fields)
    for named in re.findall(rf"`((?:{roots})(?:\.\w+)+)`", "".join(path.read_text("utf-8") for path in _pages())):
        if not named.endswith((".py", ".yaml", ".css", ".js")):
            assert named in sections or named in ERROR_KINDS or _is_module(named), f"{named} is no key of config.yaml"


def _pages() -> list[Path]:
    return sorted((ROOT / "docs").glob("*.md"))


def _is_module(name: str) -> bool:
    """Whether a dotted name is a room's module, or a name in one: rooms and sections share some names."""
    parts = name.split(".")
    return any(
        (ROOT.joinpath(*parts[:count]).with_suffix(".py")).is_file() or ROOT.joinpath(*parts[:count]).is_dir()
        for count in range(2, len(parts) + 1)
    )
