"""What every verb has in common: where it prints, which options it knows, and how it reads what was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress

from models.clock import open_clock
from models.errors import CourtclockError
from models.language import Language, translate
from models.settings import load_settings
from server.attendance.site_days import FIRST_YEAR, LAST_YEAR
from server.services.actors import Actor
from server.services.context import ServerContext, open_context
from server.storage.records import PersonRecord

# No markup: a name is a name, whatever brackets are in it.
out: Final = Console(soft_wrap=True, highlight=False, markup=False)
err: Final = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)

ConfigOption = Annotated[Path, typer.Option("--config", help="Settings file.")]
LanguageOption = Annotated[str, typer.Option("--language", help="zh or en; the court's own if left out.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Kept with the change.")]
ByOption = Annotated[str, typer.Option("--by", help="Who decided it.")]
DEFAULT_CONFIG: Final = Path("config.yaml")
DEFAULT_BY: Final = "command line"


def open_server(config: Path) -> ServerContext:
    """Settings, database and keys behind a config file."""
    settings = load_settings(config)
    return open_context(settings, open_clock(settings.clock.compressed_day))


def read_date(text: str) -> date:
    """A date such as 2026-11-20.

    Raises:
        CourtclockError: ``page.bad_date``, also for one that is not of this century.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CourtclockError("page.bad_date", text=text) from error
    # Further away, the day before or the days around fall off the calendar.
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CourtclockError("page.bad_date", text=text)
    return day


def find_person(context: ServerContext, number_or_name: str) -> PersonRecord:
    """Somebody by employee number, or by a name that nobody else has.

    Raises:
        CourtclockError: ``person.unknown``.
    """
    with context.unit(read_only=True) as unit:
        person = unit.people.by_employee_no(number_or_name)
        if person is not None:
            return person
        named = [one for one in unit.people.everybody() if one.name == number_or_name]
    if len(named) != 1:
        raise CourtclockError("person.unknown", employee_no=number_or_name)
    return named[0]


def hr_actor(by: str) -> Actor:
    """Whoever sits at the server's command line acts for HR, under the name that was given."""
    return Actor(by, "hr")


def words(sentence: str, language: Language, **gaps: object) -> str:
    """A sentence of the product in a language, with its gaps filled."""
    return translate(sentence, language).format(**gaps)


@contextmanager
def progress_of(what: str, language: Language) -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal, told how many are done of how many; nothing of it stands in a log."""
    with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(words(what, language))

        def tell(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        yield tell
