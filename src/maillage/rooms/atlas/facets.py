"""Exact counts of every value of every facet: each facet is counted with its own choice left out.

Two statements in all, whatever the number of rows: one reads the facet columns of the rows that meet the rest of the
question, the counting is done here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from maillage.core.search.index import Query
from maillage.rooms.atlas.filters import FACETS, Filters
from maillage.rooms.atlas.queries import matching


@dataclass(frozen=True)
class FacetCount:
    """One value of a facet: how many entries one would see by choosing it."""

    value: str
    count: int
    is_chosen: bool


def facet_counts(filters: Filters, query: Query | None = None) -> dict[str, list[FacetCount]]:
    """Counts per facet and value, most first; a chosen value is kept even at zero."""
    base = replace(filters, chosen={})
    columns = [FACETS[name][0] for name in FACETS]
    rows = list(matching(base, query).values_list(*columns))
    kept = [_choices_met(row, filters) for row in rows]
    counts: dict[str, list[FacetCount]] = {}
    for position, name in enumerate(FACETS):
        others = len(filters.chosen) - (name in filters.chosen)
        tally: Counter[str] = Counter()
        for row, met in zip(rows, kept, strict=True):
            if len(met - {name}) == others:
                tally.update(_values(row[position]))
        chosen = filters.chosen.get(name, ())
        values = [*tally, *(value for value in chosen if value not in tally)]
        ranked = sorted(values, key=lambda value: (-tally[value], value))
        counts[name] = [FacetCount(value, tally[value], value in chosen) for value in ranked]
    return counts


def _values(cell: object) -> list[str]:
    if isinstance(cell, list):
        return cell
    return [str(cell)] if cell else []


def _choices_met(row: tuple[object, ...], filters: Filters) -> set[str]:
    """Names of the facets whose choice this row meets."""
    return {
        name
        for position, name in enumerate(FACETS)
        if name in filters.chosen and set(_values(row[position])) & set(filters.chosen[name])
    }
