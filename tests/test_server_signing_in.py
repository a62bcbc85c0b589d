"""Signing in: slow for who guesses, alike for who probes, and over at once when it is over."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from models.errors import CourtclockError
from server.services import signing_in
from server.services.accounts import add_account, change_password
from server.services.context import ServerContext
from server.services.signing_in import secret_fits, sign_in, sign_out, signed_in
from server.storage.tables import account, session
from tests.databases import Database
from tests.server_cast import PASSWORD, FakeClock, employ, give_account, make_context

OTHER = "another good password"
WRONG = "not the right one"


REAL_HASHER = signing_in._hasher
pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture
def zhao(context: ServerContext) -> UUID:
    return add_account(context, "zhao", PASSWORD, "hr", None)


def code_of(context: ServerContext, username: str, password: str) -> str:
    """``ok``, or the code of the refusal."""
    try:
        sign_in(context, username, password)
    except CourtclockError as error:
        return error.code
    return "ok"


# Right and wrong


def test_the_right_password_signs_in_and_the_wrong_one_does_not(context: ServerContext, zhao: UUID) -> None:
    token = sign_in(context, "zhao", PASSWORD)
    who = signed_in(context, token)
    assert who is not None
    assert (who.account_id, who.username, who.role) == (zhao, "zhao", "hr")
    assert [code_of(context, "zhao", wrong) for wrong in (WRONG, "", PASSWORD.upper(), PASSWORD + " ")] == [
        "signin.refused"
    ] * 4


def test_every_sign_in_has_a_token_of_its_own_that_the_database_does_not_know(
    context: ServerContext, zhao: UUID
) -> None:
    tokens = {sign_in(context, "zhao", PASSWORD) for _ in range(3)}
    assert len(tokens) == 3
    assert min(map(len, tokens)) >= 43
    with context.engine.connect() as connection:
        stored = set(connection.execute(select(session.c.token_hash)).scalars())
    assert len(stored) == 3
    assert stored.isdisjoint(tokens)


@pytest.mark.parametrize("username", ["nobody", "", "zhao\x00", "\x00", "z" * 500, "赵", "' OR 1=1 --"])
def test_a_name_that_is_not_known_gets_the_same_answer_as_a_wrong_password(
    context: ServerContext, zhao: UUID, username: str
) -> None:
    told = []
    for name in (username, "zhao"):
        with pytest.raises(CourtclockError) as error:
            sign_in(context, name, WRONG)
        told.append((error.value.code, error.value.sentence("zh"), error.value.details))
    assert told[0] == told[1]


def test_a_name_that_is_not_known_costs_as_much_hashing_as_one_that_is(
    context: ServerContext, zhao: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    def watched(secret_hash: str, secret: str) -> bool:
        checked.append(secret_hash)
        return secret_fits(secret_hash, secret)

    monkeypatch.setattr(signing_in, "secret_fits", watched)
    for name in ("zhao", "nobody"):
        code_of(context, name, WRONG)
    assert len(checked) == 2
    assert all(one.startswith("$argon2id$") for one in checked)


def test_an_account_that_is_not_active_is_refused_like_any_other_and_its_sign_ins_end(
    context: ServerContext, zhao: UUID
) -> None:
    token = sign_in(context, "zhao", PASSWORD)
    with context.engine.begin() as connection:
        connection.execute(account.update().values(active=False))
    assert code_of(context, "zhao", PASSWORD) == "signin.refused"
    assert signed_in(context, token) is None


def test_passwords_are_kept_as_argon2id_with_its_own_salt() -> None:
    kept = [REAL_HASHER.hash(PASSWORD) for _ in range(2)]
    assert kept[0] != kept[1]
    for one in kept:
        assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
        assert (secret_fits(one, PASSWORD), secret_fits(one, WRONG)) == (True, False)
    assert not secret_fits("not a hash", PASSWORD)


# The lock


def test_five_failures_lock_for_fifteen_minutes_also_against_the_right_password(
    context: ServerContext, clock: FakeClock, zhao: UUID
) -> None:
    assert [code_of(context, "zhao", WRONG) for _ in range(6)] == ["signin.refused"] * 5 + ["signin.locked"]
    with pytest.raises(CourtclockError) as told:
        sign_in(context, "zhao", PASSWORD)
    assert (told.value.code, told.value.details, told.value.retryable) == ("signin.locked", {"minutes": 15}, True)
    clock.advance(timedelta(minutes=14, seconds=30))
    with pytest.raises(CourtclockError) as told:
        sign_in(context, "zhao", PASSWORD)
    assert told.value.details == {"minutes": 1}
    clock.advance(timedelta(seconds=30))
    assert code_of(context, "zhao", PASSWORD) == "ok"


def test_after_the_lock_there_are_five_tries_again(context: ServerContext, clock: FakeClock, zhao: UUID) -> None:
    for _ in range(5):
        code_of(context, "zhao", WRONG)
    clock.advance(timedelta(minutes=15))
    assert [code_of(context, "zhao", WRONG) for _ in range(6)] == ["signin.refused"] * 5 + ["signin.locked"]


def test_a_try_at_a_locked_door_does_not_make_the_lock_longer(
    context: ServerContext, clock: FakeClock, zhao: UUID
) -> None:
    for _ in range(5):
        code_of(context, "zhao", WRONG)
    clock.advance(timedelta(minutes=10))
    assert code_of(context, "zhao", WRONG) == "signin.locked"
    clock.advance(timedelta(minutes=5))
    assert code_of(context, "zhao", PASSWORD) == "ok"


def test_a_right_password_forgives_the_failures_before_it(context: ServerContext, zhao: UUID) -> None:
    for _ in range(3):
        assert [code_of(context, "zhao", one) for one in (WRONG, WRONG, WRONG, WRONG, PASSWORD)][-1] == "ok"


def test_failures_of_long_ago_do_not_count(context: ServerContext, clock: FakeClock, zhao: UUID) -> None:
    for _ in range(12):
        assert code_of(context, "zhao", WRONG) == "signin.refused"
        clock.advance(timedelta(minutes=16))


def test_the_lock_of_one_is_nobody_elses(context: ServerContext, zhao: UUID) -> None:
    add_account(context, "sun", OTHER, "hr", None)
    for _ in range(6):
        code_of(context, "zhao", WRONG)
    assert code_of(context, "sun", OTHER) == "ok"


def test_guesses_that_come_all_at_once_are_all_counted(
    context: ServerContext,
    database: Database,
    tmp_path: Path,
    clock: FakeClock,
    zhao: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Each has looked at the account before any of them has failed.
    together = threading.Barrier(5, timeout=20)

    def all_at_once(secret_hash: str, secret: str) -> bool:
        together.wait()
        return secret_fits(secret_hash, secret)

    monkeypatch.setattr(signing_in, "secret_fits", all_at_once)
    contexts = [make_context(tmp_path, database, clock) for _ in range(5)]
    threads = [threading.Thread(target=code_of, args=(own, "zhao", WRONG)) for own in contexts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert code_of(context, "zhao", PASSWORD) == "signin.locked"


# How long it lasts


def test_a_sign_in_ends_half_an_hour_after_its_last_use(context: ServerContext, clock: FakeClock, zhao: UUID) -> None:
    token = sign_in(context, "zhao", PASSWORD)
    for _ in range(5):
        clock.advance(timedelta(minutes=29))
        assert signed_in(context, token) is not None
    clock.advance(timedelta(minutes=31))
    assert signed_in(context, token) is None
    clock.advance(-timedelta(minutes=31))
    assert signed_in(context, token) is None, "what has ended does not come back"


def test_a_sign_in_ends_after_ten_hours_however_busy_it_is(
    context: ServerContext, clock: FakeClock, zhao: UUID
) -> None:
    token = sign_in(context, "zhao", PASSWORD)
    for _ in range(30):
        clock.advance(timedelta(minutes=20))
        assert signed_in(context, token) is not None
    clock.advance(timedelta(minutes=1))
    assert signed_in(context, token) is None


def test_a_page_that_loads_itself_anew_keeps_nobody_signed_in(
    context: ServerContext, clock: FakeClock, zhao: UUID
) -> None:
    token = sign_in(context, "zhao", PASSWORD)
    for _ in range(2):
        clock.advance(timedelta(minutes=14))
        assert signed_in(context, token, used=False) is not None
    clock.advance(timedelta(minutes=14))
    assert signed_in(context, token, used=False) is None


def test_the_limits_are_those_of_the_settings(
    context: ServerContext, database: Database, tmp_path: Path, clock: FakeClock, zhao: UUID
) -> None:
    strict = make_context(tmp_path, database, clock, server={"session_idle_minutes": 2})
    token = sign_in(strict, "zhao", PASSWORD)
    clock.advance(timedelta(minutes=3))
    assert signed_in(strict, token) is None


def test_signing_out_ends_it_at_the_server_and_only_this_one(context: ServerContext, zhao: UUID) -> None:
    here, there = sign_in(context, "zhao", PASSWORD), sign_in(context, "zhao", PASSWORD)
    sign_out(context, here)
    assert signed_in(context, here) is None
    assert signed_in(context, there) is not None
    sign_out(context, here)


def test_a_token_that_was_never_given_is_nobodys(context: ServerContext, zhao: UUID) -> None:
    assert signed_in(context, "made up") is None
    assert signed_in(context, "") is None


# Accounts


def test_another_password_ends_every_sign_in_of_the_account_and_no_other(context: ServerContext, zhao: UUID) -> None:
    add_account(context, "sun", OTHER, "hr", None)
    own, others = [sign_in(context, "zhao", PASSWORD) for _ in range(2)], sign_in(context, "sun", OTHER)
    change_password(context, "zhao", OTHER)
    assert [signed_in(context, token) for token in own] == [None, None]
    assert signed_in(context, others) is not None
    assert [code_of(context, "zhao", one) for one in (PASSWORD, OTHER)] == ["signin.refused", "ok"]


@pytest.mark.parametrize(
    ("username", "password", "division", "code"),
    [
        ("sun", "eleven char", None, "account.weak_password"),
        ("zhao", OTHER, None, "account.exists"),
        ("sun", OTHER, "水上法庭", "division.unknown"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    context: ServerContext, zhao: UUID, username: str, password: str, division: str | None, code: str
) -> None:
    with pytest.raises(CourtclockError) as told:
        add_account(context, username, password, "head", division)
    assert told.value.code == code


def test_a_head_belongs_to_a_division(context: ServerContext) -> None:
    employ(context, division="立案庭")
    add_account(context, "sun", "twelve chars", "head", "立案庭")
    who = signed_in(context, sign_in(context, "sun", "twelve chars"))
    assert who is not None
    with context.unit(read_only=True) as unit:
        assert who.division_id == unit.people.division_id("立案庭")


@pytest.mark.parametrize(
    ("username", "password", "code"),
    [("nobody", OTHER, "account.unknown"), ("zhao", "eleven char", "account.weak_password")],
)
def test_a_change_of_password_that_cannot_be_is_refused_and_changes_nothing(
    context: ServerContext, zhao: UUID, username: str, password: str, code: str
) -> None:
    with pytest.raises(CourtclockError) as told:
        change_password(context, username, password)
    assert told.value.code == code
    assert code_of(context, "zhao", PASSWORD) == "ok"


def test_the_casts_own_account_is_a_real_one(context: ServerContext) -> None:
    give_account(context, "head", "head", "立案庭")
    assert code_of(context, "head", PASSWORD) == "ok"
