"""Verbs about accounts: who may sign in, as what, and who looked at whose data."""

from __future__ import annotations

import os
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, cast, get_args
from zoneinfo import ZoneInfo

import typer

from models.errors import CourtclockError
from models.language import Language, choose_language
from models.settings.mail import is_mail_address
from models.texts import require_short_text
from server.services.access_reading import access_between
from server.services.accounts import add_account, change_password, change_role, set_active
from server.services.mailing import set_mail_address
from server.storage.records import Role
from server.verbs.terminal import (
    DEFAULT_CONFIG,
    ConfigOption,
    LanguageOption,
    open_server,
    out,
    read_date,
)

_MOST_NAME_CHARACTERS = 64
PASSWORD_VARIABLE = "COURTCLOCK_PASSWORD"  # noqa: S105 - the name of a variable, not a password
RoleOption = Annotated[
    str, typer.Option(help="hr, president, vice_president (see the court), head (one division) or employee.")
]
DivisionOption = Annotated[str | None, typer.Option(help="What a head may see.")]


def add_account_verb(
    username: Annotated[str, typer.Argument()],
    role: RoleOption = "hr",
    division: DivisionOption = None,
    person: Annotated[str | None, typer.Option(help="Employee number of whose account it is.")] = None,
    email: Annotated[str | None, typer.Option(help="Where this account's reports are sent.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Let somebody sign in. The password is asked for, or taken from COURTCLOCK_PASSWORD."""
    asked = _role(role, division)
    if role == "employee" and person is None:
        raise typer.BadParameter("an employee's account is somebody's", param_hint="--person")
    if email is not None and not is_mail_address(email):
        raise CourtclockError("mail.bad_address", text=email)
    require_short_text("USERNAME", username, _MOST_NAME_CHARACTERS)
    context = open_server(config)
    add_account(context, username, _password(), asked, division, person)
    if email is not None:
        set_mail_address(context, username, email, None)
    out.print(f"{username} may sign in", markup=False)


def accounts(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """List the accounts: name, role, division, whose it is, where reports are sent, whether it is closed."""
    context = open_server(config)
    with context.unit(read_only=True) as unit:
        found = unit.accounts.everybodys()
        people = unit.people.by_ids([one.person_id for one in found if one.person_id is not None])
        divisions = {one.division_id: unit.reading.division_name(one.division_id) for one in found if one.division_id}
    for one in found:
        parts = [one.username, one.role]
        if one.division_id is not None:
            parts.append(divisions[one.division_id] or str(one.division_id))
        if one.person_id is not None:
            person = people[one.person_id]
            parts.append(f"{person.employee_no} {person.name}")
        if one.email:
            parts.append(one.email)
        if not one.active:
            parts.append("closed")
        out.print(", ".join(parts), markup=False)


def set_role(
    username: Annotated[str, typer.Argument()],
    role: Annotated[str, typer.Argument(help="hr, president, vice_president, head or employee.")],
    division: DivisionOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Give an account another role, or a head another division, and end its sign-ins."""
    change_role(open_server(config), username, _role(role, division), division)
    out.print(f"{username}: {role}{'' if division is None else f', {division}'}", markup=False)


def close_account(
    username: Annotated[str, typer.Argument()],
    config: ConfigOption = DEFAULT_CONFIG,
    reopen: Annotated[bool, typer.Option("--reopen", help="Let the account sign in again.")] = False,
) -> None:
    """Let an account sign in no more, and end its sign-ins. What it did stays written down."""
    set_active(open_server(config), username, active=reopen)
    out.print(f"{username} {'may sign in again' if reopen else 'is closed'}", markup=False)


def set_email(
    username: Annotated[str, typer.Argument()],
    email: Annotated[str, typer.Argument(help="Empty for none.")],
    config: ConfigOption = DEFAULT_CONFIG,
    language: Annotated[str, typer.Option("--language", help="zh or en; the court's own if left out.")] = "",
) -> None:
    """Say where an account's reports are sent, and in which language."""
    if language not in ("", "zh", "en"):
        raise typer.BadParameter("zh or en", param_hint="--language")
    set_mail_address(open_server(config), username, email or None, cast(Language, language) if language else None)
    out.print(f"{username}: {email or 'no mails'}", markup=False)


def set_password(username: Annotated[str, typer.Argument()], config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Give an account another password and end its sign-ins."""
    change_password(open_server(config), username, _password())
    out.print(f"{username} has a new password", markup=False)


def access_log(
    config: ConfigOption = DEFAULT_CONFIG,
    since: Annotated[str, typer.Option("--from", help="First date; a week ago if left out.")] = "",
    until: Annotated[str, typer.Option("--until", help="Last date; today if left out.")] = "",
    account: Annotated[str, typer.Option("--account", help="One account only.")] = "",
    about: Annotated[str, typer.Option("--about", help="Only looks at one person: the employee number.")] = "",
    language: LanguageOption = "",
) -> None:
    """Print who looked at, or took away, whose data: when, which account, what, of whom, in which form."""
    context = open_server(config)
    shown = choose_language(language, context.settings.court.language)
    zone = ZoneInfo(context.settings.court.time_zone)
    today = context.clock.host_now().astimezone(zone).date()
    first = read_date(since) if since else today - timedelta(days=7)
    last = read_date(until) if until else today
    start = datetime.combine(first, time(), zone).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    for one in access_between(context, start, end, shown, account=account, about=about):
        at = one.at.astimezone(zone)
        out.print(f"{at:%Y-%m-%d %H:%M:%S} {one.username}: {one.what}, {one.scope} ({one.form})", markup=False)


def _role(role: str, division: str | None) -> Role:
    if role not in get_args(Role):
        raise typer.BadParameter(", ".join(get_args(Role)), param_hint="--role")
    if (role == "head") != (division is not None):
        raise typer.BadParameter("a head has a division, and nobody else has", param_hint="--division")
    return cast(Role, role)


def _password() -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    return given if given is not None else typer.prompt("Password", hide_input=True, confirmation_prompt=True)


def register(app: typer.Typer) -> None:
    """Make these verbs known."""
    app.command("add-account")(add_account_verb)
    app.command("accounts")(accounts)
    app.command("set-role")(set_role)
    app.command("close-account")(close_account)
    app.command("set-email")(set_email)
    app.command("set-password")(set_password)
    app.command("access-log")(access_log)
