"""What a drawn map is made of: points with a shape for each kind, outlines, names, and every word written on it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import shapely

Bounds = tuple[float, float, float, float]
Shape = Literal["circle", "square", "triangle", "diamond", "pentagon", "star", "cross", "wedge"]


@dataclass(frozen=True)
class Symbol:
    """How points of one kind are drawn, and the word of the legend; `is_filled` stays dark in black and white."""

    label: str
    shape: Shape
    colour: str
    is_filled: bool = False


@dataclass(frozen=True)
class Spot:
    """A point to draw; `number` is that of a printed list, `name` its town, told beside groups on small scales."""

    lon: float
    lat: float
    symbol: str
    number: int | None = None
    name: str = ""


@dataclass(frozen=True)
class Outline:
    """A territory: thin line and name for a commune, soft hatching for a neighbourhood (`is_soft`).

    `is_main` is drawn once more with a heavy line: the territory that the map is about.
    """

    name: str
    shape: shapely.Geometry
    is_soft: bool = False
    is_main: bool = False


@dataclass(frozen=True)
class Label:
    """A name at a point, such as a neighbourhood whose official contour is not loaded."""

    name: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Words:
    """Everything that is written on the picture; `outside` is told when points lie out of the frame."""

    title: str
    description: str
    source: str = ""
    outside: str = ""
    soft: str = ""
    group: str = ""


@dataclass(frozen=True)
class MapPicture:
    """A map to draw. Points out of `bounds` are not drawn, and are counted by `outside_count`."""

    bounds: Bounds
    words: Words
    spots: Sequence[Spot] = ()
    outlines: Sequence[Outline] = ()
    labels: Sequence[Label] = ()
    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    width: int = 960
    height: int = 720
    text_size: float = 15
    font: str = "sans-serif"
    is_black_and_white: bool = False
    identifier: str = "carte"
    has_legend: bool = True

    @property
    def ink(self) -> str:
        """Colour of lines and letters."""
        return "#000000" if self.is_black_and_white else "#1D2233"

    @property
    def paper(self) -> str:
        """Colour of the ground."""
        return "#FFFFFF" if self.is_black_and_white else "#FBF8F2"


def bounds_around(
    points: Sequence[tuple[float, float]], *, least_km: float = 2.0, margin: float = 0.08
) -> Bounds | None:
    """The box of some lon, lat with a margin, never narrower than `least_km`; None without points."""
    if not points:
        return None
    lons, lats = [lon for lon, _lat in points], [lat for _lon, lat in points]
    lon, lat = (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
    high = max((max(lats) - min(lats)) * (0.5 + margin), least_km / 2 / 111.32)
    wide = max(
        (max(lons) - min(lons)) * (0.5 + margin), least_km / 2 / (111.32 * max(0.1, math.cos(math.radians(lat))))
    )
    return (lon - wide, lat - high, lon + wide, lat + high)
