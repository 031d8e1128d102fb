"""What is counted: every thing described, as columns of codes, and the things behind any question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from maillage.core.observed import ObservedThing
from maillage.core.web.glossary import fold
from maillage.kernels.crosstab import Column, encoded, holders, regrouped
from maillage.kernels.crosstab.columns import Mask
from maillage.rooms.observatory.reliefs.dimensions import DIMENSIONS, FACETS, STATED, UNSTATED, known_values

Groups = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Condition:
    """One part of a question: things with at least one of these values of a dimension ("territory": of any kind)."""

    dimension: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Thing:
    """A thing as a list shows it."""

    reference: str
    name: str
    url: str
    source: str
    pages: tuple[int, ...]


@dataclass(frozen=True)
class Snapshot:
    """All things, as they were at one moment; columns of groups are made when the rules are known."""

    things: tuple[Thing, ...]
    columns: Mapping[str, Column]
    _grouped: dict[tuple[str, int], Column] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.things)

    def column(self, code: str, groups: Groups) -> Column:
        """The column of a dimension, under these rules of grouping."""
        dimension = DIMENSIONS.get(code)
        if dimension is None or dimension.sort != "group":
            return self.columns[code]
        rules = groups.get(code, {})
        key = (code, hash(frozenset(rules.items())))
        if key not in self._grouped:
            if len(self._grouped) > 50:
                self._grouped.clear()
            self._grouped[key] = regrouped(self.columns[dimension.base], rules, values=known_values(code))
        return self._grouped[key]

    def mask(self, conditions: Iterable[Condition], groups: Groups) -> Mask:
        """Which things meet every condition: bool[things]."""
        kept = np.ones(len(self), bool)
        for one in conditions:
            kept &= self._holders(one, groups)
        return kept

    def _holders(self, condition: Condition, groups: Groups) -> Mask:
        column = self.column(condition.dimension, groups)
        found = holders(column, column.values if STATED in condition.values else condition.values)
        if UNSTATED in condition.values:
            found |= ~column.stated
        return found

    def selected(self, conditions: Iterable[Condition], groups: Groups) -> list[Thing]:
        """The things that meet every condition, by name."""
        return [self.things[number] for number in np.flatnonzero(self.mask(conditions, groups))]


def snapshot_of(observed: Iterable[ObservedThing]) -> Snapshot:
    """The things as columns, by name. O(things and their values), and a sort."""
    things: list[Thing] = []
    cells: dict[str, list[Sequence[str]]] = {code: [] for code in FACETS}
    territories: list[tuple[str, ...]] = []
    for one in sorted(observed, key=lambda one: (fold(one.name), one.room, one.id)):
        things.append(Thing(f"{one.room}:{one.id}", one.name, one.url, one.source, one.pages))
        for code in FACETS:
            cells[code].append(one.facets.get(code, ()))
        territories.append(one.territories)
    columns = {code: encoded(cells[code], values=known_values(code)) for code in FACETS}
    columns["territory"] = encoded(territories)
    for code, dimension in DIMENSIONS.items():
        if dimension.sort == "territory":
            columns[code] = _of_kind(columns["territory"], code)
    columns["source"] = encoded([(one.source,) for one in things])
    columns["theme_count"] = _numbers_of(columns["theme"])
    return Snapshot(tuple(things), columns)


def _of_kind(territories: Column, kind: str) -> Column:
    """The territories of one kind; their values stay "kind:code"."""
    return regrouped(territories, {one: one for one in territories.values if one.partition(":")[0] == kind})


def _numbers_of(themes: Column) -> Column:
    """Whether a thing has one theme or several; nothing for those without any."""
    counts = np.bincount(themes.owners, minlength=themes.size)
    owners = np.flatnonzero(counts)
    return Column(known_values("theme_count"), owners, (counts[owners] > 1).astype(np.int64), themes.size)
