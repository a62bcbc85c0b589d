"""YAML read closed: a key that stands twice is a fault, as everything that PyYAML cannot read is."""

from __future__ import annotations

from typing import Any

import yaml


class YamlFault(ValueError):
    """A text that cannot be read.

    Attributes:
        line, column: where, from 1; None where it is not told.
        doubled_key: the key that stands twice, where that is the fault.
    """

    def __init__(self, sentence: str, line: int | None, column: int | None, doubled_key: str | None) -> None:
        super().__init__(sentence)
        self.line = line
        self.column = column
        self.doubled_key = doubled_key


def read_yaml(text: str) -> Any:
    """The plain values of a YAML text.

    Raises:
        YamlFault: it cannot be read.
    """
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader that also refuses doubled keys
    except _DoubledKeyError as error:
        raise _fault(error, error.key) from error
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        # Beside its own errors PyYAML lets others through: of a date that does not exist, a list used as a key,
        # a tag on another kind of value, brackets nested too deeply.
        raise _fault(error, None) from error


def _fault(error: Exception, doubled_key: str | None) -> YamlFault:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return YamlFault(str(error), None, None, doubled_key)
    return YamlFault(str(error), mark.line + 1, mark.column + 1, doubled_key)


class _DoubledKeyError(yaml.constructor.ConstructorError):
    def __init__(self, key: object, mark: yaml.Mark) -> None:
        super().__init__(None, None, f"the key {key!r} stands twice", mark)
        self.key = str(key)


class _StrictLoader(yaml.SafeLoader):
    """YAML without keys written twice."""


def _mapping_without_duplicates(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise _DoubledKeyError(key, key_node.start_mark)
        seen.add(key)
    return dict(loader.construct_mapping(node, deep=True))


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_duplicates)
