"""Number and PIN: worth the same as a face, and not to be guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters

from kiosk.pin import Keypad
from kiosk.roster import Roster, RosterHolder
from models.errors import CourtclockError
from models.settings import PinSettings
from tests.kiosk_fakes import (
    CHEN,
    LI_WEI,
    MODEL,
    STAFF,
    ZHAO,
    FakeClock,
    new_identity,
    person,
    quick_keypad,
    sealed_gallery,
)

SETTINGS = PinSettings(max_tries=3, lock_seconds=60)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def keypad(clock: FakeClock) -> Keypad:
    return quick_keypad(SETTINGS, clock)


@pytest.fixture
def roster(tmp_path: Path) -> Roster:
    holder = RosterHolder(tmp_path, identity := new_identity(), MODEL)
    # Somebody whose hash was damaged on its way is beside them.
    damaged = person(9, "1009", "钱进", pin=None).model_copy(update={"pin_hash": "$argon2id$damaged"})
    holder.take(sealed_gallery(identity, people=[*STAFF, damaged]))
    return holder.roster


def code_of(keypad: Keypad, roster: Roster, employee_no: str, pin: str) -> str:
    with pytest.raises(CourtclockError) as caught:
        keypad.check(roster, employee_no, pin)
    return caught.value.code


@pytest.mark.parametrize(("employee_no", "pin", "who"), [("1001", "2580", LI_WEI), ("1003", "1379", ZHAO)])
def test_the_right_pin_names_its_person(
    keypad: Keypad, roster: Roster, employee_no: str, pin: str, who: object
) -> None:
    assert keypad.check(roster, employee_no, pin) == who


@pytest.mark.parametrize(
    ("employee_no", "pin"),
    [
        pytest.param("1001", "2581", id="a wrong PIN"),
        pytest.param("1001", "1379", id="somebody else's PIN"),
        pytest.param("1001", "", id="no PIN"),
        pytest.param("1001", "2580 ", id="a PIN with a blank"),
        pytest.param("4711", "2580", id="a number that nobody has"),
        pytest.param("", "2580", id="no number"),
        pytest.param(CHEN.employee_no, "2580", id="a person without a PIN"),
        pytest.param(CHEN.employee_no, "", id="a person without a PIN and no PIN"),
        pytest.param("1009", "2580", id="a hash that is damaged"),
    ],
)
def test_everything_else_gets_the_same_answer(keypad: Keypad, roster: Roster, employee_no: str, pin: str) -> None:
    assert code_of(keypad, roster, employee_no, pin) == "pin.wrong"


@pytest.mark.parametrize("employee_no", ["4711", CHEN.employee_no])
def test_the_word_behind_the_stand_in_hash_opens_nothing(keypad: Keypad, roster: Roster, employee_no: str) -> None:
    assert code_of(keypad, roster, employee_no, "nobody") == "pin.wrong"


def test_an_unknown_number_takes_the_same_path_as_a_known_one(
    clock: FakeClock, roster: Roster, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: list[str] = []
    keypad = Keypad(SETTINGS, clock)

    def verify(self: PasswordHasher, pin_hash: str, pin: str) -> bool:
        hashes.append(pin_hash)
        return PASSWORD_HASHER_VERIFY(self, pin_hash, pin)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    for employee_no in ("1001", "4711", CHEN.employee_no):
        code_of(keypad, roster, employee_no, "0000")

    assert len(hashes) == 3
    # The server hashes with the library's own parameters; checking the stand-in must cost as much.
    usual = extract_parameters(PasswordHasher().hash("2580"))
    assert extract_parameters(hashes[1]) == extract_parameters(hashes[2]) == usual


PASSWORD_HASHER_VERIFY = PasswordHasher.verify


class TestLocking:
    @pytest.mark.parametrize("employee_no", ["1001", "4711"])
    def test_too_many_wrong_pins_lock_a_number_whether_it_exists_or_not(
        self, keypad: Keypad, roster: Roster, employee_no: str
    ) -> None:
        codes = [code_of(keypad, roster, employee_no, "0000") for _ in range(4)]

        assert codes == ["pin.wrong"] * 3 + ["pin.locked"]

    def test_a_locked_number_refuses_the_right_pin_too_and_says_how_long(
        self, keypad: Keypad, roster: Roster, clock: FakeClock
    ) -> None:
        for _ in range(3):
            code_of(keypad, roster, "1001", "0000")
        clock.advance(20)

        with pytest.raises(CourtclockError) as caught:
            keypad.check(roster, "1001", "2580")

        assert caught.value.code == "pin.locked"
        assert caught.value.details["seconds"] == pytest.approx(40)

    def test_the_lock_opens_after_its_time_and_trying_does_not_make_it_longer(
        self, keypad: Keypad, roster: Roster, clock: FakeClock
    ) -> None:
        for _ in range(3):
            code_of(keypad, roster, "1001", "0000")
        clock.advance(59)
        assert code_of(keypad, roster, "1001", "2580") == "pin.locked"
        clock.advance(1)

        assert keypad.check(roster, "1001", "2580") == LI_WEI

    def test_after_the_lock_all_tries_are_free_again(self, keypad: Keypad, roster: Roster, clock: FakeClock) -> None:
        for _ in range(3):
            code_of(keypad, roster, "1001", "0000")
        clock.advance(60)

        assert [code_of(keypad, roster, "1001", "0000") for _ in range(4)] == ["pin.wrong"] * 3 + ["pin.locked"]

    def test_the_lock_is_on_the_number_and_nobody_else_suffers(self, keypad: Keypad, roster: Roster) -> None:
        for _ in range(4):
            code_of(keypad, roster, "1001", "0000")

        assert keypad.check(roster, "1003", "1379") == ZHAO

    def test_the_right_pin_forgives_the_wrong_ones_before(self, keypad: Keypad, roster: Roster) -> None:
        for _ in range(2):
            code_of(keypad, roster, "1001", "0000")
        keypad.check(roster, "1001", "2580")

        assert [code_of(keypad, roster, "1001", "0000") for _ in range(3)] == ["pin.wrong"] * 3

    def test_court_time_has_no_say_in_it(self, keypad: Keypad, roster: Roster, clock: FakeClock) -> None:
        for _ in range(3):
            code_of(keypad, roster, "1001", "0000")
        clock.court = clock.court.replace(hour=9)

        assert code_of(keypad, roster, "1001", "2580") == "pin.locked"
