"""Counts, rates, means and (when insisted upon) medians of targets, from the figures of cells; missing stays missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.areal.overlay import Floats, Overlay

LEAST_COVERAGE = 0.9
Flags = NDArray[np.bool_]


class NotInterpolable(Exception):
    """A median of parts is not the median of the whole: it is not made unless the caller insists."""


@dataclass(frozen=True)
class Interpolated:
    """One figure per target, NaN where too little of it is covered by cells that have a figure.

    `low` and `high` hold the figure whatever happens inside the cut cells (see README); `coverage` is 0–1.
    """

    value: Floats
    low: Floats
    high: Floats
    coverage: Floats


def coverage_of(found: Overlay, is_known: Flags, inside_extent: Floats | None = None) -> Floats:
    """Which part of each target is covered by cells that have a figure.

    `inside_extent`: for sets that list inhabited cells only, the area of each target that the set speaks of; ground without
    a cell is then empty of people, not unknown, and only cells whose figure is missing are taken away.
    """
    if inside_extent is None:
        covered = found.per_target(found.area * is_known[found.cell])
    else:
        covered = inside_extent - found.per_target(found.area * ~is_known[found.cell])
    return np.clip(covered / found.target_area, 0.0, 1.0)


def counts(
    found: Overlay, values: Floats, *, least_coverage: float = LEAST_COVERAGE, inside_extent: Floats | None = None
) -> Interpolated:
    """Things that add up (people, households), shared out as the overlay says. `values`: one per cell, NaN where missing.

    Between `low` (cells wholly inside) and `high` (every cell that touches) the truth lies for sure.
    """
    known = np.isfinite(values)
    amounts = np.where(known, values, 0.0)[found.cell]
    is_whole = found.area >= found.cell_area[found.cell] * (1 - 1e-9)
    coverage = coverage_of(found, known, inside_extent)
    low, high = found.per_target(amounts * is_whole), found.per_target(amounts)
    return _kept(found.per_target(amounts * found.share), low, high, coverage, least_coverage)


def rates(
    found: Overlay, values: Floats, weights: Floats, *, least_coverage: float = LEAST_COVERAGE,
    inside_extent: Floats | None = None,
) -> Interpolated:  # fmt: skip
    """Rates and means of persons, each cell weighing its denominator (people, households…) times its share.

    A cell without rate or denominator is missing; a denominator of 0 weighs nothing; a target of weight 0 has no rate.
    """
    known = np.isfinite(values) & np.isfinite(weights)
    value = np.where(known, values, 0.0)[found.cell]
    weight = np.where(known, weights, 0.0)[found.cell]
    coverage = coverage_of(found, known, inside_extent)
    return _weighted(found, (value, weight * found.share, weight), coverage, least_coverage)


def means_over_ground(found: Overlay, values: Floats, *, least_coverage: float = LEAST_COVERAGE) -> Interpolated:
    """Measures of the ground (noise, air, trees): each cell weighs the area that it shares."""
    known = np.isfinite(values)
    value = np.where(known, values, 0.0)[found.cell]
    area = found.area * known[found.cell]
    coverage = coverage_of(found, known)
    total = found.per_target(area)
    held = total > 0
    middle = np.where(held, found.per_target(area * value) / np.where(held, total, 1.0), np.nan)
    low, high = _ranges(found, value, area > 0)
    return _kept(middle, low, high, coverage, least_coverage)


def medians(
    found: Overlay,
    values: Floats,
    weights: Floats,
    *,
    approximate: bool = False,
    least_coverage: float = LEAST_COVERAGE,
) -> Interpolated:
    """Refused (NotInterpolable) unless `approximate`: then the weighted median of the cells' medians, said to be one.

    `low` and `high` are the least and greatest medians of the cells that touch the target.
    """
    if not approximate:
        raise NotInterpolable
    known = np.isfinite(values) & np.isfinite(weights)
    weight = np.where(known, weights, 0.0)[found.cell] * found.share
    value = np.where(known, values, 0.0)[found.cell]
    middle = np.full(found.targets, np.nan)
    for target, pairs in _by_target(found):
        middle[target] = _weighted_median(value[pairs], weight[pairs])
    low, high = _ranges(found, value, weight > 0)
    return _kept(middle, low, high, coverage_of(found, known), least_coverage)


def bounds_of_mean(values: Floats, lightest: Floats, heaviest: Floats) -> tuple[float, float]:
    """The least and the greatest weighted mean when each weight may be anything between two known limits. n·log n.

    Each extreme is reached with the heaviest weights on one end of the sorted values and the lightest on the other.
    """
    order = np.argsort(values)
    sorted_values, light, heavy = values[order], lightest[order], heaviest[order]
    return _extreme(sorted_values, heavy, light, np.min), _extreme(sorted_values, light, heavy, np.max)


def _extreme(values: Floats, first: Floats, last: Floats, best: Callable[[Floats], np.float64]) -> float:
    """The best mean over every place of the change from `first` weights to `last` ones."""
    tail_weight = np.concatenate([np.cumsum(last[::-1])[::-1], [0.0]])
    tail_sum = np.concatenate([np.cumsum((last * values)[::-1])[::-1], [0.0]])
    weight = np.concatenate([[0.0], np.cumsum(first)]) + tail_weight
    total = np.concatenate([[0.0], np.cumsum(first * values)]) + tail_sum
    held = weight > 0
    return float(best(total[held] / weight[held])) if held.any() else float("nan")


def _weighted(
    found: Overlay, parts: tuple[Floats, Floats, Floats], coverage: Floats, least_coverage: float
) -> Interpolated:
    """A weighted mean per target, and its bounds when a cut cell may bring anything from none to all of its weight."""
    value, weight, whole = parts
    total = found.per_target(weight)
    held = total > 0
    middle = np.where(held, found.per_target(weight * value) / np.where(held, total, 1.0), np.nan)
    low, high = np.full(found.targets, np.nan), np.full(found.targets, np.nan)
    is_whole = found.area >= found.cell_area[found.cell] * (1 - 1e-9)
    least = np.where(is_whole, whole, 0.0)
    for target, pairs in _by_target(found):
        low[target], high[target] = bounds_of_mean(value[pairs], least[pairs], whole[pairs])
    return _kept(middle, np.fmin(low, middle), np.fmax(high, middle), coverage, least_coverage)


def _by_target(found: Overlay) -> Iterator[tuple[int, slice]]:
    """Where the pairs of each target that has some begin and end."""
    ends = np.searchsorted(found.target, np.arange(found.targets + 1))
    for target in range(found.targets):
        if ends[target] < ends[target + 1]:
            yield target, slice(ends[target], ends[target + 1])


def _ranges(found: Overlay, value: Floats, counted: Flags) -> tuple[Floats, Floats]:
    low, high = np.full(found.targets, np.inf), np.full(found.targets, -np.inf)
    np.minimum.at(low, found.target[counted], value[counted])
    np.maximum.at(high, found.target[counted], value[counted])
    return np.where(np.isfinite(low), low, np.nan), np.where(np.isfinite(high), high, np.nan)


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    if not len(reached) or reached[-1] <= 0:
        return float("nan")
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def _kept(middle: Floats, low: Floats, high: Floats, coverage: Floats, least: float) -> Interpolated:
    """What is covered enough; the rest is missing, never a low number."""
    enough = (coverage >= least - 1e-9) & np.isfinite(middle)
    return Interpolated(
        np.where(enough, middle, np.nan), np.where(enough, np.fmin(low, middle), np.nan),
        np.where(enough, np.fmax(high, middle), np.nan), coverage,
    )  # fmt: skip
