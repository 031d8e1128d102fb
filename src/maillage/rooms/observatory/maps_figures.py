"""The figures of a map: values of a series by territory, as they are or divided by people or by surface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from maillage.core.places.models import Territory
from maillage.rooms.observatory.maps.composition import POPULATION, SURFACE, Series
from maillage.rooms.observatory.maps_words import SMALL, figure_text
from maillage.rooms.observatory.models_indicators import Indicator, IndicatorNature, IndicatorValue
from maillage.rooms.observatory.profile import vintage_text
from maillage.rooms.observatory.queries_maps import denominators, values_of

PER_PEOPLE = 1000.0
KM2 = 1_000_000.0


@dataclass(frozen=True)
class Figure:
    """The figure of one territory: None where the source gives none or it cannot be computed, and `note` says why."""

    value: float | None
    text: str
    note: str = ""
    source: IndicatorValue | None = None


@dataclass(frozen=True)
class Measure:
    """What is drawn: its name, unit, decimals, whether it is a count, and what it was divided by, in words."""

    label: str
    unit: str
    decimals: int
    is_count: bool
    how: str = ""


def measure_of(indicator: Indicator, per: str, series: Series, rows: Sequence[Territory]) -> Measure:
    """The name and unit of what is drawn."""
    is_count = indicator.nature == IndicatorNature.COUNT
    if not per:
        return Measure(indicator.label, indicator.unit, indicator.decimals, is_count)
    if per == SURFACE:
        label = _("{label} par km²").format(label=indicator.label)
        return Measure(label, _("par km²"), 1, False, _("Divisé par la surface de chaque territoire."))
    label = _("{label} pour 1 000 habitants").format(label=indicator.label)
    if per == POPULATION:
        years = sorted({row.population_on for row in rows if row.population is not None})
        named = ", ".join(year or _("année non précisée") for year in years)
        how = _("Divisé par la population des territoires ({years}) ; les chiffres sont de {vintage}.")
        return Measure(label, _("pour 1 000"), 1, False, how.format(years=named, vintage=vintage_text(series.vintage)))
    divisor = next((one.label for one in denominators(series) if one.code == per), per)
    how = _("Divisé par « {label} » de la même année et de la même liste de territoires.").format(label=divisor)
    return Measure(label, _("pour 1 000"), 1, False, how)


def per_choices(indicator: Indicator, series: Series, rows: Sequence[Territory]) -> list[tuple[str, str]]:
    """What a count may be divided by here, the best first: people of the same year, people, surface."""
    if indicator.nature != IndicatorNature.COUNT:
        return []
    same_year = [one for one in denominators(series) if one.code != indicator.code]
    found = [(one.code, _("pour 1 000 : {label}").format(label=one.label)) for one in same_year]
    if any(row.population for row in rows):
        found.append((POPULATION, _("pour 1 000 habitants")))
    if any(row.area_m2 for row in rows):
        found.append((SURFACE, _("par km²")))
    return found


def figures_of(
    indicator: Indicator, series: Series, per: str, measure: Measure, rows: Sequence[Territory]
) -> dict[str, Figure]:
    """The figure of each territory, by code; also of codes that no territory loaded bears."""
    values = values_of(indicator, series)
    divisors = _divisors(per, series, rows)
    codes = [*(row.code for row in rows), *values]
    return {code: _figure(values.get(code), divisors.get(code), per, measure) for code in dict.fromkeys(codes)}


def _divisors(per: str, series: Series, rows: Sequence[Territory]) -> dict[str, float]:
    """What each value is divided by; absent where it is not known."""
    if per == SURFACE:
        return {row.code: row.area_m2 / KM2 for row in rows if row.area_m2 is not None}
    if per == POPULATION:
        return {row.code: row.population / PER_PEOPLE for row in rows if row.population is not None}
    chosen = next((one for one in denominators(series) if one.code == per), None) if per else None
    return {code: one.value / PER_PEOPLE for code, one in values_of(chosen, series).items()} if chosen else {}


def _figure(row: IndicatorValue | None, divisor: float | None, per: str, measure: Measure) -> Figure:
    missing = _("non renseigné")
    if row is None:
        return Figure(None, missing)
    if per:
        if divisor is None or divisor <= 0:
            why = _("diviseur inconnu") if divisor is None else _("diviseur nul")
            return Figure(None, _("non calculé"), why, row)
        value = row.value / divisor
    else:
        value = row.value
    return Figure(value, figure_text(value, measure.decimals, measure.unit), _note(row, measure), row)


def _note(row: IndicatorValue, measure: Measure) -> str:
    parts = []
    if row.low is not None and row.high is not None and not measure.how:
        low, high = (figure_text(one, measure.decimals, measure.unit) for one in (row.low, row.high))
        parts.append(_("entre {low} et {high}").format(low=low, high=high))
    if measure.is_count and 0 < abs(row.value) < SMALL:
        parts.append(_("petit nombre"))
    if row.method_note:
        parts.append(row.method_note)
    return " ; ".join(parts)
