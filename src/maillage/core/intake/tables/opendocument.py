"""LibreOffice spreadsheets (ODS), streamed from their XML."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING
from xml.etree import ElementTree as ET

from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.intake.tables.header import LOOKED_AT, header_position
from maillage.core.intake.tables.model import MAX_COLUMNS, Notes, Row, Table, named_columns, too_long

if TYPE_CHECKING:
    Element = ET.Element[str]

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
MOST_REPEATS = 2_000


def read_opendocument(path: Path, choice: str = "") -> Table:
    """The table of one sheet, that with most cells by default."""
    sizes: dict[str, int] = {}
    for name, _number, cells in _cells(path):
        sizes[name] = sizes.get(name, 0) + sum(1 for cell in cells if cell.strip())
    names = [name for name, size in sizes.items() if size > 1]
    if not names:
        raise Invalid(_("Aucune feuille de ce classeur ne contient de tableau."))
    if choice and choice not in sizes:
        raise Invalid(_("Ce classeur n’a pas de feuille « {name} ».").format(name=choice))
    chosen = choice or max(names, key=lambda one: sizes[one])
    raw = [cells for _number, cells in islice(_of_sheet(path, chosen), LOOKED_AT)]
    position, remarks = header_position(raw), list[str]()
    width = max((place + 1 for cells in raw for place, cell in enumerate(cells) if cell.strip()), default=0)
    if width > MAX_COLUMNS:
        raise Invalid(
            _("Le tableau a {count} colonnes : au plus {limit} sont lues.").format(count=width, limit=MAX_COLUMNS)
        )
    if position is None:
        remarks.append(_("Aucune ligne d’intitulés : les colonnes portent leur lettre."))
    elif position:
        remarks.append(_("Les intitulés sont à la ligne {line}.").format(line=position + 1))
    columns = named_columns((([] if position is None else raw[position]) + [""] * width)[:width], remarks)
    return Table(
        format=_("Classeur LibreOffice (ODS)"),
        columns=tuple(columns),
        read=lambda notes: _rows(path, chosen, position, columns, notes),
        name=chosen,
        choices=tuple(names),
        remarks=tuple(remarks),
    )


def _rows(path: Path, sheet: str, position: int | None, columns: list[str], notes: Notes) -> Iterator[Row]:
    for number, cells in _of_sheet(path, sheet):
        if (position is not None and number <= position + 1) or not any(cell.strip() for cell in cells):
            continue
        taken = dict(zip(columns, cells, strict=False))
        if name := too_long(taken):
            yield Row(number, {**taken, name: taken[name][:200]}, _("Cellule beaucoup trop longue."), name)
        elif any(cell.strip() for cell in cells[len(columns) :]):
            yield Row(number, taken, _("Cette ligne a plus de cellules que le tableau n’a de colonnes."))
        else:
            yield Row(number, taken)


def _of_sheet(path: Path, sheet: str) -> Iterator[tuple[int, list[str]]]:
    return ((number, cells) for name, number, cells in _cells(path) if name == sheet)


def _cells(path: Path) -> Iterator[tuple[str, int, list[str]]]:
    """Sheet, row number and texts of each row; rows repeated without content are counted, not given."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("content.xml") as content:
            yield from _parsed(content)
    except (KeyError, zipfile.BadZipFile, zlib.error, ET.ParseError, EOFError, ValueError) as fault:
        raise Invalid(_("Le classeur LibreOffice est abîmé ou incomplet : il ne peut pas être lu.")) from fault


def _parsed(content: IO[bytes]) -> Iterator[tuple[str, int, list[str]]]:
    sheet, number = "", 0
    for event, element in ET.iterparse(content, events=("start", "end")):  # noqa: S314 -- bounded; expat bounds entities
        if event == "start" and element.tag == f"{_TABLE}table":
            sheet, number = element.get(f"{_TABLE}name", ""), 0
        elif event == "end" and element.tag == f"{_TABLE}table-row":
            cells = _row_cells(element)
            repeats = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
            for _repeat in range(min(repeats, MOST_REPEATS) if any(cells) else 1):
                number += 1
                yield sheet, number, cells
            number += 0 if any(cells) else repeats - 1
            element.clear()


def _row_cells(row: Element) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if cell.tag not in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
            continue
        text = _cell_text(cell)
        repeats = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        if text or repeats <= MOST_REPEATS:  # the last, empty, cell of a row is repeated to the end of the sheet
            cells += [text] * min(repeats, MOST_REPEATS)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell_text(cell: Element) -> str:
    kind = cell.get(f"{_OFFICE}value-type")
    if kind == "date":
        return cell.get(f"{_OFFICE}date-value", "").replace("T00:00:00", "").replace("T", " ")
    if kind in {"float", "percentage", "currency"}:
        return cell.get(f"{_OFFICE}value", "").removesuffix(".0")
    return "\n".join("".join(part.itertext()) for part in cell if part.tag == f"{_TEXT}p")
