"""The thematic map as SVG, drawn on the server: classes of colour or circles, hatching where no figure is known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

import numpy as np

from maillage.core.places.drawing import names_svg
from maillage.core.places.drawing_frame import Frame, frame_of, path_of
from maillage.core.places.drawing_groups import Group, Mark, grouped
from maillage.core.places.drawing_model import MapPicture, Outline, Words
from maillage.core.places.drawing_signs import drawn, scale_length_m, width_of, words_svg
from maillage.rooms.observatory.maps.legend import foot_lines, legend_svg
from maillage.rooms.observatory.maps.picture import Area, Picture, Style

INK, PAPER, EDGE, CIRCLE = "#1D2233", "#FFFFFF", "#4A5064", "#1F5C99"
LARGEST_RADIUS = 2.6  # in letters
POINT_RADIUS = 0.72
MOST_NAMES = 90


def radius_of(value: float, largest: float, text_size: float) -> float:
    """Radius of the circle of a count: its area is in proportion to the count."""
    return LARGEST_RADIUS * text_size * math.sqrt(abs(value) / largest) if largest else 0.0


def thematic_svg(picture: Picture, style: Style) -> str:
    """The whole picture; with `style.has_words`, also its title, its legend, its scale and its source."""
    frame = frame_of(picture.bounds, style.width, style.height)
    marks = _marks(picture, frame)
    groups = grouped(marks, style.text_size * 0.8)
    above = style.text_size * 4.2 if style.has_words else 0.0
    under, height_under = legend_svg(picture, style) if style.has_words else ([], 0.0)
    sizes, scale_height = _sizes(picture, style)
    lines, height_foot = foot_lines(picture, style) if style.has_words else ([], 0.0)
    total = above + style.height + scale_height + height_under + height_foot
    parts = [
        _opening(picture, style, total),
        *(_heading(picture, style) if style.has_words else []),
        f'<svg x="0" y="{above:.1f}" width="{style.width}" height="{style.height}">',
        *_ground(picture, style, frame),
        *_points(picture, style, frame),
        *_names(picture, style, frame, groups),
        *(drawn(_plain(picture, style), group) for group in groups),
        "</svg>",
        f'<g transform="translate(0 {above:.1f})">{_border(style)}{_scale(style, frame)}{sizes}</g>',
        f'<g transform="translate(0 {above + style.height + scale_height:.1f})">', *under, "</g>",
        f'<g transform="translate(0 {above + style.height + scale_height + height_under:.1f})">', *lines, "</g>",
        "</svg>",
    ]  # fmt: skip
    return "\n".join(part for part in parts if part)


def outside_count(picture: Picture, style: Style) -> int:
    """How many things of the layers lie out of the frame."""
    return len(picture.spots) - len(_marks(picture, frame_of(picture.bounds, style.width, style.height)))


def _opening(picture: Picture, style: Style, height: float) -> str:
    name, notes = style.identifier, picture.notes
    size = f'width="{style.width}" height="{height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {style.width} {height:.0f}" {size} role="img" '
        f'aria-labelledby="{name}-t {name}-d" font-family="{escape(style.font)}" lang="fr">'
        f'<title id="{name}-t">{escape(notes.title)}</title><desc id="{name}-d">{escape(notes.description)}</desc>'
        f'<defs><pattern id="{name}-h" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="7" height="7" fill="{PAPER}"/><line x1="0" y1="0" x2="0" y2="7" stroke="#6E6E6E" stroke-width="2"/>'
        f'</pattern></defs><rect width="{style.width}" height="{height:.0f}" fill="{PAPER}"/>'
    )


def _heading(picture: Picture, style: Style) -> list[str]:
    size, notes = style.text_size, picture.notes
    x, look = (style.width - 8.0, 'direction="rtl" font-weight="700"') if picture.is_rtl else (8.0, 'font-weight="700"')
    letters = min(size * 1.5, (style.width - 16) / max(1, len(notes.title)) / 0.66)
    return [
        words_svg(x, size * 1.8, notes.title, letters, INK, look=look),
        words_svg(
            8, size * 3.4, notes.subtitle, min(size, (style.width - 16) / max(1, len(notes.subtitle)) / 0.6), INK
        ),
    ]


def _border(style: Style) -> str:
    return f'<rect x="0.5" y="0.5" width="{style.width - 1}" height="{style.height - 1}" fill="none" stroke="{INK}"/>'


def _ground(picture: Picture, style: Style, frame: Frame) -> Iterator[str]:
    """Contours: colours of their class, hatching without a figure, bare under circles; then what lies around, as lines."""
    for area in picture.areas:
        if area.shape is None or not (path := path_of(area.shape, frame, style.finest)):
            continue
        fill = _fill(picture, style, area)
        yield (
            f'<path d="{path}" fill="{fill}" stroke="{EDGE}" stroke-width="0.9" stroke-linejoin="round" '
            f'fill-rule="evenodd">{_told(area)}</path>'
        )
    for outline in picture.around:
        if path := path_of(outline.shape, frame, style.finest):
            width = 2.6 if outline.is_main else 1.0
            yield f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="{width}" stroke-linejoin="round"/>'


def _told(area: Area) -> str:
    return f"<title>{escape(f'{area.name} : {area.text}')}</title>"


def _fill(picture: Picture, style: Style, area: Area) -> str:
    if area.value is None:
        return f"url(#{style.identifier}-h)"
    if picture.look == "circles" or picture.classes is None:
        return "#F4F1EA"
    return picture.colours[picture.classes.place_of(area.value)]


def _points(picture: Picture, style: Style, frame: Frame) -> Iterator[str]:
    """Circles of counts, the largest first so that none hides another; points of territories without a contour."""
    placed = [area for area in picture.areas if area.is_drawn]
    for area in sorted(placed, key=lambda one: (-abs(one.value or 0.0), one.code)):
        if area.shape is not None and (picture.look == "colours" or area.value is None):
            continue
        x, y = _middle(area, frame)
        if frame.holds(x, y):
            yield _point(picture, style, area, (x, y))


def _middle(area: Area, frame: Frame) -> tuple[float, float]:
    if area.lon is not None and area.lat is not None:
        lon, lat = area.lon, area.lat
    else:
        inside = area.shape.representative_point()  # type: ignore[union-attr]
        lon, lat = inside.x, inside.y
    x, y = frame.pixels(np.array([[lon, lat]]))[0]
    return float(x), float(y)


def _point(picture: Picture, style: Style, area: Area, at: tuple[float, float]) -> str:
    x, y, size = *at, style.text_size
    if area.value is None or picture.look == "colours":
        radius, fill, more = size * POINT_RADIUS, _fill(picture, style, area), 'stroke-width="1.6"'
    elif area.value == 0:
        radius, fill, more = size * 0.22, PAPER, 'stroke-width="1.6"'
    else:
        radius = _circle_radius(picture, style, area.value)
        fill = CIRCLE if area.value > 0 else PAPER
        more = (
            'fill-opacity="0.72" stroke-width="1.4"' if area.value > 0 else 'stroke-width="1.8" stroke-dasharray="4 2"'
        )
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" stroke="{INK}" {more}>{_told(area)}</circle>'
    )


def _marks(picture: Picture, frame: Frame) -> list[Mark]:
    if not picture.spots:
        return []
    pixels = frame.pixels(np.array([(spot.lon, spot.lat) for spot in picture.spots], dtype=float))
    return [
        Mark(float(x), float(y), spot.symbol)
        for spot, (x, y) in zip(picture.spots, pixels, strict=True)
        if frame.holds(float(x), float(y))
    ]


def _plain(picture: Picture, style: Style) -> MapPicture:
    """The frame of core's drawing, for its signs: white with a black edge, they are read on any class."""
    return MapPicture(
        bounds=picture.bounds, words=Words("", ""), symbols=picture.symbols, width=style.width, height=style.height,
        text_size=style.text_size * 0.8, is_black_and_white=True, identifier=style.identifier, has_legend=False,
    )  # fmt: skip


