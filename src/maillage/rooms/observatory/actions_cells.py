"""Sets of cells loaded, and brought to territories: one transaction, one journal line, nothing half-written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import shapely
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.journal.actions import Detail, record
from maillage.core.people.models import Person
from maillage.core.places.models import Territory
from maillage.rooms.observatory.actions_indicators import LoadOptions, put_indicators, words_of, write_values
from maillage.rooms.observatory.indicators_cells import Cells, Made, brought, packed, packed_shapes
from maillage.rooms.observatory.indicators_columns import ColumnPlan, Line, code_for, figure_plans
from maillage.rooms.observatory.indicators_dictionary import lines_of
from maillage.rooms.observatory.indicators_files import Sheet, SheetRow, sheet_of
from maillage.rooms.observatory.indicators_numbers import read_cell, scale_of
from maillage.rooms.observatory.models_indicators import CellSet, IndicatorValue
from maillage.rooms.observatory.queries_cells import cell_set, cells_of, targets_in

WORDS = ("code", "label", "definition", "nature", "unit", "decimals", "direction", "topic", "weight", "source")


@dataclass(frozen=True)
class CellOptions:
    """What a person says of a file of cells; `inhabited_only` when ground without a cell has no people."""

    name: str
    vintage: int
    source: str
    licence: str
    source_url: str = ""
    layer: str = ""
    prefix: str = ""
    inhabited_only: bool = False
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class BroughtReport:
    """What was brought to which territories: by indicator, how many values, or why none."""

    territories: int
    lines: tuple[tuple[str, int, int, str], ...]  # code, values, not covered enough, reason of refusal
    changed: int

    def told(self) -> list[str]:
        """The report as a person reads it on a terminal."""
        found = [_("{n} territoires touchent ces mailles").format(n=self.territories)]
        for code, kept, left, why in self.lines:
            told = _("{n} valeurs, {left} territoires trop peu couverts (laissés sans valeur)").format(
                n=kept, left=left
            )
            found.append(f"{code} : {why or told}")
        return [*found, _("{n} valeurs nouvelles ou changées").format(n=self.changed)]


def load_cells(
    *, path: Path, options: CellOptions, dictionary: Path | None = None, actor: Person | None = None
) -> CellSet:
    """Keeps a file of polygons with figures as a set; the same file again changes nothing. Raises Invalid."""
    if not path.is_file():
        raise Invalid(_("Le fichier {path} n’existe pas.").format(path=path))
    if not options.source.strip() or not options.licence.strip():
        raise Invalid(_("Dites qui publie ces mailles, et sous quelle licence."))
    sheet = sheet_of(path, options.layer)
    lines = lines_of(sheet_of(dictionary)) if dictionary else {}
    rows = [row for row in sheet.rows if row.shape is not None]
    if not rows:
        raise Invalid(_("Le fichier ne contient aucun contour : ce n’est pas un fichier de mailles."))
    plans = _plans(sheet, lines, options)
    digest = hashlib.sha256(path.read_bytes() + repr((options, sorted(lines))).encode()).hexdigest()
    code = slugify(options.name)[:60]
    stored = CellSet.objects.filter(code=code).first()
    if stored is not None and stored.digest == digest:
        return stored
    with transaction.atomic():
        row = _set(stored or CellSet(code=code), rows, plans, (sheet, options))
        row.digest = digest
        row.save()
        record(action="observatory.cells_loaded", subject=f"observatory:cells:{row.pk}", actor=actor,
               details={"cells": row.cells, "columns": len(plans), "refused": len(sheet.refused)})  # fmt: skip
    return row


def _plans(sheet: Sheet, lines: Mapping[str, Line], options: CellOptions) -> list[ColumnPlan]:
    unknown = [name for name in options.columns if name not in sheet.columns]
    if unknown:
        found = ", ".join(sheet.columns[:30])
        raise Invalid(_("La colonne « {name} » n’existe pas. Colonnes : {found}.").format(name=unknown[0], found=found))
    made = [
        replace(one, **words_of(options.columns.get(one.name, {})))
        for one in figure_plans(sheet, lines, options.prefix)
    ]
    kept = [one for one in made if one.role == "indicator"]
    if not kept:
        raise Invalid(_("Aucune colonne n’est prise comme indicateur : il n’y a rien à charger."))
    codes = {one.code for one in kept}
    # A denominator is told by the name of its column; where it is one of the set, by its code.
    weighed = [replace(one, weight=_weight(one.weight, options.prefix, codes)) for one in kept]
    lost = [one.name for one in weighed if one.weight and one.weight not in codes]
    if lost:
        raise Invalid(_("Le dénominateur de « {name} » n’est pas une colonne chargée.").format(name=lost[0]))
    return weighed


def _weight(told: str, prefix: str, codes: set[str]) -> str:
    return told if not told or told in codes else code_for(told, prefix)


def _set(
    row: CellSet, rows: Sequence[SheetRow], plans: Sequence[ColumnPlan], told: tuple[Sheet, CellOptions]
) -> CellSet:
    sheet, options = told
    shapes = np.array([one.shape for one in rows], dtype=object)
    figures = np.full((len(rows), len(plans)), np.nan)
    remarks = [*sheet.remarks]
    for place, plan in enumerate(plans):
        reads = [read_cell(one.cells.get(plan.name, "")) for one in rows]
        scale = scale_of(reads, is_percent=plan.is_percent, chosen=plan.scale)
        figures[:, place] = [np.nan if one.value is None else one.value * scale.factor for one in reads]
        faults = sum(bool(one.fault) for one in reads)
        remarks += [f"{plan.name} : {scale.told}."] if scale.told else []
        remarks += (
            [_("{name} : {n} cellules ne sont pas des nombres.").format(name=plan.name, n=faults)] if faults else []
        )
    if sheet.refused:
        remarks.append(_("{n} mailles au contour inutilisable sont laissées.").format(n=len(sheet.refused)))
    row.name, row.vintage, row.cells, row.remarks = options.name[:160], options.vintage, len(rows), remarks
    row.source_text, row.source_url, row.licence = options.source[:300], options.source_url, options.licence[:80]
    row.columns = [
        {name: asdict(plan)[name] for name in WORDS} | {"inhabited_only": options.inhabited_only} for plan in plans
    ]
    row.shapes, row.figures = packed_shapes(shapes), packed(figures)
    row.west, row.south, row.east, row.north = (float(one) for one in shapely.total_bounds(shapes))
    return row


def bring_cells(
    *, cells: str, kind: str, generation: str, approximate_medians: bool = False, finer: str = "",
    actor: Person | None = None,
) -> BroughtReport:  # fmt: skip
    """Brings every figure of a set to the territories of a kind and generation, each as its nature allows.

    A territory covered under nine tenths gets no value, and loses the one it had of this method and year. Raises Missing,
    and Invalid when no territory with a contour touches the set.
    """
    row = cell_set(cells)
    territories, shapes = targets_in(row, kind, generation)
    if not territories:
        raise Invalid(
            _("Aucun territoire de cette sorte, avec un contour, ne touche ces mailles. Chargez d’abord les contours.")
        )
    fine: Cells | None = cells_of(cell_set(finer)) if finer else None
    made = brought(cells_of(row), shapes, approximate_medians=approximate_medians, finer=fine)
    with transaction.atomic():
        changed = _write(row, territories, made)
        if changed:
            told: dict[str, Detail] = {
                "kind": kind,
                "generation": generation,
                "territories": len(territories),
                "values": changed,
            }
            subject = f"observatory:cells:{row.pk}"
            record(action="observatory.cells_brought", subject=subject, actor=actor, details=told)
    lines = tuple(
        (one.code, kept, len(territories) - kept, one.refused)
        for one in made
        for kept in [int(np.isfinite(one.result.value).sum()) if one.result else 0]
    )
    return BroughtReport(len(territories), lines, changed)


def _write(row: CellSet, territories: Sequence[Territory], made: Sequence[Made]) -> int:
    """Writes what differs; returns how many values were new, changed or taken away."""
    good = [one for one in made if one.result is not None]
    indicators = put_indicators(
        [ColumnPlan(name=one["code"], role="indicator", **{word: one[word] for word in WORDS})
         for one in row.columns if one["code"] in {one.code for one in good}],
        LoadOptions("custom", "", row.vintage, row.source_text, row.licence, row.source_url),
    )  # fmt: skip
    first = territories[0]
    stored = {
        (one.indicator_id, one.code, one.method): one
        for one in IndicatorValue.objects.filter(
            indicator__in=indicators.values(), kind=first.kind, generation=first.generation, vintage=row.vintage,
            code__in=[place.code for place in territories], method__in=["area", "population"],
        ).order_by("pk")
    }  # fmt: skip
    fresh = [value for one in good for value in _values(row, territories, one, indicators[one.code].pk)]
    keys = {(one.indicator_id, one.code, one.method) for one in fresh}
    gone = [old.pk for key, old in stored.items() if key not in keys]
    changed = [one for one in fresh if _differs(one, stored.get((one.indicator_id, one.code, one.method)))]
    IndicatorValue.objects.filter(pk__in=gone).delete()
    write_values(changed)
    return len(changed) + len(gone)


def _differs(new: IndicatorValue, old: IndicatorValue | None) -> bool:
    names = ("value", "low", "high", "method_note")
    return old is None or any(getattr(new, name) != getattr(old, name) for name in names)


def _values(row: CellSet, territories: Sequence[Territory], made: Made, indicator: int) -> list[IndicatorValue]:
    result = made.result
    if result is None:
        return []
    found = []
    for place, territory in enumerate(territories):
        value, low, high = (round(float(one[place]), 6) for one in (result.value, result.low, result.high))
        if not np.isfinite(value):
            continue
        note = _("Depuis « {name} » : {how} ; {percent} % du territoire est couvert.").format(
            name=row.name, how=made.note, percent=round(100 * float(result.coverage[place]))
        )
        found.append(IndicatorValue(
            indicator_id=indicator, kind=territory.kind, code=territory.code, generation=territory.generation,
            vintage=row.vintage, value=value, low=min(low, value), high=max(high, value), method=made.method,
            method_note=note[:300],
        ))  # fmt: skip
    return found
