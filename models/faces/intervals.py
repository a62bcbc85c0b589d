"""Confidence bounds of a share that was counted. Loads scipy: only calibrations import it."""

from __future__ import annotations

from typing import Final

from scipy.special import betaincinv

from models.faces.operating_points import Rate

CONFIDENCE: Final = 0.95


def clopper_pearson(count: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Exact two-sided bounds of a binomial share (C. Clopper, E. Pearson, Biometrika 26, 1934).

    Args:
        count, trials: so many of so many.
        confidence: how often bounds made so hold the true share between them, at least.

    Returns:
        Lower and upper bound; 0 and 1 for no trials.

    Raises:
        ValueError: ``count`` is not between 0 and ``trials``.
    """
    if not 0 <= count <= trials:
        raise ValueError(f"{count} of {trials} is no share")
    tail = (1 - confidence) / 2
    lower = float(betaincinv(count, trials - count + 1, tail)) if count > 0 else 0.0
    upper = float(betaincinv(count + 1, trials - count, 1 - tail)) if count < trials else 1.0
    return lower, upper


def rate_of(count: int, trials: int) -> Rate:
    """The share with its bounds."""
    lower, upper = clopper_pearson(count, trials)
    return Rate(count, trials, lower, upper)
