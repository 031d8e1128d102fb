"""Shares with weights: effective size, design effect, standard errors, intervals.

L. Kish, "Survey Sampling" (1965): effective size and design effect of unequal weights.
E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), taken at the effective
size as E. L. Korn and B. I. Graubard do for exact limits ("Confidence intervals for proportions with small expected number
of positive counts estimated from survey data", Survey Methodology 24, 1998).
J.-C. Deville and C.-E. Särndal, JASA 87 (1992): after calibration, the variance is that of residuals on the margins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.weights.margins import Floats, Margin
from maillage.kernels.weights.raking import Outcome, Stop, rake


@dataclass(frozen=True)
class Share:
    """A share (0 to 1) with its standard error, the size it is worth, and an interval; the error is NaN for one person."""

    value: float
    error: float
    effective_size: float
    low: float
    high: float


def effective_size(weights: Floats) -> float:
    """Return (Σw)² / Σw²: how many persons of equal weight would say as much (Kish). O(n)."""
    return float(weights.sum() ** 2 / (weights @ weights))


def design_effect(weights: Floats) -> float:
    """Return how many times the variance grows because weights are unequal: n / effective size, 1 or more. O(n).

    Persons of weight 0 are not counted: they say nothing.
    """
    return int(np.count_nonzero(weights)) / effective_size(weights)


def wilson(value: float, size: float, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval of a share seen among `size` persons (any positive number): never outside 0 to 1."""
    if not (0 <= value <= 1 and size > 0):
        raise ValueError("a share lies between 0 and 1, of more than nobody")
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = (value + z * z / (2 * size)) / (1 + z * z / size)
    half = z * sqrt(value * (1 - value) / size + z * z / (4 * size * size)) / (1 + z * z / size)
    return (0.0 if value == 0 else max(0.0, middle - half)), (1.0 if value == 1 else min(1.0, middle + half))


def share(
    is_in: NDArray[np.bool_],
    weights: Floats,
    *,
    margins: Sequence[Margin] = (),
    base: Floats | None = None,
    level: float = 0.95,
) -> Share:
    """Return the weighted share of those in (n booleans), with its linearised error and Wilson's interval.

    The interval is Wilson's at the size that the error is worth, p(1 − p) / error², and never more than n of them; at 0 or
    1, where the error is 0 whatever the sample, it is taken at Kish's effective size. Without margins: drawn with
    replacement. With the margins that the weights were raked to, and the base weights before: the variance of the
    residuals, which is what R's `svymean` of a calibrated design answers. O(n × margins²).
    """
    total = float(weights.sum())
    value = min(1.0, max(0.0, float(weights @ is_in) / total))
    parts = weights * (is_in - value) / total
    if margins:
        parts = _residuals(parts, weights, margins, np.ones(len(weights)) if base is None else base)
    n = len(weights)
    error = sqrt(n / (n - 1) * float(((parts - parts.mean()) ** 2).sum())) if n > 1 else float("nan")
    worth = value * (1 - value) / error**2 if error > 0 and 0 < value < 1 else effective_size(weights)
    size = min(worth, float(n))
    return Share(value, error, size, *wilson(value, size, level))


def _residuals(parts: Floats, weights: Floats, margins: Sequence[Margin], base: Floats) -> Floats:
    """What the margins do not explain of `parts`: least squares of parts / weight on the categories, by base weight."""
    sizes = [one.size for one in margins]
    starts = np.cumsum([0, *sizes[:-1]])
    normal, right = np.zeros((sum(sizes), sum(sizes))), np.zeros(sum(sizes))
    explained = np.divide(parts, weights, out=np.zeros_like(parts), where=weights > 0)
    for a, one in enumerate(margins):
        rows = slice(starts[a], starts[a] + one.size)
        right[rows] = np.bincount(one.codes, base * explained, one.size)
        for b, other in enumerate(margins):
            keys = one.codes.astype(np.int64) * other.size + other.codes
            cells = np.bincount(keys, base, one.size * other.size).reshape(one.size, other.size)
            normal[rows, starts[b] : starts[b] + other.size] = cells
    solution = np.linalg.lstsq(normal, right, rcond=1e-12)[0]
    fitted = sum(solution[starts[a] + one.codes] for a, one in enumerate(margins))
    return np.asarray((explained - fitted) * weights, np.float64)


@dataclass(frozen=True)
class Replicated:
    """What replication found: percentiles of the share, and how many replicates could not be raked (left out, so said)."""

    low: float
    high: float
    replicates: int
    left_out: int


def replicated_share(
    is_in: NDArray[np.bool_],
    margins: Sequence[Margin],
    base: Floats,
    *,
    replicates: int = 200,
    seed: int = 0,
) -> Replicated:
    """Return the 95 % percentile interval of the raked share over samples drawn with replacement, each raked anew.

    B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979). Samples that lose a whole
    category, or whose raking does not converge, are left out and counted. Raises ValueError when all are.
    O(replicates × (n + profiles × margins × passes)).
    """
    rng = np.random.default_rng(seed)
    n = len(base)
    found = []
    for _replicate in range(replicates):
        drawn = rng.integers(0, n, n)
        sample = [Margin(one.name, one.codes[drawn], one.targets) for one in margins]
        try:
            raked = rake(sample, base[drawn], stop=Stop(1e-8, 500))
        except ValueError:
            continue
        if raked.outcome is Outcome.CONVERGED:
            found.append(float(raked.weights @ is_in[drawn]) / float(raked.weights.sum()))
    if not found:
        raise ValueError("no replicate could be raked")
    low, high = np.percentile(found, [2.5, 97.5])
    return Replicated(float(low), float(high), replicates, replicates - len(found))
