"""A composed map as its pages show it: the picture, its legend, its table, its sentence, what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.utils.translation import gettext as _

from maillage.core.places.drawing_model import Bounds, Outline, bounds_around
from maillage.core.places.drawing_queries import bounds_of_territory, contour_of, outlines_in
from maillage.core.places.models import Territory
from maillage.core.places.queries import territory, territory_name
from maillage.core.web.dates import long_date
from maillage.rooms.observatory import maps_words as words
from maillage.rooms.observatory.maps.classes import Classes, classes_of
from maillage.rooms.observatory.maps.colours import colours
from maillage.rooms.observatory.maps.composition import Composition, Series
from maillage.rooms.observatory.maps.drawing import outside_count
from maillage.rooms.observatory.maps.picture import Area, LegendLine, Look, Notes, Picture, Style, fitting
from maillage.rooms.observatory.maps_checks import Problem, asked_look, problems_of
from maillage.rooms.observatory.maps_figures import Figure, Measure, figures_of, measure_of
from maillage.rooms.observatory.maps_layers import Layers, Placed, layers_in_words, layers_of, placed_in
from maillage.rooms.observatory.models_indicators import Indicator
from maillage.rooms.observatory.queries_maps import shape_of, territories_of

SCREEN = Style(width=760, text_size=16, has_words=False)


@dataclass(frozen=True)
class Row:
    """A line of the table under the map."""

    code: str
    name: str
    url_kind: str
    figure: Figure
    class_label: str
    things: int | None
    is_drawn: bool


@dataclass(frozen=True)
class Shown:
    """Everything about one composed map. Without `picture`, `problems` say why and what to do."""

    composition: Composition
    title: str
    indicator: Indicator | None = None
    series: Series | None = None
    subtitle: str = ""
    measure: Measure | None = None
    picture: Picture | None = None
    rows: Sequence[Row] = ()
    sentence: str = ""
    notices: Sequence[str] = ()
    problems: Sequence[Problem] = ()
    sources: Sequence[str] = field(default_factory=list)
    has_things: bool = False

    @property
    def known(self) -> int:
        """How many territories have a figure."""
        return sum(row.figure.value is not None for row in self.rows)


@dataclass(frozen=True)
class _Material:
    """What was read for a map that can be drawn."""

    composition: Composition
    indicator: Indicator
    series: Series
    territories: Sequence[Territory]
    measure: Measure
    figures: Mapping[str, Figure]
    areas: Sequence[Area]
    layers: Layers
    placed: Placed
    look: Look


def shown(composition: Composition, *, title: str = "", on: date | None = None) -> Shown:
    """The map of a question; never raises for what a reader may ask: `problems` then say what is wrong."""
    checked = problems_of(composition)
    if checked.indicator is None or checked.series is None:
        return Shown(checked.composition, title or _("Carte à composer"), checked.indicator, problems=checked.problems)
    composition = checked.composition
    material = _read(composition, checked.indicator, checked.series)
    named = title or automatic_title(material)
    subtitle, measure = words.series_label(checked.series), material.measure
    base = Shown(
        composition, named, checked.indicator, checked.series, subtitle, measure, problems=checked.problems,
        rows=_rows(material, None), has_things=bool(material.placed.how),
        sentence=words.sentence(f"{named} ({subtitle})", material.areas, measure.decimals, measure.unit),
    )  # fmt: skip
    known = [one for one in material.areas if one.value is not None]
    drawable = [one for one in material.areas if one.is_drawn]
    if checked.problems or not known or not drawable:
        return replace(base, problems=checked.problems or [_nothing_to_draw(bool(known))])
    return _drawn(base, material, on)


def _nothing_to_draw(has_values: bool) -> Problem:
    if has_values:
        return Problem(
            _("Aucun de ces territoires n’a de contour ni de point connu : ils ne peuvent pas être dessinés."),
            _("Le tableau ci-dessous reste complet. Les contours se chargent avec « maillage intake territories »."),
        )
    return Problem(
        _("Aucune valeur n’est renseignée pour ces territoires."),
        _("Choisissez un autre périmètre, une autre année ou un autre indicateur."),
    )


def automatic_title(material: _Material) -> str:
    """What a map without a title is called: what, where."""
    where = f", {territory_name(material.composition.scope)}" if material.composition.scope else ""
    return f"{material.measure.label}{where}"


def _read(composition: Composition, indicator: Indicator, series: Series) -> _Material:
    territories = territories_of(series, composition.scope)
    measure = measure_of(indicator, composition.per, series, territories)
    figures = figures_of(indicator, series, composition.per, measure, territories)
    areas = [_area(row, figures[row.code]) for row in territories]
    layers = layers_of(composition.layers, composition.scope)
    placed = placed_in(layers, series.kind, areas)
    return _Material(composition, indicator, series, territories, measure, figures, areas, layers, placed,
                     asked_look(composition, measure))  # fmt: skip


def _area(row: Territory, figure: Figure) -> Area:
    return Area(row.code, row.name, shape_of(row), row.lon, row.lat, figure.value, figure.text)


def _drawn(base: Shown, material: _Material, on: date | None) -> Shown:
    composition, measure = material.composition, material.measure
    known = [one.value for one in material.areas if one.value is not None]
    classes = classes_of(known, composition.method, composition.classes) if material.look == "colours" else None
    shades = colours(composition.ramp, classes.count) if classes else ()
    bounds = _bounds(material)
    if bounds is None:
        return replace(base, problems=[_nothing_to_draw(True)])
    largest = max(abs(one) for one in known)
    legend = _legend(material, classes, shades, largest)
    unit = f" ({measure.unit})" if measure.unit and measure.unit.lower() != measure.label.lower() else ""
    notes = Notes(base.title, base.subtitle, base.sentence, f"{measure.label}{unit}", ())
    picture = Picture(
        look=material.look, bounds=bounds, areas=material.areas, colours=shades, classes=classes, largest=largest,
        notes=notes, legend=legend, around=_around(material, bounds), spots=material.layers.spots,
        symbols=material.layers.symbols, is_rtl=_is_rtl(base.title),
    )  # fmt: skip
    told = layers_in_words(material.layers, outside_count(picture, fitting(SCREEN, bounds)))
    foot = _foot(material, classes, told, on)
    picture = replace(picture, notes=replace(notes, foot=foot))
    notices = [
        one for one in (_class_notice(classes), words.contour_note(material.territories), _strays(material)) if one
    ]
    return replace(base, picture=picture, rows=_rows(material, classes), sources=foot, notices=notices,
                   sentence=" ".join(filter(None, [base.sentence, told, _things_in_words(material, classes)])))  # fmt: skip


def _class_notice(classes: Classes | None) -> str:
    return words.fewer_classes(classes) if classes else ""


def _is_rtl(text: str) -> bool:
    """Whether the first letter that has a direction is Hebrew or Arabic."""
    first = next((sign for sign in text if sign.isalpha()), "")
    return "\u0590" <= first <= "\u08ff"


def _bounds(material: _Material) -> Bounds | None:
    """The perimeter asked; else all that is drawn."""
    if material.composition.scope and (framed := bounds_of_territory(material.composition.scope)):
        return framed
    corners: list[tuple[float, float]] = []
    for one in material.areas:
        if one.shape is not None:
            west, south, east, north = one.shape.bounds
            corners += [(west, south), (east, north)]
        elif one.lon is not None and one.lat is not None:
            corners.append((one.lon, one.lat))
    return bounds_around(corners, margin=0.04)


def _around(material: _Material, bounds: Bounds) -> list[Outline]:
    """The communes under finer territories, and the perimeter with a heavy line."""
    found = []
    if material.series.kind not in {"commune", "arrondissement", "epci", "departement", "region"}:
        found = [one for one in outlines_in(bounds) if not one.is_soft]
    if material.composition.scope:
        kind, _colon, code = material.composition.scope.partition(":")
        row = territory(kind=kind, code=code)
        if row.contour_quality != "none" and (shape := contour_of(row)) is not None:
            found.append(Outline("", shape, is_main=True))
    return found


def _legend(material: _Material, classes: Classes | None, shades: Sequence[str], largest: float) -> list[LegendLine]:
    lines: list[LegendLine] = []
    if classes:
        labels = words.class_labels(classes, material.measure.decimals)
        lines = [
            LegendLine("class", label, count, colour)
            for label, count, colour in zip(labels, classes.counts, shades, strict=True)
        ]
    else:
        lines = _circles(material, largest)
    if missing := sum(one.value is None for one in material.areas):
        lines.append(LegendLine("missing", _("non renseigné"), missing))
    counted = {spot.symbol for spot in material.layers.spots}
    lines += [
        LegendLine("symbol", symbol.label, sum(spot.symbol == code for spot in material.layers.spots), symbol=symbol)
        for code, symbol in (material.layers.symbols).items()
        if code in counted
    ]
    return lines


def _circles(material: _Material, largest: float) -> list[LegendLine]:
    """Circles of round values, and the signs of zero and of negative values when there are some."""
    decimals = material.measure.decimals
    values = [one.value for one in material.areas if one.value is not None]
    shown_values = [largest, largest / 4, largest / 16] if largest else []
    lines = [
        LegendLine("circle", words.figure_text(one, decimals), value=one)
        for one in dict.fromkeys(_round(one, decimals) for one in shown_values)
        if one > 0
    ]
    if negative := sum(one < 0 for one in values):
        lines.append(LegendLine("negative", _("valeur négative"), negative))
    if zeros := sum(one == 0 for one in values):
        lines.append(LegendLine("zero", _("zéro"), zeros))
    return lines


def _round(value: float, decimals: int) -> float:
    """Two figures that count, and no finer than the indicator is written."""
    if value <= 0:
        return 0.0
    text = f"{value:.1e}"
    return round(float(text), max(decimals, 0)) or value


def _foot(material: _Material, classes: Classes | None, told: str, on: date | None) -> list[str]:
    lines = [words.source_note(material.indicator, material.series)]
    if material.measure.how:
        lines.append(material.measure.how)
    if classes:
        lines.append(_("Classes : {method}.").format(method=words.class_method_label(material.composition.method)))
    else:
        lines.append(_("La surface de chaque cercle est proportionnelle au nombre."))
    lines += [one for one in (words.contour_note(material.territories), told) if one]
    if told:
        lines.append(_("Points : lieux et initiatives publiés sur Maillage."))
    made = (
        _("Carte composée sur Maillage, le {date}.").format(date=long_date(on))
        if on
        else _("Carte composée sur Maillage.")
    )
    return [*lines, made]


def _strays(material: _Material) -> str:
    """Values whose code no territory loaded bears: they are in the table, and not on the map."""
    if material.composition.scope:
        return ""  # outside the perimeter, other territories are expected
    known = {row.code for row in material.territories}
    strays = sorted(code for code in material.figures if code not in known)
    if not strays:
        return ""
    text = _(
        "{n} valeurs portent un code qu’aucun territoire chargé ne porte ({codes}) : elles sont au tableau, pas sur la carte."
    )
    return text.format(n=len(strays), codes=", ".join(strays[:8]) + ("…" if len(strays) > 8 else ""))


def _things_in_words(material: _Material, classes: Classes | None) -> str:
    """How many things lie in the territories of the highest class; "" without layers or classes."""
    placed = material.placed
    if not placed.how or classes is None or classes.count < 2:
        return ""
    top = [one for one in material.areas if one.value is not None and classes.place_of(one.value) == classes.count - 1]
    things = frozenset().union(*(placed.things.get(one.code, frozenset()) for one in top))
    text = _("Dans les {n} territoires de la classe la plus élevée : {things} de ces lieux et initiatives ({how}).")
    return text.format(n=len(top), things=len(things), how=placed.how)


def _rows(material: _Material, classes: Classes | None) -> list[Row]:
    names = {row.code: row.name for row in material.territories}
    drawn = {one.code for one in material.areas if one.is_drawn}
    labels = words.class_labels(classes, material.measure.decimals) if classes else []
    codes = [code for code in material.figures if code in names or not material.composition.scope]
    return [_row(material, classes, labels, code, (names.get(code, code), code in drawn)) for code in codes]


def _row(
    material: _Material, classes: Classes | None, labels: Sequence[str], code: str, place: tuple[str, bool]
) -> Row:
    name, is_drawn = place
    figure = material.figures[code]
    label = labels[classes.place_of(figure.value)] if classes and figure.value is not None and is_drawn else ""
    things = material.placed.count(code)
    return Row(code, name, material.series.kind if name != code else "", figure, label, things, is_drawn)
