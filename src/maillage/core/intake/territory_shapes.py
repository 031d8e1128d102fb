"""Shapes as received made fit for use: coordinates in degrees, axes in order, polygons valid; each mend is told.

What cannot be mended without moving the limit is refused: the limit of a QPV has legal effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.places.projections import Inverse, epsg_of, inverse_of, lambert93_inverse, to_degrees
from maillage.core.places.shapes import area_m2

# West, south, east, north of mainland France and of each overseas territory, with a margin.
FRANCE = (
    (-5.6, 41.2, 9.8, 51.3),  # mainland and Corsica
    (-63.3, 14.2, -60.6, 18.3),  # Antilles
    (-54.8, 1.9, -51.4, 6.0),  # Guyane
    (55.0, -21.6, 56.0, -20.7),  # La Réunion
    (44.8, -13.2, 45.5, -12.4),  # Mayotte
    (-56.6, 46.6, -56.0, 47.3),  # Saint-Pierre-et-Miquelon
    (163.3, -23.2, 168.4, -19.3),  # Nouvelle-Calédonie
    (-155.0, -28.0, -134.0, -7.5),  # Polynésie française
)
LAMBERT_93 = (0.0, 6_000_000.0, 1_300_000.0, 7_200_000.0)
MOST_AREA_CHANGE = 0.01
METRES_PER_DEGREE = 111_320.0
FINEST_DECIMALS = 7


class Unusable(Exception):
    """Why a shape is refused, in the user's words."""


@dataclass(frozen=True)
class Reading:
    """How the coordinates of a file are to be read; `remark` tells what was recognised, "" when nothing unusual."""

    inverse: Inverse | None
    is_swapped: bool
    remark: str = ""


@dataclass(frozen=True)
class Mended:
    """A shape fit for use, and what was done to it ("" when nothing)."""

    shape: shapely.Geometry
    note: str = ""


def reading_of(shapes: Sequence[shapely.Geometry | None], crs: str) -> Reading:
    """Recognises the coordinates of a file by what it declares and, when that is nothing or false, by the numbers.

    Raises Invalid for a system that is not known, or numbers that are no place in France.
    """
    corners = _corners(shapes)
    if corners is None:
        return Reading(None, is_swapped=False)
    x, y = (corners[0] + corners[2]) / 2, (corners[1] + corners[3]) / 2
    epsg = epsg_of(crs) if crs else None
    if crs and epsg is None:
        raise Invalid(_("Système de coordonnées inconnu : {crs}.").format(crs=crs[:120]))
    try:
        inverse = inverse_of(epsg) if epsg else None
    except ValueError as fault:
        message = _(
            "Système de coordonnées non pris en charge : {crs}. Enregistrez le fichier en WGS84 ou en Lambert-93."
        )
        raise Invalid(message.format(crs=fault)) from fault
    if inverse is not None:
        return _told(
            inverse, x, y, _("Coordonnées {crs} converties en longitude et latitude.").format(crs=f"EPSG:{epsg}")
        )
    return _by_numbers(x, y)


def _by_numbers(x: float, y: float) -> Reading:
    if abs(x) <= 180 and abs(y) <= 90 and _in_france(x, y):
        return Reading(None, is_swapped=False)
    if _in_france(y, x):
        return Reading(
            None, is_swapped=True, remark=_("Latitude et longitude étaient inversées : elles ont été remises en ordre.")
        )
    if _within(x, y, LAMBERT_93):
        told = _("Coordonnées Lambert-93 non déclarées, reconnues et converties en longitude et latitude.")
        return _told(lambert93_inverse, x, y, told)
    if abs(x) > 180 or abs(y) > 90:
        raise Invalid(_("Les coordonnées ne sont ni des degrés ni du Lambert-93 : le fichier doit dire son système."))
    raise Invalid(
        _("Les contours ne sont pas en France (longitude {lon:.2f}, latitude {lat:.2f}).").format(lon=x, lat=y)
    )


def _told(inverse: Inverse, x: float, y: float, remark: str) -> Reading:
    lon, lat = inverse(np.array([[x, y]]))[0]
    if not _in_france(lon, lat):
        raise Invalid(
            _("Les contours, une fois convertis, ne sont pas en France : le système de coordonnées déclaré est faux.")
        )
    return Reading(inverse, is_swapped=False, remark=remark)


