"""Raking: the weights closest to the base weights (in relative entropy) whose sums are the margins.

W. E. Deming and F. F. Stephan, "On a least squares adjustment of a sampled frequency table when the expected marginal
totals are known", Annals of Mathematical Statistics 11 (1940): one margin after the other, again until none moves.
J.-C. Deville and C.-E. Särndal, "Calibration estimators in survey sampling", JASA 87 (1992): why the limit is a
calibration, and the same with limits on the ratio of weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.weights.margins import Floats, Margin, MarginsRefusedError, checked_base, faults_of

MOST_CELLS = 1 << 22  # profiles counted in one table; beyond, persons are raked one by one


class Outcome(Enum):
    """How raking ended."""

    CONVERGED = "converged"
    STALLED = "stalled"  # the gap ceased to shrink: the margins (or the limits) contradict one another
    UNFINISHED = "unfinished"  # the gap still shrinks, slowly


@dataclass(frozen=True)
class Stop:
    """When to stop: the largest relative gap between a sum of weights and its target, and the most passes."""

    tolerance: float = 1e-12
    passes: int = 2000


@dataclass(frozen=True)
class Raked:
    """Weights (n, in persons of the population) and how they were got; `worst` names the category that is furthest."""

    weights: Floats
    outcome: Outcome
    passes: int
    gap: float
    worst: tuple[str, int]
    at_low: int = 0
    at_high: int = 0


def rake(
    margins: Sequence[Margin],
    base: Floats | None = None,
    *,
    limits: tuple[float, float] | None = None,
    stop: Stop = Stop(),
) -> Raked:
    """Return weights of n persons that meet the margins, none outside `limits`.

    `limits` (low, high) are multiples of the mean ratio, population / sum of base weights: (0.3, 3) lets nobody count
    for more than three times, or less than a third of, the mean. What is cut off is given to the others of the
    same categories so that the margins still hold: a calibration with bounds, not a cut that leaves margins behind.

    Raises MarginsRefusedError when margins cannot be met (see `faults_of`), ValueError for arrays of wrong shape.
    Not converging raises nothing: look at `outcome`. Persons of one profile are raked as one: O(n × margins) once,
    then O(profiles × margins) a pass; the gap shrinks by a constant factor a pass.
    """
    base = checked_base(margins, base)
    if limits and not 0 <= limits[0] <= 1 <= limits[1]:
        raise ValueError("limits stand on both sides of 1, the mean ratio")
    keys, profiles, sums = _profiles(margins, base)
    faults = faults_of(profiles, sums, limits)
    if faults:
        raise MarginsRefusedError(faults)
    total = float(margins[0].targets.sum())
    profiles = [replace(one, targets=one.targets * (total / one.targets.sum())) for one in profiles]
    ratios, raked = _raked(profiles, sums, limits, stop)
    if keys is not None:
        ratios = ratios[keys]
    return _counted(raked, ratios, base, limits, total / float(base.sum()))


def _profiles(margins: Sequence[Margin], base: Floats) -> tuple[NDArray[np.intp] | None, list[Margin], Floats]:
    """Count persons of the same categories as one, where the table of all combinations is not larger than they are.

    Returns the profile of each person (None: each is their own), and margins and base weights of the profiles.
    """
    sizes = [one.size for one in margins]
    if np.prod(sizes, dtype=float) > min(MOST_CELLS, 4 * len(base) + 1024):
        return None, list(margins), base
    keys = margins[0].codes.astype(np.intp)
    for one in margins[1:]:
        keys *= one.size
        keys += one.codes
    sums = np.bincount(keys, base, int(np.prod(sizes))).astype(np.float64, copy=False)
    filled = np.flatnonzero(sums)
    codes = np.unravel_index(filled, sizes)
    places = np.full(len(sums), len(filled))  # persons without weight have a profile of their own, see below
    places[filled] = np.arange(len(filled))
    return places[keys], [replace(one, codes=code) for one, code in zip(margins, codes, strict=True)], sums[filled]


def _raked(
    margins: Sequence[Margin], base: Floats, limits: tuple[float, float] | None, stop: Stop
) -> tuple[Floats, Raked]:
    """Run the compiled loop: ratios (weight / base), with a last 0 for who has no weight, and the facts of the run."""
    from maillage.kernels.weights import raking_loops as loops

    codes = np.array([one.codes for one in margins], np.int32)
    offsets = np.cumsum([0, *(one.size for one in margins)])
    targets = np.concatenate([np.asarray(one.targets, np.float64) for one in margins])
    if limits is None:
        weights, passes, gap, worst, stalled = loops.rake_plain(
            codes, offsets, targets, base, stop.tolerance, stop.passes
        )
        ratios = np.divide(weights, base, out=np.zeros_like(base), where=base > 0)
    else:
        mean = float(margins[0].targets.sum() / base.sum())
        bounds = (limits[0] * mean, limits[1] * mean)
        ratios, passes, gap, worst, stalled = loops.rake_within(
            codes, offsets, targets, base, bounds, stop.tolerance, stop.passes
        )
    outcome = Outcome.CONVERGED if gap <= stop.tolerance else Outcome.STALLED if stalled else Outcome.UNFINISHED
    at = int(np.searchsorted(offsets, worst, side="right")) - 1
    ratios = np.append(ratios, 0.0)
    return ratios, Raked(ratios, outcome, int(passes), float(gap), (margins[at].name, int(worst - offsets[at])))


def _counted(raked: Raked, ratios: Floats, base: Floats, limits: tuple[float, float] | None, mean: float) -> Raked:
    """Put the weights of persons in, and count those that stand at a limit."""
    weights = ratios[: len(base)] * base
    if limits is None:
        return replace(raked, weights=weights)
    low, high = limits[0] * mean, limits[1] * mean
    return replace(
        raked,
        weights=weights,
        at_low=int(((weights <= base * low * (1 + 1e-9)) & (base > 0)).sum()),
        at_high=int(((weights >= base * high * (1 - 1e-9)) & (base > 0)).sum()),
    )
