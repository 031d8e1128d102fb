"""The kernel against a slow obvious twin, and what must hold whatever the shapes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.kernels.areal.figures import (
    NotInterpolable,
    bounds_of_mean,
    counts,
    means_over_ground,
    medians,
    rates,
)
from maillage.kernels.areal.overlay import by_people, overlay


def grid(side: int, size: float = 1.0, at: float = 0.0) -> np.ndarray:
    return np.array(
        [shapely.box(at + x * size, at + y * size, at + (x + 1) * size, at + (y + 1) * size)
         for x in range(side) for y in range(side)]
    )  # fmt: skip


def crooked(rng: np.random.Generator, count: int, side: float) -> np.ndarray:
    """Neighbours that partition a square."""
    seeds = shapely.multipoints(rng.uniform(0, side, (count, 2)))
    square = shapely.box(0, 0, side, side)
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=square))
    return shapely.intersection(cells, square)


def slow_shares(cells: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """targets × cells: the part of each cell in each target, one by one."""
    return np.array([[cell.intersection(target).area / cell.area for cell in cells] for target in targets])


def slow_count(cells: np.ndarray, targets: np.ndarray, values: np.ndarray, least: float) -> list[float]:
    found = []
    for target in targets:
        total, covered = 0.0, 0.0
        for cell, value in zip(cells, values, strict=True):
            if np.isnan(value):
                continue
            shared = cell.intersection(target).area
            total += value * shared / cell.area
            covered += shared
        found.append(total if covered / target.area >= least - 1e-9 else np.nan)
    return found


def slow_rate(
    cells: np.ndarray, targets: np.ndarray, values: np.ndarray, weights: np.ndarray, least: float
) -> list[float]:
    found = []
    for target in targets:
        above = below = covered = 0.0
        for cell, value, weight in zip(cells, values, weights, strict=True):
            shared = cell.intersection(target).area
            if np.isnan(value) or np.isnan(weight):
                continue
            covered += shared
            above += value * weight * shared / cell.area
            below += weight * shared / cell.area
        found.append(above / below if below > 0 and covered / target.area >= least - 1e-9 else np.nan)
    return found


seeds = st.integers(0, 10_000)


@settings(max_examples=25, deadline=None)
@given(seed=seeds, holes=st.integers(0, 4))
def test_equals_the_slow_twin(seed: int, holes: int) -> None:
    rng = np.random.default_rng(seed)
    cells, targets = grid(5), crooked(rng, 4, 6.0)  # targets reach beyond the cells
    values, weights = rng.uniform(0, 100, 25), rng.integers(0, 3, 25).astype(float)
    values[rng.choice(25, holes, replace=False)] = np.nan
    found = overlay(cells, targets)
    for least in (0.0, 0.5, 0.9):
        np.testing.assert_allclose(
            counts(found, values, least_coverage=least).value, slow_count(cells, targets, values, least)
        )
        np.testing.assert_allclose(
            rates(found, values, weights, least_coverage=least).value, slow_rate(cells, targets, values, weights, least)
        )


@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_totals_are_kept_when_targets_partition_the_plane(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells, targets, people = grid(6), crooked(rng, 7, 6.0), rng.uniform(0, 50, 36)
    found = overlay(cells, targets)
    made = counts(found, people)
    assert made.value.sum() == pytest.approx(people.sum())
    np.testing.assert_allclose(made.coverage, 1.0)
    assert (made.low <= made.value).all() and (made.value <= made.high).all()
    fine = grid(18, 1 / 3)
    shared = by_people(found, cells, targets, (fine, rng.integers(0, 9, 324).astype(float)))
    assert counts(shared, people).value.sum() == pytest.approx(people.sum())
    # People spread evenly say what areas say.
    even = by_people(found, cells, targets, (fine, np.ones(324)))
    np.testing.assert_allclose(even.share, found.share, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_shares_by_people_equal_the_slow_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells, targets, fine = grid(3, 2.0), crooked(rng, 3, 6.0), grid(9, 0.7)
    people = rng.integers(0, 4, 81).astype(float)
    found = overlay(cells, targets)
    made = by_people(found, cells, targets, (fine, people))
    for cell, target, area_share, share in zip(found.cell, found.target, found.share, made.share, strict=True):
        both = cells[cell].intersection(targets[target])
        inside = sum(n * one.intersection(both).area / one.area for one, n in zip(fine, people, strict=True))
        whole = sum(n * one.intersection(cells[cell]).area / one.area for one, n in zip(fine, people, strict=True))
        assert share == pytest.approx(inside / whole if whole else area_share, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, size=st.integers(1, 7))
def test_bounds_of_a_mean_equal_every_corner(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    values, light = rng.uniform(-5, 5, size), rng.uniform(0, 2, size).round()
    heavy = light + rng.uniform(0.1, 3, size)
    means = [
        np.average(values, weights=corner)
        for corner in itertools.product(*zip(light, heavy, strict=True))
        if sum(corner)
    ]
    low, high = bounds_of_mean(values, light, heavy)
    assert (low, high) == pytest.approx((min(means), max(means)))


def test_a_target_that_is_hardly_covered_is_missing_not_low() -> None:
    cells = grid(2)
    targets = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 1, 3, 3), shapely.box(10, 10, 11, 11)])
    found = overlay(cells, targets)
    made = counts(found, np.array([10.0, 10.0, 10.0, 10.0]))
    assert made.value[0] == 10 and np.isnan(made.value[1:]).all()
    np.testing.assert_allclose(made.coverage, [1.0, 0.25, 0.0])
    # A set that lists inhabited cells only: ground without a cell is empty, not unknown.
    inhabited = counts(found, np.array([10.0, 10.0, 10.0, 10.0]), inside_extent=np.array([1.0, 4.0, 0.0]))
    np.testing.assert_array_equal(inhabited.value, [10.0, 10.0, np.nan])
    hidden = counts(found, np.array([np.nan, 10.0, 10.0, 10.0]), inside_extent=np.array([1.0, 4.0, 0.0]))
    assert np.isnan(hidden.value[0])


def test_zero_denominators_and_bounds() -> None:
    cells = grid(2)
    target = np.array([shapely.box(0, 0, 1.5, 1)])  # the first cell whole, half of the third
    found = overlay(cells, target)
    assert np.isnan(rates(found, np.full(4, 30.0), np.zeros(4)).value[0])
    made = rates(found, np.array([10.0, 0.0, 40.0, 0.0]), np.array([100.0, 1.0, 100.0, 1.0]))
    assert made.value[0] == pytest.approx((10 * 100 + 40 * 50) / 150)
    assert (made.low[0], made.high[0]) == pytest.approx((10.0, 25.0))  # none, or all, of the cut cell
    people = counts(found, np.array([100.0, 1.0, 100.0, 1.0]))
    assert (people.low[0], people.value[0], people.high[0]) == (100.0, 150.0, 200.0)


def test_measures_of_the_ground_weigh_their_area() -> None:
    found = overlay(grid(2), np.array([shapely.box(0, 0, 1.5, 1)]))
    made = means_over_ground(found, np.array([10.0, 0.0, 40.0, 0.0]))
    assert (made.low[0], made.value[0], made.high[0]) == pytest.approx((10.0, 20.0, 40.0))


def test_medians_are_refused_unless_insisted_upon() -> None:
    found = overlay(grid(2), np.array([shapely.box(0, 0, 2, 2)]))
    values, weights = np.array([1.0, 2.0, 30.0, 4.0]), np.array([1.0, 1.0, 5.0, 1.0])
    with pytest.raises(NotInterpolable):
        medians(found, values, weights)
    assert medians(found, values, weights, approximate=True).value[0] == 30.0


def test_invalid_shapes_are_refused() -> None:
    bow = np.array([shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])])
    with pytest.raises(ValueError, match="cell 0"):
        overlay(bow, grid(1))
    with pytest.raises(ValueError, match="target 0"):
        overlay(grid(1), np.array([None]))
