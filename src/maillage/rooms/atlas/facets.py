"""Exact counts of every value of every facet, from the read model: each facet is counted with its own choice left out.

An entry counts once, however many places it has or has not. No statement beyond the one that asks what changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.core.readmodel.kept import Kept
from maillage.core.readmodel.parts import Laid, Part
from maillage.core.search.index import Query, understand
from maillage.kernels.tiles import facets as kernel
from maillage.rooms.atlas import readmodel
from maillage.rooms.atlas.filters import FACETS, Filters
from maillage.rooms.atlas.readmodel_masks import (
    as_mask,
    base_mask,
    choices_of,
    hits_of,
    index_of,
    joined,
    question_key,
)

TALLIES = Kept(10_000_000)
TALLY_BYTES = 20_000


@dataclass(frozen=True)
class FacetCount:
    """One value of a facet: how many entries one would see by choosing it."""

    value: str
    count: int
    is_chosen: bool


def facet_counts(filters: Filters, query: Query | None = None) -> dict[str, list[FacetCount]]:
    """Counts per facet and value, most first; a chosen value is kept even at zero."""
    tallies = _tallies(filters, query)
    counts: dict[str, list[FacetCount]] = {}
    for name in FACETS:
        tally, chosen = tallies[name], filters.chosen.get(name, ())
        values = [*tally, *(value for value in chosen if value not in tally)]
        ranked = sorted(values, key=lambda value: (-tally.get(value, 0), value))
        counts[name] = [FacetCount(value, tally.get(value, 0), value in chosen) for value in ranked]
    return counts


def _tallies(filters: Filters, query: Query | None) -> Mapping[str, Mapping[str, int]]:
    query = (query or understand(filters.text)) if filters.text else None
    view = readmodel.view()
    key = (view.mark, question_key(filters), query.tsquery if query else None)
    tallies: dict[str, Counter[str]] | None = TALLIES.of(view.mark).get(key) if view.mark else None
    if tallies is None:
        tallies = {name: Counter() for name in FACETS}
        for laid in view.laid:
            _count(laid, filters, query, tallies, is_kept=bool(view.mark))
        if view.mark:
            TALLIES.put(key, tallies, TALLY_BYTES)
    return tallies


def _count(
    laid: Laid, filters: Filters, query: Query | None, tallies: dict[str, Counter[str]], *, is_kept: bool
) -> None:
    part = laid.part
    base = joined(laid.alive, base_mask(part, filters))
    if query is not None:
        base = joined(base, as_mask(part, hits_of(part, query, is_kept=is_kept)))
    sizes = {field: len(readmodel.cells_of(part, field)) for field, _many, _facet in FACETS.values()}
    found = kernel.facet_counts(index_of(part), sizes, choices_of(part, filters), base)
    for name, (field, _many, _facet) in FACETS.items():
        tallies[name].update(_spread(part, field, found[field]))


def _spread(part: Part, field: str, of_cells: NDArray[np.int64]) -> dict[str, int]:
    """From counts of cells to counts of the values that they hold."""
    values, cells, owners = _holdings(part, field)
    counts = np.zeros(len(values), np.int64)
    np.add.at(counts, owners, of_cells[cells])
    return {value: int(count) for value, count in zip(values, counts, strict=True) if count}


def _holdings(part: Part, field: str) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """The values of a column, and pairs of a cell and the value that it holds."""
    known: Any = part.memo.get(("holdings", field))
    if known is None:
        numbers: dict[str, int] = {}
        pairs = [
            (code, numbers.setdefault(value, len(numbers)))
            for code, cell in enumerate(readmodel.cells_of(part, field))
            for value in dict.fromkeys(cell)
        ]
        table = np.array(pairs, np.int64).reshape(-1, 2)
        known = part.memo["holdings", field] = (list(numbers), table[:, 0], table[:, 1])
    values, cells, owners = known
    return values, cells, owners
