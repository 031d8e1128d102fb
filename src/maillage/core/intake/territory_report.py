"""What a load of territories is asked and what it answers: options, report, and the file of the refused rows."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from maillage.core.intake.territory_columns import text_of


@dataclass(frozen=True)
class Options:
    """What the user says of the file; empty values are found out where they can be."""

    kind: str = "qpv"
    generation: str = ""
    code_field: str = ""
    name_field: str = ""
    complete_for: tuple[str, ...] = ()
    dry_run: bool = False
    source_name: str = ""
    licence: str = ""
    published_on: str = ""
    rejects_folder: Path | None = None


@dataclass(frozen=True)
class Refusal:
    """A row that was refused."""

    number: int
    column: str
    reason: str
    row: dict[str, object] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Report:
    """What a load did, or would do; rows_in = created + changed + unchanged + rejected."""

    kind: str
    generation: str
    rows_in: int
    created: int
    changed: int
    unchanged: int
    refusals: tuple[Refusal, ...]
    remarks: tuple[str, ...]
    complete_for: tuple[str, ...]
    rejects_path: Path | None
    is_dry_run: bool

    @property
    def rejected(self) -> int:
        """How many rows were refused."""
        return len(self.refusals)

    def lines(self) -> list[str]:
        """The report as a person reads it."""
        found = [
            _("{n} lignes lues ({kind} {generation})").format(
                n=self.rows_in, kind=self.kind, generation=self.generation
            )
        ]
        counts = _("{created} nouvelles, {changed} changées, {unchanged} identiques, {rejected} refusées")
        found.append(counts.format(
            created=self.created, changed=self.changed, unchanged=self.unchanged, rejected=self.rejected))  # fmt: skip
        found += [_("ligne {n}, {column} : {reason}").format(n=one.number, column=one.column or "—", reason=one.reason)
                  for one in self.refusals[:20]]  # fmt: skip
        found += [*self.remarks]
        if self.complete_for:
            found.append(_("Contours dits complets pour : {areas}").format(areas=", ".join(self.complete_for)))
        if self.rejects_path:
            found.append(_("Lignes refusées écrites dans {path}").format(path=self.rejects_path))
        if self.is_dry_run:
            found.append(_("Essai : rien n’a été enregistré."))
        return found


def is_address(source: str) -> bool:
    """Whether a source is on the web, rather than a file."""
    return source.startswith(("http://", "https://"))


def stem_of(source: str) -> str:
    """The name of a file or an address, without folders or extension."""
    return (Path(urlsplit(source).path).stem if is_address(source) else Path(source).stem) or "territoires"


def write_refusals(refusals: Sequence[Refusal], source: str, wanted: Path | None) -> Path | None:
    """Writes the refused rows beside the file, or in the current folder when the file came from elsewhere."""
    if not refusals:
        return None
    beside = Path.cwd() if is_address(source) else Path(source).parent
    for folder in (wanted, beside, Path.cwd(), Path(tempfile.gettempdir())):
        if folder is None:
            continue
        try:
            return _written(folder / f"{stem_of(source)}-rejets.csv", refusals)
        except OSError:
            continue  # a read-only folder: the next one
    return None


def _written(path: Path, refusals: Sequence[Refusal]) -> Path:
    names = list(dict.fromkeys(name for one in refusals for name in one.row))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow([_("ligne"), _("colonne"), _("raison"), *names])
        for one in refusals:
            writer.writerow([one.number, one.column, one.reason, *(_safe(one.row.get(name)) for name in names)])
    return path


def _safe(value: object) -> str:
    """A cell that a spreadsheet will not run as a formula."""
    text = text_of(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
