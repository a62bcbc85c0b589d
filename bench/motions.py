"""How rendered prints, telephones and heads move during one track: drawn at random from a seeded source."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Final

import numpy as np

from bench.attacks import FRAMES, FRAMES_PER_SECOND, HEIGHT_PX, WIDTH_PX, Placing

Motion = list[Placing]

_AHEAD_FRAMES: Final = round(0.53 * FRAMES_PER_SECOND)
_AWAY_FRAMES: Final = round(1.07 * FRAMES_PER_SECOND)


@dataclass(frozen=True, slots=True)
class Wave:
    """A slow swing with a little of a faster one in it, as bodies move; its highest value is about ``amplitude``."""

    amplitude: float
    hertz: float
    phase: float

    def at(self, seconds: float) -> float:
        slow = math.sin(2 * math.pi * (self.hertz * seconds + self.phase))
        return self.amplitude * (
            0.85 * slow + 0.15 * math.sin(2 * math.pi * (2.3 * self.hertz * seconds + 3 * self.phase))
        )


def _wave(chance: np.random.Generator, low: float, high: float, slow_hz: float, fast_hz: float) -> Wave:
    return Wave(chance.uniform(low, high), chance.uniform(slow_hz, fast_hz), chance.uniform(0.0, 1.0))


def _moving(
    chance: np.random.Generator,
    sway_px: float,
    yaw: tuple[float, float],
    pitch: tuple[float, float],
    roll: tuple[float, float],
    nearer: tuple[float, float],
    bend: tuple[float, float] = (0.0, 0.0),
    hertz: tuple[float, float] = (0.3, 0.8),
) -> Motion:
    """Everything swings on its own; pairs are the least and the largest amplitude."""
    eyes = chance.uniform(45.0, 72.0)
    middle_x, middle_y = WIDTH_PX / 2 + chance.uniform(-60, 60), HEIGHT_PX / 2 + chance.uniform(-25, 25)
    x, y = _wave(chance, 0.3 * sway_px, sway_px, *hertz), _wave(chance, 0.3 * sway_px, sway_px, *hertz)
    yaws, pitches, rolls = (_wave(chance, *pair, *hertz) for pair in (yaw, pitch, roll))
    scale, bends = _wave(chance, *nearer, *hertz), _wave(chance, *bend, *hertz)
    tremor = [chance.normal(0.0, 0.25, 2) for _ in range(FRAMES)]
    track = []
    for frame in range(FRAMES):
        seconds = frame / FRAMES_PER_SECOND
        track.append(
            Placing(
                x_px=middle_x + x.at(seconds) + tremor[frame][0],
                y_px=middle_y + y.at(seconds) + tremor[frame][1],
                eye_distance_px=eyes * (1.0 + scale.at(seconds)),
                yaw_degrees=yaws.at(seconds),
                pitch_degrees=pitches.at(seconds),
                roll_degrees=rolls.at(seconds),
                bend=bends.at(seconds),
            )
        )
    return track


def held_still(chance: np.random.Generator) -> Motion:
    """By a hand that trembles."""
    return _moving(chance, 4.0, (0.2, 1.5), (0.2, 1.5), (0.2, 1.0), (0.0, 0.01), hertz=(0.3, 2.0))


def tilted_about(chance: np.random.Generator) -> Motion:
    """About both axes, up to 30 degrees, in all tracks by 10 at least about one."""
    return _moving(chance, 30.0, (10.0, 30.0), (3.0, 30.0), (0.0, 8.0), (0.0, 0.08))


def bent(chance: np.random.Generator) -> Motion:
    """Flexed like paper between flat and a radius of three to ten eye distances, and turned a little."""
    return _moving(chance, 15.0, (2.0, 20.0), (1.0, 10.0), (0.0, 5.0), (0.0, 0.05), bend=(0.10, 0.33))


def nearer_and_farther(chance: np.random.Generator) -> Motion:
    """Pushed towards the camera and drawn back."""
    return _moving(chance, 12.0, (0.5, 4.0), (0.5, 4.0), (0.0, 3.0), (0.12, 0.30))


def swaying(chance: np.random.Generator) -> Motion:
    """A head in front of a kiosk: nobody holds it quite still, nobody shakes it."""
    return _moving(chance, 8.0, (2.5, 12.0), (1.0, 6.0), (0.3, 4.0), (0.0, 0.03), hertz=(0.2, 0.6))


def asked_to_turn(
    chance: np.random.Generator, signs: list[int], amplitude: tuple[float, float], bend: float = 0.0
) -> Motion:
    """Frontal, then to each asked side and back: half a second ahead, 1.1 seconds away, again and again.

    Args:
        signs: -1 to the picture's left, 1 to its right.
        amplitude: least and largest turn in degrees.
        bend: of paper, held all the time.
    """
    base = _moving(chance, 6.0, (0.3, 2.0), (0.3, 3.0), (0.3, 3.0), (0.0, 0.02))
    to_and_fro = [*base, *reversed(base)]
    reach = chance.uniform(*amplitude)
    leans = [0.0] * _AHEAD_FRAMES
    for sign in signs:
        away = [math.sin(math.pi * frame / _AWAY_FRAMES) ** 0.8 for frame in range(_AWAY_FRAMES)]
        leans += [sign * reach * share for share in away] + [0.0] * _AHEAD_FRAMES
    return [
        replace(still, yaw_degrees=still.yaw_degrees + lean, bend=bend)
        for lean, still in zip(leans, cycle(to_and_fro), strict=False)
    ]


MOTIONS: dict[str, Callable[[np.random.Generator], Motion]] = {
    "still print": held_still,
    "moved print": tilted_about,
    "bent print": bent,
    "phone photo": tilted_about,
    "scaled print": nearer_and_farther,
}
