"""What the tests of the server's verbs have in common: a settings file of their own, and running a verb in process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from server import cli
from tests.server_cast import CONFIG

SHIPPED: Final = CONFIG.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Told:
    """How a verb ended."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one sentence of an error, which ends with exit code 2 and shows no traceback."""
        assert (self.code, self.out) == (2, "")
        assert "Traceback" not in self.err
        return self.err.strip()


Run = Callable[..., Told]


def write_config(folder: Path, changes: Mapping[str, Any] | None = None) -> Path:
    """The shipped config.yaml in a folder of its own, with some values changed by dotted key."""
    document = yaml.safe_load(SHIPPED)
    for key, value in (changes or {}).items():
        *path, last = key.split(".")
        section = document
        for part in path:
            section = section[part]
        section[last] = value
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return config


def verb_runner(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a verb in this process, as the console script does."""

    def verb(*words: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["courtclock-server", *words, "--config", str(config)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        shown = capsys.readouterr()
        code = ended.value.code
        return Told(code if isinstance(code, int) else 0, shown.out, shown.err)

    return verb
