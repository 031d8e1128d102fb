"""Initiatives that spread: described things tied by their descriptions or by one name, over places and years."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from maillage.core.observed import ObservedThing, observed_things
from maillage.core.places.queries import territory_names
from maillage.core.search.words import folded


@dataclass(frozen=True)
class Member:
    """One thing of a family, with where it is."""

    name: str
    url: str
    source: str
    places: tuple[str, ...]
    pages: tuple[int, ...]
    years: tuple[int, ...] = ()


@dataclass(frozen=True)
class Family:
    """Things tied together; `why` is "related" or "name"."""

    name: str
    why: str
    members: tuple[Member, ...]
    places: tuple[str, ...]
    years: tuple[int, ...] = ()


def spread(things: Iterable[ObservedThing] | None = None) -> list[Family]:
    """Families of two things or more, and things of one description found in several communes; the widest first."""
    rows = list(observed_things() if things is None else things)
    groups = _groups(rows)
    names = territory_names({code for rows_ in groups for row in rows_ for code in _communes(row)})
    made = [_family(group, names) for group in groups]
    return sorted(made, key=lambda one: (-len(one.places), -len(one.members), folded(one.name)))


def _communes(row: ObservedThing) -> list[str]:
    return [one for one in row.territories if one.startswith("commune:")]


def _groups(rows: Sequence[ObservedThing]) -> list[list[ObservedThing]]:
    """Connected by `related` or by name; single things only when they are in two communes or more."""
    place = {f"{row.room}:{row.id}": number for number, row in enumerate(rows)}
    leader = list(range(len(rows)))

    def top(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    named: dict[str, int] = {}
    for number, row in enumerate(rows):
        ties = [place[one] for one in row.related if one in place]
        key = re.sub(r"[^a-z0-9]+", " ", folded(row.name)).strip()
        ties.append(named.setdefault(key, number))
        for other in ties:
            leader[top(other)] = top(number)
    groups: dict[int, list[ObservedThing]] = {}
    for number, row in enumerate(rows):
        groups.setdefault(top(number), []).append(row)
    return [group for group in groups.values() if len(group) > 1 or len(set(_communes(group[0]))) > 1]


def _family(group: Sequence[ObservedThing], names: dict[str, str]) -> Family:
    """The members by their first known year, those without any last."""
    members = sorted(
        (_member(row, names) for row in group), key=lambda one: (not one.years, one.years, folded(one.name))
    )
    places = tuple(sorted({one for member in members for one in member.places}))
    years = tuple(sorted({year for member in members for year in member.years}))
    is_related = any(row.related for row in group)
    why = "related" if is_related and len(group) > 1 else "name"
    return Family(group[0].name, why, tuple(members), places, years)


def _member(row: ObservedThing, names: dict[str, str]) -> Member:
    """A town is named as the territories name it, else as the room does, else by its code."""
    told = dict(row.towns) | names
    places = {told.get(one) or one.partition(":")[2] for one in _communes(row)}
    years = sorted({year for year, _kind in row.years})
    return Member(row.name, row.url, row.source, tuple(sorted(places)), row.pages, tuple(years))
