"""A relief: how many things have both values, and what an empty cell means. Plain values, no table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.kernels.crosstab import Column, crosstab, restricted, tally
from maillage.kernels.crosstab.columns import Ints, Mask
from maillage.rooms.observatory.reliefs.coverage import Ground, Search, covers
from maillage.rooms.observatory.reliefs.dimensions import DIMENSIONS, UNSTATED, Dimension, known_values
from maillage.rooms.observatory.reliefs.snapshot import Condition, Groups, Snapshot

# present · searched and not found · not searched · nothing left unstated
State = Literal["present", "sought", "unsought", "complete"]
SMALL = 5
MOST_CELLS = 2_000_000  # two kinds of territories over a whole country would fill the memory


@dataclass(frozen=True)
class Question:
    """Two dimensions and what narrows the things."""

    rows: str = "theme"
    columns: str = "actor_kind"
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Known:
    """What cells are read with: the rules of grouping, the searches, the territories."""

    groups: Groups = field(default_factory=dict)
    searches: tuple[Search, ...] = ()
    ground: Ground = field(default_factory=Ground)


@dataclass(frozen=True)
class Cell:
    """A count and what it means; `searches` are the codes of those that looked there."""

    count: int
    state: State
    searches: tuple[str, ...] = ()

    @property
    def is_small(self) -> bool:
        """Too few to tell anything of a whole."""
        return 0 < self.count < SMALL


@dataclass(frozen=True)
class Line:
    """One value of the rows; `total` counts each thing once, whatever its cells."""

    value: str
    total: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """A relief. `columns` are (value, total); `total` is the number of things the question keeps."""

    question: Question
    columns: tuple[tuple[str, int], ...]
    lines: tuple[Line, ...]
    total: int

    @property
    def row_dimension(self) -> Dimension:
        """What the rows are."""
        return DIMENSIONS[self.question.rows]

    @property
    def column_dimension(self) -> Dimension:
        """What the columns are."""
        return DIMENSIONS[self.question.columns]


@dataclass(frozen=True)
class _Axis:
    """The values of one side, and how many things have each."""

    code: str
    column: Column
    order: tuple[int, ...]
    totals: Ints
    unstated: int

    def values(self) -> list[str]:
        """Values as shown; the last may be "not stated"."""
        return [self.column.values[number] for number in self.order] + ([UNSTATED] if self.unstated else [])

    def total(self, value: str, place: int) -> int:
        """Things that have a value."""
        return self.unstated if value == UNSTATED else int(self.totals[self.order[place]])


def relief(snapshot: Snapshot, question: Question, known: Known, *, named: Iterable[str] = ()) -> Matrix:
    """The matrix of a question; `named` are territories that have a row or column even when nothing is there."""
    kept = snapshot.mask(question.conditions, known.groups)
    rows = _axis(snapshot, question.rows, known.groups, kept, named)
    columns = _axis(snapshot, question.columns, known.groups, kept, named)
    counts = _counts(rows, columns, kept).tolist()
    looked = _Looked.of(question, known, rows.values(), columns.values())
    heads = [(value, columns.total(value, place)) for place, value in enumerate(columns.values())]
    lines = [
        Line(value, rows.total(value, place), tuple(looked.cells(place, counts[place])))
        for place, value in enumerate(rows.values())
    ]
    return Matrix(question, tuple(heads), tuple(lines), int(kept.sum()))


def _axis(snapshot: Snapshot, code: str, groups: Groups, kept: Mask, named: Iterable[str]) -> _Axis:
    column = snapshot.column(code, groups)
    if DIMENSIONS[code].sort == "territory":
        wanted = [one for one in named if one.partition(":")[0] == code]
        column = _widened(column, wanted)
        totals = tally(column, kept)
        always = set(wanted)
        order = sorted(
            (number for number, value in enumerate(column.values) if totals[number] or value in always),
            key=lambda number: (-int(totals[number]), column.values[number]),
        )
    else:
        totals = tally(column, kept)
        always = set(known_values(code))
        order = [number for number, value in enumerate(column.values) if totals[number] or value in always]
    return _Axis(code, column, tuple(order), totals, int((kept & ~column.stated).sum()))


def _widened(column: Column, values: Sequence[str]) -> Column:
    if not set(values) - set(column.values):
        return column
    return Column(tuple(dict.fromkeys([*column.values, *values])), column.owners, column.codes, column.size)


def _counts(rows: _Axis, columns: _Axis, kept: Mask) -> Ints:
    """Cells in the order shown, "not stated" last on both sides."""
    shown = len(rows.order) * len(columns.order)
    if shown > MOST_CELLS:
        raise Invalid(_("Ce tableau serait trop grand. Choisissez un territoire, ou une autre dimension."))
    inner = crosstab(_narrowed(rows), _narrowed(columns), kept)
    no_row, no_column = kept & ~rows.column.stated, kept & ~columns.column.stated
    if columns.unstated:
        beside = tally(rows.column, no_column)[list(rows.order)]
        inner = np.hstack([inner, beside.reshape(-1, 1)])
    if rows.unstated:
        below = tally(columns.column, no_row)[list(columns.order)]
        corner = [int((no_row & no_column).sum())] if columns.unstated else []
        inner = np.vstack([inner, np.concatenate([below, np.array(corner, np.int64)]).reshape(1, -1)])
    return inner.astype(np.int64)


def _narrowed(axis: _Axis) -> Column:
    """The column with the values shown only; itself when it shows all in their order."""
    is_whole = axis.order == tuple(range(len(axis.column.values)))
    return axis.column if is_whole else restricted(axis.column, axis.order)


@dataclass(frozen=True)
class _Looked:
    """Which searches cover the question, each row and each column."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    by_row: Mapping[str, tuple[bool, ...]]
    by_column: Mapping[str, tuple[bool, ...]]
    made: dict[tuple[int, State, tuple[str, ...]], Cell] = field(default_factory=dict)

    @classmethod
    def of(cls, question: Question, known: Known, rows: Sequence[str], columns: Sequence[str]) -> _Looked:
        """Each side is asked once for each search, not each cell."""
        fit = [one for one in known.searches if covers(one, question.conditions, known.groups, known.ground)]
        return cls(
            tuple(rows),
            tuple(columns),
            {one.code: _covered(one, question.rows, rows, known) for one in fit},
            {one.code: _covered(one, question.columns, columns, known) for one in fit},
        )

    def cells(self, place: int, counts: Sequence[int]) -> Iterable[Cell]:
        """The cells of one row; equal ones are one value, for a country has very many."""
        here = [code for code in self.by_row if self.by_row[code][place]]
        for number, count in enumerate(counts):
            searches = tuple(code for code in here if self.by_column[code][number]) if here else ()
            state = self._state(count, place, number, searches)
            key = (count, state, searches)
            yield self.made.get(key) or self.made.setdefault(key, Cell(count, state, searches))

    def _state(self, count: int, place: int, number: int, searches: tuple[str, ...]) -> State:
        if count:
            return "present"
        if UNSTATED in (self.rows[place], self.columns[number]):
            return "complete"
        return "sought" if searches else "unsought"


def _covered(search: Search, code: str, values: Sequence[str], known: Known) -> tuple[bool, ...]:
    return tuple(covers(search, [Condition(code, (value,))], known.groups, known.ground) for value in values)
