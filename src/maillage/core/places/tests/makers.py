"""Made-up territories for tests: squares in metres about a point of Vénissieux."""

from __future__ import annotations

from typing import Any

import shapely

from maillage.core.places.actions import Alias, put_territories, shaped
from maillage.core.places.models import ContourCoverage, ContourQuality, Territory
from maillage.core.places.shapes import metres_per_degree

LON, LAT = 4.88, 45.70


def at(east_m: float, north_m: float) -> tuple[float, float]:
    """Lon, lat of a point so many metres east and north of the origin."""
    wide, high = metres_per_degree(LAT)
    return LON + east_m / wide, LAT + north_m / high


def square(west_m: float, south_m: float, east_m: float, north_m: float) -> shapely.Polygon:
    """A rectangle in degrees given in metres about the origin."""
    return shapely.box(*at(west_m, south_m), *at(east_m, north_m))


def territory(
    kind: str,
    code: str,
    shape: shapely.Geometry | None = None,
    *,
    name: str = "",
    quality: str = ContourQuality.OFFICIAL,
    tolerance_m: float = 0.0,
    aliases: tuple[Alias, ...] = (),
    **fields: Any,
) -> Territory:
    """A stored territory."""
    row = Territory(kind=kind, code=code, name=name or code, **fields)
    put_territories([shaped(row, shape, quality, tolerance_m)], {code: aliases})
    return row


def complete_for(area: str, generation: str = "2024") -> None:
    """States that all QPV of a generation are loaded for an area."""
    ContourCoverage.objects.create(kind="qpv", generation=generation, area=area, stated_by="test")