def _names(picture: Picture, style: Style, frame: Frame, groups: Sequence[Group]) -> list[str]:
    """Names of the territories where they have room beside points and circles."""
    outlines = [Outline(area.name, area.shape) for area in picture.areas if area.shape is not None]
    if len(outlines) > MOST_NAMES:
        return []
    circles = []
    if picture.look == "circles":
        sized = [area for area in picture.areas if area.is_drawn and area.value]
        circles = [(*_middle(area, frame), _circle_radius(picture, style, area.value or 0.0)) for area in sized]
    return names_svg(replace(_plain(picture, style), outlines=outlines), frame, groups, circles)


def _circle_radius(picture: Picture, style: Style, value: float) -> float:
    return max(style.text_size * 0.16, radius_of(value, picture.largest, style.text_size))


def _sizes(picture: Picture, style: Style) -> tuple[str, float]:
    """The circles of the legend, on the scale of those of the map, and the height of the strip under the map."""
    lines, size = [one for one in picture.legend if one.kind == "circle"], style.text_size
    if not lines:
        return "", size * 2.2
    radii = [_circle_radius(picture, style, one.value) for one in lines]
    high, x, made = 2 * max(radii) + size * 0.8, style.width * 0.3, []
    look = f'fill="{CIRCLE}" fill-opacity="0.72" stroke="{INK}" stroke-width="1.4"'
    for one, radius in zip(lines, radii, strict=True):
        x += radius
        made.append(f'<circle cx="{x:.1f}" cy="{style.height + high / 2:.1f}" r="{radius:.1f}" {look}/>')
        x += radius + size * 0.5
        made.append(words_svg(x, style.height + high / 2 + size * 0.34, one.label, size * 0.9, INK))
        x += width_of(one.label, size * 0.9) + size
    return "".join(made), max(size * 2.2, high)


def _scale(style: Style, frame: Frame) -> str:
    size, y = style.text_size, style.height + style.text_size * 1.5
    length = scale_length_m(frame.metres_per_pixel, style.width / 5)
    wide, high = length / frame.metres_per_pixel, size * 0.5
    text = f"{length // 1000} km" if length >= 1000 else f"{length} m"
    bar = f'<path d="M8 {y - high:.1f}v{high:.1f}h{wide:.1f}v{-high:.1f}" fill="none" stroke="{INK}" stroke-width="2"/>'
    return bar + words_svg(wide + 16, y, text, size * 0.9, INK)
