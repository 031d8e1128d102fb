"""Columns of codes: which thing has which values, as two arrays in step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

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

    @cached_property
    def many(self) -> Ints:
        """How many values each thing has: int64[size]. Computed once: a column is asked for many tables."""
        return np.bincount(self.owners, minlength=self.size).astype(np.int64)

    @cached_property
    def starts(self) -> Ints:
        """Where the pairs of each thing begin: int64[size]."""
        return np.cumsum(self.many) - self.many

    @cached_property
    def stated(self) -> Mask:
        """Which things have at least one value: bool[size]."""
        return self.many > 0

    @cached_property
    def single(self) -> Ints | None:
        """The code of each thing, -1 for none: int64[size]; None where a thing has several values."""
        if self.size and int(self.many.max()) > 1:
            return None
        found = np.full(self.size, -1, np.int64)
        found[self.owners] = self.codes
        return found


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


def restricted(column: Column, order: Sequence[int]) -> Column:
    """The column with these codes only, renumbered in this order; other values are left out. O(pairs)."""
    table = np.full(len(column.values), -1, np.int64)
    table[list(order)] = np.arange(len(order))
    codes = table[column.codes] if len(table) else column.codes
    kept = codes >= 0
    return Column(tuple(column.values[one] for one in order), column.owners[kept], codes[kept], column.size)


def holders(column: Column, values: Iterable[str]) -> Mask:
    """Which things have at least one of these values: bool[size]. O(pairs)."""
    wanted = set(values)
    is_wanted = np.array([value in wanted for value in column.values], bool)
    found: Mask = np.zeros(column.size, np.bool_)
    if len(is_wanted):
        found[column.owners[is_wanted[column.codes]]] = True
    return found
