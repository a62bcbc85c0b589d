"""Reads config.yaml and says everything that is wrong with it at once."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from models.errors import CourtclockError
from models.settings.fields import MISFIT, SECRETIVE
from models.settings.sections import Settings
from models.yaml_text import YamlFault, read_yaml


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with the settings.

    Attributes:
        key_path: where, such as ``kiosk.camera.source``.
        sentence: what is wrong there.
        hint: what to do.
    """

    key_path: str
    sentence: str
    hint: str

    def __str__(self) -> str:
        end = "" if self.sentence.endswith((".", "?", "!", "。")) else "."
        return f"{self.key_path}: {self.sentence}{end} {self.hint}"


def load_settings(path: Path) -> Settings:
    """The settings in a file.

    Raises:
        CourtclockError: ``settings.unreadable``, or ``settings.invalid`` naming every finding.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourtclockError("settings.unreadable", path=str(path), reason=str(error)) from error
    try:
        document = read_yaml(text)
    except YamlFault as error:
        raise CourtclockError("settings.unreadable", path=str(path), reason=str(error)) from error
    try:
        return Settings.model_validate(document, context={"folder": path.resolve().parent})
    except ValidationError as error:
        raise invalid_settings(path, [_finding(one) for one in error.errors(include_url=False)]) from error


def invalid_settings(path: Path, findings: list[Finding]) -> CourtclockError:
    """One error that lists all findings."""
    lines = "\n".join(f"  - {finding}" for finding in findings)
    return CourtclockError("settings.invalid", path=str(path), findings=lines)


_HINTS: Final = {
    "missing": "Copy the key and its comment from the config.yaml that came with this version",
    "extra_forbidden": "Remove it",
    "greater_than": "Give a value in the range",
    "greater_than_equal": "Give a value in the range",
    "less_than": "Give a value in the range",
    "less_than_equal": "Give a value in the range",
    "literal_error": "Give one of the values named",
    "string_pattern_mismatch": "Give a value of the form in docs/configuration.md",
}


def _finding(error: Any) -> Finding:
    location, found = error["loc"], error["input"]
    kind = error["type"]
    if kind == MISFIT:
        # Found in a whole section; the key that does not fit into it is what has to be changed.
        key = error["ctx"]["key"]
        location, found = (*location, key), found[key]
    key_path = ".".join(str(part) for part in location) or "config.yaml"
    # A whole section would bury the sentence.
    hidden = kind == SECRETIVE or (isinstance(found, (dict, list)) and found)
    shown = "" if hidden else f" (found {found!r})"
    hint = _HINTS.get(kind, "See docs/configuration.md")
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(error["loc"][-1]), _sibling_keys(error["loc"]), n=1)
        sentence = "this key is not known"
        hint = f"Did you mean {near[0]}" if near else hint
    elif kind == "missing":
        sentence = "this key is missing"
    elif kind == "model_type":
        sentence = f"a section with keys belongs here{shown}"
    else:
        said = error["msg"].removeprefix("Value error, ")
        sentence = f"{said[0].lower()}{said[1:]}{shown}"
    return Finding(key_path, sentence, hint + ("?" if hint.startswith("Did") else "."))


def _sibling_keys(location: tuple[int | str, ...]) -> list[str]:
    """The known keys beside an unknown one."""
    form: Any = Settings
    for part in location[:-1]:
        if isinstance(form, type) and issubclass(form, BaseModel) and part in form.model_fields:
            form = form.model_fields[str(part)].annotation
        elif get_args(form):
            form = get_args(form)[-1]
    return list(form.model_fields) if isinstance(form, type) and issubclass(form, BaseModel) else []
