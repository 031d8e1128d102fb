"""Filters and exact facet counts over columns of codes or bits, without any index of their own.

A `Choice` is a column and the values asked for. Rows pass a choice when their code is one of them, or when one of their
bits is; they pass a filter when they pass all its choices. Facets follow the *drill-sideways* rule: the counts beside a
facet are those of the rows that pass every choice but that facet's own, so that a person sees what another value would
give.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.tiles.index import MAX_CODE, Column, PointIndex

Mask: TypeAlias = NDArray[np.bool_]
BITS = 64
SEVERAL = 255
FEW = 4  # one row in four or fewer left: gathering them first is faster than reading all


@dataclass(frozen=True)
class Choice:
    """The values asked for in one column: codes, or numbers of bits; none means that no row passes."""

    column: str
    values: frozenset[int]


def mask_of(index: PointIndex, choices: Sequence[Choice], rows: slice | None = None, base: Mask | None = None) -> Mask:
    """Return which rows of a slice (default: all) pass every choice and the optional base mask (over all rows).

    O(rows · choices), about 1 ms per choice and million rows: a tile filters its own slice and nothing is re-indexed.
    Raises KeyError for an unknown column, ValueError as `failures_of`.
    """
    span = slice(0, len(index)) if rows is None else rows
    failures = _failures(index, choices, span, base)
    passed: Mask = failures == 0
    return passed


def facet_counts(
    index: PointIndex, sizes: Mapping[str, int], choices: Sequence[Choice] = (), base: Mask | None = None
) -> dict[str, NDArray[np.int64]]:
    """Return for each column of `sizes` (its number of values) the exact count of rows per value, drill-sideways.

    `base` (over all rows) is a filter that is no facet: a text search, a frame of the map. One pass over each chosen
    column and one over each counted column, about 1 to 3 ms per million rows each.
    Raises KeyError for an unknown column, ValueError for a code or bit not below its size or two choices of a column.
    """
    from maillage.kernels.tiles import facets_loops as loops

    failures = _failures(index, choices, slice(0, len(index)), base)
    rows = _few_left(failures) if choices or base is not None else None
    if rows is not None:
        failures = failures[rows]
    counts = {}
    for name, size in sizes.items():
        own = next((k + 1 for k, choice in enumerate(choices) if choice.column == name), 0)
        column = index.columns[name] if rows is None else index.columns[name][rows]
        counts[name] = (loops.bit_counts if _is_bits(column) else loops.code_counts)(column, size, failures, own)
    return counts


def _few_left(failures: NDArray[np.uint8]) -> NDArray[np.int64] | None:
    """Return the rows that one thing at most fails, which are all that is counted; None where they are many."""
    left = failures != SEVERAL
    return np.flatnonzero(left) if np.count_nonzero(left) * FEW <= len(failures) else None


def _failures(index: PointIndex, choices: Sequence[Choice], rows: slice, base: Mask | None) -> NDArray[np.uint8]:
    """Return per row 0 if it passes all, k + 1 if choice k alone fails it, 255 if more than one thing does."""
    from maillage.kernels.tiles import facets_loops as loops

    if len({choice.column for choice in choices}) < len(choices) or len(choices) > 253:
        raise ValueError("one choice per column, and at most 253")
    failures = np.zeros(max(0, rows.stop - rows.start), np.uint8)
    if base is not None:
        if base.shape != index.quadkeys.shape:
            raise ValueError(f"a base mask of {base.shape} for {len(index)} rows")
        failures[~base[rows]] = SEVERAL
    for k, choice in enumerate(choices):
        column = index.columns[choice.column]
        if _is_bits(column):
            loops.fail_bits(column[rows], _word(choice.values), failures, k + 1)
        else:
            loops.fail_codes(column[rows], _table(column, choice.values), failures, k + 1)
    return failures


def _is_bits(column: Column) -> bool:
    return column.dtype == np.uint64


def _word(values: frozenset[int]) -> np.uint64:
    if any(not 0 <= value < BITS for value in values):
        raise ValueError(f"a bit lies in 0 to {BITS - 1}")
    return np.uint64(sum(1 << value for value in values))


def _table(column: Column, values: frozenset[int]) -> NDArray[np.uint8]:
    """Return 1 for the codes asked for. Short codes get a whole table, so that no row lies beyond it."""
    most = min(int(np.iinfo(column.dtype).max), MAX_CODE)
    if any(not 0 <= value <= most for value in values):
        raise ValueError(f"a code of {column.dtype} lies in 0 to {most}")
    table = np.zeros(min(most, max(65535, *values, 0)) + 1, np.uint8)
    table[list(values)] = 1
    return table
