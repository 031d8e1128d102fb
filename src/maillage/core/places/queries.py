"""Reads about territories: which contain a point, how a point lies about the QPV, what a typed place name may mean."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import shapely
from django.db.models import Q
from rapidfuzz import fuzz, process

from maillage.core.errors import Missing
from maillage.core.places.models import ContourCoverage, ContourQuality, Territory, TerritoryKind, TownHall
from maillage.core.search.words import folded

METRES_PER_DEGREE = 111_320.0
NEAR_QPV_M = 500.0


@dataclass(frozen=True)
class TerritoryAt:
    """A territory found at a point; not certain where the contour is simplified and its edge is near."""

    kind: str
    code: str
    generation: str
    name: str
    is_certain: bool


@dataclass(frozen=True)
class QpvRelation:
    """in, near, outside or undetermined; `code` and `name` of the QPV when in or near."""

    state: str
    code: str = ""
    name: str = ""
    why: str = ""


@dataclass(frozen=True)
class FoundPlace:
    """A place name understood: a point and the territory it stands for."""

    label: str
    kind: str
    code: str
    lon: float
    lat: float
    score: float


def distance_m(*, lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Great-circle distance in metres."""
    a, b = math.radians(lat), math.radians(other_lat)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(min(1.0, math.sqrt(half)))


def _local(geometry: shapely.Geometry, lon: float, lat: float) -> shapely.Geometry:
    """The geometry in metres around a point: exact enough within a few kilometres."""
    width = METRES_PER_DEGREE * math.cos(math.radians(lat))
    return shapely.transform(geometry, lambda xy: (xy - [lon, lat]) * [width, METRES_PER_DEGREE])


def _around(lon: float, lat: float, margin_m: float) -> Q:
    high = margin_m / METRES_PER_DEGREE
    wide = high / max(0.05, math.cos(math.radians(lat)))
    return Q(west__lte=lon + wide, east__gte=lon - wide, south__lte=lat + high, north__gte=lat - high)


def territories_at(*, lon: float, lat: float, kinds: Iterable[str] = ()) -> list[TerritoryAt]:
    """Territories whose contour holds this point, smallest first."""
    rows = Territory.objects.filter(_around(lon, lat, 0), contour__isnull=False).order_by("area_m2", "id")
    if wanted := list(kinds):
        rows = rows.filter(kind__in=wanted)
    found = []
    origin = shapely.Point(0, 0)
    for row in rows:
        shape = _local(shapely.from_wkb(bytes(row.contour or b"")), lon, lat)
        if shape.covers(origin):
            near_edge = shape.boundary.distance(origin) < row.contour_tolerance_m
            found.append(TerritoryAt(row.kind, row.code, row.generation, row.name, not near_edge))
    return found


def qpv_relation(*, lon: float, lat: float, uncertainty_m: float, generation: str = "") -> QpvRelation:
    """How a point lies about the official QPV limits of a generation (the newest loaded by default).

    Undetermined when the true place may be on either side of a limit, and, outside every loaded contour, unless the
    contours were stated complete for the area.
    """
    wanted = generation or newest_qpv_generation()
    if not wanted:
        return QpvRelation("undetermined", why="no_contour")
    nearest = _nearest_qpv(lon, lat, uncertainty_m, wanted)
    if nearest:
        signed, row = nearest
        if abs(signed) <= uncertainty_m + row.contour_tolerance_m:
            return QpvRelation("undetermined", why="near_edge")
        if signed < 0:
            return QpvRelation("in", row.code, row.name)
    if not _is_covered(lon, lat, wanted):
        return QpvRelation("undetermined", why="contours_incomplete")
    if nearest and nearest[0] <= NEAR_QPV_M:
        return QpvRelation("near", nearest[1].code, nearest[1].name)
    return QpvRelation("outside")


