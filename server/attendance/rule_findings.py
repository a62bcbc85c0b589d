"""What is wrong with a rule document, in words for whoever writes the rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic_core import ErrorDetails

from models.language import N_, Said
from models.yaml_text import YamlFault

# What pydantic finds, by its own name for it; the gaps are its context. Anything else is said in pydantic's English.
_FINDINGS: Final = {
    "missing": N_("this key is missing"),
    "extra_forbidden": N_("this key is not known"),
    "model_type": N_("a rule document is keys with values"),
    "string_pattern_mismatch": N_(
        'a time of day is written in quotation marks, like "08:30" or "26:00", up to "35:59"'
    ),
    "literal_error": N_("Input should be {expected}"),
    "string_type": N_("Input should be a valid string"),
    "bool_type": N_("Input should be a valid boolean"),
    "int_type": N_("Input should be a valid integer"),
    "float_type": N_("Input should be a valid number"),
    "finite_number": N_("Input should be a finite number"),
    "dict_type": N_("Input should be a valid dictionary"),
    "list_type": N_("Input should be a valid list"),
    "greater_than": N_("Input should be greater than {gt}"),
    "greater_than_equal": N_("Input should be greater than or equal to {ge}"),
    "less_than_equal": N_("Input should be less than or equal to {le}"),
    "string_too_short": N_("at least {min_length} characters are needed"),
    "string_too_long": N_("at most {max_length} characters are possible"),
    "too_short": N_("at least {min_length} are needed, not {actual_length}"),
    "too_long": N_("at most {max_length} are possible, not {actual_length}"),
}

_OR: Final = N_("{first} or {second}")
_NOT_YAML: Final = N_("this is not YAML")
_NOT_YAML_AT: Final = N_("this is not YAML: look at line {line}, column {column}")
_STANDS_TWICE: Final = N_("line {line}: the key {key} stands twice")


def finding_of(error: ErrorDetails) -> Said:
    """Where it is and what is wrong, in words for whoever writes the rules."""
    kind, context = error["type"], error.get("ctx", {})
    # YAML reads 17:30 without quotation marks as the number 1050.
    if error["loc"][-1:] == ("at",) and kind == "string_type":
        kind = "string_pattern_mismatch"
    said: object = error["msg"]
    if kind in _FINDINGS:
        said = Said(_FINDINGS[kind], **{name: _plain(value) for name, value in context.items()})
    elif kind == "value_error":
        said = context["error"].args[0]
    return at_place(".".join(str(part) for part in error["loc"]), said)


def _plain(value: object) -> object:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, str) and " or " in value:
        # Pydantic joins the values that are possible with an English word.
        first, second = value.rsplit(" or ", 1)
        return Said(_OR, first=first, second=second)
    return value


def not_yaml(fault: YamlFault) -> Said:
    """Why a text is no YAML, with where; what PyYAML says of it is English only."""
    if fault.doubled_key is not None:
        return Said(_STANDS_TWICE, key=fault.doubled_key, line=fault.line)
    if fault.line is None:
        return Said(_NOT_YAML)
    return Said(_NOT_YAML_AT, line=fault.line, column=fault.column)


def at_place(place: str, said: object) -> Said:
    """What is wrong, with where it is."""
    return Said(N_("{place}: {finding}"), place=place, finding=said) if place else Said("{finding}", finding=said)


def all_of(findings: Sequence[Said]) -> Said:
    """Findings one after the other."""
    together = findings[0]
    for one in findings[1:]:
        together = Said(N_("{first}; {second}"), first=together, second=one)
    return together
