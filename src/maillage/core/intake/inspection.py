"""One look over a whole table before anything is written: its columns, how full they are, what their values look like."""

from __future__ import annotations

from dataclasses import dataclass, field

from maillage.core.intake.tables.model import MAX_COLUMNS, Notes, Row, Table

SAMPLES = 200
FIRST_ROWS = 8
DISTINCT_COUNTED = 20_000


@dataclass
class Profile:
    """A column: how many cells are filled, some different values of it, whether they all differ (as far as counted)."""

    name: str
    filled: int = 0
    samples: dict[str, None] = field(default_factory=dict)
    hashes: set[int] = field(default_factory=set)

    def see(self, text: str) -> None:
        """Takes one more cell into account. Later rows still bring samples: a file may be sorted."""
        self.filled += 1
        if len(self.hashes) < DISTINCT_COUNTED:
            self.hashes.add(hash(text))
        if len(self.samples) < SAMPLES // 2 or (len(self.samples) < SAMPLES and self.filled % 50 == 0):
            self.samples.setdefault(text[:300])

    @property
    def distinct_share(self) -> float:
        """Which part of the cells differ from all others, as far as they were counted."""
        return len(self.hashes) / max(1, min(self.filled, DISTINCT_COUNTED))


@dataclass
class Inspection:
    """What a table holds. `is_mended` when it is a rejects file of ours that comes back: it is only a part of its source."""

    format: str
    name: str
    choices: tuple[str, ...]
    rows: int
    profiles: dict[str, Profile]
    first: list[Row]
    notes: list[str]
    is_cut: bool
    is_mended: bool


REJECT_COLUMNS = ("ligne", "colonne", "raison")


def inspected(table: Table) -> Inspection:
    """Reads the table to its end; raises Invalid where the file is cut or damaged on the way."""
    profiles = {name: Profile(name) for name in table.columns}
    notes, first, count = Notes(), list[Row](), 0
    for row in table.rows(notes):
        count += 1
        if len(first) < FIRST_ROWS:
            first.append(row)
        for name, text in row.cells.items():
            if name not in profiles:
                if len(profiles) >= MAX_COLUMNS:
                    continue
                profiles[name] = Profile(name)
            if text and not text.isspace():
                profiles[name].see(text.strip())
    columns = tuple(profiles)
    return Inspection(
        format=table.format,
        name=table.name,
        choices=table.choices,
        rows=count,
        profiles=profiles,
        first=first,
        notes=[*table.remarks, *notes.lines()],
        is_cut=notes.is_cut,
        is_mended=columns[:3] == REJECT_COLUMNS,
    )
