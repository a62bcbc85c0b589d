"""Which thresholds hold at a kiosk: those that the server sent with the gallery, or else those of config.yaml."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from kiosk.roster import Roster, empty_roster
from kiosk.thresholds import make_policy, thresholds_in_force
from models.faces.gallery import Gallery
from models.wire import OperatingPointMessage, PersonEntry
from tests.kiosk_fakes import MODEL, settings_in

LI, WANG, CHEN = (UUID(int=number) for number in (1, 2, 3))
SENT = OperatingPointMessage(
    version=7,
    accept_distance=0.47,
    margin=0.10,
    one_to_one_distance=0.61,
    covered_accept_distance=0.33,
    source="measured",
)


def entry(person_id: UUID, accept_distance: float | None = None, ask_pin: bool = False) -> PersonEntry:
    return PersonEntry(
        person_id=person_id,
        employee_no=str(person_id.int),
        display_name="",
        pin_hash=None,
        templates=[],
        accept_distance=accept_distance,
        ask_pin=ask_pin,
    )


def roster(point: OperatingPointMessage | None) -> Roster:
    people = {one.person_id: one for one in (entry(LI), entry(WANG, 0.31), entry(CHEN, ask_pin=True))}
    return Roster(3, Gallery(MODEL, "cosine", []), people, {}, point)


def test_what_the_server_computed_for_this_gallery_holds(tmp_path: Path) -> None:
    shipped = settings_in(tmp_path).faces.operating_point()
    found = thresholds_in_force(roster(SENT), shipped)
    assert (found.version, found.accept_distance, found.margin) == (7, 0.47, 0.10)
    assert (found.one_to_one_distance, found.covered_accept_distance) == (0.61, 0.33)


def test_until_then_the_figures_of_the_settings_hold(tmp_path: Path) -> None:
    shipped = settings_in(tmp_path).faces.operating_point()
    for without in (roster(None), empty_roster(MODEL)):
        found = thresholds_in_force(without, shipped)
        assert found.version is None
        assert (found.accept_distance, found.margin) == (shipped.accept_distance, shipped.margin)
        assert (found.one_to_one_distance, found.covered_accept_distance) == (
            shipped.one_to_one_distance,
            shipped.covered_accept_distance,
        )


def test_peoples_own_limits_and_those_who_are_asked_for_a_pin_reach_the_decision(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    policy = make_policy(
        settings.kiosk.deciding,
        settings.kiosk.liveness,
        thresholds_in_force(roster(SENT), settings.faces.operating_point()),
    )
    assert policy.limit(LI, covered=False) == 0.47
    assert policy.limit(WANG, covered=False) == 0.31
    assert policy.limit(WANG, covered=True) == 0.31
    assert policy.limit(LI, covered=True) == 0.33
    assert policy.pin_people == {CHEN}
    assert (policy.liveness.mode, policy.liveness.challenge_when_undecided) == ("passive", True)
    assert (policy.votes, policy.of_frames, policy.grey_zone) == (3, 5, settings.kiosk.deciding.grey_zone)
