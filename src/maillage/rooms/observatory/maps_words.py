"""The words of a composed map: figures, classes, the sentence that sums it up, sources and method."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.places.models import ContourQuality, Territory, TerritoryKind
from maillage.core.places.sheets import plural_of
from maillage.core.web.wording import SPACE, number
from maillage.rooms.observatory.maps.classes import Classes
from maillage.rooms.observatory.maps.composition import Series
from maillage.rooms.observatory.maps.picture import Area
from maillage.rooms.observatory.models_indicators import Indicator, Method
from maillage.rooms.observatory.profile import vintage_text

SMALL = 10
MORE_DECIMALS = 3


def figure_text(value: float, decimals: int, unit: str = "") -> str:
    """A figure as people read it: "12,3 %"."""
    shown = round(value, decimals) + 0.0 if decimals > 0 else round(value)
    return f"{number(shown)}{SPACE}{unit}" if unit else number(shown)


def series_label(series: Series) -> str:
    """ "Communes, 2021"; the list of neighbourhoods and the method are said where there are several."""
    kind = plural_of(series.kind) if series.kind in TerritoryKind.values else series.kind
    generation = _(" (liste de {year})").format(year=series.generation) if series.generation else ""
    how = Method(series.method).label if series.method in Method.values else series.method
    method = "" if series.method == Method.PUBLISHED else f" — {how}"
    return f"{kind}{generation}, {vintage_text(series.vintage)}{method}"


def class_labels(classes: Classes, decimals: int) -> list[str]:
    """The bounds of each class, with as many decimals as it takes to tell them apart."""
    places = decimals
    distinct = len(set(classes.bounds))
    while places < decimals + MORE_DECIMALS and len({figure_text(one, places) for one in classes.bounds}) < distinct:
        places += 1
    texts = [figure_text(one, places) for one in classes.bounds]
    first = texts[0] if texts[0] == texts[1] else _("de {low} à {high}").format(low=texts[0], high=texts[1])
    rest = [_("plus de {low} à {high}").format(low=low, high=high) for low, high in pairwise(texts[1:])]
    return [first, *rest]


def class_method_label(method: str) -> str:
    """The name of a way to make classes."""
    return {
        "quantiles": _("Autant de territoires dans chaque classe (quantiles)"),
        "egales": _("Classes de même largeur"),
        "naturelles": _("Classes naturelles (Jenks)"),
    }[method]


def ramp_label(code: str) -> str:
    """The name of a ramp of colours."""
    return {
        "bleus": _("Bleus"), "terres": _("Terres"), "verts": _("Verts"), "violets": _("Violets"),
        "lagune": _("Du jaune au bleu"), "gris": _("Gris"),
    }[code]  # fmt: skip


def fewer_classes(classes: Classes) -> str:
    """Why there are fewer classes than asked; "" where there are as many."""
    if classes.count >= classes.asked:
        return ""
    if classes.count == 1:
        return _("Une seule classe : il n’y a qu’une valeur, ou toutes sont égales.")
    return _(
        "{made} classes au lieu de {asked} : il y a trop peu de valeurs différentes. Des valeurs égales restent ensemble."
    ).format(made=classes.count, asked=classes.asked)


def sentence(title: str, areas: Sequence[Area], decimals: int, unit: str) -> str:
    """The map in words: lowest, highest, middle, and how many are missing."""
    known = sorted((one for one in areas if one.value is not None), key=lambda one: (one.value or 0.0, one.name))
    missing = len(areas) - len(known)
    if not known:
        return _("{title} : aucune valeur n’est renseignée ici.").format(title=title)
    told = _known_in_words(title, known, decimals, unit)
    if missing:
        told += " " + ngettext(
            "{n} territoire n’est pas renseigné : il est hachuré.",
            "{n} territoires ne sont pas renseignés : ils sont hachurés.",
            missing,
        ).format(n=number(missing))
    return told


def _known_in_words(title: str, known: Sequence[Area], decimals: int, unit: str) -> str:
    lowest, highest = known[0], known[-1]
    low, high = figure_text(lowest.value or 0.0, decimals, unit), figure_text(highest.value or 0.0, decimals, unit)
    if len(known) == 1:
        return _("{title} : une seule valeur, {high} ({name}).").format(title=title, high=high, name=highest.name)
    if lowest.value == highest.value:
        return _("{title} : la même valeur partout, {high}, dans {n} territoires.").format(
            title=title, high=high, n=number(len(known))
        )
    middle = figure_text(median(one.value or 0.0 for one in known), decimals, unit)
    return _(
        "{title} : de {low} ({lowest}) à {high} ({highest}). La moitié des {n} territoires renseignés sont à {middle} ou moins."
    ).format(
        title=title, low=low, lowest=lowest.name, high=high, highest=highest.name, n=number(len(known)), middle=middle
    )


def contour_note(rows: Sequence[Territory]) -> str:
    """Whose contours were drawn, and how far they may be trusted."""
    sources = sorted(
        {row.source_text for row in rows if row.contour_quality != ContourQuality.NONE and row.source_text}
    )
    is_simple = any(row.contour_quality == ContourQuality.SIMPLIFIED for row in rows)
    points = sum(row.contour_quality == ContourQuality.NONE and row.lon is not None for row in rows)
    parts = []
    if sources:
        parts.append(_("Contours : {sources}.").format(sources=" ; ".join(sources)))
    if is_simple:
        parts.append(_("Ces contours sont simplifiés."))
    if points:
        parts.append(
            ngettext(
                "{n} territoire sans contour chargé est dessiné comme un point : ce point marque un lieu, pas une limite.",
                "{n} territoires sans contour chargé sont dessinés comme des points : un point marque un lieu, pas une limite.",
                points,
            ).format(n=number(points))
        )
    return " ".join(parts)


def source_note(indicator: Indicator, series: Series) -> str:
    """Source, year, licence of the figures, and how they came to their territories."""
    parts = [_("Source : {source}.").format(source=indicator.source_text.rstrip(". "))]
    parts.append(_("Millésime : {year}.").format(year=vintage_text(series.vintage)))
    if series.generation:
        parts.append(_("Liste des territoires : {year}.").format(year=series.generation))
    if indicator.licence:
        parts.append(_("Licence : {licence}.").format(licence=indicator.licence))
    how = Method(series.method).label if series.method in Method.values else series.method
    return " ".join([*parts, _("Valeurs : {method}.").format(method=str(how)[:1].lower() + str(how)[1:])])
