"""How the benchmark counts: strangers are people whose own photograph is left out, thresholds let no more through.

Li, Wang, Chen and Sun are on two photographs each, made of numbers: nobody's face is needed to count.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.encodings import Encoded
from bench.encounters import Frames
from bench.photographs import Photograph, read_manifest
from bench.recognition import _missed, _own_and_others, _threshold, line_up, measure_recognition
from bench.report import Row
from bench.strangers import measure_encounters, policy_without_liveness
from kiosk.roster import empty_roster
from kiosk.thresholds import thresholds_in_force
from models.faces.names import SFACE_MODEL
from models.settings import load_settings

ROOT = Path(__file__).parent.parent
SETTINGS = load_settings(ROOT / "config.yaml")
POINT = SETTINGS.faces.operating_point()
PEOPLE = ("Li", "Wang", "Chen", "Sun")


def vector(*hot: tuple[int, float]) -> np.ndarray:
    made = np.zeros(128, dtype=np.float32)
    for place, value in hot:
        made[place] = value
    return made / np.linalg.norm(made)


def photograph(person: str, number: int, seen: np.ndarray, enrolled: bool, refusals: tuple[str, ...] = ()) -> Encoded:
    return Encoded(
        photograph=Photograph(person, "court", Path(f"{person}_{number}.jpg")),
        plain=seen,
        probe=seen,
        views=np.stack([seen, vector((100 + number, 1.0))]) if enrolled else None,
        dlib=seen,
        refusals=refusals,
        frames=Frames((seen,) * 5, (50.0,) * 5),
    )


def court(second_looks: dict[str, np.ndarray]) -> list[Encoded]:
    """Everybody's first photograph, and a second one on which each looks as told."""
    found = []
    for place, person in enumerate(PEOPLE):
        found.append(photograph(person, 1, vector((place, 1.0)), enrolled=True))
        found.append(photograph(person, 2, second_looks[person], enrolled=False))
    return found


ALL_WELL = {person: vector((place, 1.0), (50 + place, 0.4)) for place, person in enumerate(PEOPLE)}
# On the second photograph Sun looks like Wang.
SUN_LIKE_WANG = ALL_WELL | {"Sun": vector((1, 1.0), (3, 0.2))}


def row(rows: list[Row], name: str) -> Row:
    (found,) = [one for one in rows if one.name == name]
    return found


@given(st.lists(st.floats(0, 2, width=32), min_size=1, max_size=300), st.sampled_from([0.01, 0.001, 0.1]))
def test_a_threshold_never_lets_more_strangers_through_than_wanted(distances: list[float], fpir: float) -> None:
    strangers = np.array(distances, dtype=np.float32)
    named = int((strangers < _threshold(strangers, fpir)).sum())
    assert named <= fpir * len(strangers)


def test_a_strangers_own_photograph_is_not_in_the_gallery_that_he_is_searched_in() -> None:
    field = line_up(court(ALL_WELL))
    own, others = _own_and_others(field, "ours", ~field.in_gallery)
    assert own == pytest.approx([1 - 1 / np.sqrt(1.16)] * 4, abs=1e-5)
    assert others == pytest.approx([1.0] * 4, abs=1e-5)


def test_nobody_is_missed_where_everybody_looks_like_himself() -> None:
    rows = measure_recognition(line_up(court(ALL_WELL)), court(ALL_WELL), POINT)
    for contender in ("sface", "face_recognition", "ours"):
        assert row(rows, f"court: FNIR at FPIR 1.0%, one frame, {contender}").value == 0
        assert row(rows, f"court: rank 1, {contender}").value == 100


def test_whoever_looks_more_like_somebody_else_is_missed_and_makes_the_threshold_careful() -> None:
    encoded = court(SUN_LIKE_WANG)
    rows = measure_recognition(line_up(encoded), encoded, POINT)
    assert row(rows, "court: FNIR at FPIR 1.0%, one frame, ours").value == 100
    assert row(rows, "court: rank 1, ours").value == 75


def test_a_colleague_at_exactly_the_threshold_is_missed() -> None:
    own, others = np.array([0.3, 0.5], dtype=np.float32), np.array([0.6, 0.6], dtype=np.float32)
    assert _missed(own, others, 0.5) == 1


def test_false_matches_are_counted_in_pairs_at_the_shipped_threshold() -> None:
    encoded = court(SUN_LIKE_WANG)
    rows = measure_recognition(line_up(encoded), encoded, POINT)
    found = next(one for one in rows if one.name.startswith("court: FMR, ours"))
    assert found.note == "1 of 12 pairs"


def test_what_enrollment_would_refuse_is_told_with_its_reasons() -> None:
    encoded = court(ALL_WELL)
    encoded[0] = photograph("Li", 1, vector((0, 1.0)), enrolled=True, refusals=("blurred", "too_dark"))
    rows = measure_recognition(line_up(encoded), encoded, POINT)
    found = row(rows, "court: failures to enrol, refused by our quality checks")
    assert found.value == pytest.approx(12.5)
    assert found.note.endswith("blurred 1, too_dark 1")


def test_strangers_before_the_shipped_decision_are_counted_by_encounter() -> None:
    policy = policy_without_liveness(SETTINGS, thresholds_in_force(empty_roster(SFACE_MODEL), POINT))
    accepted, wrong, right = measure_encounters(court(SUN_LIKE_WANG), policy)
    # Only Sun's second look is taken for somebody: for Wang, with Sun enrolled or not.
    assert (accepted.value, accepted.holds) == (125.0, False)
    assert wrong.value == 250.0
    assert right.value == 75.0
    accepted, wrong, right = measure_encounters(court(ALL_WELL), policy)
    assert (accepted.value, accepted.holds, wrong.value, right.value) == (0.0, True, 0.0, 100.0)


def test_a_folder_without_photographs_says_how_to_get_some(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Labeled Faces in the Wild"):
        read_manifest(tmp_path)


def test_without_a_manifest_all_people_are_one_group(tmp_path: Path) -> None:
    for name in ("Li/1.jpg", "Li/2.png", "Wang/1.jpg", "Wang/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = read_manifest(tmp_path)
    assert [(one.identity, one.group) for one in found] == [("Li", "all"), ("Li", "all"), ("Wang", "all")]
