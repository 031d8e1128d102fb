"""What cannot be drawn, said in plain words, each with one click that mends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.places.models import Territory
from maillage.core.web.wording import number
from maillage.rooms.observatory.maps.composition import Composition, Series
from maillage.rooms.observatory.maps.picture import Look
from maillage.rooms.observatory.maps_figures import Measure, per_choices
from maillage.rooms.observatory.maps_words import series_label
from maillage.rooms.observatory.models_indicators import Indicator, IndicatorNature
from maillage.rooms.observatory.queries_maps import (
    drawable_indicators,
    indicator_named,
    scopes_of,
    series_of,
    territories_of,
)

MOST_AREAS = 3000
MOST_MENDS = 12


@dataclass(frozen=True)
class Mend:
    """One click that puts it right: a label and the query of the map that can be drawn."""

    label: str
    query: str


@dataclass(frozen=True)
class Problem:
    """What is wrong, why or what to do, and the clicks that mend it."""

    text: str
    more: str = ""
    mends: Sequence[Mend] = ()


@dataclass(frozen=True)
class Checked:
    """The composition with its series chosen, and what stops it."""

    composition: Composition
    indicator: Indicator | None = None
    series: Series | None = None
    problems: Sequence[Problem] = ()


def asked_look(composition: Composition, measure: Measure) -> Look:
    """How it is drawn: as asked, else circles for a count and colours for the rest."""
    if composition.look == "colours":
        return "colours"
    if composition.look == "circles":
        return "circles"
    return "circles" if measure.is_count else "colours"


def problems_of(composition: Composition) -> Checked:
    """Whether the map can be drawn: the indicator is known, the series exists, a count is not asked in colours…"""
    indicator = indicator_named(composition.indicator) if composition.indicator else None
    if indicator is None:
        return Checked(composition, problems=_without_indicator(composition))
    known = [one for one, _count in series_of(indicator)]
    if not known:
        text = _("L’indicateur « {label} » n’a encore aucune valeur.").format(label=indicator.label)
        return Checked(composition, indicator, problems=[Problem(text, _("Choisissez-en un autre."))])
    if composition.series is None:
        composition = replace(composition, series=known[0])
    elif composition.series not in known:
        return Checked(composition, indicator, problems=[_unknown_series(composition, indicator, known)])
    series = composition.series
    assert series is not None
    found = _scope_problem(composition, series) or _drawing_problem(composition, indicator, series)
    return Checked(composition, indicator, series, [found] if found else [])


def _without_indicator(composition: Composition) -> Sequence[Problem]:
    if not composition.indicator:
        return []
    text = _("L’indicateur « {code} » n’est pas dans le dictionnaire.").format(code=composition.indicator)
    mends = [
        Mend(one.label, replace(Composition(), indicator=one.code).query_string()) for one in drawable_indicators()
    ]
    return [Problem(text, _("Il a peut-être changé de nom. Choisissez-en un autre."), mends[:MOST_MENDS])]


def _unknown_series(composition: Composition, indicator: Indicator, known: Sequence[Series]) -> Problem:
    text = _("« {label} » n’existe pas pour ces territoires et cette année.").format(label=indicator.label)
    mends = [Mend(series_label(one), composition.with_(series=one, per="", scope="")) for one in known]
    more = _("On ne mélange jamais deux années ni deux listes de quartiers : choisissez ce qui existe.")
    return Problem(text, more, mends[:MOST_MENDS])


def _scope_problem(composition: Composition, series: Series) -> Problem | None:
    count = len(territories_of(series, composition.scope, contours=False))
    if composition.scope and not count:
        text = _("Le périmètre « {scope} » ne contient aucun de ces territoires.").format(scope=composition.scope)
        return Problem(text, "", [Mend(_("Tous les territoires chargés"), composition.with_(scope=""))])
    if count > MOST_AREAS:
        text = ngettext(
            "Il y aurait {n} territoire à dessiner : la carte serait illisible.",
            "Il y aurait {n} territoires à dessiner : la carte serait illisible.",
            count,
        ).format(n=number(count))
        mends = [Mend(name, composition.with_(scope=code)) for code, name in scopes_of(series)]
        return Problem(text, _("Choisissez un périmètre plus petit."), mends[:MOST_MENDS])
    return None


def _drawing_problem(composition: Composition, indicator: Indicator, series: Series) -> Problem | None:
    is_count = indicator.nature == IndicatorNature.COUNT
    rows = territories_of(series, composition.scope, contours=False)
    divisors = per_choices(indicator, series, rows)
    if composition.per and composition.per not in dict(divisors):
        text = _("« {label} » ne peut pas être divisé ainsi.").format(label=indicator.label)
        return Problem(text, "", [Mend(_("Garder la valeur telle quelle"), composition.with_(per=""))])
    if is_count and not composition.per and composition.look == "colours":
        return _count_in_colours(composition, indicator, rows, divisors)
    if (not is_count or composition.per) and composition.look == "circles":
        text = _(
            "Un taux ne se dessine pas avec des cercles : leur taille se lit comme un nombre de personnes ou de choses."
        )
        return Problem(text, "", [Mend(_("Passer aux couleurs"), composition.with_(look=""))])
    return None


def _count_in_colours(
    composition: Composition, indicator: Indicator, rows: Sequence[Territory], divisors: Sequence[tuple[str, str]]
) -> Problem:
    """A large territory would look full because it is large: circles, or a rate."""
    text = _(
        "« {label} » est un nombre : en couleurs, un grand territoire semblerait plus touché parce qu’il est grand."
    )
    mends = [Mend(_("Passer aux cercles"), composition.with_(look=""))]
    mends += [
        Mend(_("Garder les couleurs, {per}").format(per=label), composition.with_(per=code, look=""))
        for code, label in divisors
    ]
    more = _("Dessinez des cercles, ou ramenez ce nombre à la population ou à la surface.")
    return Problem(text.format(label=indicator.label), more, mends)
