"""docs/commands.md has every verb with its arguments and options, and none that do not exist."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
import typer

import demo.cli
import enrollment.cli
import kiosk.cli
import server.cli
from tests.test_docs_pages import ROOT, page, section

PAGE: Final = page("commands.md")


def _verbs() -> dict[str, Any]:
    """Every verb as people type it, with typer's command behind it."""
    demonstration = typer.Typer(add_completion=False)
    demonstration.command()(demo.cli.main)
    verbs: dict[str, Any] = {"demo": typer.main.get_command(demonstration)}
    for program, app in (("server", server.cli.app), ("kiosk", kiosk.cli.app), ("enrollment", enrollment.cli.app)):
        group: Any = typer.main.get_command(app)
        verbs |= {f"{program} {name}": command for name, command in group.commands.items()}
    return verbs


VERBS: Final = _verbs()


def test_the_page_has_a_heading_for_every_verb_and_for_nothing_else() -> None:
    assert set(re.findall(r"^### (.+)$", PAGE, re.MULTILINE)) == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_names_its_options_its_arguments_and_its_exit_codes(verb: str) -> None:
    text = section(PAGE, f"### {verb}")
    parameters = [one for one in VERBS[verb].params if one.name != "help"]
    options = {name for one in parameters if one.param_type_name == "option" for name in one.opts + one.secondary_opts}
    assert set(re.findall(r"`(--[\w-]+)`", text)) == options | set(re.findall(r"with `(--[\w-]+)`", text))
    arguments = [(one.metavar or one.name).upper() for one in parameters if one.param_type_name == "argument"]
    if arguments:
        assert f"`{' '.join([verb, *arguments]).rstrip('.')}" in text
    assert re.search(r"\b[Ee]xit\s+0\b|ends with\s+0", text)


def test_the_page_has_every_target_and_variable_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split())
    assert set(re.findall(r"^\| `make (\w+)` \|", PAGE, re.MULTILINE)) == targets
    given = re.findall(r"^(\w+) \?=", makefile, re.MULTILINE)
    asked = re.findall(r"\$\(if \$\((\w+)\),", makefile)
    assert set(re.findall(r"`([A-Z_]+)=\d?`", PAGE)) == {*given, *asked}
