"""Reads of the dictionary and of the values: plain values out, missing stays missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from maillage.rooms.observatory.models_indicators import IndicatorValue


@dataclass(frozen=True)
class Figure:
    """One value; `territory` is "kind:code" and belongs to `generation`."""

    indicator: str
    territory: str
    generation: str
    vintage: int
    value: float
    low: float | None
    high: float | None
    method: str


def figures(
    codes: Iterable[str], *, kind: str = "", territories: Iterable[str] = (), vintage: int | None = None
) -> list[Figure]:
    """Values of these indicators, by indicator, territory and vintage; all territories of `kind`, or those named.

    Vintages and generations are all returned: the caller chooses one and says which.
    """
    rows = IndicatorValue.objects.filter(indicator__code__in=list(codes))
    if kind:
        rows = rows.filter(kind=kind)
    named = set(territories)
    if named:
        rows = rows.filter(code__in={one.partition(":")[2] for one in named})
    if vintage is not None:
        rows = rows.filter(vintage=vintage)
    found = rows.order_by("indicator__code", "kind", "code", "generation", "vintage", "method").values_list(
        "indicator__code", "kind", "code", "generation", "vintage", "value", "low", "high", "method"
    )
    made = [
        Figure(indicator, f"{kind_}:{code}", generation, year, value, low, high, method)
        for indicator, kind_, code, generation, year, value, low, high, method in found.iterator(chunk_size=5000)
    ]
    return [one for one in made if not named or one.territory in named]
