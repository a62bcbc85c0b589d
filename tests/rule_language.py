"""The rule language as its page must tell it: a row for each key, made from the documents' own fields."""

from __future__ import annotations

import json
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from server.attendance.rule_documents import (
    CounterDocument,
    FlexibleDocument,
    ForgivenDocument,
    PointDocument,
    RuleDocument,
    ScoringDocument,
    ShiftDocument,
)
from server.attendance.rule_requests import KindDocument, RequestDocument, TierDocument

PARTS: Final[dict[str, type[BaseModel]]] = {
    "The document": RuleDocument,
    "A shift": ShiftDocument,
    "A clock point": PointDocument,
    "Flexible hours": FlexibleDocument,
    "A kind of leave or duty": KindDocument,
    "A request": RequestDocument,
    "An approval": TierDocument,
    "A counter": CounterDocument,
    "What is forgiven": ForgivenDocument,
    "Scoring": ScoringDocument,
}


def rows_of(part: type[BaseModel]) -> list[str]:
    """The table rows of one part, in the order of its keys."""
    return [f"| `{name}` | {_default(field)} | {field.description} |" for name, field in part.model_fields.items()]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    default: Any = field.default
    if default is PydanticUndefined:
        made = field.default_factory() if field.default_factory is not None else None  # type: ignore[call-arg]
        return "see below" if isinstance(made, BaseModel) else f"`{json.dumps(made)}`"
    return f"`{json.dumps(default)}`" if not isinstance(default, str) else f"`{default}`"
