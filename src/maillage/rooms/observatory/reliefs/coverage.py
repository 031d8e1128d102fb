"""What was searched: whether a search looked where a cell of a relief is empty. Plain values, no table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as noop

from maillage.rooms.observatory.reliefs.dimensions import DIMENSIONS, STATED, UNSTATED
from maillage.rooms.observatory.reliefs.snapshot import Condition, Groups

# From the coarsest to the finest: a search that stopped at communes says nothing about a neighbourhood.
GRAINS: Mapping[str, str] = {
    "country": noop("La France entière, sans passer chaque territoire en revue"),
    "region": noop("Région par région"),
    "departement": noop("Département par département"),
    "epci": noop("Intercommunalité par intercommunalité"),
    "commune": noop("Commune par commune"),
    "arrondissement": noop("Commune par commune, et par arrondissement"),
    "qpv": noop("Quartier par quartier"),
}
BASES: Mapping[str, str] = {
    "searched": noop("Cherché ainsi"),
    "classified": noop("Classé ensuite, parmi ce qui a été trouvé"),
}
FRANCE = "france"
# Fields of a search that are one text or one answer, as its table and its form hold them.
PLAIN_FIELDS = (
    *("title", "who", "began_on", "ended_on", "how", "limits"),
    *("grain", "towns_only", "source_text", "source_url"),
)
_TOWNS = {"commune", "arrondissement"}
_SMALL = {*_TOWNS, "qpv", "qva"}
_RANKS = {grain: rank for rank, grain in enumerate(GRAINS)}


@dataclass(frozen=True)
class Sought:
    """Which values of a dimension a search looked for, or told apart afterwards."""

    basis: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Search:
    """One search: who, where, when, how, with which limits; `dimensions` absent from it were not looked at."""

    code: str
    title: str
    who: str
    began_on: str
    ended_on: str
    how: str
    limits: str
    grain: str
    territories: tuple[str, ...]
    excluded: tuple[str, ...]
    towns_only: bool
    dimensions: Mapping[str, Sought]
    source_text: str = ""
    source_url: str = ""
    pages: tuple[int, ...] = ()


@dataclass(frozen=True)
class Ground:
    """What is known of territories: each one's holders ("kind:code", itself included), and the towns with a QPV or QVA."""

    lines: Mapping[str, frozenset[str]] = field(default_factory=dict)
    towns: frozenset[str] = frozenset()

    def line(self, reference: str) -> frozenset[str]:
        """A territory and what holds it."""
        return self.lines.get(reference, frozenset({reference}))


def covers(search: Search, conditions: Iterable[Condition], groups: Groups, ground: Ground) -> bool:
    """Whether the search looked for everything that these conditions name."""
    return all(_covers_one(search, one, groups, ground) for one in conditions)


def _covers_one(search: Search, condition: Condition, groups: Groups, ground: Ground) -> bool:
    if {UNSTATED, STATED} & set(condition.values) or not condition.values:
        return False
    dimension = DIMENSIONS.get(condition.dimension)
    if condition.dimension == "territory" or (dimension and dimension.sort == "territory"):
        return all(reaches(search, one, ground) for one in condition.values)
    if dimension is not None and dimension.sort == "count":
        return dimension.base in search.dimensions
    if dimension is not None and dimension.sort == "group":
        rules = groups.get(dimension.code, {})
        return all(_looked_for(search, dimension.base, _in_group(rules, group)) for group in condition.values)
    sought = search.dimensions.get(condition.dimension)
    return sought is not None and set(condition.values) <= set(sought.values)


def _in_group(rules: Mapping[str, str], group: str) -> list[str]:
    return [value for value, of in rules.items() if of == group]


def _looked_for(search: Search, code: str, values: Sequence[str]) -> bool:
    """Whether at least one of these values was looked for."""
    sought = search.dimensions.get(code)
    return sought is not None and bool(set(values) & set(sought.values))


def reaches(search: Search, reference: str, ground: Ground) -> bool:
    """Whether the search went as fine as this territory, inside its area, and did not leave it out.

    A town that the search names was looked at, even where `towns_only` would leave it out.
    """
    kind = reference.partition(":")[0]
    if reference == FRANCE:
        return FRANCE in search.territories
    line = ground.line(reference)
    # IRIS, QVA and drawn areas are finer than any grain named here: only a search by neighbourhoods reaches them.
    if _RANKS[search.grain] < _RANKS.get(kind, _RANKS["qpv"]) or line & set(search.excluded):
        return False
    named = {one for one in search.territories if one.partition(":")[0] in _TOWNS}
    if line & named:
        return True
    if search.towns_only and kind in _SMALL and not line & ground.towns:
        return False
    return FRANCE in search.territories or bool(line & set(search.territories))
