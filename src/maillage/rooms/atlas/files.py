"""The formats in which a question may be carried away: for whom, under which name, and how each file is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext

from maillage.core.errors import Missing
from maillage.core.exports import comma_separated, data_inclusion, geopackage, json_files, lieux_mediation, spreadsheet
from maillage.core.exports.about import About
from maillage.core.exports.answers import made_aside, streamed
from maillage.core.exports.catalogue import DataSet, Distribution
from maillage.core.exports.catalogue import catalogue as dcat
from maillage.core.exports.tables import Table
from maillage.core.web.wording import number
from maillage.rooms.atlas import exports, exports_standards, queries_export
from maillage.rooms.atlas.filters import Filters
from maillage.rooms.atlas.queries import matching

Make = Callable[[Filters, About], HttpResponseBase]


@dataclass(frozen=True)
class Format:
    """A format; `label` and `use` are msgids, `file_type` a code of the EU's list for the DCAT catalogue."""

    code: str
    label: str
    use: str
    file: str
    media_type: str
    make: Make
    file_type: str = ""
    conforms_to: str = ""
    is_standard: bool = False


def _entries_csv(filters: Filters, about: About) -> HttpResponseBase:
    table = Table("fiches", exports.entry_columns(), queries_export.stream(filters))
    return streamed(comma_separated.csv_chunks(table), comma_separated.MEDIA_TYPE, about, "fiches.csv")


def _places_csv(filters: Filters, about: About) -> HttpResponseBase:
    table = Table("lieux", exports.located_columns(), exports.located(queries_export.stream(filters)))
    return streamed(comma_separated.csv_chunks(table), comma_separated.MEDIA_TYPE, about, "lieux.csv")


def _xlsx(filters: Filters, about: About) -> HttpResponseBase:
    tables: list[Table[Any]] = [
        Table(_("Fiches"), exports.entry_columns(), queries_export.stream(filters)),
        Table(_("Lieux"), exports.located_columns(), exports.located(queries_export.stream(filters))),
    ]
    return made_aside(
        lambda path: spreadsheet.write_xlsx(path, tables, about), spreadsheet.MEDIA_TYPE, about, "fiches.xlsx"
    )


def _geojson(filters: Filters, about: About) -> HttpResponseBase:
    table: Table[exports.Located] = Table("lieux", exports.located_columns(), ())
    rows = ((row, row.position) for row in exports.located(queries_export.stream(filters)))
    return streamed(json_files.geojson_chunks(table, rows, about), json_files.GEOJSON_TYPE, about, "lieux.geojson")


def _geopackage(filters: Filters, about: About) -> HttpResponseBase:
    rows = ((row, row.position) for row in exports.located(queries_export.stream(filters)))
    names = geopackage.Names("lieux", "sans_position")
    columns = exports.located_columns()
    return made_aside(
        lambda path: geopackage.write_geopackage(path, columns, rows, about, names),
        geopackage.MEDIA_TYPE,
        about,
        "lieux.gpkg",
    )


def _json(filters: Filters, about: About) -> HttpResponseBase:
    records = (exports.entry_record(entry) for entry in queries_export.stream(filters))
    return streamed(json_files.json_chunks(records, about, "entries"), json_files.JSON_TYPE, about, "fiches.json")


def _mediation(filters: Filters, about: About) -> HttpResponseBase:
    lines = exports_standards.mediation_places(queries_export.stream(filters), queries_export.postcodes())
    table = Table("lieux", lieux_mediation.columns(), lines)
    chunks = comma_separated.csv_chunks(table, with_mark=False)
    return streamed(chunks, comma_separated.MEDIA_TYPE, about, "lieux-de-mediation.csv")


def _inclusion(filters: Filters, about: About) -> HttpResponseBase:
    postcodes = queries_export.postcodes()

    def pairs(which: int) -> Iterator[Mapping[str, object]]:
        for row in exports.located(queries_export.stream(filters)):
            if (pair := exports_standards.inclusion_pair(row, postcodes)) is not None:
                yield pair[which]

    lists = {"structures": pairs(0), "services": pairs(1)}
    return streamed(json_files.lists_chunks(lists, about), json_files.JSON_TYPE, about, "data-inclusion.json")


