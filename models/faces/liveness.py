"""Passive liveness: whether what a track showed moved as a flat picture does. Pure where it judges.

Three answers. ``live``: the face moved beyond any plane by clearly more than its noise. ``flat``: it was tilted by much
and stayed a plane, which a head cannot do, or it shows the grid of a screen. ``undecided``: neither, which is what
stillness gives; nobody is taken for alive because nothing spoke against it. A fault or a figure that is not a number
never ends in ``live``.

What it cannot tell: a video of the person on a screen moves as a head does inside the screen. See ``antispoof``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from models.faces.head_pose import HeadPose, head_pose
from models.faces.parallax import LEAST_POINTS, FirstLook, PlaneMotion, first_look, plane_motion
from models.faces.screen_texture import texture_peak
from models.faces.values import Face, ImageBGR

Verdict = Literal["live", "undecided", "flat"]
Why = Literal[
    "too_few_frames", "too_little_motion", "too_noisy", "moves_as_a_plane", "screen_texture", "parallax", "not_a_number"
]

_KEPT_SHARE: Final = 0.9  # of the points of a frame; the worst tenth is where flow was led astray
_HIGH_PERCENTILE: Final = 80.0  # of the frames; a track needs a fifth of its frames, not one of them
_RESTART_SCALE: Final = 1.7  # a face so much nearer than at first look has too little in common with it
_LONGEST_GAP_SECONDS: Final = 0.7  # unseen for longer, it may be something else that is held up now
_NOISE_OF_SECOND_DIFFERENCE: Final = math.sqrt(6.0)


class PassiveLimits(Protocol):
    """What the passive test goes by; ``kiosk.liveness`` in config.yaml is one."""

    @property
    def min_seconds(self) -> float: ...
    @property
    def max_seconds(self) -> float: ...
    @property
    def min_frames(self) -> int: ...
    @property
    def min_parallax(self) -> float: ...
    @property
    def min_parallax_to_noise(self) -> float: ...
    @property
    def max_flat_parallax(self) -> float: ...
    @property
    def min_flat_foreshortening(self) -> float: ...
    @property
    def max_texture_peak(self) -> float: ...
    @property
    def max_parallax_step(self) -> float: ...


@dataclass(frozen=True, slots=True)
class ShippedPassiveLimits:
    """Every threshold of the passive test, as measured by ``bench/liveness.py`` at 15 frames a second.

    Attributes:
        min_seconds, min_frames: less of a track is undecided.
        max_seconds: older frames are forgotten.
        min_parallax: least motion beyond a plane, in eye distances, for ``live`` …
        min_parallax_to_noise: … and least ratio to the noise of the same points.
        max_flat_parallax: most of it for ``flat`` …
        min_flat_foreshortening: … when the face was foreshortened by at least so much; a plane tilted by 16 degrees
            is. Growing is not held against anybody: a head that comes nearer without turning shows hardly more.
        max_texture_peak: a sharper peak in the picture's spectrum is taken for the grid of a screen.
        max_parallax_step: from one frame to the next, in eye distances; more is another picture, and the track
            begins anew.
    """

    min_seconds: float = 1.4
    max_seconds: float = 3.0
    min_frames: int = 14
    min_parallax: float = 0.015
    min_parallax_to_noise: float = 4.5
    max_flat_parallax: float = 0.008
    min_flat_foreshortening: float = 0.04
    max_texture_peak: float = 10.0
    max_parallax_step: float = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class LivenessSample:
    """What one frame of a track adds.

    Attributes:
        at_seconds: monotonic seconds of the frame.
        eye_distance_px: of the face in it.
        pose: from the five landmarks.
        motion: of the points on the face since the first look.
        texture_peak: from ``screen_texture``.
    """

    at_seconds: float
    eye_distance_px: float
    pose: HeadPose
    motion: PlaneMotion
    texture_peak: float = 0.0

    @property
    def parallax(self) -> float:
        """Motion of this frame beyond a plane since the first look, in eye distances."""
        return float(_root_mean_squares(self.motion.residuals[None].astype(np.float64))[0])


@dataclass(frozen=True, slots=True)
class LivenessTrack:
    """What is kept of one track; starts empty.

    Attributes:
        look: the frame that the others are compared with.
        samples: of the frames since, oldest first.
    """

    look: FirstLook | None = None
    samples: tuple[LivenessSample, ...] = ()


@dataclass(frozen=True, slots=True)
class PassiveAnswer:
    """The verdict with the figures behind it, for evidence and for people who ask.

    Attributes:
        verdict, why: what, and for which reason.
        frames, seconds: that it rests on.
        parallax: motion beyond a plane, in eye distances: the 80th percentile over the frames of the root mean square
            over the points, smoothed over three frames.
        noise: of one point in one frame, in eye distances.
        foreshortening: 80th percentile over the frames.
        texture_peak: median over the frames.
        scale: how much nearer the face came, largest over smallest eye distance less 1 (5th to 95th percentile).
        turn_spread, nod_spread: of the five landmarks' pose (5th to 95th percentile). Told, not judged by: prints
            that are moved reach the same.
    """

    verdict: Verdict
    why: Why
    frames: int
    seconds: float
    parallax: float = 0.0
    noise: float = 0.0
    foreshortening: float = 0.0
    scale: float = 0.0
    texture_peak: float = 0.0
    turn_spread: float = 0.0
    nod_spread: float = 0.0


def follow_face(
    track: LivenessTrack, image_bgr: ImageBGR, face: Face, at_seconds: float, limits: PassiveLimits
) -> LivenessTrack:
    """Take one frame of a track into account; begins anew when the face has become another picture.

    A frame in which the points cannot be found again adds nothing. When that lasts, when the face came so near that
    the first look tells too little, or when the points leapt (another photograph was held up), the next good frame is
    the first look of a new track.
    """
    look = track.look
    nearer = 0.0 if look is None else face.eye_distance_px / look.eye_distance_px
    unseen_seconds = at_seconds - track.samples[-1].at_seconds if track.samples else 0.0
    if look is None or not 1 / _RESTART_SCALE <= nearer <= _RESTART_SCALE or not unseen_seconds <= _LONGEST_GAP_SECONDS:
        return LivenessTrack(first_look(image_bgr, face))
    pose = head_pose(face.landmarks_xy)
    motion = plane_motion(look, image_bgr, face)
    if pose is None or motion is None:
        return track if track.samples else LivenessTrack(first_look(image_bgr, face))
    if track.samples and not _step(track.samples[-1].motion, motion) <= limits.max_parallax_step:
        return LivenessTrack(first_look(image_bgr, face))
    sample = LivenessSample(at_seconds, face.eye_distance_px, pose, motion, texture_peak(image_bgr, face))
    kept = tuple(old for old in track.samples if at_seconds - old.at_seconds <= limits.max_seconds)
    return replace(track, samples=(*kept, sample))


def judge_passive(samples: tuple[LivenessSample, ...], limits: PassiveLimits) -> PassiveAnswer:
    """What the samples of one first look show. Pure.

    Args:
        samples: of one track, oldest first, all with the same number of points.
    """
    frames = len(samples)
    seconds = samples[-1].at_seconds - samples[0].at_seconds if frames else 0.0
    # Written so that a time that is not a number is too short.
    if frames < max(3, limits.min_frames) or not seconds >= limits.min_seconds:
        return PassiveAnswer("undecided", "too_few_frames", frames, seconds)
    residuals = np.stack([sample.motion.residuals for sample in samples]).astype(np.float64)
    smoothed = _root_mean_squares((residuals[:-2] + residuals[1:-1] + residuals[2:]) / 3)
    wobble = _root_mean_squares(residuals[:-2] - 2 * residuals[1:-1] + residuals[2:])
    if not len(smoothed) or not len(wobble):
        return PassiveAnswer("undecided", "too_noisy", frames, seconds)
    eyes = np.array([sample.eye_distance_px for sample in samples])
    if not (np.isfinite(eyes).all() and (eyes > 0).all()):
        return PassiveAnswer("undecided", "not_a_number", frames, seconds)
    turns = np.array([sample.pose.turn for sample in samples])
    nods = np.array([sample.pose.nod for sample in samples])
    answer = PassiveAnswer(
        "undecided",
        "too_little_motion",
        frames,
        seconds,
        parallax=float(np.percentile(smoothed, _HIGH_PERCENTILE)),
        noise=float(np.median(wobble)) / _NOISE_OF_SECOND_DIFFERENCE,
        foreshortening=float(np.percentile([s.motion.foreshortening for s in samples], _HIGH_PERCENTILE)),
        scale=float(np.percentile(eyes, 95) / np.percentile(eyes, 5)) - 1.0,
        texture_peak=float(np.median([sample.texture_peak for sample in samples])),
        turn_spread=_spread(turns),
        nod_spread=_spread(nods),
    )
    measured = (answer.parallax, answer.noise, answer.foreshortening, answer.scale, answer.texture_peak)
    told = (answer.turn_spread, answer.nod_spread)
    if not all(math.isfinite(figure) for figure in (*measured, *told)):
        return PassiveAnswer("undecided", "not_a_number", frames, seconds)
    verdict, why = _verdict(answer, limits)
    return replace(answer, verdict=verdict, why=why)


def _verdict(answer: PassiveAnswer, limits: PassiveLimits) -> tuple[Verdict, Why]:
    if not answer.texture_peak <= limits.max_texture_peak:
        return "flat", "screen_texture"
    if answer.parallax >= limits.min_parallax:
        steady = answer.parallax >= limits.min_parallax_to_noise * answer.noise
        return ("live", "parallax") if steady else ("undecided", "too_noisy")
    tilted = answer.foreshortening >= limits.min_flat_foreshortening
    if tilted and answer.parallax <= limits.max_flat_parallax:
        return "flat", "moves_as_a_plane"
    return "undecided", "too_little_motion"


def _root_mean_squares(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the better nine tenths of the points of each frame; frames with too few points are left out.

    Args:
        vectors: (frames, points, 2), NaN where a point was lost.
    """
    lengths = np.sort(np.hypot(vectors[:, :, 0], vectors[:, :, 1]), axis=1)  # NaN goes last
    found = []
    for row in lengths:
        known = row[np.isfinite(row)]
        if len(known) >= LEAST_POINTS:
            kept = known[: max(LEAST_POINTS, int(_KEPT_SHARE * len(known)))]
            found.append(math.sqrt(float((kept**2).mean())))
    return np.array(found)


def _step(before: PlaneMotion, after: PlaneMotion) -> float:
    """How far the points moved between two frames, beyond planes, in eye distances; infinite when too few are left."""
    found = _root_mean_squares((after.residuals - before.residuals)[None].astype(np.float64))
    return float(found[0]) if len(found) else math.inf


def _spread(values: NDArray[np.float64]) -> float:
    """From the 5th to the 95th percentile, after a median over three frames."""
    smooth = np.median(np.stack([values[:-2], values[1:-1], values[2:]]), axis=0)
    return float(np.percentile(smooth, 95) - np.percentile(smooth, 5))


def parallax_at(track: LivenessTrack, at_seconds: float) -> float | None:
    """Motion beyond a plane in the frame of that time, for a challenge; None when that frame added no sample."""
    if not track.samples or track.samples[-1].at_seconds != at_seconds:
        return None
    return track.samples[-1].parallax
