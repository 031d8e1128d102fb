"""Loads of indicators: one transaction, one journal line, the same file twice changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.intake.territory_columns import commune_names_of
from maillage.core.journal.actions import record
from maillage.core.people.models import Person
from maillage.core.places.actions import put_territories, shaped, territories_changed
from maillage.core.places.cited import parents_of
from maillage.core.places.models import ContourQuality, Territory, TerritoryKind
from maillage.core.places.queries import communes_named
from maillage.core.search.sort_keys import sort_key
from maillage.rooms.observatory.indicators_check import About, Checked, NewTerritory, Value, checked
from maillage.rooms.observatory.indicators_columns import ColumnPlan, Line, planned
from maillage.rooms.observatory.indicators_dictionary import lines_of
from maillage.rooms.observatory.indicators_files import Sheet, sheet_of
from maillage.rooms.observatory.models_indicators import Indicator, IndicatorLoad, IndicatorValue, Method
from maillage.rooms.observatory.queries_loads import known_territories, merged_territories

MOST_REJECTS_KEPT = 20_000
CORRECTED = frozenset({"role", "code", "label", "nature", "unit", "direction", "scale", "weight", "topic"})


@dataclass(frozen=True)
class LoadOptions:
    """What a person says of a file. `vintage` is the year that its figures describe, 0 when the source does not say it."""

    kind: str
    generation: str
    vintage: int
    source: str
    licence: str
    source_url: str = ""
    prefix: str = ""
    create_territories: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class LoadReport:
    """What a load did, or would do. `load_id` is 0 for a trial."""

    load_id: int
    rows_in: int
    rows_kept: int
    created: int
    changed: int
    unchanged: int
    removed: int
    rejects: tuple[dict[str, object], ...]
    remarks: tuple[str, ...]
    indicators: tuple[str, ...]
    territories_created: int = 0
    is_dry_run: bool = False

    def lines(self) -> list[str]:
        """The report as a person reads it on a terminal."""
        counts = _("{created} valeurs nouvelles, {changed} changées, {unchanged} identiques, {removed} retirées")
        found = [
            _("{rows} lignes lues, {kept} gardées, {rejects} refus").format(
                rows=self.rows_in, kept=self.rows_kept, rejects=len(self.rejects)
            ),
            counts.format(**{name: getattr(self, name) for name in ("created", "changed", "unchanged", "removed")}),
            _("Indicateurs : {codes}").format(codes=", ".join(self.indicators)),
        ]
        if self.territories_created:
            found.append(_("{n} territoires créés sans contour officiel").format(n=self.territories_created))
        found += self.remarks
        found += [_("ligne {row}, {column} : « {value} » — {reason}").format(**one) for one in self.rejects[:20]]
        if self.is_dry_run:
            found.append(_("Essai : rien n’a été enregistré."))
        return found


@dataclass
class _Done:
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    territories: int = 0


class _Undo(Exception):
    """Rolls a trial back."""


@dataclass(frozen=True)
class Given:
    """A file ready to be loaded: what was read, what its columns are taken for, and its mark."""

    name: str
    sheet: Sheet
    plans: tuple[ColumnPlan, ...]
    digest: str
    extra: Mapping[str, str] = field(default_factory=dict)


def given_file(path: Path, options: LoadOptions, *, name: str = "", dictionary: Path | None = None) -> Given:
    """Reads a file and guesses what its columns mean; raises Invalid when it is not a table of this kind of territory."""
    if options.kind not in TerritoryKind.values:
        raise Invalid(_("Sorte de territoire inconnue : {kind}.").format(kind=options.kind))
    for one in (path, dictionary):
        if one is not None and not one.is_file():
            raise Invalid(_("Le fichier {path} n’existe pas.").format(path=one))
    lines: dict[str, Line] = lines_of(sheet_of(dictionary)) if dictionary else {}
    sheet = sheet_of(path)
    if not sheet.rows:
        raise Invalid(_("Le fichier ne contient aucune ligne."))
    mark = hashlib.sha256(path.read_bytes())
    mark.update(dictionary.read_bytes() if dictionary else b"")
    return Given(name or path.name, sheet, tuple(planned(sheet, options.kind, lines, options.prefix)), mark.hexdigest())


def load_indicators(*, given: Given, options: LoadOptions, actor: Person | None = None) -> LoadReport:
    """Keeps the figures of a file, all that may be or nothing; the same file again changes nothing.

    Raises Invalid when the file is refused whole, or when one of its codes already names another indicator.
    """
    _check_options(options)
    done, kept, load_id = _Done(), Checked(), 0
    try:
        with transaction.atomic():
            kept = _checked(given, options)
            load_id = _applied(given, options, kept, done, actor)
            if options.dry_run:
                raise _Undo
    except _Undo:
        load_id = 0
    return _report(given, options, kept, done, load_id)


def _check_options(options: LoadOptions) -> None:
    faults: dict[str, list[str]] = {}
    if not options.source.strip():
        faults["source"] = [_("Dites qui publie ces chiffres.")]
    if not options.licence.strip():
        faults["licence"] = [_("Dites sous quelle licence ils sont publiés.")]
    if options.kind == "qpv" and not options.generation:
        faults["generation"] = [_("Dites de quelle liste de quartiers il s’agit : 2015 ou 2024.")]
    if options.vintage and not 1900 <= options.vintage <= timezone.localdate().year + 1:
        faults["vintage"] = [_("Cette année n’est pas possible.")]
    if faults:
        raise Invalid(_("Il manque de quoi dire d’où viennent ces chiffres."), faults)


def _checked(given: Given, options: LoadOptions) -> Checked:
    about = About(options.kind, options.generation, options.vintage)
    column = next((one.name for one in given.plans if one.role == "code"), "")
    codes = {row.cells.get(column, "").strip().upper() for row in given.sheet.rows}
    known = known_territories(options.kind, options.generation, codes)
    merged = merged_territories(options.kind, codes - set(known))
    return checked(given.sheet, given.plans, about, known, may_create=options.create_territories, merged=merged)


def _applied(given: Given, options: LoadOptions, kept: Checked, done: _Done, actor: Person | None) -> int:
    if kept.new:
        done.territories = _create_territories(kept.new, options)
    indicators = put_indicators([one for one in given.plans if one.role == "indicator"], options)
    load = IndicatorLoad(
        file_name=given.name[:200], digest=given.digest, source_text=options.source[:300],
        licence=options.licence[:80], kind=options.kind, generation=options.generation,
        rows_in=len(given.sheet.rows), rows_kept=kept.rows_kept,
        rejects=[asdict(one) for one in kept.rejects[:MOST_REJECTS_KEPT]],
    )  # fmt: skip
    stored = _stored(indicators, options, kept.values, kept.empties)
    changes = _changes(kept.values, stored, indicators, done)
    gone = [stored[key].pk for key in kept.empties if key in stored]
    done.removed = len(gone)
    if not changes and not gone and (before := _same_load(load)):
        return before
    load.report = {
        "created": done.created, "changed": done.changed, "unchanged": done.unchanged, "removed": done.removed,
        "territories": done.territories, "indicators": sorted(indicators), "vintage": options.vintage,
        "remarks": [*given.sheet.remarks, *kept.remarks], "rejects": len(kept.rejects),
    }  # fmt: skip
    load.save()
    IndicatorValue.objects.filter(pk__in=gone).delete()
    _write(changes, indicators, options, load)
    record(
        action="observatory.indicators_loaded", subject=f"observatory:load:{load.pk}", actor=actor,
        details={"kind": options.kind, "generation": options.generation, "rows": kept.rows_kept,
                 "values": done.created + done.changed, "rejects": len(kept.rejects)},
    )  # fmt: skip
    return int(load.pk)


def _same_load(load: IndicatorLoad) -> int:
    """The earlier load of the same file; nothing has changed since."""
    same = IndicatorLoad.objects.filter(digest=load.digest, kind=load.kind, generation=load.generation)
    return same.order_by("-pk").values_list("pk", flat=True).first() or 0


def put_indicators(plans: Sequence[ColumnPlan], options: LoadOptions) -> dict[str, Indicator]:
    """The lines of the dictionary that these columns need, made where they are missing.

    A code that already names another indicator is refused: two sources would be mixed silently.
    """
    found = {one.code: one for one in Indicator.objects.filter(code__in=[plan.code for plan in plans])}
    clash = [plan for plan in plans if plan.code in found and not _is_same(plan, found[plan.code])]
    if clash:
        told = "; ".join(f"{one.name} → {one.code} (« {found[one.code].label} »)" for one in clash[:5])
        raise Invalid(
            _(
                "Ces codes désignent déjà d’autres indicateurs : {told}. Donnez un préfixe, par exemple le nom de la "
                "source, ou changez le code de ces colonnes."
            ).format(told=told)
        )
    made = [_indicator(plan, options) for plan in plans if plan.code not in found]
    for one in Indicator.objects.bulk_create(made):
        found[one.code] = one
    return found


def _is_same(plan: ColumnPlan, stored: Indicator) -> bool:
    """The same label and nature; a column without a dictionary (its label is its name) takes the stored words."""
    has_own_words = plan.label not in {"", plan.name}
    return not has_own_words or (plan.label == stored.label and plan.nature == stored.nature)


def _indicator(plan: ColumnPlan, options: LoadOptions) -> Indicator:
    label = plan.label or plan.name
    return Indicator(
        code=plan.code, label=label[:160], definition=plan.definition, topic=plan.topic, nature=plan.nature,
        unit=plan.unit, decimals=plan.decimals, direction=plan.direction, weight_code=plan.weight,
        source_text=(plan.source or options.source)[:300], source_url=options.source_url, licence=options.licence[:80],
        sort_key=sort_key(label),
    )  # fmt: skip


_Key = tuple[str, str, int]


def _stored(
    indicators: Mapping[str, Indicator], options: LoadOptions, values: Sequence[Value], empties: Sequence[_Key]
) -> dict[_Key, IndicatorValue]:
    codes = {one.code for one in values} | {key[1] for key in empties}
    rows = IndicatorValue.objects.filter(
        indicator__in=indicators.values(), kind=options.kind, generation=options.generation,
        method=Method.PUBLISHED, code__in=codes,
    ).order_by("pk")  # fmt: skip
    names = {one.pk: code for code, one in indicators.items()}
    return {(names[row.indicator_id], row.code, row.vintage): row for row in rows}


def _changes(
    values: Sequence[Value], stored: Mapping[_Key, IndicatorValue], indicators: Mapping[str, Indicator], done: _Done
) -> list[Value]:
    changes = []
    for one in values:
        old = stored.get((one.indicator, one.code, one.vintage))
        if old is not None and (old.value, old.low, old.high) == (one.value, one.low, one.high):
            done.unchanged += 1
            continue
        done.created, done.changed = done.created + (old is None), done.changed + (old is not None)
        changes.append(one)
    return changes


def _write(
    values: Sequence[Value], indicators: Mapping[str, Indicator], options: LoadOptions, load: IndicatorLoad
) -> None:
    rows = [
        IndicatorValue(
            indicator=indicators[one.indicator], kind=options.kind, code=one.code, generation=options.generation,
            vintage=one.vintage, value=one.value, low=one.low, high=one.high, method=Method.PUBLISHED, load=load,
        )
        for one in values
    ]  # fmt: skip
    write_values(rows)


def write_values(rows: Sequence[IndicatorValue]) -> None:
    """Writes figures over those of the same indicator, territory, vintage and method."""
    IndicatorValue.objects.bulk_create(
        rows, batch_size=2000, update_conflicts=True,
        unique_fields=["indicator", "kind", "code", "generation", "vintage", "method"],
        update_fields=["value", "low", "high", "method_note", "load"],
    )  # fmt: skip


def _create_territories(new: Sequence[NewTerritory], options: LoadOptions) -> int:
    """Territories that only the file knows; a contour that it gives is kept as simplified, never as official."""
    rows = []
    for one in {one.code: one for one in new}.values():
        row = Territory(
            kind=options.kind, code=one.code, generation=options.generation, name=(one.name or one.code)[:200]
        )
        row.source_text, row.source_url, row.licence = options.source, options.source_url, options.licence[:80]
        row.sort_key = sort_key(row.name)
        departement = one.code[2:5].removeprefix("0") if options.kind == "qpv" else ""
        names = commune_names_of(one.commune_names)
        row.parent_codes = parents_of(tuple(communes_named(names, departement))) or (
            [f"departement:{departement}"] if departement else []
        )
        if one.shape is not None:
            row = shaped(row, one.shape, ContourQuality.SIMPLIFIED, 50.0)
        rows.append(row)
    put = put_territories(rows)
    territories_changed()
    return int(put.written)


def _report(given: Given, options: LoadOptions, kept: Checked, done: _Done, load_id: int) -> LoadReport:
    return LoadReport(
        load_id=load_id, rows_in=len(given.sheet.rows), rows_kept=kept.rows_kept, created=done.created,
        changed=done.changed, unchanged=done.unchanged, removed=done.removed,
        rejects=tuple(asdict(one) for one in kept.rejects), remarks=(*given.sheet.remarks, *kept.remarks),
        indicators=tuple(one.code for one in given.plans if one.role == "indicator"),
        territories_created=done.territories, is_dry_run=options.dry_run,
    )  # fmt: skip


def with_plans(given: Given, changes: Mapping[str, Mapping[str, str]]) -> Given:
    """The same file with what a person corrected: {column: {role, code, label, nature, unit, direction, scale}}."""
    plans = tuple(replace(one, **words_of(changes.get(one.name, {}))) for one in given.plans)
    return replace(given, plans=plans)


def words_of(change: Mapping[str, str]) -> dict[str, Any]:
    """Only what a person may correct."""
    return {name: value for name, value in change.items() if name in CORRECTED}
