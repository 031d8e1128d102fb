"""What a leaflet of a neighbourhood or commune shows: the entries there, those nearby that one can call, the town hall."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rapidfuzz import fuzz

from maillage.core.places.models import Territory, TownHall
from maillage.core.places.queries import town_halls_of
from maillage.core.places.shapes import distance_m
from maillage.core.search.words import folded
from maillage.rooms.atlas.filters import Filters
from maillage.rooms.atlas.models import Entry, Place
from maillage.rooms.atlas.queries import matching, places_in_box, with_places

# As far as a bus ride: in many neighbourhoods nothing with a telephone is known nearer.
NEAR_M = 8000
# Where one can go or call: a tool or a past event is of no use on paper.
USEFUL_KINDS = ("initiative", "place", "network", "programme", "organisation")
LIKE = 88
_ARTICLES = re.compile(r"\b(les|le|la|l|de|du|des|d|et|quartiers?|cite|zup|grande?)\b")


@dataclass(frozen=True)
class Choice:
    """An entry at the place that a leaflet shows; `distance_m` from the middle of the territory, when it is outside."""

    entry: Entry
    place: Place | None
    distance_m: float | None = None


@dataclass(frozen=True)
class Chosen:
    """What a leaflet may show, best first; `how` tells how the first list was found: contour, name or commune."""

    inside: tuple[Choice, ...]
    nearby: tuple[Choice, ...]
    town_halls: tuple[TownHall, ...]
    how: str


@dataclass(frozen=True)
class Leaflet:
    """What is printed: the choices shown, in two sections, out of all that were found."""

    territory: Territory
    found: Chosen
    inside: tuple[Choice, ...]
    nearby: tuple[Choice, ...]
    made_at: datetime

    @property
    def choices(self) -> tuple[Choice, ...]:
        """In the order of their numbers."""
        return (*self.inside, *self.nearby)

    def cut_to(self, count: int) -> Leaflet:
        """The same with its first choices only."""
        inside = self.inside[:count]
        return replace(self, inside=inside, nearby=self.nearby[: count - len(inside)])


def plain_name(name: str) -> str:
    """A neighbourhood's name without accents, articles and dashes: "Les Minguettes" → "minguettes"."""
    return " ".join(_ARTICLES.sub(" ", re.sub(r"[^a-z0-9]+", " ", folded(name))).split())


def is_same_quarter(stated: str, name: str) -> bool:
    """Whether a stated neighbourhood is this one: one name holds all the words of the other, errors forgiven."""
    one, other = plain_name(stated), plain_name(name)
    return bool(one and other) and fuzz.token_set_ratio(one, other) >= LIKE


def communes_of(territory: Territory) -> list[str]:
    """INSEE codes of the communes that a territory is or lies in."""
    if territory.kind in {"commune", "arrondissement"}:
        return [territory.code]
    return [
        code
        for kind, _colon, code in (parent.partition(":") for parent in territory.parent_codes)
        if kind in {"commune", "arrondissement"}
    ]


def _parents_of(communes: Iterable[str]) -> set[str]:
    """These communes and their arrondissements: a place in Lyon states its arrondissement."""
    wanted = [f"commune:{code}" for code in communes]
    inner = Territory.objects.filter(kind="arrondissement", parent_codes__overlap=wanted).values_list("code", flat=True)
    return {*communes, *inner}


def chosen_for(territory: Territory) -> Chosen:
    """Entries for a leaflet: of the commune, or of the neighbourhood by its contour and by the name that sources state."""
    communes = communes_of(territory)
    codes = _parents_of(communes)
    if territory.kind in {"commune", "arrondissement"}:
        inside = _in_territory(territory, codes)
        how = "commune"
    else:
        inside = _in_quarter(territory, codes)
        how = "contour" if territory.contour_quality == "official" else "name"
    taken = {choice.entry.pk for choice in inside}
    halls = sorted((hall for code in communes for hall in town_halls_of(code)), key=lambda hall: _away(hall, territory))
    return Chosen(tuple(inside), tuple(_nearby(territory, taken)), tuple(halls[:2]), how)


