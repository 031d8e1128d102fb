"""The complete list of the territories as a CSV file: rows out = rows in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.core.exports.about import About
from maillage.core.exports.comma_separated import csv_chunks
from maillage.core.exports.tables import Column, Table
from maillage.core.places.models import Territory
from maillage.core.places.queries import every_territory, kinds_loaded
from maillage.core.places.room_links import counts_by_room

COLUMNS: list[Column[Territory]] = [
    Column("sorte", _("Sorte"), lambda row: row.kind),
    Column("code", _("Code"), lambda row: row.code),
    Column("liste_de", _("Liste de"), lambda row: row.generation),
    Column("nom", _("Nom"), lambda row: row.name),
    Column("contenu_dans", _("Contenu dans"), lambda row: " ".join(row.parent_codes)),
    Column("codes_postaux", _("Codes postaux"), lambda row: " ".join(row.postcodes)),
    Column("anciens_codes", _("Anciens codes"), lambda row: " ".join(row.former_codes)),
    Column("habitants", _("Habitants"), lambda row: row.population, is_number=True),
    Column("habitants_annee", _("Année"), lambda row: row.population_on),
    Column("habitants_source", _("Source des habitants"), lambda row: row.population_source),
    Column("surface_m2", _("Surface en m²"), lambda row: row.area_m2, is_number=True),
    Column("surface_source", _("Source de la surface"), lambda row: row.area_source),
    Column("lon", _("Longitude"), lambda row: row.lon, is_number=True),
    Column("lat", _("Latitude"), lambda row: row.lat, is_number=True),
    Column("contour", _("Qualité du contour"), lambda row: row.contour_quality),
    Column("contour_tolerance_m", _("Tolérance du contour en m"), lambda row: row.contour_tolerance_m, is_number=True),
    Column("source", _("Source"), lambda row: row.source_text),
    Column("source_url", _("Adresse de la source"), lambda row: row.source_url),
    Column("licence", _("Licence"), lambda row: row.licence),
]


def csv_of(kind: str) -> Iterator[bytes]:
    """The file, streamed; with one column more for each room that counts things by territory."""
    columns = [*COLUMNS, *(_count_column(room, counts) for room, counts in counts_by_room().items())]
    return csv_chunks(Table("territoires", columns, every_territory(kind)))


def _count_column(room: str, counts: Mapping[str, int]) -> Column[Territory]:
    return Column(room, room, lambda row: counts.get(row.reference, 0), is_number=True)


def about(kind: str, page_url: str) -> About:
    """The label of the file."""
    kinds = kinds_loaded()
    rows = kinds.get(kind, 0) if kind else sum(kinds.values())
    return About(
        _("Communes et quartiers"), _("Territoires connus de cette installation"), rows, timezone.now(), page_url
    )
