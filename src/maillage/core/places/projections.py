"""Plane coordinates of French official files turned into longitude and latitude, without a projection library.

Lambert-93 for mainland France, UTM for overseas (and elsewhere), Web Mercator. RGF93, RGAF09 and WGS84 are taken as one: they
differ by less than a metre. Formulas: IGN NT/G 71 (Lambert), Krüger's series to n⁴ (UTM), tested to a centimetre against
reference points.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

Points = NDArray[np.float64]
Inverse = Callable[[Points], Points]

SEMI_MAJOR_M = 6_378_137.0
FLATTENING = 1 / 298.257222101  # GRS80; WGS84 differs by a tenth of a millimetre here
_E2 = FLATTENING * (2 - FLATTENING)
_E = float(np.sqrt(_E2))
DEGREES = frozenset({4326, 4258, 4171, 4979, 4965, 84, 5489, 7085, 4470, 4559, 4558, 4555, 4627, 4624})
# French overseas systems that are UTM on an ellipsoid of today: zone, and whether south of the equator.
OVERSEAS = {
    2972: (22, False),
    2975: (40, True),
    4471: (38, True),
    5490: (20, False),
    32620: (20, False),
    4467: (21, False),
}


def lambert93_inverse(xy: Points) -> Points:
    """Lon, lat in degrees of Lambert-93 metres (EPSG:2154)."""
    first, second, middle = np.radians(44.0), np.radians(49.0), np.radians(46.5)
    n = np.log(_parallel(first) / _parallel(second)) / np.log(_cone(first) / _cone(second))
    scale = SEMI_MAJOR_M * _parallel(first) / (n * _cone(first) ** n)
    east = xy[:, 0] - 700_000.0
    north = scale * _cone(middle) ** n - (xy[:, 1] - 6_600_000.0)
    cone = (np.hypot(east, north) / scale) ** (1 / n)
    return np.column_stack([3.0 + np.degrees(np.arctan2(east, north) / n), np.degrees(_latitude(cone))])


def _parallel(lat: float) -> float:
    return float(np.cos(lat) / np.sqrt(1 - _E2 * np.sin(lat) ** 2))


def _cone(lat: float) -> float:
    sine = _E * np.sin(lat)
    return float(np.tan(np.pi / 4 - lat / 2) / ((1 - sine) / (1 + sine)) ** (_E / 2))


def _latitude(cone: Points) -> Points:
    """Latitude whose cone value this is; six turns reach a hundredth of a millimetre."""
    lat = np.pi / 2 - 2 * np.arctan(cone)
    for _turn in range(6):
        sine = _E * np.sin(lat)
        lat = np.pi / 2 - 2 * np.arctan(cone * ((1 - sine) / (1 + sine)) ** (_E / 2))
    return np.asarray(lat, dtype=np.float64)


def web_mercator_inverse(xy: Points) -> Points:
    """Lon, lat in degrees of Web Mercator metres (EPSG:3857)."""
    lat = 2 * np.arctan(np.exp(xy[:, 1] / SEMI_MAJOR_M)) - np.pi / 2
    return np.column_stack([np.degrees(xy[:, 0] / SEMI_MAJOR_M), np.degrees(lat)])


def utm_inverse(xy: Points, zone: int, *, south: bool) -> Points:
    """Lon, lat in degrees of UTM metres of a zone, by Krüger's series."""
    n = FLATTENING / (2 - FLATTENING)
    radius = SEMI_MAJOR_M / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    beta = (
        n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96 - n**4 / 360,
        n**2 / 48 + n**3 / 15 - 437 * n**4 / 1440,
        17 * n**3 / 480 - 37 * n**4 / 840,
        4397 * n**4 / 161280,
    )
    xi = (xy[:, 1] - (10_000_000.0 if south else 0.0)) / (0.9996 * radius)
    eta = (xy[:, 0] - 500_000.0) / (0.9996 * radius)
    turns = [2 * (order + 1) for order in range(4)]
    xi_, eta_ = xi.copy(), eta.copy()
    for turn, weight in zip(turns, beta, strict=True):
        xi_ -= weight * np.sin(turn * xi) * np.cosh(turn * eta)
        eta_ -= weight * np.cos(turn * xi) * np.sinh(turn * eta)
    conformal = np.arcsin(np.sin(xi_) / np.cosh(eta_))
    lon = 6 * zone - 183 + np.degrees(np.arctan2(np.sinh(eta_), np.cos(xi_)))
    return np.column_stack([lon, np.degrees(_geodetic(conformal))])


def _geodetic(conformal: Points) -> Points:
    """Latitude of a conformal latitude, by fixed point."""
    return _latitude(np.tan(np.pi / 4 - conformal / 2))


def epsg_of(crs: str) -> int | None:
    """The EPSG number that a file's declaration means (EPSG:2154, urn…CRS84, a WKT of Lambert-93); None when not known."""
    text = crs.upper().replace("-", "_")
    if "CRS84" in text:
        return 4326
    if found := re.search(r"EPSG:+(?:[\d.]*:)?(\d{4,5})$", text):
        return int(found[1])
    if "LAMBERT_93" in text or "RGF93_LAMBERT" in text or "RGF93 V1 / LAMBERT" in text:
        return 2154
    if found := re.search(r'"EPSG",\s*"?(\d{4,5})"?\]\]\s*$', text):
        return int(found[1])
    return 4326 if text.startswith(("GEOGCS", "GEOGCRS")) else None


def inverse_of(epsg: int) -> Inverse | None:
    """The function that turns this system into degrees; None when it is in degrees already. ValueError when not known."""
    if epsg in DEGREES:
        return None
    if epsg == 2154:
        return lambert93_inverse
    if epsg in {3857, 900913, 102100}:
        return web_mercator_inverse
    zone, south = OVERSEAS.get(epsg, (epsg % 100, epsg // 100 == 327))
    if epsg in OVERSEAS or (epsg // 100 in {326, 327, 258} and 1 <= zone <= 60):
        return lambda xy: utm_inverse(xy, zone, south=south)
    raise ValueError(f"EPSG:{epsg}")


def to_degrees(shape: shapely.Geometry, inverse: Inverse) -> shapely.Geometry:
    """The shape with each vertex in longitude and latitude."""
    return shapely.transform(shapely.force_2d(shape), inverse)
