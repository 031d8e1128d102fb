"""The tables of the reliefs as files: every figure of a page, complete, with what it means and where its rows are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.core.errors import Missing
from maillage.core.exports import comma_separated, spreadsheet
from maillage.core.exports.about import About
from maillage.core.exports.answers import made_aside, streamed
from maillage.core.exports.tables import Cell as FileCell
from maillage.core.exports.tables import Column, Table

FORMATS = ("csv", "xlsx")
Record = Sequence[FileCell]


@dataclass(frozen=True)
class Sheet:
    """Rows with the key and the label of each column; `page` is the path of the page they are on."""

    name: str
    title: str
    description: str
    page: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Record]


def answer(sheet: Sheet, file_format: str) -> HttpResponseBase:
    """The sheet as a file; raises Missing for a format that does not exist."""
    if file_format not in FORMATS:
        raise Missing(_("Ce format n’existe pas."))
    table: Table[Record] = Table(sheet.title, _columns(sheet), sheet.rows)
    about = About(
        title=sheet.title,
        description=sheet.description,
        rows=len(sheet.rows),
        made_at=timezone.localtime(),
        page_url=f"{settings.SITE_ADDRESS}{sheet.page}",
        publisher=settings.OPERATOR_NAME or "Maillage",
    )
    if file_format == "csv":
        return streamed(comma_separated.csv_chunks(table), comma_separated.MEDIA_TYPE, about, f"{sheet.name}.csv")
    return made_aside(
        lambda path: spreadsheet.write_xlsx(path, [table], about),
        spreadsheet.MEDIA_TYPE,
        about,
        f"{sheet.name}.xlsx",
    )


def _columns(sheet: Sheet) -> list[Column[Record]]:
    return [Column(key, label, _reader(place)) for place, (key, label) in enumerate(sheet.columns)]


def _reader(place: int) -> Callable[[Any], FileCell]:
    return lambda row: row[place]
