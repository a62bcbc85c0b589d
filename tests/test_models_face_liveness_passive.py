"""A head in motion is live, a print that is moved is not; stillness, noise and nonsense decide nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from models.faces.head_pose import HeadPose
from models.faces.liveness import (
    LivenessSample,
    LivenessTrack,
    PassiveAnswer,
    ShippedPassiveLimits,
    follow_face,
    judge_passive,
    parallax_at,
)
from models.faces.parallax import PlaneMotion, motion_beyond_plane
from models.faces.values import ImageBGR
from tests.heads_in_space import FAR, flat, points_on_a_head, seen
from tests.painted_faces import face_with_landmarks

LIMITS = ShippedPassiveLimits()
HEAD = points_on_a_head()
EYES_PX = 70.0
FRONTAL = HeadPose(0.0, 0.5, 1.1)
NAN = float("nan")


def samples(
    points_in: Callable[[float], np.ndarray], frames: int = 30, noise_px: float = 0.1, every_seconds: float = 1 / 15
) -> tuple[LivenessSample, ...]:
    """A track of points in space; the first frame is the first look."""
    chance = np.random.default_rng(1)
    first = points_in(0.0)
    found = []
    for frame in range(1, frames + 1):
        after = points_in(frame * every_seconds)
        after = (after + chance.normal(0.0, noise_px, after.shape)).astype(np.float32)
        motion = motion_beyond_plane(first, after, EYES_PX)
        assert motion is not None
        nearer = float(np.ptp(after[:, 0]) / np.ptp(first[:, 0]))
        found.append(LivenessSample(frame * every_seconds, EYES_PX * nearer, FRONTAL, motion))
    return tuple(found)


def swing(amplitude: float, seconds: float, hertz: float = 0.5) -> float:
    return amplitude * float(np.sin(2 * np.pi * hertz * seconds))


def judged(points_in: Callable[[float], np.ndarray], **more: float) -> PassiveAnswer:
    return judge_passive(samples(points_in, **more), LIMITS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "points_in",
    [
        lambda t: seen(HEAD, yaw=swing(6, t)),
        lambda t: seen(HEAD, pitch=swing(6, t)),
        lambda t: seen(HEAD, yaw=swing(4, t), pitch=swing(4, t, 0.7)),
    ],
    ids=["turning", "nodding", "both"],
)
def test_a_head_in_motion_is_live(points_in: Callable[[float], np.ndarray]) -> None:
    answer = judged(points_in)
    assert (answer.verdict, answer.why) == ("live", "parallax")


@pytest.mark.parametrize(
    "points_in",
    [
        lambda t: seen(flat(HEAD), yaw=swing(30, t)),
        lambda t: seen(flat(HEAD), yaw=swing(25, t), pitch=swing(25, t, 0.7), roll=swing(10, t)),
    ],
    ids=["tilted", "tilted about both axes"],
)
def test_a_print_that_is_tilted_much_is_flat(points_in: Callable[[float], np.ndarray]) -> None:
    answer = judged(points_in)
    assert (answer.verdict, answer.why) == ("flat", "moves_as_a_plane")


@pytest.mark.parametrize("points", [HEAD, flat(HEAD)], ids=["head", "print"])
def test_coming_nearer_without_turning_is_undecided(points: np.ndarray) -> None:
    """A head that does so is hardly less flat than a print; neither is suspected for it."""
    answer = judged(lambda t: seen(points, far=FAR - t))
    assert (answer.verdict, answer.why) == ("undecided", "too_little_motion")
    assert answer.scale > 0.2


@settings(max_examples=60, deadline=None)
@given(
    yaw=some.floats(0, 45),
    pitch=some.floats(0, 45),
    roll=some.floats(0, 45),
    away=some.floats(-3, 6),
    shift=some.floats(-1, 1),
    hertz=some.floats(0.2, 1.5),
)
def test_however_a_print_is_moved_it_is_never_live(
    yaw: float, pitch: float, roll: float, away: float, shift: float, hertz: float
) -> None:
    answer = judged(
        lambda t: seen(
            flat(HEAD),
            swing(yaw, t, hertz),
            swing(pitch, t, 0.8 * hertz),
            swing(roll, t, 0.6 * hertz),
            FAR + swing(away, t, 0.3),
            swing(shift, t, hertz),
        )
    )
    assert answer.verdict != "live"


@pytest.mark.parametrize("points", [HEAD, flat(HEAD)], ids=["head", "print"])
def test_what_holds_still_is_undecided(points: np.ndarray) -> None:
    answer = judged(lambda t: seen(points, yaw=swing(0.3, t)))
    assert (answer.verdict, answer.why) == ("undecided", "too_little_motion")


def test_a_little_motion_of_a_head_is_not_enough() -> None:
    answer = judged(lambda t: seen(HEAD, yaw=swing(3.5, t)))
    assert LIMITS.max_flat_parallax < answer.parallax < LIMITS.min_parallax
    assert (answer.verdict, answer.why) == ("undecided", "too_little_motion")


def test_points_that_only_tremble_are_too_noisy_to_be_live() -> None:
    answer = judged(lambda t: seen(flat(HEAD)), noise_px=3.0)
    assert (answer.verdict, answer.why) == ("undecided", "too_noisy")
    assert answer.parallax >= LIMITS.min_parallax


@pytest.mark.parametrize(
    ("frames", "every_seconds"),
    [(0, 0.1), (1, 0.1), (13, 0.2), (20, 0.05)],
    ids=["none", "one", "too few", "too short"],
)
def test_a_short_track_is_undecided(frames: int, every_seconds: float) -> None:
    answer = judged(lambda t: seen(HEAD, yaw=swing(8, t)), frames=frames, every_seconds=every_seconds)
    assert (answer.verdict, answer.why) == ("undecided", "too_few_frames")


def test_the_grid_of_a_screen_makes_the_liveliest_face_flat() -> None:
    moving = samples(lambda t: seen(HEAD, yaw=swing(8, t)))
    on_screen = tuple(replace(sample, texture_peak=LIMITS.max_texture_peak + 0.1) for sample in moving)
    assert judge_passive(moving, LIMITS).verdict == "live"
    answer = judge_passive(on_screen, LIMITS)
    assert (answer.verdict, answer.why) == ("flat", "screen_texture")


def test_a_grid_seen_in_the_lesser_part_of_the_frames_is_not_held_against_anybody() -> None:
    moving = samples(lambda t: seen(HEAD, yaw=swing(8, t)))
    sometimes = tuple(
        replace(sample, texture_peak=50.0) if number % 3 == 0 else sample for number, sample in enumerate(moving)
    )
    assert judge_passive(sometimes, LIMITS).verdict == "live"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sample: replace(sample, at_seconds=NAN),
        lambda sample: replace(sample, eye_distance_px=NAN),
        lambda sample: replace(sample, eye_distance_px=0.0),
        lambda sample: replace(sample, texture_peak=NAN),
        lambda sample: replace(sample, motion=PlaneMotion(sample.motion.residuals, NAN)),
        lambda sample: replace(sample, motion=PlaneMotion(np.full_like(sample.motion.residuals, NAN), 0.1)),
    ],
    ids=["time", "eye distance", "no eye distance", "texture", "foreshortening", "points"],
)
def test_figures_that_are_not_numbers_are_never_live(spoil: Callable[[LivenessSample], LivenessSample]) -> None:
    moving = samples(lambda t: seen(HEAD, yaw=swing(8, t)))
    assert judge_passive(tuple(spoil(sample) for sample in moving), LIMITS).verdict != "live"


@pytest.mark.parametrize(
    "limits",
    [
        replace(LIMITS, min_seconds=NAN),
        replace(LIMITS, min_parallax=NAN),
        replace(LIMITS, min_parallax_to_noise=NAN),
        replace(LIMITS, max_texture_peak=NAN),
    ],
    ids=["seconds", "parallax", "noise", "texture"],
)
def test_limits_that_are_not_numbers_let_nobody_pass(limits: ShippedPassiveLimits) -> None:
    moving = samples(lambda t: seen(HEAD, yaw=swing(8, t)))
    assert judge_passive(moving, limits).verdict != "live"


def test_more_lost_points_than_found_tell_nothing() -> None:
    first, after = seen(HEAD), seen(HEAD, yaw=10)
    half_lost = after.copy()
    half_lost[: len(after) // 2 + 1] = NAN
    assert motion_beyond_plane(first, half_lost, EYES_PX) is None
    assert motion_beyond_plane(first[:14], after[:14], EYES_PX) is None
    assert motion_beyond_plane(first, after, EYES_PX) is not None


# Pictures: a card with a pattern instead of a face, moved under a camera. Its landmarks move with it.

_CARD_LANDMARKS = np.array([[80, 90], [150, 90], [115, 130], [88, 165], [142, 165]], dtype=np.float32)


def card(seed: int = 3) -> ImageBGR:
    spots = np.random.default_rng(seed).integers(40, 215, (30, 30), dtype=np.uint8)
    large = cv2.resize(spots, (240, 240), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def show(track: LivenessTrack, picture: ImageBGR, lean: float, at_seconds: float) -> LivenessTrack:
    """One frame of the card, leaning in perspective."""
    corners = np.array([[0, 0], [240, 0], [240, 240], [0, 240]], dtype=np.float32)
    leaning = corners + np.array([[0, 30 * lean], [0, -30 * lean], [0, 30 * lean], [0, -30 * lean]], dtype=np.float32)
    homography = cv2.getPerspectiveTransform(corners, leaning)
    image = np.asarray(cv2.warpPerspective(picture, homography, (240, 240)), dtype=np.uint8)
    landmarks = cv2.perspectiveTransform(_CARD_LANDMARKS[None], homography)[0]
    return follow_face(track, image, face_with_landmarks(landmarks), at_seconds, LIMITS)


def test_a_card_that_leans_to_and_fro_is_followed_and_is_not_live() -> None:
    track = LivenessTrack()
    for frame in range(31):
        track = show(track, card(), swing(1.0, frame / 15), frame / 15)
    assert len(track.samples) == 30
    answer = judge_passive(track.samples, LIMITS)
    assert answer.verdict != "live"
    assert answer.parallax < LIMITS.min_parallax / 2


def test_frames_that_are_too_old_are_forgotten() -> None:
    track = LivenessTrack()
    for frame in range(61):
        track = show(track, card(), swing(0.5, frame / 15), frame / 15)
    assert track.samples[-1].at_seconds - track.samples[0].at_seconds <= LIMITS.max_seconds


def test_another_picture_in_the_same_place_does_not_go_on_with_the_track() -> None:
    track = LivenessTrack()
    for frame in range(10):
        track = show(track, card(), 0.01 * frame, frame / 15)
    first = track.look
    for frame in range(10, 25):
        track = show(track, card(seed=4), 0.01 * frame, frame / 15)
    assert track.look is not first
    assert judge_passive(track.samples, LIMITS).verdict == "undecided"


def warped(picture: ImageBGR, reach_px: float) -> ImageBGR:
    """The picture pushed to and fro along its height, as no plane moves; another photograph of the same face may be."""
    y, x = np.mgrid[0:240, 0:240].astype(np.float32)
    push = reach_px * np.sin(2 * np.pi * y / 110)
    return np.asarray(cv2.remap(picture, (x + push).astype(np.float32), y, cv2.INTER_LINEAR), dtype=np.uint8)


@pytest.mark.parametrize(("frames_between", "goes_on"), [(1, False), (8, True)], ids=["at once", "by and by"])
def test_points_that_leap_are_another_photograph(frames_between: int, goes_on: bool) -> None:
    """A face gets to another expression by and by, a photograph is exchanged from one frame to the next."""
    pictures = [card()] * 3 + [warped(card(), 6.0 * (k + 1) / frames_between) for k in range(frames_between)]
    track = LivenessTrack()
    for frame, picture in enumerate(pictures):
        before, track = track, show(track, picture, 0.0, frame / 15)
    assert (track.look is before.look) == goes_on
    if goes_on:
        assert track.samples[-1].parallax > LIMITS.max_parallax_step


def test_a_face_that_was_away_begins_anew() -> None:
    track = LivenessTrack()
    for frame in range(10):
        track = show(track, card(), 0.02 * frame, frame / 15)
    assert len(track.samples) == 9
    assert show(track, card(), 0.2, 9 / 15 + 0.6).look is track.look
    later = show(track, card(), 0.2, 9 / 15 + 0.8)
    assert later.look is not track.look
    assert later.samples == ()


def test_a_face_that_comes_much_nearer_begins_anew() -> None:
    track = show(show(LivenessTrack(), card(), 0.0, 0.0), card(), 0.1, 0.1)
    large = np.asarray(cv2.resize(card(), (480, 480), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    nearer = follow_face(track, large, face_with_landmarks(2 * _CARD_LANDMARKS), 0.2, LIMITS)
    assert nearer.look is not track.look
    assert nearer.samples == ()


def test_a_face_without_texture_is_not_followed() -> None:
    blank = np.full((240, 240, 3), 128, dtype=np.uint8)
    track = follow_face(LivenessTrack(), blank, face_with_landmarks(_CARD_LANDMARKS), 0.0, LIMITS)
    assert track == LivenessTrack()


def test_parallax_is_told_of_the_frame_that_is_asked_for_only() -> None:
    track = show(show(LivenessTrack(), card(), 0.0, 0.0), card(), 0.3, 0.1)
    assert parallax_at(track, 0.1) == pytest.approx(0.0, abs=0.01)
    assert parallax_at(track, 0.2) is None
    assert parallax_at(LivenessTrack(), 0.1) is None
