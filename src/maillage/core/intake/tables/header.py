"""Which row of a raw table holds the names of its columns: not always the first, sometimes none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

LOOKED_AT = 40
_DATA_LIKE = re.compile(
    r"[-+]?\d[\d\s.,\u00a0\u202f]*|[^@\s]+@[^@\s]+\.\w+|https?://\S+|www\.\S+|\+?[\d\s().\-/]{8,}|\d{1,4}[-/]\d{1,2}[-/]\d{1,4}.*",
)


def header_position(rows: Sequence[Sequence[str]]) -> int | None:
    """The position of the row of names among the first rows; None when even the first row looks like data.

    A row of names fills most of the width, holds words rather than values, and repeats few of them; the titles and dates
    that people write above a table fill one or two cells.
    """
    looked_at = rows[:LOOKED_AT]
    width = _usual_width(looked_at)
    for position, row in enumerate(looked_at):
        filled = [cell.strip() for cell in row if cell.strip()]
        if len(filled) < max(2 if width > 1 else 1, 0.6 * width):
            continue
        return position if _are_names(filled) else None
    return None


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    """How many cells the rows fill as a rule; titles, which fill one, do not count where other rows fill more."""
    counts = Counter(count for row in rows if (count := sum(1 for cell in row if cell.strip())))
    wide = {count: times for count, times in counts.items() if count > 1} or counts
    return max(wide, key=lambda count: (wide[count], count), default=0)


def _are_names(filled: Sequence[str]) -> bool:
    values = sum(1 for cell in filled if _DATA_LIKE.fullmatch(cell))
    short = sum(1 for cell in filled if len(cell) <= 200)
    return values <= 0.25 * len(filled) and short == len(filled) and len(set(filled)) >= 0.5 * len(filled)
