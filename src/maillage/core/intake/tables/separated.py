"""CSV and its relatives: separator, quotes and the row of names are found from the content."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from maillage.core.errors import Invalid
from maillage.core.intake.tables.header import header_position
from maillage.core.intake.tables.model import MAX_COLUMNS, Notes, Row, Table, named_columns, too_long
from maillage.core.intake.tables.text import Encoding, encoding_of, lines_of

SEPARATORS = {";": noop("point-virgule"), ",": noop("virgule"), "\t": noop("tabulation"), "|": noop("barre verticale")}
LOOKED_AT = 60
# A record beyond this is a quote that was opened and never closed: it swallows the rest of the file.
MOST_LINES, LONGEST_RECORD = 400, 4_000_000


@dataclass(frozen=True)
class _Layout:
    separator: str
    quote: str
    skipped: int  # lines of the file before the first record (Excel's own "sep=;")


@dataclass(frozen=True)
class _Head:
    """Records up to and with the row of names, and the names; `wanted` are the positions of the columns kept."""

    before: int
    columns: tuple[str, ...]
    width: int


def read_separated(path: Path) -> Table:
    """A table of separated text; raises Invalid when no separator cuts it into columns."""
    encoding = encoding_of(path)
    first = list(islice(lines_of(path, encoding), LOOKED_AT))
    layout = _layout(first)
    remarks = [encoding.remark] if encoding.remark else []
    records = list(islice(_records(path, encoding, layout), LOOKED_AT))
    head = _head([cells for cells, _raw in records], remarks)
    return Table(
        format=_("CSV ({separator}, {encoding})").format(
            separator=_(SEPARATORS[layout.separator]), encoding=encoding.label
        ),
        columns=head.columns,
        read=lambda notes: _rows(_records(path, encoding, layout), head, notes),
        remarks=tuple(remarks),
    )


def _layout(lines: Sequence[str]) -> _Layout:
    told = lines[0].strip().lower() if lines else ""
    if told.startswith("sep=") and len(told) == 5:  # Excel's own line
        return _Layout(told[4] if told[4] in SEPARATORS else _best(lines[1:]), '"', 1)
    separator = _best(lines)
    return _Layout(separator, _quote(lines, separator), 0)


def _best(lines: Sequence[str]) -> str:
    """The separator that cuts most records into the same number of cells, and into many."""
    scores = {separator: _score(lines, separator) for separator in SEPARATORS}
    best = max(scores, key=lambda one: scores[one])
    if scores[best] == (0.0, 0):
        raise Invalid(
            _(
                "Aucun tableau n’est reconnu dans ce fichier : ses lignes ne sont coupées ni par des virgules, ni par des "
                "points-virgules, ni par des tabulations."
            )
        )
    return best


def _score(lines: Sequence[str], separator: str) -> tuple[float, int]:
    try:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=separator) if any(cell.strip() for cell in cells)]
    except csv.Error:
        return (0.0, 0)
    many = Counter(width for width in widths if width > 1)
    if not many:
        return (0.0, 0)
    width, count = max(many.items(), key=lambda pair: (pair[1] * pair[0], pair[0]))
    share = count / len(widths)
    if count < 2 and share < 1:  # one line with a comma among others: a letter
        return (0.0, 0)
    return (round(share, 1) if share >= 0.5 else round(share / 2, 1), width)


def _quote(lines: Sequence[str], separator: str) -> str:
    """Single quotes, where nearly every cell stands between two of them."""
    cells = [cell.strip() for line in lines for cell in line.rstrip("\r\n").split(separator)]
    single = sum(1 for cell in cells if len(cell) > 1 and cell[0] == cell[-1] == "'")
    return "'" if cells and single > 0.6 * len(cells) else '"'


def _records(path: Path, encoding: Encoding, layout: _Layout) -> Iterator[tuple[list[str], list[str]]]:
    """Each record with the lines it was made of."""
    raw: list[str] = []
    seen = layout.skipped

    def kept(lines: Iterable[str]) -> Iterator[str]:
        nonlocal seen
        size = 0
        for line in lines:
            seen += 1
            raw.append(line)
            size = len(line) if len(raw) == 1 else size + len(line)
            # Looked at here: the csv module's own limit belongs to the whole process, and others move it.
            if len(raw) > MOST_LINES or size > LONGEST_RECORD:
                raise csv.Error
            yield line

    lines = islice(lines_of(path, encoding), layout.skipped, None)
    reader = csv.reader(kept(lines), delimiter=layout.separator, quotechar=layout.quote)
    try:
        for cells in reader:
            yield cells, raw
            raw.clear()
    except csv.Error as fault:
        message = _(
            "La lecture s’arrête à la ligne {line} : une cellule n’y finit pas. "
            "Un guillemet ouvert n’y est sans doute jamais fermé."
        )
        raise Invalid(message.format(line=seen - len(raw) + 1)) from fault


def _head(records: Sequence[Sequence[str]], remarks: list[str]) -> _Head:
    position = header_position(records)
    if position is None:
        width = max((len(cells) for cells in records), default=0)
        remarks.append(_("Aucune ligne d’intitulés : les colonnes portent leur lettre."))
        names = named_columns([""] * width, remarks)
    else:
        if position:
            remarks.append(_("Les intitulés sont à la ligne {line}.").format(line=position + 1))
        names = named_columns(_names_with_data(records, position), remarks)
    if len(names) > MAX_COLUMNS:
        message = _("Le tableau a {count} colonnes : au plus {limit} sont lues.")
        raise Invalid(message.format(count=len(names), limit=MAX_COLUMNS))
    return _Head(-1 if position is None else position, tuple(names), len(names))


def _names_with_data(records: Sequence[Sequence[str]], position: int) -> list[str]:
    """The row of names as far as it names, or as far as most rows below have something without a name."""
    names = [cell.strip() for cell in records[position]]
    below = [_filled_width(cells) for cells in records[position + 1 :] if any(cell.strip() for cell in cells)]
    usual = sorted(below)[len(below) // 2] if below else 0
    width = max(_filled_width(names), usual)
    return (names + [""] * width)[:width]


def _filled_width(cells: Sequence[str]) -> int:
    return max((position + 1 for position, cell in enumerate(cells) if cell.strip()), default=0)


def _rows(records: Iterator[tuple[list[str], list[str]]], head: _Head, notes: Notes) -> Iterator[Row]:
    """Rows after the names. The last one is held until the end is seen: a cut file ends in the middle of it."""
    waiting: tuple[int, list[str], str] | None = None
    for number, (cells, raw) in enumerate(records, start=1):
        if number - 1 <= head.before or not any(cell.strip() for cell in cells):
            continue
        if waiting is not None:
            yield _row(*waiting[:2], head)
        waiting = (number, cells, raw[-1] if len(raw) == 1 else "".join(raw))
    if waiting is None:
        return
    number, cells, raw_text = waiting
    row = _row(number, cells, head)
    has_end = raw_text.endswith(("\n", "\r"))
    is_open = raw_text.count('"') % 2 == 1 and (cells[-1].endswith("\n") or not has_end)
    if is_open or (len(cells) < head.width and not has_end):
        notes.is_cut = True
        row = Row(number, row.cells, _("La dernière ligne est incomplète : le fichier semble coupé."))
    yield row


def _row(number: int, cells: list[str], head: _Head) -> Row:
    taken = dict(zip(head.columns, cells, strict=False))
    spare = [cell for cell in cells[head.width :] if cell.strip()]
    if spare:
        message = _("{count} cellules pour {columns} colonnes : un séparateur ou un guillemet est de trop.")
        return Row(number, taken, message.format(count=len(cells), columns=head.width))
    if name := too_long(taken):
        return Row(number, {**taken, name: taken[name][:200]}, _("Cellule beaucoup trop longue."), name)
    return Row(number, taken)
