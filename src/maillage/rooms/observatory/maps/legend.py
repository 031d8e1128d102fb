"""The legend and the foot of a thematic map: classes with how many territories, hatching, circles, source and method."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from maillage.core.places.drawing_signs import symbol_svg, width_of, words_svg
from maillage.rooms.observatory.maps.picture import LegendLine, Picture, Style

INK = "#1D2233"


def legend_svg(picture: Picture, style: Style) -> tuple[list[str], float]:
    """The heading and the lines of the legend in as many columns as fit, and their height."""
    size = style.text_size
    lines = listed(picture)
    if not lines:
        return [], 0.0
    widest = max(width_of(line_text(one), size * 0.9) for one in lines) + size * 4.6
    columns = max(1, min(4, int((style.width - 16) / widest)))
    rows = -(-len(lines) // columns)
    step = size * 1.7
    made = [words_svg(8, size * 1.2, picture.notes.legend_title, size * 0.95, INK, look='font-weight="700"')]
    for place, one in enumerate(lines):
        x, y = 8 + (place // rows) * (style.width - 16) / columns, size * 1.6 + step * (place % rows + 0.5)
        made.append(sign_svg(one, style, x + size * 1.4, y))
        made.append(words_svg(x + size * 3.4, y + size * 0.34, line_text(one), size * 0.9, INK))
    return made, size * 2.0 + rows * step


def listed(picture: Picture) -> list[LegendLine]:
    """The lines that stand in the legend; circles are in the picture."""
    return [one for one in picture.legend if one.kind != "circle"]


def line_text(line: LegendLine) -> str:
    """A label with its count."""
    return line.label if line.count is None else f"{line.label} ({line.count})"


def sign_svg(line: LegendLine, style: Style, x: float, y: float) -> str:
    """The drawing of one line of the legend around a point."""
    size = style.text_size
    if line.kind == "symbol" and line.symbol is not None:
        return symbol_svg(line.symbol, x, y, size * 0.55, True)
    if line.kind == "zero":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size * 0.22:.1f}" fill="#FFFFFF" stroke="{INK}" stroke-width="1.6"/>'
    if line.kind == "negative":
        look = f'fill="#FFFFFF" stroke="{INK}" stroke-width="1.8" stroke-dasharray="4 2"'
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size * 0.65:.1f}" {look}/>'
    fill = "#FFFFFF" if line.kind == "missing" else line.colour
    place = f'x="{x - size * 1.1:.1f}" y="{y - size * 0.6:.1f}" width="{size * 2.2:.1f}" height="{size * 1.2:.1f}"'
    box = f'<rect {place} fill="{fill}" stroke="{INK}" stroke-width="0.8"/>'
    return box + (_hatching(x, y, size) if line.kind == "missing" else "")


def _hatching(x: float, y: float, size: float) -> str:
    """Slanted lines in the box of the legend: without a pattern, whose name would have to be one of a kind on the page."""
    left, right, high = x - size * 1.1, x + size * 1.1, size * 1.2
    gap = size * 0.45
    long = [(left + place * gap, min(high, place * gap)) for place in range(1, int((right - left) / gap))]
    path = "".join(f"M{start:.1f} {y - high / 2:.1f}l{-fall:.1f} {fall:.1f}" for start, fall in long)
    return f'<path d="{path}" stroke="#6E6E6E" stroke-width="1.6" fill="none"/>'


def sign_document(line: LegendLine, style: Style, *, attributes: str = "") -> str:
    """The drawing of one line of the legend as a picture of its own."""
    half, high = style.text_size * 1.2, style.text_size * 0.8
    size = f'viewBox="0 0 {2 * half:.1f} {2 * high:.1f}" width="{2 * half:.1f}" height="{2 * high:.1f}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {attributes}>{sign_svg(line, style, half, high)}</svg>'


def foot_lines(picture: Picture, style: Style) -> tuple[list[str], float]:
    """Source, method, licence, date: wrapped to the width."""
    size = style.text_size * 0.8
    wide = int((style.width - 16) / (size * 0.52))
    lines: Sequence[str] = [line for text in picture.notes.foot for line in textwrap.wrap(text, wide)]
    made = [words_svg(8, size * 1.4 * (place + 1), line, size, INK) for place, line in enumerate(lines)]
    return made, size * 1.4 * (len(lines) + 1)
