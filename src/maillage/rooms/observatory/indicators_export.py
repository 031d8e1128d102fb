"""Indicators as files: every value with its territory, year, method, bounds, source and licence; nothing is cut off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.core.errors import Missing
from maillage.core.exports import comma_separated, json_files, spreadsheet
from maillage.core.exports.about import About, SourceNote
from maillage.core.exports.answers import made_aside, streamed
from maillage.core.exports.json_files import Position
from maillage.core.exports.tables import Column, Table
from maillage.rooms.observatory.models_indicators import Indicator
from maillage.rooms.observatory.profile import method_label
from maillage.rooms.observatory.queries_dictionary import ValueLine, count_of_values, every_value

Row = tuple[Indicator, ValueLine]
FORMATS: Mapping[str, str] = {"csv": "CSV", "xlsx": "Excel", "geojson": "GeoJSON"}


def columns() -> list[Column[Row]]:
    """The columns of every format."""
    return [
        Column("indicateur", _("Code de l’indicateur"), lambda row: row[0].code),
        Column("libelle", _("Indicateur"), lambda row: row[0].label),
        Column("sorte", _("Sorte de territoire"), lambda row: row[1].kind),
        Column("code", _("Code du territoire"), lambda row: row[1].code),
        Column("liste_de", _("Liste de"), lambda row: row[1].generation),
        Column("nom", _("Territoire"), lambda row: row[1].name),
        Column("annee", _("Année"), lambda row: row[1].vintage or None, is_number=True),
        Column("valeur", _("Valeur"), lambda row: row[1].value, is_number=True),
        Column("bas", _("Borne basse"), lambda row: row[1].low, is_number=True),
        Column("haut", _("Borne haute"), lambda row: row[1].high, is_number=True),
        Column("unite", _("Unité"), lambda row: row[0].unit),
        Column("methode", _("Méthode"), lambda row: method_label(row[1].method)),
        Column("note", _("Note de méthode"), lambda row: row[1].note),
        Column("source", _("Source"), lambda row: row[0].source_text),
        Column("source_url", _("Adresse de la source"), lambda row: row[0].source_url),
        Column("licence", _("Licence"), lambda row: row[0].licence),
    ]


def about(page_url: str, indicator: Indicator | None) -> About:
    """The label of a file; the licence of the figures is that of their source, told on each line."""
    title = indicator.label if indicator else _("Indicateurs des territoires")
    sources = (SourceNote(indicator.source_text, indicator.licence, "", indicator.source_url),) if indicator else ()
    what = _("Toutes les valeurs connues, une par ligne ; une valeur absente n’a pas de ligne")
    return About(title, what, count_of_values(indicator), timezone.now(), page_url, sources)


def answer(file_format: str, page_url: str, indicator: Indicator | None = None) -> HttpResponseBase:
    """A file of one indicator, or of all; raises Missing for a format that is not made."""
    label, name = about(page_url, indicator), f"indicateur-{indicator.code}" if indicator else "indicateurs"
    table = Table("valeurs", columns(), every_value(indicator))
    if file_format == "csv":
        return streamed(comma_separated.csv_chunks(table), comma_separated.MEDIA_TYPE, label, f"{name}.csv")
    if file_format == "xlsx":
        return made_aside(
            lambda path: spreadsheet.write_xlsx(path, [table], label), spreadsheet.MEDIA_TYPE, label, f"{name}.xlsx"
        )
    if file_format == "geojson":
        chunks = json_files.geojson_chunks(Table("valeurs", columns(), ()), _placed(indicator), label)
        return streamed(chunks, json_files.GEOJSON_TYPE, label, f"{name}.geojson")
    raise Missing(file_format)


def _placed(indicator: Indicator | None) -> Iterator[tuple[Row, Position | None]]:
    """Rows at a point inside their territory; without one where none is known."""
    for row in every_value(indicator):
        lon, lat = row[1].lon, row[1].lat
        yield row, None if lon is None or lat is None else Position(lon, lat)
