"""Reads for the report: what it is made from as digests of content, so that the same data give the same version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from maillage.core.observed import ObservedThing
from maillage.core.places.models import Territory
from maillage.rooms.observatory.maps.composition import Series
from maillage.rooms.observatory.models_indicators import Indicator, IndicatorNature, IndicatorValue
from maillage.rooms.observatory.queries_maps import series_of
from maillage.rooms.observatory.queries_reliefs import coverages, rules_in_force, search_of

SHORT = 12
LEAST_TO_DRAW = 4
# Which territories are drawn inside which, the first that has figures being taken.
INNER = {
    "region": ("departement", "epci", "commune"),
    "departement": ("commune", "epci", "qpv"),
    "epci": ("commune", "qpv", "iris"),
    "commune": ("iris", "arrondissement", "qpv"),
    "arrondissement": ("iris", "qpv"),
}


@dataclass(frozen=True)
class Print:
    """What one kind of data was when the report was made: how many rows, and a digest of all they hold."""

    label: str
    rows: int
    digest: str


def digest_of(rows: Iterable[object]) -> tuple[int, str]:
    """How many rows, and a digest of them whatever their order."""
    lines = sorted(json.dumps(row, ensure_ascii=False, sort_keys=True, default=list) for row in rows)
    made = hashlib.sha256()
    for line in lines:
        made.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return len(lines), made.hexdigest()


def territories_digest() -> tuple[int, str]:
    """All territories with their contours; not when they were loaded."""
    columns = (
        "kind",
        "code",
        "generation",
        "name",
        "parent_codes",
        "population",
        "population_on",
        "area_m2",
        "lon",
        "lat",
    )
    rows = Territory.objects.order_by("pk").values_list(*columns, "contour_quality", "contour", "source_text")
    return digest_of(
        [*row[:-2], hashlib.sha256(bytes(row[-2] or b"")).hexdigest(), row[-1]] for row in rows.iterator(chunk_size=500)
    )


def things_digest(things: Sequence[ObservedThing]) -> tuple[int, str]:
    """What the rooms describe, without the numbers of this installation's rows."""
    return digest_of(
        [one.room, one.name, one.source, {key: sorted(values) for key, values in one.facets.items()},
         sorted(one.territories), one.lon, one.lat, sorted(one.pages)] for one in things
    )  # fmt: skip


def figures_digest() -> tuple[int, str]:
    """The dictionary and every value."""
    words = Indicator.objects.order_by("pk").values_list(
        "code", "label", "definition", "nature", "unit", "decimals", "direction", "source_text", "licence"
    )
    rows = IndicatorValue.objects.order_by("pk").values_list(
        "indicator__code", "kind", "code", "generation", "vintage", "value", "low", "high", "method", "method_note"
    )
    return digest_of([*(list(one) for one in words), *(list(one) for one in rows.iterator(chunk_size=5000))])


def searches_digest() -> tuple[int, str]:
    """The searches in force and the rules of classification."""
    searches = [search_of(row) for row in coverages(in_force_only=True)]
    told = [
        [one.code, one.who, one.began_on, one.ended_on, one.how, one.limits, sorted(one.territories)]
        for one in searches
    ]
    rules = [[name, one.value, one.group] for name, lines in rules_in_force().items() for one in lines]
    return digest_of([*told, *rules])


def drawable_series(row: Territory, most: int) -> list[tuple[Indicator, Series]]:
    """The indicators to draw inside a territory, one of each topic: rates before counts, by the finest kind that has them."""
    inner = INNER.get(row.kind, ())
    found: list[tuple[Indicator, Series]] = []
    for indicator in Indicator.objects.order_by("topic", "sort_key", "id"):
        known = {one.kind: one for one, count in reversed(series_of(indicator)) if count >= LEAST_TO_DRAW}
        kind = next((one for one in inner if one in known and _has_values(indicator, known[one], row.reference)), "")
        if kind:
            found.append((indicator, known[kind]))
    ordered = sorted(found, key=lambda one: (one[0].nature == IndicatorNature.COUNT, one[0].direction == "neutral"))
    topics: dict[str, tuple[Indicator, Series]] = {}
    for one in ordered:
        topics.setdefault(one[0].topic, one)
    return list(topics.values())[:most]


def _has_values(indicator: Indicator, series: Series, scope: str) -> bool:
    rows = Territory.objects.filter(
        kind=series.kind, generation=series.generation, parent_codes__contains=[scope], valid_until__isnull=True
    )
    values = indicator.values.filter(
        kind=series.kind, generation=series.generation, vintage=series.vintage, method=series.method,
        code__in=rows.order_by().values("code"),
    )  # fmt: skip
    return values.order_by().count() >= LEAST_TO_DRAW
