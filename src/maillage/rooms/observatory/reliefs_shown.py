"""Reliefs as pages show them: words for values, addresses for every figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.places.models import TerritoryKind
from maillage.core.web.parts import Chip
from maillage.core.web.wording import number
from maillage.kernels.crosstab import tally
from maillage.rooms.observatory.queries_reliefs import names_of
from maillage.rooms.observatory.reliefs.address import cell_query, query_of
from maillage.rooms.observatory.reliefs.dimensions import DIMENSIONS, Dimension, known_values, value_label
from maillage.rooms.observatory.reliefs.matrix import Cell, Matrix, Question, State
from maillage.rooms.observatory.reliefs.snapshot import Condition, Snapshot

MOST_COLUMNS = 40
MOST_CELLS = 1_200  # a heavier page is slow on a telephone; the file has everything
MOST_TERRITORIES = 300


@dataclass(frozen=True)
class ShownCell:
    """A cell with its address and the words that say what it means."""

    cell: Cell
    url: str
    word: str


@dataclass(frozen=True)
class ShownLine:
    """A row with its word."""

    label: str
    total: int
    url: str
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True)
class ShownMatrix:
    """A relief ready for a table; what is `hidden` (rows, columns) is in the file only."""

    row_label: str
    column_label: str
    heads: tuple[tuple[str, int, str], ...]
    lines: tuple[ShownLine, ...]
    hidden: tuple[int, int]


def shown(matrix: Matrix) -> ShownMatrix:
    """The relief with words and addresses."""
    question, address = matrix.question, reverse("observatory:relief_entries")
    names = names_of([*(line.value for line in matrix.lines), *(value for value, _total in matrix.columns)])
    heads = [
        (value_label(question.columns, value, names), total, f"{address}?{cell_query(question, column=value)}")
        for value, total in matrix.columns[:MOST_COLUMNS]
    ]
    room = max(10, MOST_CELLS // max(1, len(heads)))
    lines = [
        ShownLine(
            value_label(question.rows, line.value, names),
            line.total,
            f"{address}?{cell_query(question, row=line.value)}",
            tuple(
                ShownCell(cell, f"{address}?{cell_query(question, line.value, column)}", cell_word(cell))
                for cell, (column, _total) in zip(line.cells[:MOST_COLUMNS], matrix.columns[:MOST_COLUMNS], strict=True)
            ),
        )
        for line in matrix.lines[:room]
    ]
    hidden = (max(0, len(matrix.lines) - room), max(0, len(matrix.columns) - MOST_COLUMNS))
    return ShownMatrix(matrix.row_dimension.label, matrix.column_dimension.label, tuple(heads), tuple(lines), hidden)


def cell_word(cell: Cell) -> str:
    """What a cell means, in a word or two."""
    if cell.state == "present":
        return _("petit nombre") if cell.is_small else ""
    return state_word(cell.state)


def state_word(state: State) -> str:
    """The state of a cell in words."""
    words: dict[State, str] = {
        "present": _("présent"),
        "sought": _("non trouvé"),
        "unsought": _("non cherché"),
        "complete": _("aucune"),
    }
    return words[state]


def chips_of(question: Question, path: str) -> list[Chip]:
    """The conditions of a question, each with the address of the same page without it."""
    names = names_of([value for one in question.conditions for value in one.values])
    return [
        Chip(
            ", ".join(value_label_of(one.dimension, value, names) for value in one.values),
            f"{path}?{query_of(replace(question, conditions=_without(question, place)))}",
            dimension_label(one.dimension),
        )
        for place, one in enumerate(question.conditions)
    ]


def _without(question: Question, place: int) -> tuple[Condition, ...]:
    return tuple(one for number_, one in enumerate(question.conditions) if number_ != place)


def value_label_of(dimension: str, value: str, names: Mapping[str, str]) -> str:
    """The word for a value, of the pseudo-dimension "territory" too."""
    return names.get(value, value) if dimension == "territory" else value_label(dimension, value, names)


def dimension_label(code: str) -> str:
    """The word for a dimension."""
    return _("Territoire") if code == "territory" else DIMENSIONS[code].label


def sentence_of(conditions: Sequence[Condition]) -> str:
    """Conditions in one line: "Thème : droits ; Type d’acteur : association"."""
    names = names_of([value for one in conditions for value in one.values])
    return " ; ".join(
        _("%(dimension)s : %(values)s")
        % {
            "dimension": dimension_label(one.dimension),
            "values": _(" ou ").join(value_label_of(one.dimension, value, names) for value in one.values),
        }
        for one in conditions
    )


def entries_url(conditions: Iterable[Condition]) -> str:
    """The address of the entries that meet conditions."""
    return f"{reverse('observatory:relief_entries')}?{query_of(Question(conditions=tuple(conditions)), sides=False)}"


def told_count(count: int) -> str:
    """A number of entries in words."""
    return ngettext("%(count)s fiche", "%(count)s fiches", count) % {"count": number(count)}


@dataclass(frozen=True)
class Option:
    """A choice of a select."""

    value: str
    label: str
    is_chosen: bool


def grouped_dimensions(chosen: str) -> list[tuple[str, list[Option]]]:
    """Every dimension, under what it tells: what entries say, our groups, where they are."""
    sorts = {
        _("Ce que disent les fiches"): {"facet", "source"},
        _("Regroupements"): {"group", "count"},
        _("Lieux"): {"territory"},
    }
    return [
        (label, [_dimension_option(one, chosen) for one in DIMENSIONS.values() if one.sort in wanted])
        for label, wanted in sorts.items()
    ]


def _dimension_option(dimension: Dimension, chosen: str) -> Option:
    return Option(dimension.parameter, dimension.label, dimension.code == chosen)


def value_options(taken: Snapshot, question: Question, dimension: Dimension) -> list[Option]:
    """The values of a dimension, those that it always has and those that things have, with those chosen, by their word."""
    chosen = chosen_values(question, dimension.code)
    used = taken.columns[dimension.code].values if dimension.sort != "group" else ()
    values = dict.fromkeys([*known_values(dimension.code), *used, *chosen])
    names = names_of(values)
    options = [Option(one, value_label(dimension.code, one, names), one in chosen) for one in values]
    return sorted(options, key=lambda option: option.label)


def theme_options(question: Question) -> list[Option]:
    """Every theme."""
    chosen = chosen_values(question, "theme")
    return [Option(one, value_label("theme", one), one in chosen) for one in known_values("theme")]


def chosen_values(question: Question, code: str) -> tuple[str, ...]:
    """What a question asks of a dimension first."""
    return next((one.values for one in question.conditions if one.dimension == code), ())


def territory_options(taken: Snapshot, question: Question) -> list[tuple[str, list[Option]]]:
    """Territories where something is, by kind then name; the fullest where they are too many, with the chosen one."""
    column = taken.columns["territory"]
    chosen = chosen_values(question, "territory")
    counts = dict(zip(column.values, tally(column).tolist(), strict=True))
    ranked = sorted(counts, key=lambda one: -counts[one])[:MOST_TERRITORIES]
    values = list(dict.fromkeys([*ranked, *chosen]))
    names = names_of(values)
    groups: dict[str, list[Option]] = {}
    for value in values:
        kind = value.partition(":")[0]
        if kind in TerritoryKind.values:
            groups.setdefault(kind, []).append(Option(value, names.get(value, value), value in chosen))
    first: tuple[str, ...] = ("epci", "commune", "arrondissement", "qpv", "qva")
    order = [kind for kind in first if kind in groups]
    order += [kind for kind in groups if kind not in order]
    return [(str(TerritoryKind(kind).label), sorted(groups[kind], key=lambda option: option.label)) for kind in order]
