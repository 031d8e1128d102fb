"""Counting things by value and by pair of values."""

from __future__ import annotations

import numpy as np

from maillage.kernels.crosstab.columns import Column, Ints, Mask


def tally(column: Column, kept: Mask | None = None) -> Ints:
    """How many of the kept things have each value: int64[values]. O(pairs)."""
    codes = column.codes if kept is None else column.codes[kept[column.owners]]
    return np.bincount(codes, minlength=len(column.values)).astype(np.int64)


def crosstab(rows: Column, columns: Column, kept: Mask | None = None) -> Ints:
    """How many of the kept things have both values: int64[values of rows, values of columns].

    A thing with two row values and three column values counts once in each of the six cells: sums of cells are
    therefore not numbers of things. Raises ValueError when the columns are not about the same things.
    O(sum over things of values × values), one pass of bincount.
    """
    if rows.size != columns.size:
        raise ValueError(f"columns of {rows.size} and of {columns.size} things")
    shape = (len(rows.values), len(columns.values))
    owners, codes = (rows.owners, rows.codes) if kept is None else _kept(rows, kept)
    if (other := columns.single) is not None:
        met = other[owners]
        cells = (codes * shape[1] + met)[met >= 0]
    else:
        many = columns.many[owners]
        # Each pair of `rows` meets every pair of `columns` of the same thing: positions begin at starts[owner].
        before = np.cumsum(many) - many
        places = np.repeat(columns.starts[owners] - before, many) + np.arange(int(many.sum()))
        cells = np.repeat(codes * shape[1], many) + columns.codes[places]
    return np.bincount(cells, minlength=shape[0] * shape[1]).astype(np.int64).reshape(shape)


def _kept(column: Column, kept: Mask) -> tuple[Ints, Ints]:
    chosen = kept[column.owners]
    return column.owners[chosen], column.codes[chosen]
