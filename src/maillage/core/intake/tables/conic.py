"""The nine conic zones of French large-scale maps (CC42 to CC50, EPSG:3942 to 3950) and Lambert-93, one point at a time.

Secant Lambert projection on GRS80: same formulas as `core/places/projections`, which does Lambert-93 for whole arrays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_SEMI_MAJOR_M = 6_378_137.0
_FLATTENING = 1 / 298.257222101
_E2 = _FLATTENING * (2 - _FLATTENING)
_E = math.sqrt(_E2)


@dataclass(frozen=True)
class Conic:
    """A secant conic projection about the meridian of 3° east; angles in degrees, metres on the plane."""

    first: float
    second: float
    origin: float
    false_east: float
    false_north: float

    def inverse(self, x: float, y: float) -> tuple[float, float]:
        """Longitude and latitude of a point of the plane."""
        first, second, origin = (math.radians(angle) for angle in (self.first, self.second, self.origin))
        n = math.log(_parallel(first) / _parallel(second)) / math.log(_cone(first) / _cone(second))
        scale = _SEMI_MAJOR_M * _parallel(first) / (n * _cone(first) ** n)
        east = x - self.false_east
        north = scale * _cone(origin) ** n - (y - self.false_north)
        lat = _latitude((math.hypot(east, north) / scale) ** (1 / n))
        return 3.0 + math.degrees(math.atan2(east, north) / n), math.degrees(lat)


def _parallel(lat: float) -> float:
    return math.cos(lat) / math.sqrt(1 - _E2 * math.sin(lat) ** 2)


def _cone(lat: float) -> float:
    sine = _E * math.sin(lat)
    return math.tan(math.pi / 4 - lat / 2) / math.pow((1 - sine) / (1 + sine), _E / 2)


def _latitude(cone: float) -> float:
    lat = math.pi / 2 - 2 * math.atan(cone)
    for _turn in range(6):
        sine = _E * math.sin(lat)
        lat = math.pi / 2 - 2 * math.atan(cone * ((1 - sine) / (1 + sine)) ** (_E / 2))
    return lat


LAMBERT_93 = Conic(44.0, 49.0, 46.5, 700_000.0, 6_600_000.0)
ZONES = {
    zone: Conic(zone - 0.75, zone + 0.75, zone, 1_700_000.0, (zone - 41) * 1_000_000.0 + 200_000.0)
    for zone in range(42, 51)
}


def zone_at(x: float, y: float) -> int | None:
    """The conic zone whose metres these look like; None when of none. Zones are a thousand kilometres of northing apart."""
    if not 1_000_000 <= x <= 2_500_000:
        return None
    zone = 41 + int(y // 1_000_000)
    return zone if zone in ZONES and 60_000 <= y % 1_000_000 <= 340_000 else None
