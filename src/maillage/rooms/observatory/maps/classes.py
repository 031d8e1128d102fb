"""Classes of a choropleth: quantiles, equal steps, natural breaks; ties and few values give fewer classes, and it is said."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import jenkspy
import numpy as np

METHODS = ("quantiles", "egales", "naturelles")
DEFAULT_METHOD = "quantiles"


@dataclass(frozen=True)
class Classes:
    """Classes as rising bounds: the first holds [bounds[0], bounds[1]], each next one ]lower, upper].

    `asked` is how many were wanted: fewer are made when values are equal, or fewer than the classes.
    """

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    asked: int

    @property
    def count(self) -> int:
        """How many classes there are."""
        return len(self.counts)

    def place_of(self, value: float) -> int:
        """Which class holds this value, from 0."""
        return max(0, min(bisect_left(self.bounds, value) - 1, self.count - 1))


def classes_of(values: Sequence[float], method: str, asked: int) -> Classes:
    """The classes of some values. Raises ValueError without any value, for one that is no number, or an unknown method."""
    if not values or not all(np.isfinite(values)):
        raise ValueError("classes need finite values")
    ordered = sorted(float(one) for one in values)
    distinct = sorted(set(ordered))
    if len(distinct) == 1:
        return _counted((distinct[0], distinct[0]), ordered, asked)
    wanted = min(asked, len(distinct))
    makers = {"quantiles": _quantiles, "egales": _equal, "naturelles": _natural}
    if method not in makers:
        raise ValueError(method)
    return _counted(_rising(makers[method](ordered, wanted)), ordered, asked)


def _quantiles(ordered: Sequence[float], wanted: int) -> Sequence[float]:
    """Upper bounds are values themselves, so that each class holds about as many; equal values stay together."""
    last = len(ordered)
    uppers = [ordered[max(0, round(last * step / wanted) - 1)] for step in range(1, wanted)]
    return [ordered[0], *uppers, ordered[-1]]


def _equal(ordered: Sequence[float], wanted: int) -> Sequence[float]:
    steps = np.linspace(ordered[0], ordered[-1], wanted + 1)
    return [ordered[0], *(float(one) for one in steps[1:-1]), ordered[-1]]


def _natural(ordered: Sequence[float], wanted: int) -> Sequence[float]:
    """Fisher-Jenks: the partition whose squared deviations within classes are least."""
    if wanted == 1:
        return [ordered[0], ordered[-1]]
    if wanted == len(set(ordered)):  # each value is a class of its own
        return [ordered[0], *sorted(set(ordered))]
    return [float(one) for one in jenkspy.jenks_breaks(list(ordered), n_classes=wanted)]


def _rising(bounds: Sequence[float]) -> tuple[float, ...]:
    """Bounds that two classes share are one bound; a first class of the lowest value alone keeps its two equal bounds."""
    kept = [bounds[0], bounds[1]]
    for one in bounds[2:]:
        if one > kept[-1]:
            kept.append(one)
    return tuple(kept)


def _counted(bounds: tuple[float, ...], ordered: Sequence[float], asked: int) -> Classes:
    empty = Classes(bounds, (0,) * (len(bounds) - 1), asked)
    counts = [0] * empty.count
    for value in ordered:
        counts[empty.place_of(value)] += 1
    return Classes(bounds, tuple(counts), asked)
