"""What is there set against what is needed, territory by territory. Missing stays missing: no rate, no rank, no gap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maillage.kernels.crosstab import tally
from maillage.rooms.observatory.reliefs.dimensions import UNSTATED
from maillage.rooms.observatory.reliefs.snapshot import Condition, Groups, Snapshot

PER_PEOPLE = 10_000


@dataclass(frozen=True)
class Ground:
    """A territory as the table needs it; `population` and `need` are None where nothing is known."""

    reference: str
    name: str
    population: int | None
    need: float | None


@dataclass(frozen=True)
class NeedLine:
    """One territory. Places go from 0 to 100 among the territories that have the figure (see `places`)."""

    ground: Ground
    count: int
    rate: float | None
    supply_place: float | None
    need_place: float | None

    @property
    def gap(self) -> float | None:
        """From -100 (much supply, little need) to 100 (little supply, much need); None where either is unknown."""
        if self.supply_place is None or self.need_place is None:
            return None
        return self.need_place - self.supply_place


def need_lines(
    snapshot: Snapshot, grounds: Sequence[Ground], kind: str, conditions: Sequence[Condition], *, groups: Groups,
    high_is_need: bool,
) -> list[NeedLine]:  # fmt: skip
    """The territories, those with the largest gap first, then those whose gap is unknown, by name."""
    column = snapshot.column(kind, groups)
    counts = dict(zip(column.values, tally(column, snapshot.mask(conditions, groups)).tolist(), strict=True))
    found = {one.reference: int(counts.get(one.reference, 0)) for one in grounds}
    rates = {one.reference: _rate(found[one.reference], one.population) for one in grounds}
    supply = places({reference: rate for reference, rate in rates.items() if rate is not None})
    needs = {one.reference: one.need for one in grounds if one.need is not None}
    needed = places(needs if high_is_need else {reference: -need for reference, need in needs.items()})
    lines = [
        NeedLine(one, found[one.reference], rates[one.reference], supply.get(one.reference), needed.get(one.reference))
        for one in grounds
    ]
    return sorted(lines, key=lambda line: (line.gap is None, -(line.gap or 0.0)))


def _rate(count: int, population: int | None) -> float | None:
    return count * PER_PEOPLE / population if population else None


def places(values: Mapping[str, float]) -> dict[str, float]:
    """Where each value stands among the others, from 0 (none is lower) to 100; equal values share the middle of theirs.

    One value alone stands at 50.
    """
    ordered = sorted(values.values())
    spread = len(ordered) - 1
    if spread < 1:
        return dict.fromkeys(values, 50.0)
    lower: dict[float, int] = {}
    for number, value in enumerate(ordered):
        lower.setdefault(value, number)
    ties = Counter(ordered)
    return {name: 100 * (lower[value] + (ties[value] - 1) / 2) / spread for name, value in values.items()}


def left_out(kind: str, conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """The conditions of the things that no territory of this kind holds: without address, elsewhere, or undetermined."""
    return (*conditions, Condition(kind, (UNSTATED,)))