def _away(hall: TownHall, territory: Territory) -> float:
    """Metres from the middle of a territory to a town hall; last where one of them is not located."""
    if hall.lon is None or hall.lat is None or territory.lon is None or territory.lat is None:
        return float("inf")
    return distance_m(lon=territory.lon, lat=territory.lat, other_lon=hall.lon, other_lat=hall.lat)


def _current(filters: Filters) -> list[Entry]:
    rows = matching(filters).filter(kind__in=USEFUL_KINDS).exclude(status__in=["closed", "planned"])
    return list(with_places(rows.order_by("sort_key", "pk")))


def _in_territory(territory: Territory, codes: set[str]) -> list[Choice]:
    found = _current(Filters(territory=f"{territory.kind}:{territory.code}"))
    return _ranked(
        choice
        for entry in found
        for choice in _choices(entry, [one for one in entry.places.all() if one.commune_code in codes])
    )


def _in_quarter(territory: Territory, codes: set[str]) -> list[Choice]:
    """By the official contour where a point is precise enough, and by the name that the source states."""
    made: dict[int, list[Choice]] = {}
    for commune in sorted(codes):
        for entry in _in_commune(commune):
            if here := [place for place in entry.places.all() if _is_here(place, territory, codes)]:
                made[entry.pk] = _choices(entry, here)
    return _ranked(choice for choices in made.values() for choice in choices)


def _in_commune(code: str) -> list[Entry]:
    rows = Entry.objects.filter(is_published=True, places__commune_code=code, kind__in=USEFUL_KINDS)
    return list(with_places(rows.exclude(status__in=["closed", "planned"]).distinct().order_by("sort_key", "pk")))


def _is_here(place: Place, territory: Territory, codes: set[str]) -> bool:
    if place.qpv_code:
        return place.qpv_code == territory.code
    return place.commune_code in codes and is_same_quarter(place.quarter, territory.name)


def _usefulness(place: Place | None) -> int:
    if place is None:
        return 0
    return 3 * bool(place.phone) + 2 * bool(place.address) + bool(place.opening_hours or place.opening_hours_text)


def _choices(entry: Entry, places: Sequence[Place]) -> list[Choice]:
    """Each door that one can call; the best known place where there is none."""
    callable_doors = [Choice(entry, place) for place in places if place.phone]
    return callable_doors or [Choice(entry, _best(places))]


def _best(places: Iterable[Place]) -> Place | None:
    return max(places, key=lambda place: (_usefulness(place), -place.position), default=None)


def _ranked(choices: Iterable[Choice]) -> list[Choice]:
    """What one can call or visit first; then what surely exists; then by name."""
    return sorted(
        choices,
        key=lambda one: (
            -_usefulness(one.place),
            one.entry.status != "active",
            one.entry.kind != "place",
            bytes(one.entry.sort_key),
            one.entry.pk,
        ),
    )


def _nearby(territory: Territory, taken: set[int]) -> list[Choice]:
    """Entries with a telephone within reach of the middle of the territory, nearest first, each at its nearest place."""
    if territory.lon is None or territory.lat is None:
        return []
    lon, lat = territory.lon, territory.lat
    high, wide = NEAR_M / 111_320, NEAR_M / 78_000
    rows = Place.objects.filter(places_in_box((lon - wide, lat - high, lon + wide, lat + high))).exclude(phone="")
    rows = rows.filter(entry__is_published=True, entry__kind__in=USEFUL_KINDS, precision__in=["address", "street"])
    rows = rows.exclude(entry__status__in=["closed", "planned"]).exclude(entry_id__in=taken).select_related("entry")
    measured = [
        Choice(place.entry, place, distance_m(lon=lon, lat=lat, other_lon=place.lon or 0.0, other_lat=place.lat or 0.0))
        for place in rows.order_by("pk")
    ]
    return _once(sorted(measured, key=lambda one: (one.distance_m or 0.0, one.entry.pk)))


def _once(choices: Sequence[Choice]) -> list[Choice]:
    """Each entry at the first of its places, each door once."""
    seen: set[object] = set()
    kept = []
    for one in choices:
        keys = {one.entry.pk, one.place.phone if one.place else one.entry.pk}
        if (one.distance_m or 0.0) <= NEAR_M and not keys & seen:
            kept.append(one)
            seen |= keys
    return kept
