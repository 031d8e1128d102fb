"""The dictionary of indicators, and every value of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q

from maillage.core.errors import Missing
from maillage.core.places.models import Territory
from maillage.core.search.words import folded
from maillage.rooms.observatory.models_indicators import Indicator, IndicatorValue

PAGE_SIZE = 200


@dataclass(frozen=True)
class DictionaryLine:
    """An indicator with how much is known of it."""

    row: Indicator
    territories: int
    first: int
    last: int


@dataclass(frozen=True)
class Slice:
    """Values of one kind, generation, year and method: those that may stand in one column."""

    kind: str
    generation: str
    vintage: int
    method: str
    count: int

    @property
    def key(self) -> str:
        """As the address names it."""
        return f"{self.kind}.{self.generation}.{self.vintage}.{self.method}"


@dataclass(frozen=True)
class ValueLine:
    """One value with the name of its territory."""

    name: str
    kind: str
    code: str
    generation: str
    vintage: int
    value: float
    low: float | None
    high: float | None
    method: str
    note: str
    lon: float | None
    lat: float | None


def dictionary(typed: str = "", topic: str = "") -> list[DictionaryLine]:
    """Indicators by name, with how many territories have each; `typed` looks into names and definitions."""
    rows = Indicator.objects.annotate(n=Count("values"), first=Min("values__vintage"), last=Max("values__vintage"))
    rows = rows.filter(topic=topic) if topic else rows
    words = folded(typed).split()
    lines = [DictionaryLine(one, one.n, one.first or 0, one.last or 0) for one in rows.order_by("sort_key", "pk")]
    return [
        one for one in lines if all(w in folded(f"{one.row.label} {one.row.definition} {one.row.code}") for w in words)
    ]


def topics() -> dict[str, int]:
    """How many indicators each topic has."""
    return dict(Indicator.objects.values_list("topic").annotate(n=Count("pk")).order_by("topic"))


def indicator_named(code: str) -> Indicator:
    """One line of the dictionary; raises Missing."""
    found = Indicator.objects.filter(code=code).first()
    if found is None:
        raise Missing(code)
    return found


def slices(indicator: Indicator) -> list[Slice]:
    """What may be looked at together, the fullest and newest first."""
    rows = IndicatorValue.objects.filter(indicator=indicator).order_by()
    found = rows.values("kind", "generation", "vintage", "method").annotate(n=Count("pk"))
    made = [Slice(one["kind"], one["generation"], one["vintage"], one["method"], one["n"]) for one in found]
    return sorted(made, key=lambda one: (-one.vintage, -one.count, one.key))


def values_of(indicator: Indicator, chosen: Slice, start: int = 0, size: int = PAGE_SIZE) -> list[ValueLine]:
    """Values of one slice, the highest first."""
    rows = IndicatorValue.objects.filter(
        indicator=indicator,
        kind=chosen.kind,
        generation=chosen.generation,
        vintage=chosen.vintage,
        method=chosen.method,
    )
    return _named(list(rows.order_by("-value", "code", "pk")[start : start + size]))


def every_value(indicator: Indicator | None = None) -> Iterator[tuple[Indicator, ValueLine]]:
    """All values, of one indicator or of all, streamed: for a complete export."""
    rows = IndicatorValue.objects.select_related("indicator")
    rows = rows.filter(indicator=indicator) if indicator else rows
    batch: list[IndicatorValue] = []
    ordered = rows.order_by("indicator__sort_key", "indicator_id", "kind", "generation", "code", "vintage", "method")
    for one in ordered.iterator(chunk_size=2000):
        batch.append(one)
        if len(batch) == 2000:
            yield from zip((row.indicator for row in batch), _named(batch), strict=True)
            batch = []
    yield from zip((row.indicator for row in batch), _named(batch), strict=True)


def count_of_values(indicator: Indicator | None = None) -> int:
    """How many values an export holds."""
    return IndicatorValue.objects.filter(Q(indicator=indicator) if indicator else Q()).count()


def _named(rows: Sequence[IndicatorValue]) -> list[ValueLine]:
    """Values with the names and points of their territories, in one statement more."""
    places = Territory.objects.filter(kind__in={one.kind for one in rows}, code__in={one.code for one in rows})
    known = {
        (kind, code, generation): (name, lon, lat)
        for kind, code, generation, name, lon, lat in places.order_by().values_list(
            "kind", "code", "generation", "name", "lon", "lat"
        )
    }
    nowhere = ("", None, None)
    return [
        ValueLine(
            known.get((one.kind, one.code, one.generation), nowhere)[0] or one.code, one.kind, one.code, one.generation,
            one.vintage, one.value, one.low, one.high, one.method, one.method_note,
            *known.get((one.kind, one.code, one.generation), nowhere)[1:],
        )
        for one in rows
    ]  # fmt: skip
