"""The first figures: what core/places knows of each territory, and our aggregates of the Lyon metropolis. Idempotent."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from maillage.core.places.models import Territory
from maillage.core.search.sort_keys import sort_key
from maillage.rooms.observatory.actions_indicators import write_values
from maillage.rooms.observatory.models_indicators import Indicator, IndicatorValue, Method

FOLDER = Path(__file__).parent / "data"
COMPUTED_KINDS = ("commune", "arrondissement", "epci", "qpv", "qva")
GENERATION = "2024"


def load_seed() -> str:
    """The seed of the demo: dictionary and figures, without any file but ours."""
    with transaction.atomic():
        known = put_territory_figures()
        made = _put_lyon()
    return f"{known} chiffres des territoires, {made} agrégats de la Métropole de Lyon"


def territories_changed() -> None:
    """Called after territories changed: what is computed from them follows, where the dictionary was ever seeded."""
    if Indicator.objects.filter(code="population").exists():
        put_territory_figures()


def put_territory_figures() -> int:
    """Population, surface, density, number of QPV and share of people in QPV, from the territories themselves."""
    words = _file("dictionary.yaml")["territories"]
    indicators = {one["code"]: _indicator(one, "Territoires chargés", "", "Licence Ouverte 2.0") for one in words}
    rows = Territory.objects.filter(kind__in=COMPUTED_KINDS, valid_until__isnull=True).defer("contour", "sort_key")
    territories = list(rows.order_by("kind", "code", "generation"))
    values = [value for row in territories for value in _own(row, indicators)]
    values += _of_neighbourhoods(territories, indicators)
    wanted = {(one.indicator_id, one.kind, one.code, one.generation) for one in values}
    stored = IndicatorValue.objects.filter(indicator__in=indicators.values(), load__isnull=True).order_by("pk")
    gone = [one.pk for one in stored if (one.indicator_id, one.kind, one.code, one.generation) not in wanted]
    IndicatorValue.objects.filter(pk__in=gone).delete()
    write_values(values)
    return len(values)


def _indicator(words: dict[str, Any], source: str, url: str, licence: str) -> Indicator:
    defaults = {
        "label": words["label"], "definition": words.get("definition", ""), "topic": words["topic"],
        "nature": words["nature"], "unit": words["unit"], "decimals": words.get("decimals", 0),
        "direction": words.get("direction", "neutral"), "weight_code": words.get("weight", ""),
        "source_text": source, "source_url": url, "licence": licence, "sort_key": sort_key(words["label"]),
    }  # fmt: skip
    return Indicator.objects.update_or_create(code=words["code"], defaults=defaults)[0]


def _value(indicator: Indicator, row: Territory, value: float, vintage: int, method: str, note: str) -> IndicatorValue:
    return IndicatorValue(
        indicator=indicator, kind=row.kind, code=row.code, generation=row.generation, vintage=vintage, value=value,
        method=method, method_note=note[:300],
    )  # fmt: skip


def _year(row: Territory) -> int:
    return int(row.population_on[:4]) if row.population_on[:4].isdigit() else 0


def _own(row: Territory, indicators: dict[str, Indicator]) -> list[IndicatorValue]:
    found = []
    if row.population is not None:
        note = f"Source : {row.population_source}" if row.population_source else ""
        found.append(_value(indicators["population"], row, row.population, _year(row), Method.PUBLISHED, note))
    if row.area_m2:
        note = f"Source : {row.area_source}" if row.area_source else ""
        found.append(_value(indicators["surface"], row, round(row.area_m2 / 1e6, 4), 0, Method.PUBLISHED, note))
    if row.population is not None and row.area_m2:
        density = round(row.population / (row.area_m2 / 1e6))
        note = "Habitants divisés par la surface"
        found.append(_value(indicators["densite"], row, density, _year(row), Method.COMPUTED, note))
    return found


def _of_neighbourhoods(territories: list[Territory], indicators: dict[str, Indicator]) -> list[IndicatorValue]:
    """How many QPV touch each commune, arrondissement and EPCI; the share of people where every population is known."""
    neighbourhoods = [row for row in territories if row.kind == "qpv" and row.generation == GENERATION]
    touching = Counter(parent for row in neighbourhoods for parent in set(row.parent_codes))
    holders = [row for row in territories if row.kind in {"commune", "arrondissement", "epci"}]
    note = f"Compte des quartiers de la liste de {GENERATION} connus ici"
    found = [
        _value(
            indicators["quartiers-prioritaires"], row, touching[row.reference], int(GENERATION), Method.COMPUTED, note
        )
        for row in holders
        if touching[row.reference]
    ]
    for row in holders:
        inside = [one for one in neighbourhoods if row.reference in one.parent_codes]
        share = _share_in_neighbourhoods(row, inside)
        if share is not None:
            told = "Habitants de ses quartiers prioritaires divisés par les siens"
            found.append(_value(indicators["part-habitants-qpv"], row, share, _year(row), Method.COMPUTED, told))
    return found


def _share_in_neighbourhoods(row: Territory, inside: list[Territory]) -> float | None:
    """None where a population is unknown, or a neighbourhood lies over several territories of this kind."""
    people = [one.population for one in inside]
    over = [one for one in inside if sum(code.startswith(f"{row.kind}:") for code in one.parent_codes) > 1]
    if not inside or over or not row.population or any(one is None for one in people):
        return None
    share = 100 * sum(one or 0 for one in people) / row.population
    return round(share, 1) if share <= 100 else None


def _put_lyon() -> int:
    file, words = _file("lyon_iris.yaml"), _file("dictionary.yaml")
    loaded = Territory.objects.filter(kind__in=COMPUTED_KINDS, valid_until__isnull=True)
    generations = {f"{kind}:{code}": generation for kind, code, generation in
                   loaded.order_by("generation").values_list("kind", "code", "generation")}  # fmt: skip
    values = []
    for line in words["lyon"]:
        indicator = _indicator(line, file["source"], file["source_url"], file["licence"])
        for place, figures in file["values"][line["code"]].items():
            if place in generations:
                values.append(_lyon_value(indicator, place, generations[place], figures, words["methods"]))
    write_values(values)
    return len(values)


def _lyon_value(
    indicator: Indicator, place: str, generation: str, figures: list[float], methods: dict[str, str]
) -> IndicatorValue:
    kind, _colon, code = place.partition(":")
    is_ground = indicator.topic in {"air", "noise", "green"}
    note = methods["neighbourhood" if kind == "qpv" else "ground" if is_ground else "people"]
    low, high = (figures[1], figures[2]) if len(figures) == 3 else (None, None)
    return IndicatorValue(
        indicator=indicator, kind=kind, code=code, generation=generation, vintage=0, value=figures[0], low=low, high=high,
        method=Method.AREA if is_ground else Method.MEAN, method_note=note,
    )  # fmt: skip


def _file(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")))
