"""A shape as one point: the point itself, or for a line or a polygon a point that is surely on it."""

from __future__ import annotations

import json
from typing import Any

import shapely
from django.utils.translation import gettext as _

from maillage.core.intake.tables.model import Notes


class NoShape(Exception):
    """Why a shape gives no point, in the user's words."""


def point_of(geometry: Any, notes: Notes) -> tuple[float, float] | None:
    """The x and y of a GeoJSON geometry in its own system; None when there is none. Raises NoShape when it is unreadable.

    What was done to a shape that is no point is noted.
    """
    if not geometry:
        return None
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        return _plain_point(geometry.get("coordinates"))
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.ShapelyError, TypeError, ValueError) as fault:
        raise NoShape(_("La forme n’est pas lisible.")) from fault
    return inside_of(shape, notes)


def _plain_point(coordinates: Any) -> tuple[float, float] | None:
    if not coordinates:
        return None
    try:
        return float(coordinates[0]), float(coordinates[1])
    except (TypeError, ValueError, IndexError) as fault:
        raise NoShape(_("Les coordonnées du point ne sont pas deux nombres.")) from fault


def inside_of(shape: shapely.Geometry, notes: Notes) -> tuple[float, float] | None:
    """A point on a shape; a polygon that crosses itself is mended first, and that is noted."""
    if shape is None or shape.is_empty:
        return None
    if shape.geom_type == "Point":
        return float(shape.x), float(shape.y)
    if not shape.is_valid:
        notes.say(_("Des contours se croisaient eux-mêmes : ils ont été réparés pour y prendre un point."))
        shape = shapely.make_valid(shape)
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        notes.say(_("Des surfaces ont été remplacées par un point situé à l’intérieur."))
    else:
        notes.say(_("Des lignes ou groupes de formes ont été remplacés par un de leurs points."))
    point = shapely.point_on_surface(shape)
    return None if point.is_empty else (float(point.x), float(point.y))
