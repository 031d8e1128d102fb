"""Tables to write out: columns that read a value from a row, whatever the row is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

Cell = str | int | float | bool | date | datetime | None
Row = TypeVar("Row")

# A cell that begins so may be run as a formula by a spreadsheet (the OWASP list, with the full-width signs).
_FORMULA_START = re.compile(r"^[\s\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
# The same in the middle, for a spreadsheet told to cut at semicolons.
_FORMULA_AFTER_SEMICOLON = re.compile(r";(\s*)(?=[=@])|;(?=[+\-])")
# A telephone number in the international form is a number, not a formula: the national standards want it so.
_TELEPHONE = re.compile(r"\+\d{4,15}")
# What XML and most readers refuse; tabs and line ends stay.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column: `key` for programs, `label` for people; `is_number` for formats whose columns have a type."""

    key: str
    label: str
    value: Callable[[Row], Cell]
    is_number: bool = False


@dataclass(frozen=True)
class Table(Generic[Row]):
    """Rows read once, from first to last; they may be a stream."""

    name: str
    columns: Sequence[Column[Row]]
    rows: Iterable[Row]

    def cells(self, row: Row) -> list[Cell]:
        """The values of one row, in the order of the columns."""
        return [column.value(row) for column in self.columns]


def clean_text(text: str) -> str:
    """The text without the control characters that no file format should carry."""
    return _CONTROL.sub("", text)


def inert_text(text: str) -> str:
    """The text as a spreadsheet may open it: what looks like a formula gets a leading apostrophe."""
    if _TELEPHONE.fullmatch(text):
        return text
    safe = _FORMULA_AFTER_SEMICOLON.sub(lambda found: f";'{found[1] or ''}", clean_text(text))
    return f"'{safe}" if _FORMULA_START.match(safe) else safe
