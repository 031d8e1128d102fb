"""A part of a read model: rows as columns, named by their identifiers; and a view: parts laid one over the other."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
IDS, BY_ID = "ids", "by_id"

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Part:
    """Rows of a layer as they were in one snapshot of the database. `memo` keeps what is derived from them.

    `arrays["ids"]` holds the identifiers in the order of the rows, `arrays["by_id"]` the rows in the order of the
    identifiers; what else there is belongs to the layer.
    """

    arrays: Mapping[str, NDArray[Any]]
    notes: Mapping[str, Any] = field(default_factory=dict)
    number: int = field(default_factory=lambda: next(_numbers))
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def ids(self) -> Ints:
        """Identifiers, in the order of the rows."""
        return self.arrays[IDS]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.ids)

    def rows_of(self, ids: Sequence[int] | Ints) -> Ints:
        """Rows that hold these identifiers; those it does not hold are left out."""
        rows, is_held = self.looked_up(ids)
        return rows[is_held]

    def looked_up(self, ids: Sequence[int] | Ints) -> tuple[Ints, Mask]:
        """For each identifier, its row, and whether it is held at all. O(m log n)."""
        asked = np.asarray(ids, np.int64)
        if not len(asked) or not len(self):
            return np.zeros(len(asked), np.int64), np.zeros(len(asked), bool)
        order = self.arrays[BY_ID]
        at = np.minimum(np.searchsorted(self.ids, asked, sorter=order), len(self) - 1)
        rows = order[at].astype(np.int64)
        return rows, self.ids[rows] == asked


def with_ids(ids: Ints) -> dict[str, NDArray[Any]]:
    """The two arrays that every part has."""
    return {IDS: ids, BY_ID: np.argsort(ids, kind="stable").astype(np.int32)}


@dataclass(frozen=True)
class Laid:
    """A part of a view; `alive` leaves out the rows that a later part says again, None when it is whole."""

    part: Part
    alive: Mask | None = None

    def without(self, ids: Ints) -> Laid:
        """The same without the rows of these identifiers."""
        rows = self.part.rows_of(ids)
        if not len(rows):
            return self
        alive = np.ones(len(self.part), bool) if self.alive is None else self.alive.copy()
        alive[rows] = False
        return Laid(self.part, alive)


@dataclass(frozen=True)
class View:
    """What a reader sees: each object is alive in one part at most.

    `mark` names this state within this process, to keep answers by it; "" for a view that holds what the caller's own
    transaction wrote and nobody else sees: nothing of it may be kept.
    """

    laid: tuple[Laid, ...]
    mark: str

    def __len__(self) -> int:
        """Return the number of rows alive."""
        return sum(len(one.part) if one.alive is None else int(one.alive.sum()) for one in self.laid)


def over(laid: Sequence[Laid], ids: Ints, part: Part) -> tuple[Laid, ...]:
    """These parts with another laid over them, which tells all there is about `ids`."""
    kept = tuple(one.without(ids) for one in laid)
    return (*kept, Laid(part)) if len(part) else kept
