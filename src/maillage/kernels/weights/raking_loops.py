"""Compiled loops of raking. See raking.py."""

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.native import native

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

STALL = 25  # passes after which the gap must have shrunk …
SHRINKS = 0.98  # … to this share of itself, or raking stops
_STEPS = 200


@native
def rake_plain(
    codes: Ints, offsets: NDArray[np.int64], targets: Floats, base: Floats, tolerance: float, passes: int
) -> tuple[Floats, int, float, int, bool]:
    """Return weights, number of passes, last gap, its place in `targets`, and whether the gap ceased to shrink."""
    weights = base.copy()
    gaps = np.zeros(passes)
    worst = 0
    for done in range(passes):
        gap = 0.0
        for j in range(codes.shape[0]):
            sums = np.zeros(offsets[j + 1] - offsets[j])
            for i in range(weights.size):
                sums[codes[j, i]] += weights[i]
            for c in range(sums.size):
                wanted = targets[offsets[j] + c]
                if wanted > 0.0:
                    away = abs(sums[c] / wanted - 1.0)
                    if away > gap:
                        gap, worst = away, offsets[j] + c
                sums[c] = wanted / sums[c] if sums[c] > 0.0 else 0.0
            for i in range(weights.size):
                weights[i] *= sums[codes[j, i]]
        gaps[done] = gap
        if gap <= tolerance:
            return weights, done + 1, gap, worst, False
        if done >= STALL and gap > SHRINKS * gaps[done - STALL]:
            return weights, done + 1, gap, worst, True
    return weights, passes, gaps[passes - 1], worst, False


@native
def _clipped(members: Ints, base: Floats, free: Floats, factor: float, low: float, high: float) -> tuple[float, float]:
    """Return the sum of base × ratio kept within limits, and its slope in the factor."""
    total, slope = 0.0, 0.0
    for i in members:
        ratio = free[i] * factor
        if ratio <= low:
            total += base[i] * low
        elif ratio >= high:
            total += base[i] * high
        else:
            total += base[i] * ratio
            slope += base[i] * free[i]
    return total, slope


@native
def _factor(members: Ints, base: Floats, free: Floats, wanted: float, low: float, high: float) -> float:
    """Return the factor that brings the members to `wanted`, by Newton's steps kept between two bounds that close in."""
    below, above, factor = 0.0, np.inf, 1.0
    for _step in range(_STEPS):
        total, slope = _clipped(members, base, free, factor, low, high)
        if abs(total - wanted) <= 2e-16 * wanted:
            break
        if total > wanted:
            above = factor
        else:
            below = factor
        following = factor - (total - wanted) / slope if slope > 0.0 else -1.0
        if not below < following < above:
            following = (below + above) / 2 if above < np.inf else factor * 2
        if following == factor:
            break
        factor = following
    return factor


@native
def rake_within(
    codes: Ints,
    offsets: NDArray[np.int64],
    targets: Floats,
    base: Floats,
    limits: tuple[float, float],
    tolerance: float,
    passes: int,
) -> tuple[Floats, int, float, int, bool]:
    """Return ratios (weight / base) within the limits, then what `rake_plain` returns."""
    low, high = limits
    margins, n = codes.shape
    orders = np.empty((margins, n), np.int32)
    for j in range(margins):
        orders[j] = np.argsort(codes[j], kind="mergesort")
    free = np.full(n, targets[: offsets[1]].sum() / base.sum())
    gaps = np.zeros(passes)
    worst, done, is_stalled = 0, 0, False
    while done < passes:
        gap = 0.0
        for j in range(margins):
            start = 0
            for c in range(offsets[j + 1] - offsets[j]):
                end = start
                while end < n and codes[j, orders[j, end]] == c:
                    end += 1
                members = orders[j, start:end]
                start = end
                wanted = targets[offsets[j] + c]
                if wanted == 0.0:
                    continue
                total, _slope = _clipped(members, base, free, 1.0, low, high)
                if abs(total / wanted - 1.0) > gap:
                    gap, worst = abs(total / wanted - 1.0), offsets[j] + c
                free[members] *= _factor(members, base, free, wanted, low, high)
        gaps[done] = gap
        done += 1
        is_stalled = done > STALL and gap > tolerance and gap > SHRINKS * gaps[done - 1 - STALL]
        if gap <= tolerance or is_stalled:
            break
    return np.minimum(np.maximum(free, low), high), done, gaps[done - 1], worst, is_stalled