def _corners(shapes: Sequence[shapely.Geometry | None]) -> tuple[float, float, float, float] | None:
    """The corners of the middle shapes: one stray polygon does not decide for the file."""
    bounds = np.array([shape.bounds for shape in shapes if shape is not None and not shape.is_empty], dtype=float)
    bounds = bounds[np.isfinite(bounds).all(axis=1)] if len(bounds) else bounds
    if not len(bounds):
        return None
    west, south, east, north = np.median(bounds, axis=0)
    return float(west), float(south), float(east), float(north)


def _within(x: float, y: float, box: tuple[float, float, float, float]) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _in_france(lon: float, lat: float) -> bool:
    return any(_within(lon, lat, box) for box in FRANCE)


def mended(shape: shapely.Geometry, reading: Reading) -> Mended:
    """A polygon in degrees, valid; raises Unusable when it is no polygon, out of place, or cannot be repaired as it was."""
    if shape.is_empty:
        raise Unusable(_("Contour vide."))
    if shape.geom_type not in {"Polygon", "MultiPolygon"}:
        raise Unusable(_("Le contour n’est pas un polygone ({type}).").format(type=shape.geom_type))
    flat = shapely.force_2d(shape)
    if not np.isfinite(shapely.get_coordinates(flat)).all():
        raise Unusable(_("Le contour contient des coordonnées qui ne sont pas des nombres."))
    if reading.is_swapped:
        flat = shapely.transform(flat, lambda xy: xy[:, ::-1])
    if reading.inverse is not None:
        flat = to_degrees(flat, reading.inverse)
    middle = flat.envelope.centroid
    if not _in_france(middle.x, middle.y):
        raise Unusable(
            _("Le contour n’est pas en France (longitude {lon:.3f}, latitude {lat:.3f}).").format(
                lon=middle.x, lat=middle.y
            )
        )
    return Mended(flat) if flat.is_valid else _repaired(flat)


def _repaired(shape: shapely.Geometry) -> Mended:
    """The valid form of a polygon that crosses itself; refused when its area changes by more than one in a hundred."""
    why = shapely.is_valid_reason(shape).partition("[")[0]
    polygons = [
        part for part in shapely.get_parts(shapely.make_valid(shape)) if part.geom_type in {"Polygon", "MultiPolygon"}
    ]
    whole = shapely.union_all(polygons) if polygons else shapely.Polygon()
    if whole.is_empty:
        raise Unusable(_("Contour invalide ({why}) et impossible à réparer.").format(why=why))
    change = abs(whole.area - shape.area) / whole.area
    if change > MOST_AREA_CHANGE:
        message = _("Contour invalide ({why}) : le réparer changerait sa surface de {percent:.1f} %.")
        raise Unusable(message.format(why=why, percent=100 * change))
    told = _("contour invalide à la réception ({why}), réparé ; surface changée de {percent:.2f} %")
    return Mended(whole, told.format(why=why, percent=100 * change))


def rounding_m(shapes: Sequence[shapely.Geometry], reading: Reading) -> float:
    """How far a vertex may be from where it was, by the rounding of the coordinates as received, in metres.

    Coordinates written with 4 decimals of a degree may be 8 m off: a point that near to the edge cannot be told in or out.
    """
    numbers = shapely.get_coordinates(np.array(shapes, dtype=object)).ravel() if shapes else np.array([])
    unit = 1.0 if reading.inverse is not None else METRES_PER_DEGREE
    first = -1 if reading.inverse is not None else 0
    for decimals in range(first, FINEST_DECIMALS):
        step = 10.0**-decimals
        if np.allclose(numbers, np.round(numbers / step) * step, rtol=0, atol=1e-9):
            return round(0.5 * step * unit * 2**0.5, 2)
    return 0.0


def overlaps(shapes: Sequence[shapely.Geometry], least_m2: float = 500.0) -> list[tuple[int, int, float]]:
    """Pairs of shapes that share more than `least_m2`, with the shared area; slivers of rounding are left out."""
    tree = shapely.STRtree(list(shapes))
    found = []
    for one, shape in enumerate(shapes):
        for other in sorted(int(number) for number in tree.query(shape, predicate="intersects") if number > one):
            common = shape.intersection(shapes[other])
            if not common.is_empty and (shared := area_m2(common)) > least_m2:
                found.append((one, other, shared))
    return found
