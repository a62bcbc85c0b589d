"""How near strangers come to a gallery, beyond what was seen: two fits of the lower tail of nearest distances."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_TAIL_SHARE: Final = 0.25
_LEAST_SPREAD: Final = 1e-6
_EULER_GAMMA: Final = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class LowerTail:
    """Two fits to the distances of strangers to the person nearest to each; the more careful one is believed.

    *Gumbel* for minima, by moments: the nearest of many is a minimum, and minima of distances that fall off as these
    do tend to that distribution (E. Gumbel, Statistics of Extremes, 1958). *Exponential* below the lowest quarter:
    falls off more slowly than the distances do, so it errs towards the careful side (J. Pickands, Annals of
    Statistics 3, 1975, with shape 0). Fits with a free shape scatter too much at a court's size to be relied on;
    docs/recognition.md has the figures.

    Attributes:
        location, scale: of the Gumbel distribution.
        start, share, slope: below the distance ``start`` lies this share; its mean distance to ``start`` is ``slope``.
    """

    location: float
    scale: float
    start: float
    share: float
    slope: float

    @staticmethod
    def fit(distances: NDArray[np.float64], people: NDArray[np.int64]) -> LowerTail:
        """Fit both to the distances of all searches; every person weighs the same, however many searches were made.

        Args:
            distances: float64 (searches,), of each search to the nearest person.
            people: int64 (searches,), which stranger was searched.

        Raises:
            ValueError: fewer than four people.
        """
        _, which, searches = np.unique(people, return_inverse=True, return_counts=True)
        if searches.size < 4:
            raise ValueError("a tail needs at least four people")
        order = np.argsort(distances, kind="stable")
        ordered = distances[order]
        weights = (1.0 / searches[which] / searches.size)[order]
        mean = float(weights @ ordered)
        variance = float(weights @ (ordered - mean) ** 2) * searches.size / (searches.size - 1)
        scale = max(math.sqrt(6 * variance) / math.pi, _LEAST_SPREAD)
        below = max(1, int(np.searchsorted(np.cumsum(weights), _TAIL_SHARE)))
        start, share = float(ordered[below]), float(weights[:below].sum())
        slope = max(float(weights[:below] @ (start - ordered[:below])) / share, _LEAST_SPREAD)
        return LowerTail(mean + _EULER_GAMMA * scale, scale, start, share, slope)

    def distance_at(self, fpir: float) -> float:
        """The distance within which this share of strangers comes, by the more careful fit; rises with ``fpir``."""
        gumbel = self.location + self.scale * math.log(-math.log1p(-fpir))
        exponential = self.start + self.slope * math.log(min(fpir / self.share, 1.0))
        return min(gumbel, exponential)

    def fpir_at(self, distance: float) -> float:
        """The share of strangers who come within this distance, by the more careful fit; rises with ``distance``."""
        gumbel = -math.expm1(-math.exp(min((distance - self.location) / self.scale, 700.0)))
        exponential = self.share * math.exp(min((distance - self.start) / self.slope, 0.0))
        return max(gumbel, exponential)
