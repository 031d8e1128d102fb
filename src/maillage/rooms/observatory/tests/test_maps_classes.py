"""Classes: natural breaks against all partitions tried one by one, quantiles, equal steps, and what is too few."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.rooms.observatory.maps.classes import METHODS, classes_of
from maillage.rooms.observatory.maps_words import class_labels

VALUES = st.lists(st.integers(-50, 50).map(lambda one: one / 4), min_size=1, max_size=11)


def spread(groups: list[list[float]]) -> float:
    return sum(sum((value - sum(group) / len(group)) ** 2 for value in group) for group in groups if group)


def best_spread(values: list[float], count: int) -> float:
    """The least sum of squares of all partitions into `count` runs, each tried."""
    ordered = sorted(values)
    cuts = combinations(range(1, len(ordered)), count - 1)
    runs = [[ordered[a:b] for a, b in pairwise([0, *cut, len(ordered)])] for cut in cuts]
    return min(spread(one) for one in runs)


@given(VALUES, st.integers(2, 5))
def test_natural_breaks_are_the_best_of_all(values: list[float], asked: int) -> None:
    made = classes_of(values, "naturelles", asked)
    groups: list[list[float]] = [[] for _ in range(made.count)]
    for value in values:
        groups[made.place_of(value)].append(value)
    assert spread(groups) == pytest.approx(best_spread(values, min(asked, len(set(values)))), abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
@given(VALUES, st.integers(2, 7))
def test_every_value_is_in_one_class_within_its_bounds(method: str, values: list[float], asked: int) -> None:
    made = classes_of(values, method, asked)
    assert sum(made.counts) == len(values) and 1 <= made.count <= min(asked, len(set(values)))
    assert made.bounds[0] == min(values) and made.bounds[-1] == max(values)
    assert list(made.bounds) == sorted(made.bounds)
    for value in values:
        place = made.place_of(value)
        assert made.bounds[place] <= value <= made.bounds[place + 1]
        assert place == 0 or value > made.bounds[place]


def test_quantiles_hold_as_many_each() -> None:
    assert classes_of([float(one) for one in range(20)], "quantiles", 5).counts == (4, 4, 4, 4, 4)


def test_equal_values_stay_together_and_make_fewer_classes() -> None:
    made = classes_of([1.0, 1.0, 1.0, 1.0, 9.0], "quantiles", 4)
    assert made.count == 2 and made.counts == (4, 1) and made.asked == 4


def test_equal_steps_may_leave_a_class_empty_and_say_so() -> None:
    assert classes_of([0.0, 1.0, 10.0], "egales", 3).counts == (2, 0, 1)


def test_one_value_is_one_class() -> None:
    assert classes_of([3.0], "naturelles", 5).counts == (1,)


@pytest.mark.parametrize("values", [[], [float("nan")], [1.0, float("inf")]])
def test_no_value_and_no_number_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        classes_of(values, "quantiles", 3)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="rainbow"):
        classes_of([1.0, 2.0], "rainbow", 3)


def test_labels_never_repeat_a_bound() -> None:
    labels = class_labels(classes_of([1.01, 1.02, 1.03, 1.04], "quantiles", 4), 1)
    assert len(set(labels)) == 4 and labels[0] == "1,01" and labels[1] == "plus de 1,01 à 1,02"
