"""Small charts drawn by the server: where a figure stands among its peers, and how it went over the years."""

from __future__ import annotations

from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from maillage.rooms.observatory.profile import ProfileFigure, figure_text, value_text

WIDE, HIGH, EDGE = 260.0, 56.0, 10.0


def strip(figure: ProfileFigure) -> SafeString:
    """A line from the least to the greatest peer; a dot here (with its uncertainty), a tick for what is around.

    Empty where there is nobody to stand among.
    """
    rank = figure.rank
    if rank is None or rank.most <= rank.least:
        return SafeString("")
    values = (
        [rank.least, rank.most, *(one.value for one in figure.around)]
        if figure.nature != "count"
        else [rank.least, rank.most]
    )
    least, most = min(values), max(values)

    def at(value: float) -> float:
        held = min(max(value, least), most)
        return round(EDGE + (held - least) / (most - least) * (WIDE - 2 * EDGE), 1)

    parts = [f'<line class="strip-axis" x1="{at(rank.least)}" y1="26" x2="{at(rank.most)}" y2="26"/>']
    if figure.low is not None and figure.high is not None:
        parts.append(f'<line class="strip-doubt" x1="{at(figure.low)}" y1="26" x2="{at(figure.high)}" y2="26"/>')
    if figure.nature != "count":
        for one in figure.around:
            sign = "M{x} 14V38" if one.level == "epci" else "M{x} 18L{right} 26L{x} 34L{left} 26Z"
            x = at(one.value)
            kind = "strip-epci" if one.level == "epci" else "strip-commune"
            path = sign.format(x=x, left=round(x - 5, 1), right=round(x + 5, 1))
            parts.append(f'<path class="{kind}" d="{path}"/>')
    parts.append(f'<circle class="strip-here" cx="{at(figure.value)}" cy="26" r="6"/>')
    parts += [_words(at(rank.least), rank.least, figure, "start"), _words(at(rank.most), rank.most, figure, "end")]
    return _svg(strip_words(figure), "".join(parts), "strip")


def strip_words(figure: ProfileFigure) -> str:
    """What the chart shows, for those who do not see it; the rank is written beside it."""
    told = [_("Ici : {text}").format(text=figure.text)]
    told += [f"{one.name} : {one.text}" for one in figure.around]
    return " ; ".join(told)


def _words(x: float, value: float, figure: ProfileFigure, anchor: str) -> str:
    text = figure_text(value, figure.decimals)
    start = max(2.0, x - 8) if anchor == "start" else min(WIDE - 2, x + 8)
    return f'<text class="strip-words" x="{start}" y="53" text-anchor="{anchor}">{escape(text)}</text>'


def sparkline(figure: ProfileFigure) -> SafeString:
    """The years of one figure as a line, at their true distance; empty with fewer than two."""
    points = figure.history
    if len(points) < 2:
        return SafeString("")
    years, values = [year for year, _value in points], [value for _year, value in points]
    span, low, high = years[-1] - years[0], min(values), max(values)

    def at(year: int, value: float) -> tuple[float, float]:
        y = 24.0 if high == low else 40 - (value - low) / (high - low) * 32
        return round(EDGE + (year - years[0]) / span * (WIDE - 2 * EDGE), 1), round(y, 1)

    spots = [at(year, value) for year, value in points]
    line = " ".join(f"{x},{y}" for x, y in spots)
    parts = [f'<polyline class="spark-line" points="{line}"/>']
    parts += [f'<circle class="spark-dot" cx="{x}" cy="{y}" r="3"/>' for x, y in spots]
    parts.append(f'<text class="strip-words" x="2" y="55" text-anchor="start">{years[0]}</text>')
    parts.append(f'<text class="strip-words" x="{WIDE - 2}" y="55" text-anchor="end">{years[-1]}</text>')
    told = ", ".join(f"{year} : {value_text(value, figure.unit, figure.decimals)}" for year, value in points)
    return _svg(_("Évolution : {told}").format(told=told), "".join(parts), "spark")


def _svg(title: str, inside: str, kind: str) -> SafeString:
    """An inline picture; every text was escaped above, numbers are ours."""
    box = f'viewBox="0 0 {WIDE:g} {HIGH + 2:g}" role="img" aria-label="{escape(title)}"'
    return mark_safe(f'<svg class="chart chart-{kind}" {box}>{inside}</svg>')  # noqa: S308
