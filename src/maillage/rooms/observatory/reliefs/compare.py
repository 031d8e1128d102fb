"""The national panorama beside the local one: shares with their counts, of things whose dimension is filled in."""

from __future__ import annotations

from dataclasses import dataclass

from maillage.kernels.crosstab import tally
from maillage.kernels.crosstab.columns import Mask
from maillage.rooms.observatory.reliefs.snapshot import Condition, Groups, Snapshot

SIDES = ("national", "local")


@dataclass(frozen=True)
class ComparedLine:
    """One value on both sides: counts, and parts of those that say something (None where nothing does)."""

    value: str
    national: int
    local: int
    national_share: float | None
    local_share: float | None

    @property
    def difference(self) -> float | None:
        """Local part less national part, from -1 to 1."""
        if self.national_share is None or self.local_share is None:
            return None
        return self.local_share - self.national_share


@dataclass(frozen=True)
class Comparison:
    """All values of a dimension; `stated` and `unstated` are things on each side, national then local."""

    dimension: str
    lines: tuple[ComparedLine, ...]
    stated: tuple[int, int]
    unstated: tuple[int, int]


def compared(snapshot: Snapshot, dimension: str, groups: Groups) -> Comparison:
    """Counts and shares of each value; a thing with several values counts in each, so shares do not add up to one."""
    column = snapshot.column(dimension, groups)
    sides = [snapshot.mask([Condition("reach", (side,))], groups) for side in SIDES]
    is_stated = column.stated
    stated = tuple(int((side & is_stated).sum()) for side in sides)
    national, local = (tally(column, side) for side in sides)
    lines = [
        ComparedLine(value, int(national[i]), int(local[i]), _part(national[i], stated[0]), _part(local[i], stated[1]))
        for i, value in enumerate(column.values)
    ]
    return Comparison(dimension, tuple(lines), (stated[0], stated[1]), _unstated(sides, is_stated))


def _part(count: int, base: int) -> float | None:
    return float(count) / base if base else None


def _unstated(sides: list[Mask], is_stated: Mask) -> tuple[int, int]:
    counts = [int((side & ~is_stated).sum()) for side in sides]
    return counts[0], counts[1]
