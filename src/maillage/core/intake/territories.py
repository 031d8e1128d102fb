"""`maillage intake territories FILE|URL`: official contours loaded whole or not at all, each refused row said with its reason."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import shapely
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.errors import Invalid
from maillage.core.intake.models import Reject, Run, Source
from maillage.core.intake.territory_columns import (
    Columns,
    columns_of,
    commune_codes_of,
    commune_names_of,
    generation_of,
    is_code,
    number_of,
    text_of,
)
from maillage.core.intake.territory_files import Feature, features_in
from maillage.core.intake.territory_report import Options, Refusal, Report, is_address, stem_of, write_refusals
from maillage.core.intake.territory_shapes import Mended, Reading, Unusable, mended, overlaps, reading_of, rounding_m
from maillage.core.outside.fetch import fetch
from maillage.core.places.actions import Put, put_territories, shaped, territories_changed
from maillage.core.places.cited import parents_of
from maillage.core.places.models import ContourCoverage, ContourQuality, Territory, TerritoryKind
from maillage.core.places.queries import communes_named, territory_names

__all__ = ["Options", "Report", "intake_territories"]

MAX_DOWNLOAD_BYTES = 300_000_000
COARSEST_OFFICIAL_M = 25.0  # beyond this rounding a contour is called simplified, whoever published it


@dataclass
class _Load:
    """The running state of one load."""

    options: Options
    columns: Columns
    reading: Reading
    generation: str
    tolerance_m: float
    refusals: list[Refusal] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    repaired: int = 0


class _Undo(Exception):
    """Rolls a dry run back."""


def intake_territories(source: str, options: Options) -> Report:
    """Loads the contours of a file or an http(s) address; idempotent, nothing half-applied.

    Rows that cannot be taken are written to a rejects file and the rest is kept; raises Invalid when the whole file is
    refused (unreadable, no code column, another generation, another country).
    """
    if options.kind not in TerritoryKind.values:
        raise Invalid(_("Sorte de territoire inconnue : {kind}.").format(kind=options.kind))
    if not is_address(source):
        return _from_path(Path(source), source, options)
    fetched = fetch(source, max_bytes=MAX_DOWNLOAD_BYTES, timeout=120)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "download"
        path.write_bytes(fetched.content)
        return _from_path(path, source, options)


def _from_path(path: Path, source: str, options: Options) -> Report:
    if not path.is_file():
        raise Invalid(_("Le fichier {path} n’existe pas.").format(path=source))
    file = features_in(path)
    if not file.features:
        raise Invalid(_("Le fichier ne contient aucun territoire."))
    names = list(dict.fromkeys(name for one in file.features for name in one.properties))
    columns = columns_of(names, options.code_field, options.name_field)
    shapes = [one.shape for one in file.features]
    reading = reading_of(shapes, file.crs)
    tolerance = rounding_m([shape for shape in shapes if shape is not None], reading)
    load = _Load(options, columns, reading, _generation(file.features, columns, options), tolerance)
    _remark_on_reading(load, file.format)
    rows = _rows(load, file.features)
    if not rows:
        raise Invalid(_("Aucune ligne du fichier ne peut être prise.") + " " + _reasons(load.refusals))
    _remark_on_overlaps(load, rows)
    return _applied(load, rows, source, len(file.features))


def _reasons(refusals: Sequence[Refusal]) -> str:
    most = Counter(one.reason for one in refusals).most_common(3)
    return " ".join(f"{reason} ({count})" for reason, count in most)


def _generation(features: Sequence[Feature], columns: Columns, options: Options) -> str:
    """The generation in force for the file: as said by the user, who is checked against the codes, or told by these."""
    told = Counter(generation_of(text_of(one.properties.get(columns.code)).upper()) for one in features)
    del told[""]
    if options.kind != "qpv":
        return options.generation
    most = told.most_common(1)[0][0] if told else ""
    if options.generation and most and not told[options.generation]:
        message = _("Ces codes sont ceux des quartiers de {found}, pas de {said} (QP… : 2015, QN… : 2024).")
        raise Invalid(message.format(found=most, said=options.generation))
    if not options.generation and not most:
        raise Invalid(
            _("Aucun code de quartier prioritaire (QP… ou QN…) dans la colonne « {name} ».").format(name=columns.code)
        )
    return options.generation or most


def _remark_on_reading(load: _Load, format_: str) -> None:
    columns = load.columns
    said = ", ".join(f"{meaning} = {name}" for meaning, name in columns.__dict__.items() if name)
    load.remarks.append(_("Format {format} ; colonnes : {columns}.").format(format=format_, columns=said))
    if load.reading.remark:
        load.remarks.append(load.reading.remark)
    if load.tolerance_m > 1:
        message = _("Coordonnées arrondies : un point à moins de {metres:.0f} m d’une limite restera indéterminé.")
        load.remarks.append(message.format(metres=load.tolerance_m))


def _remark_on_overlaps(load: _Load, rows: Sequence[Territory]) -> None:
    if load.repaired:
        told = ngettext("{n} contour invalide a été réparé.", "{n} contours invalides ont été réparés.", load.repaired)
        load.remarks.append(told.format(n=load.repaired))
    shapes = [shapely.from_wkb(bytes(row.contour or b"")) for row in rows]
    for one, other, shared in overlaps(shapes):
        message = _("{one} et {other} se recouvrent sur {area:.0f} m².")
        load.remarks.append(message.format(one=rows[one].code, other=rows[other].code, area=shared))


def _rows(load: _Load, features: Sequence[Feature]) -> list[Territory]:
    kept: dict[str, Territory] = {}
    first: dict[str, int] = {}
    for feature in features:
        code = text_of(feature.properties.get(load.columns.code)).upper()
        refusal = _code_refusal(load, code, first)
        if refusal:
            _refuse(load, feature, load.columns.code, refusal)
            continue
        first[code] = feature.number
        try:
            kept[code] = _row(load, feature, code)
        except Unusable as fault:
            _refuse(load, feature, "geometry", str(fault))
    return list(kept.values())


def _refuse(load: _Load, feature: Feature, column: str, reason: str) -> None:
    row = dict(list(feature.properties.items())[:40])
    load.refusals.append(Refusal(feature.number, column, reason, row))


def _code_refusal(load: _Load, code: str, first: dict[str, int]) -> str:
    if not code:
        return _("Code absent.")
    if not is_code(load.options.kind, code):
        return _("« {code} » n’a pas la forme d’un code de {kind}.").format(code=code[:40], kind=load.options.kind)
    if load.options.kind == "qpv" and generation_of(code) != load.generation:
        message = _("« {code} » est un quartier de {found}, pas de {wanted}.")
        return message.format(code=code, found=generation_of(code), wanted=load.generation)
    if code in first:
        return _("« {code} » est déjà à la ligne {line}.").format(code=code, line=first[code])
    return ""


def _row(load: _Load, feature: Feature, code: str) -> Territory:
    if feature.shape is None:
        raise Unusable(feature.fault or _("Contour absent."))
    fit = mended(feature.shape, load.reading)
    load.repaired += bool(fit.note)
    options, properties, columns = load.options, feature.properties, load.columns
    territory = Territory(kind=options.kind, code=code, generation=load.generation)
    territory.name = text_of(properties.get(columns.name))[:200] or code
    territory.parent_codes = _parents(load, properties, code)
    territory.licence, territory.source_text = options.licence, options.source_name
    _count_people(load, feature, territory)
    return _contoured(load, territory, fit)


def _contoured(load: _Load, territory: Territory, fit: Mended) -> Territory:
    is_fine = load.tolerance_m <= COARSEST_OFFICIAL_M
    quality = ContourQuality.OFFICIAL if is_fine else ContourQuality.SIMPLIFIED
    territory.contour_note = fit.note[:300]
    return shaped(territory, fit.shape, quality, load.tolerance_m)


def _count_people(load: _Load, feature: Feature, territory: Territory) -> None:
    """The population of the row; one that is no number is told, and does not cost the contour."""
    value = feature.properties.get(load.columns.population)
    try:
        territory.population = number_of(value)
    except ValueError:
        message = _("ligne {n} : population « {value} » non comprise, laissée vide.")
        load.remarks.append(message.format(n=feature.number, value=text_of(value)[:40]))
    if territory.population is not None:
        territory.population_source = load.options.source_name[:200]


def _parents(load: _Load, properties: dict[str, object], code: str) -> list[str]:
    """What holds it: communes by their codes, else by their names in the département that the code tells."""
    if codes := commune_codes_of(properties.get(load.columns.communes)):
        return parents_of(codes)
    departement = code[2:5].removeprefix("0") if load.options.kind == "qpv" else ""
    names = commune_names_of(properties.get(load.columns.commune_names))
    return parents_of(tuple(communes_named(names, departement))) or (
        [f"departement:{departement}"] if departement else []
    )


def _applied(load: _Load, rows: list[Territory], source: str, rows_in: int) -> Report:
    put = Put()
    complete: tuple[str, ...] = ()
    try:
        with transaction.atomic():
            record = _source(source, load)
            for row in rows:
                row.source_text, row.source_url, row.licence = record.name, record.url, record.licence
            put = _put(rows)
            complete, is_new = _completed(load, rows)
            if put.written or is_new:
                territories_changed()
            _recorded(record, load, put, rows_in)
            if load.options.dry_run:
                raise _Undo
    except _Undo:
        pass
    path = write_refusals(load.refusals, source, load.options.rejects_folder)
    return Report(
        load.options.kind, load.generation, rows_in, put.created, put.changed, put.unchanged, tuple(load.refusals),
        tuple(load.remarks), complete, path, load.options.dry_run,
    )  # fmt: skip


def _put(rows: list[Territory]) -> Put:
    """Writes the rows; what an earlier source said and this one does not (population, name, communes) is kept."""
    stored = {row.code: row for row in Territory.objects.filter(
        kind=rows[0].kind, generation=rows[0].generation, code__in=[row.code for row in rows])}  # fmt: skip
    for row in rows:
        old = stored.get(row.code)
        if old is None:
            continue
        if row.population is None:
            row.population, row.population_on = old.population, old.population_on
            row.population_source = old.population_source
        if row.name == row.code:
            row.name, row.sort_key = old.name, old.sort_key
        row.parent_codes = row.parent_codes if any("commune:" in one for one in row.parent_codes) else old.parent_codes
        row.former_codes, row.postcodes = old.former_codes, old.postcodes
        row.valid_from, row.valid_until = old.valid_from, old.valid_until
    return put_territories(rows)


def _completed(load: _Load, rows: Sequence[Territory]) -> tuple[tuple[str, ...], bool]:
    """Records that the contours are complete for the areas said, unless rows were refused or known ones are missing."""
    areas, is_new = [], False
    for area in load.options.complete_for:
        if area != "france" and not territory_names([area]):
            raise Invalid(
                _("Territoire inconnu : {area}. Écrivez par exemple epci:200046977, ou france.").format(area=area)
            )
        if why := _incomplete(load, area):
            load.remarks.append(_("Non dit complet pour {area} : {why}").format(area=area, why=why))
            continue
        stated = f"{load.options.source_name or _('fichier chargé')}, {timezone.localdate():%Y-%m-%d}"
        keys = {"kind": load.options.kind, "generation": load.generation, "area": area}
        _row, created = ContourCoverage.objects.get_or_create(**keys, defaults={"stated_by": stated[:200]})
        areas.append(area)
        is_new = is_new or created
    return tuple(areas), is_new


def _incomplete(load: _Load, area: str) -> str:
    if load.refusals:
        return _("{n} lignes ont été refusées.").format(n=len(load.refusals))
    known = Territory.objects.filter(kind=load.options.kind, generation=load.generation).exclude(
        contour_quality="official"
    )
    if area != "france":
        known = known.filter(parent_codes__contains=[area])
    missing = list(known.order_by("code").values_list("code", flat=True)[:10])
    return _("contour absent pour {codes}.").format(codes=", ".join(missing)) if missing else ""


def _source(source: str, load: _Load) -> Source:
    options = load.options
    record, _created = Source.objects.update_or_create(
        code=slugify(f"territoires-{options.kind}-{load.generation}-{stem_of(source)}")[:80],
        defaults={
            "name": (options.source_name or stem_of(source))[:200],
            "url": source[:500] if is_address(source) else "",
            "licence": options.licence[:80],
            "published_on": options.published_on[:10],
            "checked_at": timezone.now(),
            "mapping": {name: value for name, value in load.columns.__dict__.items() if value},
        },
    )
    return record


def _recorded(record: Source, load: _Load, put: Put, rows_in: int) -> None:
    run = Run.objects.create(
        source=record, ended_at=timezone.now(), rows_in=rows_in, kept=put.written, unchanged=put.unchanged,
        rejected=len(load.refusals), note="\n".join(load.remarks),
    )  # fmt: skip
    Reject.objects.bulk_create(
        Reject(run=run, row_number=one.number, column=one.column[:120], reason=one.reason, row=one.row)
        for one in load.refusals
    )