def _nearest_qpv(lon: float, lat: float, uncertainty_m: float, generation: str) -> tuple[float, Territory] | None:
    """The nearest official QPV within reach, with its distance in metres, negative inside."""
    official = Territory.objects.filter(kind="qpv", contour_quality=ContourQuality.OFFICIAL, generation=generation)
    origin = shapely.Point(0, 0)
    nearest: tuple[float, Territory] | None = None
    for row in official.filter(_around(lon, lat, NEAR_QPV_M + uncertainty_m)).order_by("id"):
        shape = _local(shapely.from_wkb(bytes(row.contour or b"")), lon, lat)
        signed = shape.boundary.distance(origin) * (-1 if shape.covers(origin) else 1)
        if nearest is None or signed < nearest[0]:
            nearest = (signed, row)
    return nearest


def _is_covered(lon: float, lat: float, generation: str) -> bool:
    """Whether the contours of this generation were stated complete for an area that surely holds the point."""
    areas = set(ContourCoverage.objects.filter(kind="qpv", generation=generation).values_list("area", flat=True))
    if not areas or "france" in areas:
        return bool(areas)
    return any(f"{one.kind}:{one.code}" in areas and one.is_certain for one in territories_at(lon=lon, lat=lat))


def newest_qpv_generation() -> str:
    """The newest generation of QPV with official contours, or "" when none is loaded."""
    rows = Territory.objects.filter(kind=TerritoryKind.QPV, contour_quality=ContourQuality.OFFICIAL)
    return rows.order_by("-generation").values_list("generation", flat=True).first() or ""


def territory(*, kind: str, code: str, generation: str = "") -> Territory:
    """One territory, the newest generation by default; raises Missing."""
    rows = Territory.objects.filter(kind=kind, code=code).order_by("-generation")
    found = (rows.filter(generation=generation) if generation else rows).first()
    if found is None:
        raise Missing(f"{kind}:{code}")
    return found


def territories_of_kind(kind: str) -> list[Territory]:
    """Territories of one kind by name, without their contours."""
    return list(Territory.objects.filter(kind=kind).defer("contour").order_by("sort_key", "id"))


def town_halls_of(code: str) -> list[TownHall]:
    """Town halls of a commune or arrondissement, the main one first."""
    return list(TownHall.objects.filter(territory__code=code).order_by("id"))


def departement_of(commune_code: str) -> str:
    """Département code of an INSEE commune code: 69, 2A, 971."""
    return commune_code[:3] if commune_code.startswith("97") else commune_code[:2]


def lineage_of_commune(commune_code: str) -> list[str]:
    """Codes "kind:code" of a commune or arrondissement and of what holds it, known or deduced."""
    row = Territory.objects.filter(
        kind__in=[TerritoryKind.COMMUNE, TerritoryKind.ARRONDISSEMENT], code=commune_code
    ).only("kind", "code", "parent_codes").first()
    if row is None:
        return [f"commune:{commune_code}", f"departement:{departement_of(commune_code)}"]
    return [f"{row.kind}:{row.code}", *row.parent_codes]


def places_named(typed: str, limit: int = 6) -> list[FoundPlace]:
    """Territories that a typed name may mean, best first; accents and small errors forgiven, a postcode understood."""
    wanted = folded(typed).strip()
    if not wanted:
        return []
    rows = Territory.objects.filter(lon__isnull=False).exclude(kind__in=["iris", "region"]).only(
        "kind", "code", "name", "lon", "lat", "postcodes"
    ).order_by("id")
    if wanted.isdigit() and len(wanted) == 5:
        return [_found(row, 100.0) for row in rows.filter(Q(postcodes__contains=[wanted]) | Q(code=wanted))[:limit]]
    names = {row.pk: folded(row.name) for row in rows}
    by_id = {row.pk: row for row in rows}
    best = process.extract(wanted, names, scorer=fuzz.WRatio, limit=limit, score_cutoff=80)
    return [_found(by_id[pk], score) for _name, score, pk in best]


def _found(row: Territory, score: float) -> FoundPlace:
    return FoundPlace(row.name, row.kind, row.code, row.lon or 0.0, row.lat or 0.0, score)
