"""From longitude and latitude to the pixels of a drawn picture, and the outlines of shapes in them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from maillage.core.places.drawing_model import Bounds

EARTH_M = 40_075_016.686
MOST_LATITUDE = 85.0


@dataclass(frozen=True)
class Frame:
    """From lon, lat to pixels: Web Mercator, as the interactive map."""

    left: float
    top: float
    scale: float
    width: float
    height: float
    latitude: float

    def pixels(self, lonlat: np.ndarray) -> np.ndarray:
        """n × 2 degrees → n × 2 pixels."""
        lat = np.radians(np.clip(lonlat[:, 1], -MOST_LATITUDE, MOST_LATITUDE))
        y = 0.5 - np.log(np.tan(np.pi / 4 + lat / 2)) / (2 * np.pi)
        x = lonlat[:, 0] / 360 + 0.5
        return np.column_stack([(x - self.left) * self.scale, (y - self.top) * self.scale])

    def holds(self, x: float, y: float) -> bool:
        """Whether a pixel is on the picture."""
        return 0 <= x <= self.width and 0 <= y <= self.height

    @property
    def metres_per_pixel(self) -> float:
        """At the middle of the picture."""
        return EARTH_M * math.cos(math.radians(self.latitude)) / self.scale


def _mercator_y(lat: float) -> float:
    held = math.radians(max(-MOST_LATITUDE, min(MOST_LATITUDE, lat)))
    return 0.5 - math.log(math.tan(math.pi / 4 + held / 2)) / (2 * math.pi)


def frame_of(bounds: Bounds, width: float, height: float) -> Frame:
    """The frame that shows all of some bounds in the middle of a picture."""
    west, south, east, north = bounds
    x0, x1, y0, y1 = west / 360 + 0.5, east / 360 + 0.5, _mercator_y(north), _mercator_y(south)
    scale = min(width / max(x1 - x0, 1e-7), height / max(y1 - y0, 1e-7))
    left, top = (x0 + x1) / 2 - width / scale / 2, (y0 + y1) / 2 - height / scale / 2
    return Frame(left, top, scale, width, height, (south + north) / 2)


def path_of(shape: shapely.Geometry, frame: Frame, finest: float = 0.6) -> str:
    """The polygons of a shape as the `d` of an SVG path; nothing finer than `finest` pixels is kept, nor what lies outside."""
    flat = shapely.transform(shape, frame.pixels)
    cut = shapely.clip_by_rect(shapely.simplify(flat, finest), -20, -20, frame.width + 20, frame.height + 20)
    rings = []
    for part in shapely.get_parts(cut):
        if part.geom_type == "Polygon" and not part.is_empty:
            rings += [part.exterior, *part.interiors]
    return "".join(_ring(ring) for ring in rings)


def _ring(ring: shapely.LinearRing) -> str:
    points = [f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1]]
    return f"M{'L'.join(points)}Z"
