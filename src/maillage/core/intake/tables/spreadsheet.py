"""XLSX read row by row: values that a formula last gave, merged cells filled downwards, odd dates put right."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice, zip_longest
from pathlib import Path

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.datetime import to_excel
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from maillage.core.errors import Invalid
from maillage.core.intake.tables.header import LOOKED_AT, header_position
from maillage.core.intake.tables.model import MAX_COLUMNS, Notes, Row, Table, named_columns, text_of, too_long
from maillage.core.intake.tables.sheets_xml import SheetFacts, facts_of

_FAULTS = frozenset({"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#NOM?", "#VALEUR!"})
EMPTY_ROWS_AT_END = 5_000
_DAMAGED = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, EOFError, SyntaxError, zlib.error)


@dataclass(frozen=True)
class _Sheet:
    path: Path
    name: str
    facts: SheetFacts


def read_spreadsheet(path: Path, choice: str = "") -> Table:
    """The table of one sheet, that with most cells by default; raises Invalid for a damaged file or one without a table."""
    with _workbook(path) as book:
        sizes = {sheet.title: _size(list(islice(sheet.iter_rows(values_only=True), 400))) for sheet in book.worksheets}
    names = [name for name, size in sizes.items() if size > 1]
    if not names:
        raise Invalid(_("Aucune feuille de ce classeur ne contient de tableau."))
    if choice and choice not in sizes:
        raise Invalid(_("Ce classeur n’a pas de feuille « {name} ».").format(name=choice))
    name = choice or max(names, key=lambda one: sizes[one])
    sheet = _Sheet(path, name, facts_of(path, name))
    remarks: list[str] = []
    raw = [cells for _number, cells in islice(_cells(sheet, Notes()), LOOKED_AT)]
    position = header_position(raw)
    names_row = _names(raw, position, remarks)
    return Table(
        format=_("Classeur Excel (XLSX)"),
        columns=tuple(names_row),
        read=lambda notes: _rows(sheet, position, names_row, notes),
        name=name,
        choices=tuple(names),
        remarks=tuple(remarks),
    )


def _size(rows: Sequence[Sequence[object]]) -> int:
    return sum(1 for row in rows for cell in row if cell not in (None, ""))


@contextmanager
def _workbook(path: Path, *, values: bool = True) -> Iterator[Workbook]:
    with path.open("rb") as file:  # not the path: openpyxl would judge it by its extension
        try:
            book = load_workbook(file, read_only=True, data_only=values, keep_links=False)
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # some programs write a wrong size
            yield book
            book.close()
        except _DAMAGED as fault:
            raise Invalid(_("Le classeur Excel est abîmé ou incomplet : il ne peut pas être lu.")) from fault


def _cells(sheet: _Sheet, notes: Notes) -> Iterator[tuple[int, list[str]]]:
    """Each row of the sheet with its number, empty ones included, as texts."""
    filler = _Merged(sheet.facts.merged_down, notes)
    empty = 0
    for number, values in enumerate(_values(sheet, notes), start=1):
        cells = filler.filled(number, [_text(value, notes) for value in values])
        empty = 0 if any(cells) else empty + 1
        if empty > EMPTY_ROWS_AT_END:  # a sheet formatted down to its last row
            return
        yield number, cells


def _values(sheet: _Sheet, notes: Notes) -> Iterator[Sequence[object]]:
    """The values of each row; where a formula was never computed, its text."""
    with _workbook(sheet.path) as book:
        rows = book[sheet.name].iter_rows(values_only=True)
        if not sheet.facts.has_formulas:
            yield from rows
            return
        with _workbook(sheet.path, values=False) as formulas:
            for row, texts in zip_longest(rows, formulas[sheet.name].iter_rows(values_only=True), fillvalue=()):
                yield [_computed(*pair, notes) for pair in zip_longest(row, texts)]


def _computed(value: object, formula: object, notes: Notes) -> object:
    if isinstance(formula, str) and formula.startswith("="):
        if value is not None:
            notes.say(_("Des cellules contiennent une formule : leur dernier résultat a été pris."))
            return value
        notes.say(
            _(
                "Des formules n’ont pas de résultat enregistré : leur texte a été gardé. Ouvrez et enregistrez le fichier."
            )
        )
        return formula
    return value


class _Merged:
    """Copies the value of a block of cells merged downwards into each of its rows."""

    def __init__(self, blocks: Sequence[tuple[int, int, int]], notes: Notes) -> None:
        self._starting: dict[int, list[tuple[int, int]]] = {}
        for column, top, bottom in blocks:
            self._starting.setdefault(top, []).append((column, bottom))
        self._open: dict[int, tuple[int, str]] = {}
        self._notes = notes

    def filled(self, number: int, cells: list[str]) -> list[str]:
        """The row with what merged cells above give it."""
        if self._starting or self._open:
            for column, (bottom, text) in list(self._open.items()):
                if number > bottom:
                    del self._open[column]
                elif any(cells) and column < len(cells) and not cells[column] and text:
                    cells[column] = text
                    self._notes.say(
                        _("Des cellules fusionnées vers le bas : leur valeur a été reprise sur chaque ligne.")
                    )
            for column, bottom in self._starting.pop(number, ()):
                self._open[column] = (bottom, cells[column] if column < len(cells) else "")
        return cells


def _text(value: object, notes: Notes) -> str:
    if isinstance(value, str):
        if value in _FAULTS:
            notes.say(_("Des cellules contiennent une erreur de calcul (comme #REF!) : elles sont lues vides."))
            return ""
        return value
    if isinstance(value, datetime | date):
        return _date_text(value, notes)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return text_of(value)


def _date_text(value: date, notes: Notes) -> str:
    """A date in ISO 8601. A date of 1900 is a small number that a cell format dresses as a date: the number comes back."""
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    if moment.year <= 1900:
        notes.say(_("Des dates de 1900 étaient des nombres mal présentés : ils ont été remis en nombres."))
        number = to_excel(moment)  # type: ignore[no-untyped-call]
        return text_of(round(float(number), 4))
    has_time = (moment.hour, moment.minute, moment.second) != (0, 0, 0)
    return f"{moment:%Y-%m-%d %H:%M:%S}" if has_time else f"{moment:%Y-%m-%d}"


def _names(raw: Sequence[Sequence[str]], position: int | None, remarks: list[str]) -> list[str]:
    below = [cells for cells in raw[0 if position is None else position + 1 :] if any(cells)]
    width = max(
        (_filled_width(cells) for cells in [*below, *([raw[position]] if position is not None else [])]), default=0
    )
    if width > MAX_COLUMNS:
        raise Invalid(
            _("Le tableau a {count} colonnes : au plus {limit} sont lues.").format(count=width, limit=MAX_COLUMNS)
        )
    if position is None:
        remarks.append(_("Aucune ligne d’intitulés : les colonnes portent leur lettre."))
        return named_columns([""] * width, remarks)
    if position:
        remarks.append(_("Les intitulés sont à la ligne {line}.").format(line=position + 1))
    return named_columns((list(raw[position]) + [""] * width)[:width], remarks)


def _filled_width(cells: Sequence[str]) -> int:
    return max((place + 1 for place, cell in enumerate(cells) if cell.strip()), default=0)


def _rows(sheet: _Sheet, position: int | None, names: Sequence[str], notes: Notes) -> Iterator[Row]:
    for number, cells in _cells(sheet, notes):
        if (position is not None and number <= position + 1) or not any(cell.strip() for cell in cells):
            continue
        taken = dict(zip(names, cells, strict=False))
        if any(cell.strip() for cell in cells[len(names) :]):
            yield Row(number, taken, _("Cette ligne a plus de cellules que le tableau n’a de colonnes."))
        elif name := too_long(taken):
            yield Row(number, {**taken, name: taken[name][:200]}, _("Cellule beaucoup trop longue."), name)
        else:
            yield Row(number, taken)
