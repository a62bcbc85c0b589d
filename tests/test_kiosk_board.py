"""What the screen shows right now: prompts that pass, thanks that stay a while, faults in words."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest

from kiosk.board import Board, Thanks
from models.errors import CourtclockError
from tests.kiosk_fakes import CHEN, LI_WEI, MORNING, FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def board(clock: FakeClock) -> Board:
    return Board(clock, thanks_seconds=4, prompt_seconds=6)


def thanks_for(clock: FakeClock, number: int = 1) -> Thanks:
    who = {1: LI_WEI, 2: CHEN}[number]
    return Thanks(UUID(int=number), who.person_id, who.display_name, MORNING, "face", False, clock.host_seconds())


def test_at_first_it_looks(board: Board) -> None:
    state = board.state()

    assert (state.mode, state.hint, state.doubt, state.thanks, state.fault) == ("looking", None, None, None, None)
    assert board.preview() is None


def test_a_hint_passes_when_it_is_not_renewed(board: Board, clock: FakeClock) -> None:
    board.guide("closer")
    clock.advance(6)
    assert (board.state().mode, board.state().hint) == ("guide", "closer")
    board.guide("hold_still")
    clock.advance(6)
    assert (board.state().mode, board.state().hint) == ("guide", "hold_still")
    clock.advance(0.1)
    assert (board.state().mode, board.state().hint) == ("looking", None)


def test_a_request_for_the_pin_passes_too(board: Board, clock: FakeClock) -> None:
    board.ask_pin("unknown")
    clock.advance(6)
    assert (board.state().mode, board.state().doubt) == ("ask_pin", "unknown")
    clock.advance(0.1)
    assert (board.state().mode, board.state().doubt) == ("looking", None)


def test_a_thank_you_stays_its_time_and_is_remembered_afterwards(board: Board, clock: FakeClock) -> None:
    thanks = thanks_for(clock)
    board.thank(thanks)
    clock.advance(4)
    assert board.state().mode == "thanks"
    clock.advance(0.1)
    assert (board.state().mode, board.state().thanks) == ("looking", thanks)


def test_the_next_thank_you_takes_the_place_and_stays_its_own_time(board: Board, clock: FakeClock) -> None:
    board.thank(thanks_for(clock, 1))
    clock.advance(3)
    board.thank(second := thanks_for(clock, 2))
    clock.advance(3)

    assert (board.state().mode, board.state().thanks) == ("thanks", second)


def test_a_hint_does_not_push_a_thank_you_or_a_request_aside(board: Board, clock: FakeClock) -> None:
    board.thank(thanks_for(clock))
    board.guide("closer")
    assert board.state().mode == "thanks"

    board.ask_pin("look_alike")
    board.guide("closer")
    assert (board.state().mode, board.state().hint) == ("ask_pin", None)


def test_a_request_for_the_pin_replaces_whatever_is_there(board: Board, clock: FakeClock) -> None:
    board.guide("closer")
    board.ask_pin("unknown")
    assert (board.state().mode, board.state().hint, board.state().doubt) == ("ask_pin", None, "unknown")

    board.thank(thanks_for(clock))
    board.ask_pin(None)
    assert (board.state().mode, board.state().doubt) == ("ask_pin", None)


def test_a_thank_you_replaces_a_request(board: Board, clock: FakeClock) -> None:
    board.ask_pin("unknown")
    board.thank(thanks_for(clock))

    assert (board.state().mode, board.state().doubt) == ("thanks", None)


def test_a_fault_stands_beside_whatever_is_shown_until_it_is_over(board: Board, clock: FakeClock) -> None:
    fault = CourtclockError("camera.unavailable", source="0")
    board.thank(thanks_for(clock))
    board.set_fault(fault)
    clock.advance(100)
    assert (board.state().mode, board.state().fault) == ("looking", fault)

    board.set_fault(None)
    assert board.state().fault is None


def test_a_fault_does_not_renew_a_prompt(board: Board, clock: FakeClock) -> None:
    board.guide("closer")
    clock.advance(5)
    board.set_fault(CourtclockError("camera.unavailable", source="0"))
    clock.advance(1.1)

    assert board.state().mode == "looking"


def test_court_time_does_not_make_a_prompt_pass(board: Board, clock: FakeClock) -> None:
    board.ask_pin("unknown")
    clock.court += timedelta(hours=9)

    assert board.state().mode == "ask_pin"


def test_the_preview_is_the_last_one_or_none(board: Board) -> None:
    picture = np.zeros((2, 2, 3), dtype=np.uint8)
    board.set_preview(picture)
    assert board.preview() is picture
    board.set_preview(None)
    assert board.preview() is None
