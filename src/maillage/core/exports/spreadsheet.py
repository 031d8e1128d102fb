"""XLSX by XlsxWriter in constant memory: texts are always texts, never formulas nor links made by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from maillage.core.exports.about import About
from maillage.core.exports.tables import Cell, Table, clean_text

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767
MOST_ROWS = 1_048_576
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class TooManyRows(Exception):
    """More rows than a sheet can hold: another format is needed, nothing is cut off silently."""


def write_xlsx(path: Path, tables: Sequence[Table[Any]], about: About) -> None:
    """Writes one sheet per table, then the label of the file. Raises TooManyRows."""
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        book.set_properties(
            {
                "title": about.title,
                "subject": about.description,
                "author": about.publisher or "Maillage",
                "comments": "\n".join(f"{term} : {value}" for term, value in about.lines())[:2000],
            }
        )
        formats = {
            "head": book.add_format({"bold": True, "text_wrap": True}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for table in tables:
            _write_sheet(book, table, formats)
        sheet = book.add_worksheet(_("À propos")[:31])
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 100)
        for number, (term, value) in enumerate(about.lines()):
            sheet.write_string(number, 0, clean_text(term), formats["head"])
            sheet.write_string(number, 1, clean_text(value)[:LONGEST_CELL])


def _write_sheet(book: Any, table: Table[Any], formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(table.name[:31])
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, 36 if place < 2 else 18)
        sheet.write_string(0, place, column.label, formats["head"])
    for number, row in enumerate(table.rows, start=1):
        if number >= MOST_ROWS:
            raise TooManyRows(table.name)
        for place, cell in enumerate(table.cells(row)):
            _write_cell(sheet, number, place, cell, formats)


def _write_cell(sheet: Any, number: int, place: int, cell: Cell, formats: dict[str, Any]) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        sheet.write_boolean(number, place, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(number, place, cell)
    elif isinstance(cell, datetime):
        sheet.write_string(number, place, cell.isoformat(timespec="seconds"))
    elif isinstance(cell, date):
        sheet.write_datetime(number, place, cell, formats["day"])
    else:
        sheet.write_string(number, place, clean_text(cell).replace("\r\n", "\n").replace("\r", "\n")[:LONGEST_CELL])
