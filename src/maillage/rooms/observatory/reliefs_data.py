"""The reliefs as plain values, for the report and for any other page of the observatory."""

from __future__ import annotations

from collections.abc import Sequence

from maillage.rooms.observatory.queries_conclusions import conclusions, side_by_side
from maillage.rooms.observatory.queries_reliefs import coverages, matrix_of, search_of
from maillage.rooms.observatory.reliefs.conclusions import ConclusionResult
from maillage.rooms.observatory.reliefs.coverage import Search
from maillage.rooms.observatory.reliefs.matrix import Cell, Line, Matrix, Question
from maillage.rooms.observatory.reliefs.snapshot import Condition

__all__ = [
    "Cell",
    "ConclusionResult",
    "Line",
    "Matrix",
    "Search",
    "conclusions",
    "matrix",
    "searches",
    "side_by_side",
]


def matrix(*, rows: str, columns: str, territory: str = "", source: Sequence[str] = ()) -> Matrix:
    """A relief; `rows` and `columns` are codes of reliefs/dimensions.py, `territory` is "kind:code".

    Labels of values: `reliefs.dimensions.value_label`. The address of a cell: `reliefs.address.cell_query`.
    """
    conditions = [Condition("source", tuple(source))] if source else []
    conditions += [Condition("territory", (territory,))] if territory else []
    return matrix_of(Question(rows, columns, tuple(conditions)))


def searches() -> list[Search]:
    """What was searched, by whom, when, how, with which limits: the records in force."""
    return [search_of(row) for row in coverages(in_force_only=True)]
