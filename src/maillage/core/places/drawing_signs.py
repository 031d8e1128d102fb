"""The signs of a drawn map: points, groups with their number, the legend, the scale bar."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from maillage.core.places.drawing_groups import Group, Mark, radius_of
from maillage.core.places.drawing_model import MapPicture, Symbol

# Corners of each shape as angles in degrees clockwise from the top, with their distances from the middle.
_CORNERS: Mapping[str, Sequence[tuple[float, float]]] = {
    "square": [(45, 1.25), (135, 1.25), (225, 1.25), (315, 1.25)],
    "triangle": [(0, 1.3), (120, 1.3), (240, 1.3)],
    "wedge": [(60, 1.3), (180, 1.3), (300, 1.3)],
    "diamond": [(0, 1.3), (90, 1.15), (180, 1.3), (270, 1.15)],
    "pentagon": [(0, 1.2), (72, 1.2), (144, 1.2), (216, 1.2), (288, 1.2)],
    "star": [(angle, 1.4 if place % 2 == 0 else 0.72) for place, angle in enumerate(range(0, 360, 36))],
    "cross": [
        (18, 1.3), (45, 0.6), (72, 1.3), (108, 1.3), (135, 0.6), (162, 1.3),
        (198, 1.3), (225, 0.6), (252, 1.3), (288, 1.3), (315, 0.6), (342, 1.3),
    ],
}  # fmt: skip
_UNKNOWN = Symbol("", "circle", "#4A5064")


def width_of(text: str, size: float) -> float:
    """About how wide a text is; no font is asked."""
    return len(text) * size * 0.56


def words_svg(x: float, y: float, text: str, size: float, colour: str, *, anchor: str = "start", look: str = "") -> str:
    """A text with its baseline at a point."""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:.1f}"'
    return f'<text {place} fill="{colour}" text-anchor="{anchor}" {look}>{escape(text)}</text>'


def _bold(x: float, y: float, text: str, size: float, colour: str) -> str:
    """A bold text around a point."""
    return words_svg(x, y + size * 0.36, text, size, colour, anchor="middle", look='font-weight="700"')


def symbol_svg(symbol: Symbol, x: float, y: float, size: float, is_black_and_white: bool = False) -> str:
    """One shape around a point."""
    fill, edge = ("#FFFFFF", "#000000") if is_black_and_white else (symbol.colour, "#1D2233")
    fill = symbol.colour if symbol.is_filled else fill
    look = f'fill="{fill}" stroke="{edge}" stroke-width="1.8" stroke-linejoin="round"'
    if symbol.shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" {look}/>'
    turned = [(math.radians(angle), far) for angle, far in _CORNERS[symbol.shape]]
    points = " ".join(f"{x + size * far * math.sin(a):.1f},{y - size * far * math.cos(a):.1f}" for a, far in turned)
    return f'<polygon points="{points}" {look}/>'


def drawn(picture: MapPicture, group: Group) -> str:
    """A group, or the lone point it is."""
    if group.count == 1:
        return _single(picture, group.marks[0])
    if group.numbers:
        return _pill(picture, group)
    radius = radius_of(group.count, picture.text_size)
    return _counted(picture, group.x, group.y, radius, str(group.count), picture.text_size)


def _counted(picture: MapPicture, x: float, y: float, radius: float, text: str, size: float) -> str:
    fill, ink = ("#FFFFFF", "#000000") if picture.is_black_and_white else ("#1D2233", "#FFFFFF")
    circle = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" stroke="{picture.ink}" stroke-width="2.2"/>'
    )
    return circle + _bold(x, y, text, size, ink)


def _single(picture: MapPicture, mark: Mark) -> str:
    symbol, size = picture.symbols.get(mark.symbol, _UNKNOWN), picture.text_size
    if mark.number is None:
        return symbol_svg(symbol, mark.x, mark.y, size * 0.64, picture.is_black_and_white)
    # The shape stays pale under its number, which must be read first.
    pale = symbol_svg(symbol, mark.x, mark.y, size * 1.05, True)
    return pale + _bold(mark.x, mark.y, str(mark.number), size, "#000000")


def _pill(picture: MapPicture, group: Group) -> str:
    size = picture.text_size
    wide, high = width_of(group.numbers, size) + size * 1.1, size * 1.9
    place = f'x="{group.x - wide / 2:.1f}" y="{group.y - high / 2:.1f}" width="{wide:.1f}" height="{high:.1f}"'
    box = f'<rect {place} rx="{high / 2:.1f}" fill="#FFFFFF" stroke="#000000" stroke-width="2"/>'
    return box + _bold(group.x, group.y, group.numbers, size, "#000000")


def scale_length_m(metres_per_pixel: float, most_pixels: float) -> int:
    """The longest round length (1, 2 or 5 followed by zeros) that is no wider than some pixels."""
    room = max(1.0, metres_per_pixel * most_pixels)
    power = 10 ** math.floor(math.log10(room))
    return int(max(step * power for step in (1, 2, 5) if step * power <= room))


def foot(picture: MapPicture, metres_per_pixel: float, outside: int) -> str:
    """Scale bar, source, and the number of points that the frame leaves out."""
    size, y = picture.text_size, picture.height + picture.text_size * 1.5
    length = scale_length_m(metres_per_pixel, picture.width / 5)
    wide, high = length / metres_per_pixel, size * 0.5
    text = f"{length // 1000} km" if length >= 1000 else f"{length} m"
    told = picture.words.outside.format(count=outside) if outside else ""
    words = " · ".join(filter(None, [told, picture.words.source]))
    bar = f"M8 {y - high:.1f}v{high:.1f}h{wide:.1f}v{-high:.1f}"
    return (
        f'<path d="{bar}" fill="none" stroke="{picture.ink}" stroke-width="2"/>'
        + words_svg(wide + 16, y, text, size * 0.9, picture.ink)
        + words_svg(picture.width - 8, y, words, size * 0.8, picture.ink, anchor="end")
    )


def legend(picture: MapPicture, shown: Sequence[str], has_groups: bool) -> tuple[list[str], float]:
    """One line or more of shapes with their words, and its height."""
    size = picture.text_size
    entries: list[tuple[str, str]] = [(code, picture.symbols[code].label) for code in shown]
    if picture.words.soft and any(one.is_soft for one in picture.outlines):
        entries.append(("soft", picture.words.soft))
    if has_groups and picture.words.group:
        entries.append(("group", picture.words.group))
    if not picture.has_legend or not entries:
        return [], 0.0
    made, x, line = [], 8.0, 0
    for code, label in entries:
        wide = width_of(label, size * 0.9) + size * 3
        if x + wide > picture.width and x > 8:
            x, line = 8.0, line + 1
        y = picture.height + size * (3.2 + 1.9 * line)
        made.append(_legend_sign(picture, code, x + size, y))
        made.append(words_svg(x + size * 2.2, y + size * 0.32, label, size * 0.9, picture.ink))
        x += wide
    return made, size * 1.9 * (line + 1)


def _legend_sign(picture: MapPicture, code: str, x: float, y: float) -> str:
    size = picture.text_size
    if code == "soft":
        place = f'x="{x - size * 0.8:.1f}" y="{y - size * 0.5:.1f}" width="{size * 1.6:.1f}" height="{size:.1f}"'
        return f'<rect {place} fill="url(#{picture.identifier}-h)" stroke="{picture.ink}" stroke-dasharray="4 2"/>'
    if code == "group":
        return _counted(picture, x, y, size * 0.75, "9", size * 0.8)
    return symbol_svg(picture.symbols[code], x, y, size * 0.62, picture.is_black_and_white)
