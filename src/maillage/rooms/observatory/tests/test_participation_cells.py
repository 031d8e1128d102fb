"""Hidden counts: what is small is hidden, and nobody gets it back with a pencil."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.rooms.observatory.participation_cells import (
    LEAST_ROOM,
    Axis,
    Cube,
    cube_of,
    flat_axis,
    named_axis,
    tree_axis,
)


def table(rows: dict[tuple[str, str], int]) -> Cube:
    axes = (flat_axis({row for row, _column in rows}), flat_axis({column for _row, column in rows}))
    return cube_of(axes, list(rows.items()))


def one_line(**counts: int) -> Cube:
    return cube_of((flat_axis(counts),), [((name,), count) for name, count in counts.items()])


def test_a_small_count_is_hidden_and_zero_is_not() -> None:
    cube = one_line(a=25, b=3, c=0, d=12)
    assert cube.at("b") is None and cube.at("c") == 0 and cube.at("") == 40 and cube.at("nobody") == 0


def test_the_next_smallest_is_hidden_too_or_one_would_subtract() -> None:
    cube = one_line(a=25, b=3, d=12)
    assert (cube.at("a"), cube.at("b"), cube.at("d"), cube.at("")) == (25, None, None, 40)


def test_two_small_ones_that_sum_to_little_hide_a_third() -> None:
    cube = one_line(a=25, b=1, c=1, d=12)
    assert [cube.at(name) for name in "abcd"] == [25, None, None, None]


def test_many_ones_are_not_told_by_their_sum() -> None:
    cube = one_line(**{f"n{at}": 1 for at in range(10)}, big=40)
    assert cube.at("big") is None  # ten hidden people among ten hidden counts would be one each


def test_where_nothing_is_left_to_hide_the_total_goes() -> None:
    cube = one_line(a=4)
    assert cube.at("a") is None and cube.at("") is None


def test_a_territory_is_not_got_by_subtracting_its_neighbours_from_what_holds_them() -> None:
    cube = cube_of(
        (tree_axis({"lyon": ["metro", "rhone"], "bron": ["metro", "rhone"], "tarare": ["rhone"]}),),
        [(("lyon",), 200), (("bron",), 60), (("tarare",), 5)],
    )
    # rhone − metro = tarare: one of the two totals cannot stand beside the other.
    assert cube.at("tarare") is None
    assert cube.at("rhone") is None or cube.at("metro") is None


def test_people_counted_under_two_questions_are_not_got_from_either() -> None:
    cube = cube_of(
        (
            named_axis(
                ["age=young", "age=old", "home=hlm", "home=other"],
                [("", ["age=young", "age=old"]), ("", ["home=hlm", "home=other"])],
            ),
        ),
        [(("age=young",), 4), (("age=old",), 36), (("home=hlm",), 20), (("home=other",), 20)],
    )
    assert cube.at("") in (40, None) and cube.at("age=young") is None and cube.at("age=old") is None


def bounds(cube: Cube) -> tuple[np.ndarray, np.ndarray]:
    """What a reader with a pencil learns: every hidden cell between what all lines leave it, one cell at a time."""
    low = {place: 1 if cube.hidden[place] else int(cube.counts[place]) for place in np.ndindex(cube.counts.shape)}
    high = {place: 10_000 if cube.hidden[place] else int(cube.counts[place]) for place in low}
    for _round in range(30):
        for number, axis in enumerate(cube.axes):
            for one in axis.sums:
                rest = [range(size) for at, size in enumerate(cube.counts.shape) if at != number]
                for line in itertools.product(*rest):
                    total, *parts = ((*line[:number], at, *line[number:]) for at in (one.total, *one.parts))
                    low[total] = max(low[total], sum(low[part] for part in parts))
                    high[total] = min(high[total], sum(high[part] for part in parts))
                    for part in parts:
                        others = [other for other in parts if other != part]
                        high[part] = min(high[part], high[total] - sum(low[other] for other in others))
                        low[part] = max(low[part], low[total] - sum(high[other] for other in others))
    shape = cube.counts.shape
    return np.array([low[p] for p in np.ndindex(shape)]).reshape(shape), np.array(
        [high[p] for p in np.ndindex(shape)]
    ).reshape(shape)


def axes_of(seed: int) -> tuple[Axis, ...]:
    places = {"a": ["x", "y"], "b": ["x", "y"], "c": ["y"]} if seed % 2 else {"a": ["x"], "b": ["x"], "d": ["z"]}
    return flat_axis(["web", "paper", "desk"][: 2 + seed % 2]), tree_axis(places)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1), st.lists(st.integers(0, 30), min_size=9, max_size=9))
def test_no_small_count_comes_back_by_subtraction(seed: int, people: list[int]) -> None:
    axes = axes_of(seed)
    keys = list(itertools.product(axes[0].leaves, axes[1].leaves))
    cube = cube_of(axes, [(key, people[at]) for at, key in enumerate(keys)])
    low, high = bounds(cube)
    small = (cube.counts > 0) & (cube.counts < 10)
    assert cube.hidden[small].all()
    assert (low <= cube.counts).all() and (cube.counts <= high).all()
    assert (high - low)[small].min(initial=LEAST_ROOM) >= LEAST_ROOM


def test_large_tables_are_shown_whole() -> None:
    cube = table({(row, column): 50 for row in "ab" for column in "xyz"})
    assert not cube.hidden.any() and cube.at("", "") == 300 and cube.at("a", "") == 150


def test_an_unknown_axis_value_is_a_fault() -> None:
    with pytest.raises(KeyError):
        cube_of((flat_axis(["a"]),), [(("b",), 1)])
