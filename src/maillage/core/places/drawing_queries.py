"""What the territories bring to a drawn map: outlines that touch its frame, and points of those without a contour."""

from __future__ import annotations

import math

import shapely

from maillage.core.places.drawing_model import Bounds, Label, Outline, bounds_around
from maillage.core.places.models import Territory

# Wider than this, communes are finer than the pen.
MOST_KM_FOR_COMMUNES = 90.0
_SOFT = ("qpv", "qva")


def width_km(bounds: Bounds) -> float:
    """How wide a frame is on the ground, at its middle."""
    west, south, east, north = bounds
    return (east - west) * 111.32 * math.cos(math.radians((south + north) / 2))


def outlines_in(bounds: Bounds) -> list[Outline]:
    """Outlines to draw in a frame: communes and neighbourhoods, or whatever is larger on small scales."""
    kinds = ("commune", *_SOFT) if width_km(bounds) < MOST_KM_FOR_COMMUNES else ("epci", "departement", "region")
    rows = Territory.objects.touching(*bounds).filter(kind__in=kinds, contour__isnull=False, valid_until__isnull=True)
    found = [row for row in rows.order_by("kind", "sort_key", "pk") if row.kind not in _SOFT or _is_newest(row)]
    return [Outline(row.name, shapely.from_wkb(bytes(row.contour or b"")), row.kind in _SOFT) for row in found]


def _is_newest(row: Territory) -> bool:
    """Neighbourhoods of two generations lie one over the other: only the newest loaded is drawn."""
    return not Territory.objects.filter(kind=row.kind, contour__isnull=False, generation__gt=row.generation).exists()


def labels_in(bounds: Bounds) -> list[Label]:
    """Neighbourhoods known by a cited point only: their names, without a limit."""
    if width_km(bounds) >= MOST_KM_FOR_COMMUNES:
        return []
    west, south, east, north = bounds
    rows = Territory.objects.filter(kind__in=_SOFT, contour__isnull=True, valid_until__isnull=True)
    rows = rows.filter(lon__range=(west, east), lat__range=(south, north)).defer("contour").order_by("sort_key", "pk")
    return [Label(row.name, row.lon or 0.0, row.lat or 0.0) for row in rows]


def contour_of(found: Territory) -> shapely.Geometry | None:
    """The contour of one territory, None where it is not loaded."""
    return shapely.from_wkb(bytes(found.contour)) if found.contour else None


def bounds_of_territory(reference: str) -> Bounds | None:
    """The box of "kind:code", or what lies around its cited point; None where nothing is known."""
    kind, _colon, code = reference.partition(":")
    row = Territory.objects.filter(kind=kind, code=code).defer("contour").order_by("-generation").first()
    if row is None:
        return None
    if row.west is not None and row.south is not None and row.east is not None and row.north is not None:
        return bounds_around([(row.west, row.south), (row.east, row.north)], margin=0.05)
    return None if row.lon is None or row.lat is None else bounds_around([(row.lon, row.lat)], least_km=2.5)
