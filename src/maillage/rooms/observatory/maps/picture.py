"""What a thematic map is made of, as plain values: territories with their figure, points, classes, and every word on it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import shapely

from maillage.core.places.drawing_model import Bounds, Outline, Spot, Symbol
from maillage.rooms.observatory.maps.classes import Classes

Look = Literal["colours", "circles"]


@dataclass(frozen=True)
class Area:
    """A territory: its contour, or the point that stands for it; its figure, None where none was given."""

    code: str
    name: str
    shape: shapely.Geometry | None
    lon: float | None
    lat: float | None
    value: float | None
    text: str = ""

    @property
    def is_drawn(self) -> bool:
        """Whether it has a contour or a point."""
        return self.shape is not None or (self.lon is not None and self.lat is not None)


@dataclass(frozen=True)
class LegendLine:
    """A line of the legend: a class, a size of circle, a sign, or a kind of point; `count` territories or things.

    Circles are drawn in the picture itself, where they are as large as those they explain: `value` says of what.
    """

    kind: Literal["class", "circle", "negative", "zero", "missing", "symbol"]
    label: str
    count: int | None = None
    colour: str = ""
    value: float = 0.0
    symbol: Symbol | None = None


@dataclass(frozen=True)
class Notes:
    """What is written around the map: title, unit line, legend heading, then source, method, licence, date."""

    title: str
    subtitle: str
    description: str
    legend_title: str
    foot: Sequence[str]


@dataclass(frozen=True)
class Picture:
    """A map to draw."""

    look: Look
    bounds: Bounds
    areas: Sequence[Area]
    colours: Sequence[str]
    classes: Classes | None
    largest: float
    notes: Notes
    legend: Sequence[LegendLine] = ()
    around: Sequence[Outline] = ()
    spots: Sequence[Spot] = ()
    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    is_rtl: bool = False


@dataclass(frozen=True)
class Style:
    """How large and where it is drawn; without words (`has_words`) the document around it bears them."""

    width: int = 960
    height: int = 640
    text_size: float = 15
    font: str = "sans-serif"
    has_words: bool = True
    finest: float = 0.5
    identifier: str = "carte"


def fitting(style: Style, bounds: Bounds) -> Style:
    """The same width, and as high as the frame asks, between a third of a square and a square."""
    west, south, east, north = bounds
    ratio = (north - south) / max(1e-9, (east - west) * math.cos(math.radians((north + south) / 2)))
    return replace(style, height=round(style.width * max(0.4, min(1.0, ratio))))