FORMATS: Mapping[str, Format] = {
    one.code: one
    for one in (
        Format(
            "xlsx",
            noop("Classeur (XLSX)"),
            noop("Pour lire et trier avec Excel ou LibreOffice. Une feuille pour les fiches, une pour les lieux."),
            "fiches.xlsx",
            spreadsheet.MEDIA_TYPE,
            _xlsx,
            "XLSX",
        ),
        Format(
            "csv",
            noop("Tableau simple, une ligne par fiche (CSV)"),
            noop("Pour un logiciel ou un tableur : virgules, UTF-8."),
            "fiches.csv",
            comma_separated.MEDIA_TYPE,
            _entries_csv,
            "CSV",
        ),
        Format(
            "csv-lieux",
            noop("Tableau simple, une ligne par lieu (CSV)"),
            noop("Une fiche qui a sept lieux y tient sept lignes ; une fiche sans lieu en garde une."),
            "lieux.csv",
            comma_separated.MEDIA_TYPE,
            _places_csv,
            "CSV",
        ),
        Format(
            "geojson",
            noop("Carte (GeoJSON)"),
            noop("Pour uMap, QGIS ou un site : un point par lieu. Ce qui n’a pas de position y est aussi, sans point."),
            "lieux.geojson",
            json_files.GEOJSON_TYPE,
            _geojson,
            "GEOJSON",
        ),
        Format(
            "gpkg",
            noop("Carte (GeoPackage)"),
            noop("Pour QGIS : une couche de points, une table de ce qui n’a pas de position."),
            "lieux.gpkg",
            geopackage.MEDIA_TYPE,
            _geopackage,
            "GPKG",
        ),
        Format(
            "json",
            noop("Tout, pour les programmes (JSON)"),
            noop("Chaque champ de chaque fiche : dates, chiffres, financements, corrections, sources."),
            "fiches.json",
            json_files.JSON_TYPE,
            _json,
            "JSON",
        ),
        Format(
            "lieux-mediation",
            noop("Lieux de médiation numérique 1.0.2 (CSV)"),
            noop("Le standard national, pour la cartographie nationale de l’inclusion numérique."),
            "lieux-de-mediation.csv",
            comma_separated.MEDIA_TYPE,
            _mediation,
            "CSV",
            lieux_mediation.CONFORMS_TO,
            True,
        ),
        Format(
            "data-inclusion",
            noop("data·inclusion v1 (JSON)"),
            noop("Le standard des services d’insertion : structures et services."),
            "data-inclusion.json",
            json_files.JSON_TYPE,
            _inclusion,
            "JSON",
            data_inclusion.CONFORMS_TO,
            True,
        ),
    )
}


def format_named(code: str) -> Format:
    """A format by its code; raises Missing."""
    if code not in FORMATS:
        raise Missing(_("Ce format n’existe pas."))
    return FORMATS[code]


def complete_files() -> Mapping[str, tuple[str, Callable[[], HttpResponseBase]]]:
    """Every published entry in each format, for the command line: code → (name of the file, what makes it)."""
    filters = Filters()
    return {one.code: (one.file, partial(one.make, filters, about_of(filters))) for one in FORMATS.values()}


def about_of(filters: Filters) -> About:
    """The label of the files of a question."""
    query = filters.query_string()
    total = matching(filters).count()
    told = ngettext("%(count)s fiche.", "%(count)s fiches.", total) % {"count": number(total)}
    asked = _("Réponse à la recherche « %(query)s ».") % {"query": query} if query else _("Toutes les fiches publiées.")
    return About(
        title=_("Lieux et initiatives"),
        description=f"{asked} {told}",
        rows=total,
        made_at=timezone.localtime(),
        page_url=f"{settings.SITE_ADDRESS}{reverse('atlas:list')}{f'?{query}' if query else ''}",
        sources=queries_export.sources_of(filters),
        publisher=settings.OPERATOR_NAME or "Maillage",
    )


def address_of(code: str, filters: Filters) -> str:
    """Path of a file of a question."""
    query = filters.query_string()
    return reverse("atlas:download_file", args=[code]) + (f"?{query}" if query else "")


def catalogue() -> dict[str, object]:
    """The DCAT catalogue of the atlas: all entries, in every format, and the programming interface."""
    filters = Filters()
    about, changed = about_of(filters), queries_export.last_change(filters)
    files = [
        Distribution(
            _(one.label),
            settings.SITE_ADDRESS + address_of(one.code, filters),
            one.media_type,
            one.file_type,
            one.conforms_to,
        )
        for one in FORMATS.values()
    ]
    files.append(
        Distribution(
            _("Interface pour les programmes (OpenAPI)"),
            f"{settings.SITE_ADDRESS}/api/v1/openapi.json",
            "application/json",
            is_service=True,
        )
    )
    words = (_("initiatives"), _("lieux"), _("médiation numérique"), _("quartiers prioritaires"), _("inclusion"))
    entries = DataSet(
        f"{settings.SITE_ADDRESS}{reverse('atlas:list')}",
        about,
        words,
        tuple(files),
        changed.isoformat() if changed else "",
    )
    return dcat(f"{settings.SITE_ADDRESS}{reverse('atlas:catalogue')}", _("Données de Maillage"), [entries])
