"""Margins: what is known of a population by category, and everything that can be wrong between it and a sample.

Nothing is mended in silence: `faults_of` names each fault, `collapse_of` proposes a mend, `collapsed` makes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Codes: TypeAlias = NDArray[np.integer]
Floats: TypeAlias = NDArray[np.float64]

SAME_TOTAL = 1e-6  # margins whose totals differ by more do not describe one population


@dataclass(frozen=True)
class Margin:
    """One categorical margin of n persons in k categories.

    `codes` (n integers, 0 to k − 1) is the category of each person; `targets` (k floats, persons of the population).
    In an ordered margin (ages) only neighbours are proposed for a collapse.
    """

    name: str
    codes: Codes
    targets: Floats
    is_ordered: bool = False

    @property
    def size(self) -> int:
        """Number of categories."""
        return len(self.targets)


class FaultKind(Enum):
    """What can be wrong before raking begins."""

    EMPTY = "empty"  # people in the population, nobody in the sample
    NO_POPULATION = "no_population"  # people in the sample, none in the population
    TOTALS = "totals"  # two margins count two different populations
    LIMITS = "limits"  # the limits on weights cannot reach this category's target
    CONTRADICTION = "contradiction"  # all of this category lie in categories of another margin that hold fewer


@dataclass(frozen=True)
class Fault:
    """One fault, with what is needed to say it: `found` against `wanted` (persons), and the other margin if any."""

    kind: FaultKind
    margin: str
    category: int
    found: float
    wanted: float
    other: str = ""


class MarginsRefusedError(ValueError):
    """Margins that no weights can meet; `faults` says which and why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{one.kind.value}: {one.margin}[{one.category}]" for one in faults))


def checked_base(margins: Sequence[Margin], base: Floats | None) -> Floats:
    """Return the base weights (ones by default) after a look at shapes and values; raises ValueError. O(n × margins)."""
    if not margins:
        raise ValueError("raking needs a margin")
    n = len(margins[0].codes)
    made = np.ones(n) if base is None else np.asarray(base, np.float64)
    if n == 0 or made.shape != (n,):
        raise ValueError("raking needs at least one person, and one base weight for each")
    if not np.isfinite(made).all() or made.min() < 0 or made.sum() <= 0:
        raise ValueError("base weights are finite, none below 0, not all 0")
    for one in margins:
        _check(one, n)
    return made


def _check(margin: Margin, n: int) -> None:
    codes, targets = margin.codes, np.asarray(margin.targets)
    if codes.shape != (n,) or codes.dtype.kind not in "iu":
        raise ValueError(f"{margin.name}: one integer code for each person")
    if targets.ndim != 1 or not np.isfinite(targets).all() or (targets < 0).any() or targets.sum() <= 0:
        raise ValueError(f"{margin.name}: targets are finite, none below 0, not all 0")
    if codes.min() < 0 or codes.max() >= margin.size:
        raise ValueError(f"{margin.name}: a code is not one of the {margin.size} categories")


def faults_of(margins: Sequence[Margin], base: Floats, limits: tuple[float, float] | None = None) -> list[Fault]:
    """Return what makes the margins impossible to meet; empty when nothing was found. O(n × margins²).

    `limits` are multiples of the mean ratio (population / sum of base weights). A contradiction is found when it shows
    between one category and one other margin; others show as weights that do not converge.
    """
    faults = _totals(margins)
    for one in margins:
        faults += _categories(one, _sums(one, base), limits)
    return faults or _contradictions(margins, base)


def _sums(margin: Margin, base: Floats) -> Floats:
    return np.bincount(margin.codes, base, margin.size).astype(np.float64)


def _totals(margins: Sequence[Margin]) -> list[Fault]:
    first = float(margins[0].targets.sum())
    return [
        Fault(FaultKind.TOTALS, one.name, -1, float(one.targets.sum()), first, margins[0].name)
        for one in margins[1:]
        if abs(float(one.targets.sum()) - first) > SAME_TOTAL * first
    ]


def _categories(margin: Margin, sums: Floats, limits: tuple[float, float] | None) -> list[Fault]:
    faults = []
    ratio = margin.targets.sum() / sums.sum()
    for category, (found, wanted) in enumerate(zip(sums.tolist(), margin.targets.tolist(), strict=True)):
        kind = None
        if wanted > 0 and found == 0:
            kind = FaultKind.EMPTY
        elif wanted == 0 and found > 0:
            kind = FaultKind.NO_POPULATION
        elif limits and found > 0 and not limits[0] <= wanted / found / ratio <= limits[1]:
            kind = FaultKind.LIMITS
        if kind:
            faults.append(Fault(kind, margin.name, category, found, wanted))
    return faults


def _contradictions(margins: Sequence[Margin], base: Floats) -> list[Fault]:
    faults = []
    for one in margins:
        for other in margins:
            if one is other:
                continue
            together = np.bincount(
                one.codes.astype(np.int64) * other.size + other.codes, base, one.size * other.size
            ).reshape(one.size, other.size)
            room = (together > 0) @ np.asarray(other.targets, np.float64)
            for category in np.flatnonzero(one.targets > room * (1 + SAME_TOTAL)):
                wanted = float(one.targets[category])
                faults.append(
                    Fault(FaultKind.CONTRADICTION, one.name, int(category), float(room[category]), wanted, other.name)
                )
    return faults


def collapse_of(margin: Margin, category: int, base: Floats) -> int | None:
    """Return the category to merge `category` into: the neighbour (ordered) or any other with the fewest people; or None.

    Only categories where the sample has somebody are proposed; with none left there is no mend. O(n).
    """
    sums = np.bincount(margin.codes, base, margin.size)
    filled = [int(one) for one in np.flatnonzero(sums > 0) if one != category]
    if margin.is_ordered:
        below = [one for one in filled if one < category][-1:]
        above = [one for one in filled if one > category][:1]
        filled = below + above
    return min(filled, key=lambda one: (float(margin.targets[one]), one), default=None)


def collapsed(margin: Margin, category: int, into: int) -> Margin:
    """Return the margin with two categories made one, the others keeping their order. O(n)."""
    low, high = sorted((category, into))
    table = np.arange(margin.size)
    table[high] = low
    table[high + 1 :] -= 1
    targets = np.bincount(table, margin.targets, margin.size - 1).astype(np.float64)
    return Margin(margin.name, table[margin.codes], targets, margin.is_ordered)
