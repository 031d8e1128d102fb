"""What every reader gives: rows of text cells under named columns, and what was noticed while reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

MAX_BYTES = 200_000_000
MAX_COLUMNS = 2_000
MAX_CELL = 100_000
# The columns of a shape, whatever the format; their names are shown on the mapping page.
SHAPE_LON = "position (longitude)"
SHAPE_LAT = "position (latitude)"


@dataclass(frozen=True)
class Row:
    """One line of a table, numbered as a spreadsheet shows it (or from 1 where lines have no number).

    `fault` tells, in the user's words, why the line cannot be taken; `fault_column` where.
    """

    number: int
    cells: dict[str, str]
    fault: str = ""
    fault_column: str = ""


@dataclass
class Notes:
    """What was noticed while reading, each thing once with how often; `is_cut` when the file ends too soon."""

    counts: dict[str, int] = field(default_factory=dict)
    is_cut: bool = False

    def say(self, text: str, times: int = 1) -> None:
        """Notes a thing once more."""
        self.counts[text] = self.counts.get(text, 0) + times

    def lines(self) -> list[str]:
        """The notes, with how often where that is more than once."""
        return [text if count == 1 else f"{text} ({count})" for text, count in self.counts.items()]


@dataclass(frozen=True)
class Table:
    """A table that can be read as often as needed, always from the first row; memory does not grow with its length.

    `columns` may be incomplete for formats whose rows carry their own names (JSON): `inspect` completes them.
    `choices` are the other tables of the same file (sheets, layers), the one read included.
    """

    format: str
    columns: tuple[str, ...]
    read: Callable[[Notes], Iterator[Row]]
    name: str = ""
    choices: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def rows(self, notes: Notes | None = None) -> Iterator[Row]:
        """The rows, from the first; those empty throughout are skipped."""
        return self.read(notes if notes is not None else Notes())


def named_columns(raw: Sequence[str], notes: list[str]) -> list[str]:
    """Names fit to be keys: spaces tidied, the empty ones called by their letter, the repeated ones numbered."""
    from django.utils.translation import gettext as _

    names: list[str] = []
    seen: dict[str, int] = {}
    for position, text in enumerate(raw):
        plain = " ".join(str(text).replace("\ufeff", "").split())[:200]
        name = plain or _("Colonne {letter}").format(letter=letter_of(position))
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            notes.append(
                _("L’intitulé « {name} » est écrit plusieurs fois : les suivants sont numérotés.").format(name=name)
            )
            name = f"{name} ({seen[name]})"
        names.append(name)
    notes[:] = list(dict.fromkeys(notes))
    return names


def letter_of(position: int) -> str:
    """The letter by which spreadsheets call a column: 0 is A, 26 is AA."""
    letters, number = "", position + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def text_of(value: object) -> str:
    """A value of any format as the text of a cell: whole numbers without ".0", yes and no in French, nothing as ""."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    return str(value)


def too_long(cells: dict[str, str]) -> str:
    """The first column whose cell is longer than any real one, "" when there is none."""
    return next((name for name, text in cells.items() if len(text) > MAX_CELL), "")
