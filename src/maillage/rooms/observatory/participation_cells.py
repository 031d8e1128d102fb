"""Counts that hide small groups: tables with all their totals, where what is hidden cannot be had by subtraction.

A cube holds one count for each combination of its axes, totals included (value "" of an axis, or a territory that holds
others). Three steps, none of which looks at names:

1. a count of 1 to 9 is hidden (0 is shown: it tells of nobody);
2. wherever a total and its parts are on one line, what is hidden must stay open: at least two of the parts, and together
   enough people, else the next smallest count is hidden too, until every line holds;
3. an audit then does what a reader with a pencil would do (bounds of each hidden count from all lines at once, over and over);
   a small count that comes out within LEAST_ROOM of sure hides one count more, and the audit begins again.

Rounds are few because each hides more. What is not promised: a reader who knows some of the people can always count them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 10
LEAST_ROOM = 4  # a hidden small count must stay possible over a range at least this wide

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Sum:
    """The value at `total` is the sum of those at `parts` (positions on the axis)."""

    total: int
    parts: tuple[int, ...]


@dataclass(frozen=True)
class Axis:
    """Values of an axis with what sums to what; `leaves` are the values that rows have, the rest are totals.

    `harmless` values say nothing of anybody (no answer given): a small count of them is no reason to hide.
    """

    values: tuple[str, ...]
    leaves: tuple[str, ...]
    sums: tuple[Sum, ...]
    harmless: frozenset[str] = frozenset()

    def position(self, value: str) -> int:
        """Where a value stands; raises KeyError."""
        try:
            return self.values.index(value)
        except ValueError as fault:
            raise KeyError(value) from fault


def flat_axis(leaves: Iterable[str]) -> Axis:
    """Values with their total, ""."""
    own = tuple(sorted(set(leaves)))
    return Axis(("", *own), own, (Sum(0, tuple(range(1, len(own) + 1))),) if own else ())


def tree_axis(above: Mapping[str, Iterable[str]]) -> Axis:
    """Places: each leaf with the places that hold it; the total is "".

    A place within another also sums: the larger is the smaller and the leaves beside it, or one could subtract the two.
    """
    leaves = tuple(sorted(above))
    under: dict[str, set[str]] = {"": set(leaves)}
    for leaf, places in above.items():
        for place in set(places) - {leaf, ""}:
            under.setdefault(place, set()).add(leaf)
    under = {place: held for place, held in under.items() if place not in above}
    values = (*sorted(under), *leaves)
    at = {value: position for position, value in enumerate(values)}
    sums = [Sum(at[place], tuple(sorted(at[one] for one in held))) for place, held in sorted(under.items())]
    for large, all_held in sorted(under.items()):
        for small, held in sorted(under.items()):
            if large != small and held <= all_held and (held != all_held or large < small):
                sums.append(Sum(at[large], (at[small], *sorted(at[one] for one in all_held - held))))
    return Axis(values, leaves, tuple(sums))


def named_axis(leaves: Iterable[str], sums: Sequence[tuple[str, Sequence[str]]], harmless: Iterable[str] = ()) -> Axis:
    """Leaves and the totals made of them, in order: a total may be made of earlier ones, and in more than one way."""
    own = tuple(leaves)
    values = tuple(dict.fromkeys((*own, *(name for name, _parts in sums))))
    at = {value: position for position, value in enumerate(values)}
    made = tuple(Sum(at[name], tuple(at[part] for part in parts)) for name, parts in sums)
    return Axis(values, own, made, frozenset(harmless))


@dataclass(frozen=True)
class Cube:
    """Counts and what of them is hidden, by the positions of each axis."""

    axes: tuple[Axis, ...]
    counts: Counts
    hidden: Mask

    def at(self, *values: str) -> int | None:
        """The count of a combination: None when hidden, 0 for a value that no row has."""
        try:
            place = tuple(axis.position(value) for axis, value in zip(self.axes, values, strict=True))
        except KeyError:
            return 0
        return None if self.hidden[place] else int(self.counts[place])


def cube_of(axes: Sequence[Axis], rows: Iterable[tuple[tuple[str, ...], int]]) -> Cube:
    """Count rows (leaf values by axis, people), fill in the totals, hide.

    Where a total is made in several ways (the answers of each question make all the people), rows come once for each.
    """
    counts = np.zeros([len(axis.values) for axis in axes], np.int64)
    places = [{value: position for position, value in enumerate(axis.values)} for axis in axes]
    for values, people in rows:
        counts[tuple(place[value] for place, value in zip(places, values, strict=True))] += people
    for number, axis in enumerate(axes):
        ahead = np.moveaxis(counts, number, 0)
        filled = {axis.values.index(leaf) for leaf in axis.leaves}
        for one in axis.sums:
            if one.total not in filled and filled.issuperset(one.parts):
                ahead[one.total] = ahead[list(one.parts)].sum(axis=0)
                filled.add(one.total)
    return Cube(tuple(axes), counts, hidden_of(axes, counts))


def hidden_of(axes: Sequence[Axis], counts: Counts) -> Mask:
    """What to hide of a cube. O(lines × cells of a line) a round."""
    small = (counts > 0) & (counts < THRESHOLD)
    for number, axis in enumerate(axes):
        np.moveaxis(small, number, 0)[[value in axis.harmless for value in axis.values]] = False
    hidden = small.copy()
    while True:
        # Lines that leave no choice come first; the finest axis, which is the last, before the others: what they hide guides
        # the choices that are left.
        turns = [(number, forced) for forced in (True, False) for number in reversed(range(len(axes)))]
        while any(_hide_more(axes, counts, hidden, number, forced=forced) for number, forced in turns):
            pass
        exposed = small & _exposed(axes, counts, hidden)
        if not exposed.any() or not _hide_beside(axes, counts, hidden, exposed):
            return hidden


def _lines(array: NDArray[Any], number: int, one: Sum) -> NDArray[Any]:
    """The cells of one sum, total first, as a table with a column for each line of the cube."""
    ahead = np.moveaxis(array, number, 0)[[one.total, *one.parts]]
    return ahead.reshape(ahead.shape[0], -1)


def _put(array: NDArray[Any], number: int, one: Sum, lines: NDArray[Any]) -> None:
    """Add a table of lines to the cells that it came from."""
    ahead = np.moveaxis(array, number, 0)
    for place, row in zip((one.total, *one.parts), lines, strict=True):
        ahead[place] += row.reshape(ahead[place].shape)


def _costs(axes: Sequence[Axis], counts: Counts, hidden: Mask) -> Counts:
    """What hiding a cell would cost: lines that would need another one, totals that many pages show, people in it."""
    costs = np.minimum(counts, 999)
    for number, axis in enumerate(axes):
        totals = np.array([value not in axis.leaves for value in axis.values])
        shape = [-1 if at == number else 1 for at in range(counts.ndim)]
        costs = costs + 1000 * totals.reshape(shape)
        for one in axis.sums:
            alone = _lines(hidden, number, one).sum(axis=0) == 0
            _put(costs, number, one, np.broadcast_to(3000 * alone, (1 + len(one.parts), alone.size)))
    return costs


def _hide_more(axes: Sequence[Axis], counts: Counts, hidden: Mask, number: int, *, forced: bool) -> bool:
    """Hide one count more on each line of an axis that is open: only those without a choice, or all.

    Returns whether something more was hidden.
    """
    is_changed = False
    costs_of_all = None if forced else _costs(axes, counts, hidden)
    for one in axes[number].sums:
        values, covered = _lines(counts, number, one), _lines(hidden, number, one)
        unknown = covered[1:].sum(axis=0)
        together = (values[1:] * covered[1:]).sum(axis=0)
        is_told = ~covered[0] & (together - unknown < THRESHOLD - 2)
        is_open = (unknown == 0) & covered[0] | (unknown == 1) & ~covered[0] | (unknown > 1) & is_told
        choices = (~covered & (values > 0)).sum(axis=0)
        lines = np.flatnonzero(is_open & (choices == 1 if forced else choices > 1))
        if not lines.size:
            continue
        costs = np.zeros_like(values) if costs_of_all is None else _lines(costs_of_all, number, one)
        costs = np.where(covered | (values == 0), np.iinfo(np.int64).max, costs)[:, lines]
        more = np.zeros_like(covered)
        more[costs.argmin(axis=0), lines] = True
        _put(hidden, number, one, more)
        is_changed = True
    return is_changed


def _exposed(axes: Sequence[Axis], counts: Counts, hidden: Mask) -> Mask:
    """Hidden cells that all the lines together pin down to less than LEAST_ROOM."""
    low = np.where(hidden, 1, counts)
    high = np.where(hidden, counts.max(initial=0) + THRESHOLD, counts)
    for _round in range(12):
        before = int(high.sum() - low.sum())
        for number, axis in enumerate(axes):
            for one in axis.sums:
                _tighten(np.moveaxis(low, number, 0), np.moveaxis(high, number, 0), one)
        if int(high.sum() - low.sum()) == before:
            break
    return hidden & (high - low < LEAST_ROOM)


def _tighten(low: Counts, high: Counts, one: Sum) -> None:
    parts = list(one.parts)
    low[one.total] = np.maximum(low[one.total], low[parts].sum(axis=0))
    high[one.total] = np.minimum(high[one.total], high[parts].sum(axis=0))
    others_low, others_high = low[parts].sum(axis=0) - low[parts], high[parts].sum(axis=0) - high[parts]
    high[parts] = np.minimum(high[parts], high[one.total] - others_low)
    low[parts] = np.maximum(low[parts], low[one.total] - others_high)


def _hide_beside(axes: Sequence[Axis], counts: Counts, hidden: Mask, exposed: Mask) -> bool:
    """Hide, on one line of each exposed cell, the smallest count still shown, else the total; False when none is left."""
    is_changed = False
    for place in np.argwhere(exposed):
        best: tuple[int, tuple[int, ...]] | None = None
        for number, axis in enumerate(axes):
            for one in axis.sums:
                if place[number] not in (one.total, *one.parts):
                    continue
                for other in (one.total, *one.parts):
                    beside = (*place[:number], other, *place[number + 1 :])
                    if not hidden[beside] and counts[beside] > 0:
                        found = (int(counts[beside]), tuple(int(step) for step in beside))
                        best = min(best, found) if best else found
        if best:
            hidden[best[1]] = True
            is_changed = True
    return is_changed
