"""What the address of a relief asks, and the address of any question: everything a page holds is in its address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from urllib.parse import urlencode

from maillage.rooms.observatory.reliefs.dimensions import (
    DIMENSIONS,
    STATED,
    UNSTATED,
    Dimension,
    dimension_named,
    known_values,
)
from maillage.rooms.observatory.reliefs.matrix import Question
from maillage.rooms.observatory.reliefs.snapshot import Condition

LONGEST_VALUE = 80
DEFAULT = Question()


class Parameters(Protocol):
    """The part of Django's QueryDict that is read here."""

    def getlist(self, key: str) -> list[str]:
        """Values of a parameter, empty when absent."""


def question_from(parameters: Parameters) -> tuple[Question, tuple[str, ...]]:
    """The question of an address, and the parameters that were not understood: they are left out and told, never an error."""
    strange: list[str] = []
    sides = {side: _side(parameters, side, strange) for side in ("lignes", "colonnes")}
    rows, columns = sides["lignes"] or DEFAULT.rows, sides["colonnes"] or DEFAULT.columns
    conditions = [
        one for dimension in DIMENSIONS.values() if (one := _condition(parameters, dimension, strange)) is not None
    ]
    if territory := _territory(parameters, strange):
        conditions.append(Condition("territory", (territory,)))
    conditions += [one for name in ("ligne", "colonne") for one in _picked(parameters, name, strange)]
    return Question(rows, columns, tuple(dict.fromkeys(conditions))), tuple(dict.fromkeys(strange))


def _side(parameters: Parameters, name: str, strange: list[str]) -> str:
    given = next((value for value in parameters.getlist(name) if value), "")
    found = dimension_named(given) if given else None
    if given and found is None:
        strange.append(name)
    return found.code if found else ""


def _condition(parameters: Parameters, dimension: Dimension, strange: list[str]) -> Condition | None:
    values = tuple(dict.fromkeys(value for value in parameters.getlist(dimension.parameter) if value))
    kept = tuple(value for value in values if _is_value(dimension, value))
    if len(kept) < len(values):
        strange.append(dimension.parameter)
    return Condition(dimension.code, kept) if kept else None


def _is_value(dimension: Dimension, value: str) -> bool:
    if len(value) > LONGEST_VALUE or "\x00" in value:
        return False
    if value in {UNSTATED, STATED}:
        return True
    if dimension.sort == "territory":
        return value.partition(":")[0] == dimension.code and bool(value.partition(":")[2])
    return dimension.sort == "source" or value in known_values(dimension.code)


def _territory(parameters: Parameters, strange: list[str]) -> str:
    given = next((value.strip() for value in parameters.getlist("territoire") if value.strip()), "")
    if given and (given.count(":") != 1 or len(given) > 40 or "\x00" in given):
        strange.append("territoire")
        return ""
    return given


def _picked(parameters: Parameters, name: str, strange: list[str]) -> Iterable[Condition]:
    """The row and the column of a cell, as "parameter:value": they narrow further, whatever the filters say."""
    for given in parameters.getlist(name):
        parameter, _colon, value = given.partition(":")
        dimension = dimension_named(parameter)
        if dimension is None or not _is_value(dimension, value):
            strange.append(name)
            continue
        yield Condition(dimension.code, (value,))


def pairs_of(question: Question, *, sides: bool = True) -> list[tuple[str, str]]:
    """Parameters of the address of a question, in a steady order.

    A second condition on a dimension is written as the row of a cell, so that both hold.
    """
    pairs = [("lignes", DIMENSIONS[question.rows].parameter), ("colonnes", DIMENSIONS[question.columns].parameter)]
    pairs = pairs if sides else []
    seen: set[str] = set()
    for one in question.conditions:
        parameter = "territoire" if one.dimension == "territory" else DIMENSIONS[one.dimension].parameter
        if one.dimension in seen:
            pairs += [("ligne", f"{parameter}:{value}") for value in one.values]
        else:
            pairs += [(parameter, value) for value in one.values]
        seen.add(one.dimension)
    return pairs


def query_of(question: Question, *more: tuple[str, str], sides: bool = True) -> str:
    """The query string of a question."""
    return urlencode([*pairs_of(question, sides=sides), *more])


def cell_query(question: Question, row: str = "", column: str = "") -> str:
    """The query string of the entries of a cell, of a whole row, of a whole column, or of the whole relief."""
    more = [("ligne", f"{DIMENSIONS[question.rows].parameter}:{row}")] if row else []
    more += [("colonne", f"{DIMENSIONS[question.columns].parameter}:{column}")] if column else []
    return query_of(question, *more, sides=False)
