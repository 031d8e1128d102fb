"""Columns of codes: which thing has which values, as two arrays in step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Column:
    """The values of one dimension: thing `owners[i]` has `values[codes[i]]`; by thing, each pair once.

    `size` is the number of things; a thing without any value is in no pair.
    """

    values: tuple[str, ...]
    owners: Ints
    codes: Ints
    size: int

    def starts(self) -> Ints:
        """Where the pairs of each thing begin, and the end: int64[size + 1]."""
        return np.searchsorted(self.owners, np.arange(self.size + 1)).astype(np.int64)


def encoded(cells: Iterable[Sequence[str]], *, values: Iterable[str] = ()) -> Column:
    """One cell of values for each thing, in order; `values` are those to have a code whether used or not.

    A value that a cell repeats counts once. O(pairs).
    """
    numbers: dict[str, int] = {value: number for number, value in enumerate(dict.fromkeys(values))}
    owners: list[int] = []
    codes: list[int] = []
    size = 0
    for owner, cell in enumerate(cells):
        size = owner + 1
        for value in cell if len(cell) < 2 else dict.fromkeys(cell):
            owners.append(owner)
            codes.append(numbers.setdefault(value, len(numbers)))
    return Column(tuple(numbers), np.array(owners, np.int64), np.array(codes, np.int64), size)


def regrouped(column: Column, groups: Mapping[str, str], *, values: Iterable[str] = ()) -> Column:
    """The column with its values replaced by their group; a value without group is left out.

    A thing with two values of one group has that group once. O(pairs log pairs).
    """
    known = tuple(dict.fromkeys([*values, *(groups[one] for one in column.values if one in groups)]))
    numbers = {group: number for number, group in enumerate(known)}
    table = np.array([numbers[groups[one]] if one in groups else -1 for one in column.values], np.int64)
    codes = table[column.codes] if len(table) else column.codes
    kept = codes >= 0
    width = max(len(known), 1)
    pairs = np.unique(column.owners[kept] * width + codes[kept])
    return Column(known, pairs // width, pairs % width, column.size)


def holders(column: Column, values: Iterable[str]) -> Mask:
    """Which things have at least one of these values: bool[size]. O(pairs)."""
    wanted = set(values)
    is_wanted = np.array([value in wanted for value in column.values], bool)
    found: Mask = np.zeros(column.size, np.bool_)
    if len(is_wanted):
        found[column.owners[is_wanted[column.codes]]] = True
    return found
