"""Small measures of shapes in WGS84, in metres, without a projection library."""

from __future__ import annotations

import math

import shapely

EARTH_RADIUS_M = 6_371_008.8
_SEMI_MAJOR_M, _ECCENTRICITY_2 = 6_378_137.0, 0.006_694_379_990_14  # WGS84


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Length of one degree of longitude and of latitude at this latitude, on the WGS84 ellipsoid."""
    sine = math.sin(math.radians(lat))
    root = math.sqrt(1 - _ECCENTRICITY_2 * sine * sine)
    east = math.radians(_SEMI_MAJOR_M / root * math.cos(math.radians(lat)))
    north = math.radians(_SEMI_MAJOR_M * (1 - _ECCENTRICITY_2) / root**3)
    return east, north


def on_plane(shape: shapely.Geometry, lon: float, lat: float) -> shapely.Geometry:
    """The shape in metres about a point: within a thousandth at a few kilometres."""
    east, north = metres_per_degree(lat)
    return shapely.transform(shape, lambda xy: (xy - [lon, lat]) * [east, north])


def box_around(lon: float, lat: float, margin_m: float) -> tuple[float, float, float, float]:
    """West, south, east, north of a box that holds every point within `margin_m`."""
    east, north = metres_per_degree(min(89.0, abs(lat) + 0.01))
    wide, high = margin_m / east, margin_m / min(north, 110_500.0)
    return lon - wide, lat - high, lon + wide, lat + high


def distance_m(*, lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Great-circle distance in metres."""
    a, b = math.radians(lat), math.radians(other_lat)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


def area_m2(shape: shapely.Geometry) -> float:
    """Area in square metres on a local plane around the shape's centre; within 0.5 % for a département or less."""
    middle = shape.centroid
    return float(on_plane(shape, middle.x, middle.y).area)


def inside_point(shape: shapely.Geometry) -> tuple[float, float]:
    """A point surely inside the shape, as lon, lat."""
    point = shape.representative_point()
    return float(point.x), float(point.y)
