"""The counts of crosstab are those of a loop over sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.kernels.crosstab import Column, crosstab, encoded, holders, regrouped, restricted, tally

# Machines of CI are shared: how long a sample takes to draw says nothing here.
ANY_TIME = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
CELLS = st.lists(st.lists(st.sampled_from("abcdef"), max_size=4), max_size=30)
PAIRS = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abcd"), max_size=3), st.lists(st.sampled_from("wxyz"), max_size=3), st.booleans()
    ),
    max_size=40,
)


def slow_crosstab(
    rows: list[list[str]], columns: list[list[str]], kept: list[bool] | None = None
) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for number, (one, other) in enumerate(zip(rows, columns, strict=True)):
        if kept is None or kept[number]:
            for pair in {(a, b) for a in one for b in other}:
                counts[pair] = counts.get(pair, 0) + 1
    return counts


def as_counts(rows: Column, columns: Column, table: np.ndarray) -> dict[tuple[str, str], int]:
    found = {
        (rows.values[i], columns.values[j]): int(table[i, j])
        for i in range(table.shape[0])
        for j in range(table.shape[1])
    }
    return {pair: count for pair, count in found.items() if count}


@ANY_TIME
@given(PAIRS)
def test_pairs_are_those_of_a_loop(things: list[tuple[list[str], list[str], bool]]) -> None:
    left, right, kept = [one[0] for one in things], [one[1] for one in things], [one[2] for one in things]
    rows, columns = encoded(left), encoded(right)
    assert as_counts(rows, columns, crosstab(rows, columns)) == slow_crosstab(left, right)
    mask = np.array(kept, bool)
    assert as_counts(rows, columns, crosstab(rows, columns, mask)) == slow_crosstab(left, right, kept)


@ANY_TIME
@given(CELLS, st.sets(st.sampled_from("abcdef")))
def test_tally_and_holders(cells: list[list[str]], wanted: set[str]) -> None:
    column = encoded(cells, values="ab")
    assert column.values[:2] == ("a", "b")
    counts = {value: int(count) for value, count in zip(column.values, tally(column), strict=True)}
    assert counts == {value: sum(value in cell for cell in cells) for value in column.values}
    assert holders(column, wanted).tolist() == [bool(wanted & set(cell)) for cell in cells]


@ANY_TIME
@given(CELLS)
def test_regrouped_counts_a_group_once(cells: list[list[str]]) -> None:
    groups = {"a": "G", "b": "G", "c": "H"}
    column = regrouped(encoded(cells), groups, values=["H", "G", "I"])
    assert column.values == ("H", "G", "I")
    expected = [{groups[one] for one in cell if one in groups} for cell in cells]
    assert [sum(group in cell for cell in expected) for group in column.values] == tally(column).tolist()
    assert column.size == len(cells)


@ANY_TIME
@given(CELLS, st.permutations(range(6)), st.integers(0, 6))
def test_restricted_keeps_some_values_in_an_order(cells: list[list[str]], order: list[int], size: int) -> None:
    column = encoded(cells, values="abcdef")
    few = restricted(column, order[:size])
    assert few.values == tuple("abcdef"[one] for one in order[:size])
    assert tally(few).tolist() == [sum(value in cell for cell in cells) for value in few.values]


def test_several_values_count_in_several_cells() -> None:
    themes, actors = encoded([["rights", "culture"], ["rights"]]), encoded([["commune", "library"], []])
    table = crosstab(themes, actors)
    assert table.tolist() == [[1, 1], [1, 1]]
    assert tally(themes).tolist() == [2, 1]


def test_columns_of_other_things_are_refused() -> None:
    with pytest.raises(ValueError, match="2 and of 1"):
        crosstab(encoded([["a"], ["b"]]), encoded([["a"]]))


def test_nothing_at_all() -> None:
    empty = encoded([])
    assert crosstab(empty, empty).shape == (0, 0)
    assert tally(empty).tolist() == [] and holders(empty, ["a"]).tolist() == []
    assert regrouped(empty, {}).values == ()
