"""Verbs about accounts: who may sign in, as what, whose sign-ins end, and who looked at whose data."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.clock import SystemClock
from models.errors import CourtclockError
from models.settings import load_settings
from server.services.context import ServerContext, open_context
from server.services.signing_in import sign_in, signed_in
from server.storage.access_log import AccessEntry
from server.verbs.accounts import PASSWORD_VARIABLE
from tests.server_cast import PASSWORD, employ
from tests.verbs_cast import Run, Told, verb_runner, write_config

pytestmark = pytest.mark.usefixtures("quick_hashes")
OTHER = "another good password"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    return verb_runner(write_config(tmp_path), monkeypatch, capsys)


@pytest.fixture
def court(tmp_path: Path, run: Run) -> ServerContext:
    """A court that was made by ``init``."""
    assert run("init").code == 0
    return open_context(load_settings(tmp_path / "config.yaml"), SystemClock())


# Accounts


def test_an_account_can_be_added_and_given_another_password(
    court: ServerContext, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    assert run("add-account", "zhao") == Told(0, "zhao may sign in\n", "")
    token = sign_in(court, "zhao", PASSWORD)
    who = signed_in(court, token)
    assert who is not None
    assert who.role == "hr"
    monkeypatch.setenv(PASSWORD_VARIABLE, OTHER)
    assert run("set-password", "zhao") == Told(0, "zhao has a new password\n", "")
    assert signed_in(court, token) is None
    assert sign_in(court, "zhao", OTHER)


@pytest.mark.parametrize(
    ("password", "words", "told"),
    [
        ("short", ("add-account", "zhao"), "The password must have at least 12 characters."),
        (PASSWORD, ("add-account", "sun", "--role", "head", "--division", "水上法庭"), "水上法庭"),
        (PASSWORD, ("set-password", "nobody"), "nobody"),
        ("short", ("set-password", "nobody"), "at least 12 characters"),
    ],
)
def test_an_account_that_cannot_be_is_one_sentence(
    court: ServerContext, run: Run, monkeypatch: pytest.MonkeyPatch, password: str, words: tuple[str, ...], told: str
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, password)
    assert told in run(*words).sentence


def test_an_account_that_is_there_is_not_made_again(
    court: ServerContext, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    run("add-account", "zhao")
    assert run("add-account", "zhao").sentence == "An account named zhao exists already."


@pytest.mark.parametrize(
    "words",
    [("--role", "king"), ("--role", "head"), ("--role", "hr", "--division", "立案庭")],
    ids=["unknown role", "head of nothing", "hr of a division"],
)
def test_a_role_that_does_not_fit_is_refused_with_the_usage(
    court: ServerContext, run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    employ(court, division="立案庭")
    told = run("add-account", "zhao", *words)
    assert told.code == 2
    assert "Traceback" not in told.err
    assert "Usage" in told.err
    with court.unit(read_only=True) as unit:
        assert unit.accounts.by_username("zhao") is None


# What an account is, later on


def test_a_head_who_moves_sees_the_new_division_and_must_sign_in_again(court: ServerContext, run: Run) -> None:
    employ(court, "0104", division="立案庭")
    employ(court, "0205", "王芳", division="刑庭")
    run("add-account", "sun", "--role", "head", "--division", "立案庭")
    token = sign_in(court, "sun", PASSWORD)
    assert run("set-role", "sun", "head", "--division", "刑庭") == Told(0, "sun: head, 刑庭\n", "")
    assert signed_in(court, token) is None
    who = signed_in(court, sign_in(court, "sun", PASSWORD))
    with court.unit(read_only=True) as unit:
        criminal = unit.people.division_id("刑庭")
    assert who is not None
    assert (who.role, who.division_id) == ("head", criminal)


def test_who_is_no_head_any_more_has_no_division(court: ServerContext, run: Run) -> None:
    employ(court)
    run("add-account", "sun", "--role", "head", "--division", "立案庭")
    assert run("set-role", "sun", "vice_president").code == 0
    who = signed_in(court, sign_in(court, "sun", PASSWORD))
    assert who is not None
    assert (who.role, who.division_id) == ("vice_president", None)


def test_a_closed_account_signs_in_no_more_until_it_is_opened_again(court: ServerContext, run: Run) -> None:
    run("add-account", "zhao")
    token = sign_in(court, "zhao", PASSWORD)
    assert run("close-account", "zhao") == Told(0, "zhao is closed\n", "")
    assert signed_in(court, token) is None
    with pytest.raises(CourtclockError, match=r"signin\.refused"):
        sign_in(court, "zhao", PASSWORD)
    assert run("close-account", "zhao", "--reopen") == Told(0, "zhao may sign in again\n", "")
    assert sign_in(court, "zhao", PASSWORD)


@pytest.mark.parametrize(
    "words", [("set-role", "nobody", "hr"), ("close-account", "nobody")], ids=["set-role", "close-account"]
)
def test_an_account_that_is_not_there_is_one_sentence(court: ServerContext, run: Run, words: tuple[str, ...]) -> None:
    assert "nobody" in run(*words).sentence


def test_the_accounts_are_listed_with_what_they_are(court: ServerContext, run: Run) -> None:
    employ(court)
    run("add-account", "li", "--role", "employee", "--person", "0104", "--email", "li@court.example")
    run("add-account", "sun", "--role", "head", "--division", "立案庭")
    run("add-account", "zhao")
    run("close-account", "zhao")
    listed = run("accounts").out.splitlines()
    assert listed == ["li, employee, 0104 李明, li@court.example", "sun, head, 立案庭", "zhao, hr, closed"]


# Who looked at whose data


def noted(court: ServerContext, username: str, scope: str) -> None:
    with court.unit() as unit:
        unit.access_log.add(
            AccessEntry(datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC), username, "month_sheet", scope, "pdf")
        )
        unit.commit()


def test_the_access_log_says_who_took_away_what(court: ServerContext, run: Run) -> None:
    employ(court)
    with court.unit(read_only=True) as unit:
        filing = unit.people.division_id("立案庭")
    noted(court, "zhao", "2026-10 0104")
    noted(court, "sun", f"2026-10 {filing}")
    told = run("access-log", "--from", "2026-11-20", "--until", "2026-11-20", "--language", "en")
    assert sorted(told.out.splitlines()) == [
        "2026-11-20 09:02:03 sun: Sheet of a month, 2026-10 立案庭 (PDF)",
        "2026-11-20 09:02:03 zhao: Sheet of a month, 2026-10 0104 (PDF)",
    ]
    span = "--from", "2026-11-20", "--until", "2026-11-20"
    assert [line.split()[2] for line in run("access-log", *span, "--about", "0104").out.splitlines()] == ["zhao:"]
    assert [line.split()[2] for line in run("access-log", *span, "--account", "sun").out.splitlines()] == ["sun:"]
    assert run("access-log", "--from", "2026-11-21", "--until", "2026-11-30").out == ""
