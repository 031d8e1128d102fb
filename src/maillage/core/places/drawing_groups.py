"""Points that would lie one over the other on a picture, put together with their exact number."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """A point on the picture, in its pixels. `number` is that of a printed list, `name` a place name for its group."""

    x: float
    y: float
    symbol: str
    number: int | None = None
    name: str = ""


@dataclass(frozen=True)
class Group:
    """Marks drawn as one; a single mark is a group too."""

    x: float
    y: float
    marks: tuple[Mark, ...]

    @property
    def count(self) -> int:
        """How many points it stands for."""
        return len(self.marks)

    @property
    def name(self) -> str:
        """The place name that most of its points share."""
        names = Counter(mark.name for mark in self.marks if mark.name)
        return min(names, key=lambda name: (-names[name], name)) if names else ""

    @property
    def numbers(self) -> str:
        """The numbers of the printed list, in short: "1–3, 7"."""
        return short_list(sorted(mark.number for mark in self.marks if mark.number is not None))


def short_list(numbers: Sequence[int]) -> str:
    """1, 2, 3, 7 → "1–3, 7"; two in a row stay apart."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return ", ".join(parts)


def radius_of(count: int, size: float) -> float:
    """Radius of the circle of a group: its area grows with the count, and its number always fits in."""
    by_area = size * 0.62 * math.sqrt(1 + math.log2(count))
    by_text = size * (0.42 + 0.31 * len(str(count)))
    return max(by_area, by_text, size * 0.95)


def grouped(marks: Iterable[Mark], size: float) -> list[Group]:
    """Groups whose drawings do not touch: first by cells of a grid, so that the work does not grow with the square of
    the points, then two by two, nearest first, until none touch. The counts add up to the number of marks.
    """
    cells: defaultdict[tuple[int, int], list[Mark]] = defaultdict(list)
    for mark in marks:
        cells[int(mark.x // (2 * size)), int(mark.y // (2 * size))].append(mark)
    groups = [_group(tuple(members)) for _cell, members in sorted(cells.items())]
    while (pair := _touching(groups, size)) is not None:
        one, other = groups[pair[0]], groups[pair[1]]
        groups = [group for place, group in enumerate(groups) if place not in pair]
        groups.append(_group(one.marks + other.marks))
    return sorted(groups, key=lambda group: (-group.count, group.y, group.x))


def _group(marks: tuple[Mark, ...]) -> Group:
    return Group(sum(mark.x for mark in marks) / len(marks), sum(mark.y for mark in marks) / len(marks), marks)


def reach(group: Group, size: float) -> float:
    """How far from its centre a group is drawn."""
    if group.numbers and group.count > 1:
        return size * (0.55 + 0.3 * len(group.numbers))
    return radius_of(group.count, size) if group.count > 1 else size * 0.95


def _touching(groups: Sequence[Group], size: float) -> tuple[int, int] | None:
    """The two groups that overlap most, or None."""
    worst, found = 0.0, None
    for place, one in enumerate(groups):
        for other_place in range(place + 1, len(groups)):
            other = groups[other_place]
            gap = math.hypot(one.x - other.x, one.y - other.y) - (reach(one, size) + reach(other, size)) * 0.9
            if gap < worst:
                worst, found = gap, (place, other_place)
    return found
