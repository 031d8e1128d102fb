"""Maps drawn by the server as SVG, from our own data only: what pages show without JavaScript, and what is printed.

Each theme has a shape of its own, so that the picture is legible in black and white; groups bear their exact number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
import shapely

from maillage.core.places.drawing_frame import Frame, frame_of, path_of
from maillage.core.places.drawing_groups import Group, Mark, grouped, radius_of, reach
from maillage.core.places.drawing_model import MapPicture, Outline
from maillage.core.places.drawing_signs import drawn, foot, legend, width_of, words_svg

# In a wider frame the names of neighbourhoods would hide those of the communes.
NEIGHBOURHOODS_NAMED_BELOW_M = 16_000
TOWNS_NAMED_ABOVE_M_PER_PIXEL = 90


def outside_count(picture: MapPicture) -> int:
    """How many points lie out of the picture."""
    return len(picture.spots) - len(_marks(picture, frame_of(picture.bounds, picture.width, picture.height)))


def _marks(picture: MapPicture, frame: Frame) -> list[Mark]:
    if not picture.spots:
        return []
    pixels = frame.pixels(np.array([(spot.lon, spot.lat) for spot in picture.spots], dtype=float))
    return [
        Mark(float(x), float(y), spot.symbol, spot.number, spot.name)
        for spot, (x, y) in zip(picture.spots, pixels, strict=True)
        if frame.holds(float(x), float(y))
    ]


def map_svg(picture: MapPicture) -> str:
    """The picture as an SVG document, with its title and description for those who do not see it."""
    frame = frame_of(picture.bounds, picture.width, picture.height)
    marks = _marks(picture, frame)
    groups = grouped(marks, picture.text_size)
    room = _room_beside(picture, frame, groups)
    shown = (
        [code for code in picture.symbols if any(mark.symbol == code for mark in marks)] if picture.has_legend else []
    )
    legend_parts, legend_height = legend(picture, shown, any(group.count > 1 and not group.numbers for group in groups))
    total = picture.height + legend_height + picture.text_size * 2.4
    outside = len(picture.spots) - len(marks)
    parts = [
        _opening(picture, total),
        f'<svg x="0" y="0" width="{picture.width}" height="{picture.height}">',
        *_ground(picture, frame),
        *_names(picture, frame, room),
        *(drawn(picture, group) for group in groups),
        *_group_names(picture, frame, groups, room),
        "</svg>",
        f'<rect x="0.5" y="0.5" width="{picture.width - 1}" height="{picture.height - 1}" fill="none" stroke="{picture.ink}"/>',
        foot(picture, frame.metres_per_pixel, outside),
        *legend_parts,
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def _opening(picture: MapPicture, height: float) -> str:
    name, words = picture.identifier, picture.words
    hatch = "#8A8A8A" if picture.is_black_and_white else "#6B3D7A"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {picture.width} {height:.0f}" width="{picture.width}" '
        f'height="{height:.0f}" role="img" aria-labelledby="{name}-t {name}-d" font-family="{escape(picture.font)}">'
        f'<title id="{name}-t">{escape(words.title)}</title><desc id="{name}-d">{escape(words.description)}</desc>'
        f'<defs><pattern id="{name}-h" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<line x1="0" y1="0" x2="0" y2="7" stroke="{hatch}" stroke-opacity="0.55" stroke-width="1.6"/></pattern></defs>'
        f'<rect width="{picture.width}" height="{height:.0f}" fill="{picture.paper}"/>'
    )


def _ground(picture: MapPicture, frame: Frame) -> list[str]:
    """The territories, hard ones first; nothing finer than a pixel is kept."""
    line = "#9A9A9A" if picture.is_black_and_white else "#B4AA99"
    edge = "#5A5A5A" if picture.is_black_and_white else "#6B3D7A"
    looks = {
        "hard": f'fill="none" stroke="{line}" stroke-width="1.1"',
        "soft": f'fill="url(#{picture.identifier}-h)" stroke="{edge}" stroke-width="1.4" stroke-dasharray="5 3"',
        "main": f'fill="none" stroke="{picture.ink}" stroke-width="2.8"',
    }
    return [
        f'<path d="{path}" {looks[kind]} stroke-linejoin="round" fill-rule="evenodd"/>'
        for kind in looks
        for outline in picture.outlines
        if _kind_of(outline) == kind and (path := path_of(outline.shape, frame))
    ]


def _kind_of(outline: Outline) -> str:
    if outline.is_main:
        return "main"
    return "soft" if outline.is_soft else "hard"


def _text(picture: MapPicture, x: float, y: float, text: str, look: str, scale: float) -> str:
    """A text around a point, with a halo of paper that keeps it legible over lines."""
    size = picture.text_size * scale
    halo = f'stroke="{picture.paper}" stroke-width="3.5" stroke-linejoin="round" paint-order="stroke"'
    return words_svg(x, y + size * 0.36, text, size, picture.ink, anchor="middle", look=f"{halo} {look}")


@dataclass
class _Room:
    """Places already taken on the picture by rectangles."""

    frame: Frame
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def fill(self, x: float, y: float, wide: float, high: float) -> None:
        """Takes a rectangle around a point, free or not."""
        self.taken.append((x - wide / 2, y - high / 2, x + wide / 2, y + high / 2))

    def first_free(self, spots: Sequence[tuple[float, float]], wide: float, high: float) -> tuple[float, float] | None:
        """Takes the first of some rectangles that is free and wholly on the picture."""
        for x, y in spots:
            left, top, right, bottom = x - wide / 2, y - high / 2, x + wide / 2, y + high / 2
            on_picture = left > 2 and top > 2 and right < self.frame.width - 2 and bottom < self.frame.height - 2
            if on_picture and all(right < a or left > c or bottom < b or top > d for a, b, c, d in self.taken):
                self.fill(x, y, wide, high)
                return (x, y)
        return None


def names_svg(
    picture: MapPicture, frame: Frame, groups: Sequence[Group] = (), taken: Sequence[tuple[float, float, float]] = ()
) -> list[str]:
    """Names of the outlines of a map drawn elsewhere, where groups of points and other circles (x, y, radius) leave room."""
    room = _room_beside(picture, frame, groups)
    for x, y, radius in taken:
        room.fill(x, y, 2 * radius, 2 * radius)
    return _names(picture, frame, room)


def _room_beside(picture: MapPicture, frame: Frame, groups: Sequence[Group]) -> _Room:
    """What the points leave free."""
    room = _Room(frame)
    for group in groups:
        room.fill(
            group.x, group.y, 2 * reach(group, picture.text_size), 2.1 * radius_of(group.count, picture.text_size)
        )
    return room


def _names(picture: MapPicture, frame: Frame, room: _Room) -> list[str]:
    """Names of territories where they have room: neighbourhoods first on large scales, communes alone on small ones."""
    soft = [(one.name, one.shape.representative_point(), True) for one in picture.outlines if one.is_soft]
    soft += [(one.name, shapely.Point(one.lon, one.lat), True) for one in picture.labels]
    outlines = sorted(
        (one for one in picture.outlines if _kind_of(one) == "hard"), key=lambda one: (-one.shape.area, one.name)
    )
    hard = [(one.name, _inside(one.shape, picture), False) for one in outlines]
    is_close = frame.metres_per_pixel * frame.width < NEIGHBOURHOODS_NAMED_BELOW_M
    made, size = [], picture.text_size
    for name, point, is_soft in [*soft, *hard] if is_close else hard:
        x, y = map(float, frame.pixels(np.array([[point.x, point.y]]))[0])
        spots = [(x, y), (x, y - 2 * size), (x, y + 2 * size), (x, y - 3.2 * size), (x, y + 3.2 * size)]
        spot = room.first_free(spots, width_of(name, size * (0.95 if is_soft else 0.85)), size * 1.2)
        if spot is not None and is_soft:
            made.append(_text(picture, *spot, name, 'font-weight="700"', 0.95))
        elif spot is not None:
            made.append(_text(picture, *spot, name, 'fill-opacity="0.8"', 0.85))
    return made


def _inside(shape: shapely.Geometry, picture: MapPicture) -> shapely.Point:
    """A point of the part that shows."""
    seen = shapely.clip_by_rect(shape, *picture.bounds)
    return (shape if seen.is_empty else seen).representative_point()


def _group_names(picture: MapPicture, frame: Frame, groups: Sequence[Group], room: _Room) -> list[str]:
    """On small scales, where no outline tells where one is, the town of each group and lone point."""
    if frame.metres_per_pixel < TOWNS_NAMED_ABOVE_M_PER_PIXEL:
        return []
    made, size = [], picture.text_size
    for group in groups:
        wide = width_of(group.name, size * 0.85)
        down, aside = radius_of(group.count, size) + size * 0.9, radius_of(group.count, size) + wide / 2 + 5
        x, y = group.x, group.y
        spots = [(x, y + down), (x + aside, y), (x - aside, y), (x, y - down)]
        if group.name and (spot := room.first_free(spots, wide, size)) is not None:
            made.append(_text(picture, *spot, group.name, "", 0.85))
    return made
