"""Reads about territories: which contain a point, how a point lies about the QPV, what lies around and inside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import shapely
from django.db.models import Count, Q

from maillage.core.errors import Missing
from maillage.core.places.gazetteer import FoundPlace, form_of, places_named
from maillage.core.places.models import (
    ContourCoverage,
    ContourQuality,
    Edition,
    PlaceName,
    Territory,
    TerritoryKind,
    TerritoryQuerySet,
    TownHall,
)
from maillage.core.places.shapes import box_around, distance_m, on_plane

__all__ = ["FoundPlace", "distance_m", "places_named"]

NEAR_QPV_M = 500.0
# Simplified contours of two neighbours leave gaps: they are neighbours when nearer than the tolerance of the two.
TOUCHING_M = 30.0
_ORIGIN = shapely.Point(0, 0)


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
    """in, near, outside or undetermined; `code` and `name` of the QPV when in or near.

    `why` says what leaves it undetermined: no_contour, near_edge or contours_incomplete. It is between_two when the point
    is surely in a QPV, but near the limit between two of them: `code` is then empty.
    """

    state: str
    code: str = ""
    name: str = ""
    why: str = ""


@lru_cache(maxsize=4096)
def _shape(pk: int, _loaded_at: datetime) -> shapely.Geometry:
    """The contour of a row; the date of its last load is part of the key, so that no old shape is ever used."""
    wkb = Territory.objects.values_list("contour", flat=True).get(pk=pk)
    shape = shapely.from_wkb(bytes(wkb or b""))
    shapely.prepare(shape)
    return shape


@lru_cache(maxsize=4096)
def _edge(pk: int, loaded_at: datetime) -> shapely.Geometry:
    return _shape(pk, loaded_at).boundary


def _local_shape(row: Territory, lon: float, lat: float) -> shapely.Geometry:
    return on_plane(_shape(row.pk, row.loaded_at), lon, lat)


def _rows_touching(lon: float, lat: float, margin_m: float) -> TerritoryQuerySet:
    box = box_around(lon, lat, margin_m) if margin_m else (lon, lat, lon, lat)
    rows = Territory.objects.touching(*box).filter(contour__isnull=False, valid_until__isnull=True)
    return rows.defer("contour", "sort_key").order_by("area_m2", "id")


def _is_edge_within(row: Territory, lon: float, lat: float, distance_m: float) -> bool:
    """Whether the edge comes this near to the point: only the part of it around the point is measured."""
    around = shapely.clip_by_rect(_edge(row.pk, row.loaded_at), *box_around(lon, lat, distance_m + 1))
    return not around.is_empty and on_plane(around, lon, lat).dwithin(_ORIGIN, distance_m)


def territories_at(
    *, lon: float, lat: float, kinds: Iterable[str] = (), uncertainty_m: float = 0.0
) -> list[TerritoryAt]:
    """Territories whose contour holds this point, smallest first; certain when the edge is farther than can matter."""
    rows = _rows_touching(lon, lat, 0)
    if wanted := list(kinds):
        rows = rows.filter(kind__in=wanted)
    point = shapely.Point(lon, lat)
    found = []
    for row in rows:
        if _shape(row.pk, row.loaded_at).covers(point):
            doubt = row.contour_tolerance_m + uncertainty_m
            is_certain = not doubt or not _is_edge_within(row, lon, lat, doubt)
            found.append(TerritoryAt(row.kind, row.code, row.generation, row.name, is_certain))
    return found


def qpv_relation(
    *, lon: float, lat: float, uncertainty_m: float, generation: str = "", commune_code: str = ""
) -> QpvRelation:
    """How a point lies about the official QPV limits of a generation (the newest loaded by default).

    Undetermined when the true place may be on either side of a limit, and, outside every loaded contour, unless the
    contours were stated complete for the area: the commune that the source states tells the area, else the contours do.
    """
    wanted = generation or newest_qpv_generation()
    if not wanted:
        return QpvRelation("undetermined", why="no_contour")
    nearby = _qpv_nearby(lon, lat, uncertainty_m, wanted)
    if nearby and (inside := _inside_or_edge(nearby, uncertainty_m)):
        return inside
    if not _is_covered(lon, lat, uncertainty_m, wanted, commune_code):
        return QpvRelation("undetermined", why="contours_incomplete")
    if nearby:
        distance, nearest = min(((shape.distance(_ORIGIN), row) for row, shape in nearby), key=lambda pair: pair[0])
        if distance <= NEAR_QPV_M:
            return QpvRelation("near", nearest.code, nearest.name)
    return QpvRelation("outside")


def _qpv_nearby(
    lon: float, lat: float, uncertainty_m: float, generation: str
) -> list[tuple[Territory, shapely.Geometry]]:
    """The official QPV whose box is within reach, with their shapes in metres about the point."""
    rows = _rows_touching(lon, lat, NEAR_QPV_M + 2 * uncertainty_m + TOUCHING_M)
    rows = rows.filter(kind=TerritoryKind.QPV, generation=generation, contour_quality=ContourQuality.OFFICIAL)
    return [(row, _local_shape(row, lon, lat)) for row in rows]


def _inside_or_edge(nearby: list[tuple[Territory, shapely.Geometry]], uncertainty_m: float) -> QpvRelation | None:
    """In, or too near a limit to tell; None when surely outside. The limit is that of all the QPV together."""
    doubt = uncertainty_m + max(row.contour_tolerance_m for row, _shape in nearby)
    together = shapely.union_all([shape for _row, shape in nearby])
    if together.boundary.distance(_ORIGIN) <= doubt:
        return QpvRelation("undetermined", why="near_edge")
    if not together.covers(_ORIGIN):
        return None
    for row, shape in nearby:
        if shape.covers(_ORIGIN) and shape.boundary.distance(_ORIGIN) > doubt:
            return QpvRelation("in", row.code, row.name)
    return QpvRelation("in", why="between_two")


def _is_covered(lon: float, lat: float, uncertainty_m: float, generation: str, commune_code: str) -> bool:
    """Whether the contours of this generation were stated complete for an area that surely holds the point."""
    areas = set(ContourCoverage.objects.filter(kind="qpv", generation=generation).values_list("area", flat=True))
    if not areas or "france" in areas:
        return bool(areas)
    if commune_code and not areas.isdisjoint(lineage_of_commune(commune_code)):
        return True
    kinds = {area.partition(":")[0] for area in areas}
    here = territories_at(lon=lon, lat=lat, kinds=kinds, uncertainty_m=uncertainty_m)
    return any(f"{one.kind}:{one.code}" in areas and one.is_certain for one in here)


def newest_qpv_generation() -> str:
    """The newest generation of QPV with official contours, or "" when none is loaded."""
    rows = Territory.objects.filter(kind=TerritoryKind.QPV, contour_quality=ContourQuality.OFFICIAL)
    return rows.order_by("-generation").values_list("generation", flat=True).first() or ""


def edition() -> str:
    """A mark that changes at each change of territories, and is never used twice, even after the data were deleted."""
    row = Edition.objects.filter(pk=1).first()
    return f"{row.number}-{row.changed_at:%Y%m%d%H%M%S%f}" if row else "0"


def territory(*, kind: str, code: str, generation: str = "") -> Territory:
    """One territory, the newest generation by default; raises Missing."""
    rows = Territory.objects.filter(kind=kind, code=code).defer("contour").order_by("-generation")
    found = (rows.filter(generation=generation) if generation else rows).first()
    if found is None:
        raise Missing(f"{kind}:{code}")
    return found


def territory_name(reference: str) -> str:
    """Name of "kind:code", or the reference itself when no such territory is loaded."""
    return territory_names([reference]).get(reference, reference)


def territory_names(references: Iterable[str]) -> dict[str, str]:
    """Names of many "kind:code" in one statement; those unknown are absent."""
    pairs = [reference.partition(":")[::2] for reference in references]
    rows = Territory.objects.filter(kind__in={kind for kind, _code in pairs}, code__in={code for _kind, code in pairs})
    return {
        f"{kind}:{code}": name for kind, code, name in rows.order_by("generation").values_list("kind", "code", "name")
    }


def territories_of_kind(kind: str) -> list[Territory]:
    """Territories of one kind by name, without their contours."""
    return list(Territory.objects.filter(kind=kind).defer("contour").order_by("sort_key", "id"))


def territories_page(kind: str, after: str = "", size: int = 100) -> tuple[list[Territory], str]:
    """One page of a kind by name, and the cursor of the next page, "" at the end; a wrong cursor gives the first page."""
    rows = Territory.objects.filter(kind=kind, valid_until__isnull=True).defer("contour").order_by("sort_key", "id")
    key, _dash, pk = after.partition("-")
    with suppress(ValueError):  # a cursor typed by hand: the first page is the useful answer
        rows = rows.filter(Q(sort_key__gt=bytes.fromhex(key)) | Q(sort_key=bytes.fromhex(key), pk__gt=int(pk[:18])))
    found = list(rows[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return found[:size], f"{bytes(last.sort_key).hex()}-{last.pk}" if last else ""


def every_territory(kind: str = "") -> Iterator[Territory]:
    """All territories (of one kind), streamed, without contours: for a complete export."""
    rows = Territory.objects.filter(valid_until__isnull=True).defer("contour", "sort_key")
    return (rows.filter(kind=kind) if kind else rows).order_by("kind", "sort_key", "id").iterator(1000)


def kinds_loaded() -> dict[str, int]:
    """How many territories of each kind are loaded, in the order of TerritoryKind."""
    rows = Territory.objects.filter(valid_until__isnull=True).values_list("kind").annotate(Count("id")).order_by("kind")
    counts = dict(rows)
    return {kind: counts[kind] for kind in TerritoryKind.values if kind in counts}


def inside(reference: str, kinds: Iterable[str] = ()) -> list[Territory]:
    """Territories whose parents name this one, by name, without their contours."""
    rows = Territory.objects.filter(parent_codes__contains=[reference], valid_until__isnull=True).defer("contour")
    if wanted := list(kinds):
        rows = rows.filter(kind__in=wanted)
    return list(rows.order_by("kind", "sort_key", "id"))


def neighbours(found: Territory) -> list[Territory]:
    """Territories of the same kind and generation that touch this one, by name.

    Contours that were simplified apart leave gaps of some metres: those nearer than 30 m count as touching.
    """
    if found.west is None or found.south is None or found.east is None or found.north is None:
        return []
    lon, lat = (found.west + found.east) / 2, (found.south + found.north) / 2
    west, south, _east, _north = box_around(found.west, found.south, TOUCHING_M)
    _west, _south, east, north = box_around(found.east, found.north, TOUCHING_M)
    rows = Territory.objects.touching(west, south, east, north).filter(kind=found.kind, generation=found.generation)
    rows = rows.filter(contour__isnull=False, valid_until__isnull=True).exclude(pk=found.pk).defer("contour")
    mine = _local_shape(found, lon, lat)
    return [row for row in rows.order_by("sort_key", "id") if _local_shape(row, lon, lat).dwithin(mine, TOUCHING_M)]


def town_halls_of(code: str) -> list[TownHall]:
    """Town halls of a commune or arrondissement, the main one first."""
    return town_halls_in([code])


def town_halls_in(codes: Iterable[str]) -> list[TownHall]:
    """Town halls of several communes and arrondissements, the main ones first."""
    rows = TownHall.objects.filter(territory__code__in=list(codes), territory__kind__in=["commune", "arrondissement"])
    return list(rows.order_by("position", "territory__sort_key", "id"))


def departement_of(commune_code: str) -> str:
    """Département code of an INSEE commune code: 69, 2A, 971."""
    return commune_code[:3] if commune_code.startswith("97") else commune_code[:2]


def lineage_of_commune(commune_code: str) -> list[str]:
    """Codes "kind:code" of a commune or arrondissement and of what holds it, known or deduced.

    A code that a merger made void leads to the commune of today.
    """
    kinds = [TerritoryKind.COMMUNE, TerritoryKind.ARRONDISSEMENT]
    rows = Territory.objects.filter(kind__in=kinds).only("kind", "code", "parent_codes").order_by("id")
    row = rows.filter(code=commune_code).first() or rows.filter(former_codes__contains=[commune_code]).first()
    if row is not None:
        return [row.reference, *row.parent_codes]
    departement = departement_of(commune_code)
    above = (
        Territory.objects.filter(kind="departement", code=departement).values_list("parent_codes", flat=True).first()
    )
    return [f"commune:{commune_code}", f"departement:{departement}", *(above or [])]


def communes_named(names: Iterable[str], departement: str = "") -> list[str]:
    """Codes of the communes and arrondissements of exactly these names, in one département when it is told.

    A name that two communes bear is left out: no choice is made between them.
    """
    forms = [form_of(name) for name in names]
    rows = PlaceName.objects.filter(form__in=forms, territory__kind__in=["commune", "arrondissement"])
    if departement:
        rows = rows.filter(territory__parent_codes__contains=[f"departement:{departement}"])
    found: dict[str, list[str]] = {}
    for form, code in rows.order_by("id").values_list("form", "territory__code"):
        found.setdefault(form, []).append(code)
    return [found[form][0] for form in forms if len(found.get(form, ())) == 1]
