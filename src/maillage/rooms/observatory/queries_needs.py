"""Supply against need: the things of each territory beside an indicator, from the values loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maillage.core.errors import Missing
from maillage.core.places.queries import every_territory
from maillage.rooms.observatory.models_indicators import Direction, Indicator, IndicatorValue
from maillage.rooms.observatory.queries_indicators import Figure, figures
from maillage.rooms.observatory.queries_reliefs import known, snapshot
from maillage.rooms.observatory.reliefs.coverage import covers
from maillage.rooms.observatory.reliefs.matrix import Known
from maillage.rooms.observatory.reliefs.needs import Ground, NeedLine, left_out, need_lines
from maillage.rooms.observatory.reliefs.snapshot import Condition

KINDS = ("commune", "arrondissement", "qpv")


@dataclass(frozen=True)
class Needs:
    """The table of a kind of territory. `vintage` and `generation` are those of the indicator's values, 0 and "" for none.

    `sought` are the territories where a search looked for what is counted: elsewhere a zero means nothing.
    """

    kind: str
    indicator: Indicator | None
    vintage: int
    generation: str
    lines: tuple[NeedLine, ...]
    sought: frozenset[str]
    elsewhere: int
    elsewhere_conditions: tuple[Condition, ...]
    undetermined: int
    undetermined_conditions: tuple[Condition, ...]


def indicators_for(kind: str) -> list[Indicator]:
    """Indicators of the dictionary that have a value for territories of this kind, by name."""
    used = IndicatorValue.objects.filter(kind=kind).order_by().values("indicator").distinct()
    return list(Indicator.objects.filter(pk__in=used).order_by("sort_key", "id"))


def needs(kind: str, indicator_code: str = "", conditions: Sequence[Condition] = ()) -> Needs:
    """Each territory of a kind: its things, its people, its need, and the gap between the two. Raises Missing.

    One vintage and one generation only: the newest vintage of the indicator, of the newest generation that has it.
    """
    if kind not in KINDS:
        raise Missing(f"kind {kind}")
    indicator = _indicator(kind, indicator_code)
    values = _newest(figures([indicator.code], kind=kind)) if indicator else []
    by_place = {one.territory: one.value for one in values}
    generation = values[0].generation if values else ""
    grounds = _grounds(kind, by_place, generation)
    taken, around = snapshot(), known(one.reference for one in grounds)
    groups = around.groups
    high_is_need = indicator is None or indicator.direction != Direction.GOOD
    lines = need_lines(taken, grounds, kind, conditions, groups=groups, high_is_need=high_is_need)
    elsewhere = left_out(kind, conditions)
    undetermined = (*conditions, Condition("in_qpv", ("undetermined",)))
    return Needs(
        kind=kind,
        indicator=indicator,
        vintage=values[0].vintage if values else 0,
        generation=generation,
        lines=tuple(lines),
        sought=frozenset(one.reference for one in grounds if _is_sought(around, kind, one.reference, conditions)),
        elsewhere=int(taken.mask(elsewhere, groups).sum()),
        elsewhere_conditions=elsewhere,
        undetermined=int(taken.mask(undetermined, groups).sum()),
        undetermined_conditions=undetermined,
    )


def _is_sought(around: Known, kind: str, reference: str, conditions: Sequence[Condition]) -> bool:
    asked = (Condition(kind, (reference,)), *conditions)
    return any(covers(one, asked, around.groups, around.ground) for one in around.searches)


def _indicator(kind: str, code: str) -> Indicator | None:
    known = indicators_for(kind)
    if not code:
        return known[0] if known else None
    found = next((one for one in known if one.code == code), None)
    if found is None:
        raise Missing(f"indicator {code} for {kind}")
    return found


def _newest(values: list[Figure]) -> list[Figure]:
    """Those of the newest vintage, of one generation and one method a territory: what a source published comes first."""
    if not values:
        return []
    vintage = max(one.vintage for one in values)
    generation = max(one.generation for one in values if one.vintage == vintage)
    kept = [one for one in values if (one.vintage, one.generation) == (vintage, generation)]
    kept.sort(key=lambda one: one.method != "published")
    return list({one.territory: one for one in reversed(kept)}.values())


def _grounds(kind: str, needed: dict[str, float], generation: str) -> list[Ground]:
    """Territories in force, of the indicator's generation where it has one, by name."""
    rows = list(every_territory(kind))
    wanted = generation or max((one.generation for one in rows), default="")
    rows = [one for one in rows if one.generation == wanted]
    return [Ground(one.reference, one.name, one.population, needed.get(one.reference)) for one in rows]
