"""Rows of an indicator file held against the territories that exist: what may be kept, what is refused and why. No database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.errors import Invalid
from maillage.core.intake.territory_columns import generation_of, is_code
from maillage.rooms.observatory.indicators_columns import ColumnPlan
from maillage.rooms.observatory.indicators_files import Sheet, SheetRow, overlaps_told
from maillage.rooms.observatory.indicators_numbers import Read, Scale, missing_told, read_cell, scale_of

FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True)
class Known:
    """A territory that is loaded; `ended` when it no longer exists."""

    name: str
    communes: int = 0
    ended: str = ""


@dataclass(frozen=True)
class About:
    """What is said of the whole file."""

    kind: str
    generation: str
    vintage: int


@dataclass(frozen=True)
class Value:
    """A figure to keep."""

    indicator: str
    code: str
    vintage: int
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Reject:
    """A cell or a whole row (`column` is "") that is not kept."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class NewTerritory:
    """A territory that the file names and nothing knows."""

    code: str
    name: str
    commune_names: str
    shape: shapely.Geometry | None


@dataclass
class Checked:
    """What may be kept of a file; `empties` are the (indicator, territory, vintage) that it leaves without a figure."""

    values: list[Value] = field(default_factory=list)
    empties: list[tuple[str, str, int]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    new: list[NewTerritory] = field(default_factory=list)
    rows_kept: int = 0


@dataclass(frozen=True)
class _Column:
    plan: ColumnPlan
    reads: list[Read]
    scale: Scale


@dataclass
class _Work:
    """What the rows are read with."""

    about: About
    plans: Sequence[ColumnPlan]
    known: Mapping[str, Known]
    may_create: bool
    columns: list[_Column]
    merged: Mapping[str, str]
    first: dict[tuple[str, int], int] = field(default_factory=dict)
    done: Checked = field(default_factory=Checked)

    def named(self, role: str) -> str:
        """The column of a role, "" when there is none."""
        return next((one.name for one in self.plans if one.role == role), "")


def checked(
    sheet: Sheet, plans: Sequence[ColumnPlan], about: About, known: Mapping[str, Known], *,
    may_create: bool = False, merged: Mapping[str, str] | None = None,
) -> Checked:  # fmt: skip
    """The figures of a sheet that may be kept, and everything else with its reason.

    `merged` leads from codes that no longer exist to the territory that took them in. Raises Invalid when the file as a
    whole is not what it is said to be: no code, no figure, another generation, two columns for one indicator.
    """
    _check_plans(plans)
    code_column = next(one.name for one in plans if one.role == "code")
    _check_generation([row.cells.get(code_column, "") for row in sheet.rows], about)
    work = _Work(about, plans, known, may_create, _columns(sheet, plans), merged or {})
    for place, row in enumerate(sheet.rows):
        _take(work, row, place, code_column)
    _remark(work, sheet, code_column)
    if not work.done.rows_kept:
        raise Invalid(_("Aucune ligne du fichier ne peut être prise.") + " " + _reasons(work.done.rejects))
    return work.done


def _check_plans(plans: Sequence[ColumnPlan]) -> None:
    roles = Counter(one.role for one in plans)
    if roles["code"] != 1:
        raise Invalid(_("Dites quelle colonne, et une seule, contient le code du territoire."))
    if roles["vintage"] > 1:
        raise Invalid(_("Une seule colonne peut donner l’année."))
    if not roles["indicator"]:
        raise Invalid(_("Aucune colonne n’est prise comme indicateur : il n’y a rien à charger."))
    for role in ("indicator", "low", "high"):
        codes = Counter(one.code for one in plans if one.role == role)
        twice = [code for code, count in codes.items() if count > 1]
        if twice:
            raise Invalid(_("Deux colonnes donneraient le même indicateur : {codes}.").format(codes=", ".join(twice)))
    codes = Counter(one.code for one in plans if one.role == "indicator")
    lost = [one.name for one in plans if one.role in {"low", "high"} and one.code not in codes]
    if lost:
        raise Invalid(_("Ces bornes ne vont avec aucun indicateur chargé : {names}.").format(names=", ".join(lost)))


def _check_generation(codes: Sequence[str], about: About) -> None:
    """A file of the QPV of 2015 given as those of 2024, or the reverse, is refused whole."""
    if about.kind != "qpv":
        return
    told = Counter(generation_of(code.strip().upper()) for code in codes)
    del told[""]
    if told and not told[about.generation]:
        found = told.most_common(1)[0][0]
        raise Invalid(
            _(
                "Ce fichier parle des quartiers de {found}, pas de ceux de {said} : ses codes commencent par {sign}. "
                "Ce sont d’autres quartiers, aux limites différentes. Choisissez la liste de {found}."
            ).format(found=found, said=about.generation or "?", sign="QP" if found == "2015" else "QN")
        )


def _columns(sheet: Sheet, plans: Sequence[ColumnPlan]) -> list[_Column]:
    made = []
    scales: dict[str, Scale] = {}
    for plan in plans:
        if plan.role not in {"indicator", "low", "high"}:
            continue
        reads = [read_cell(row.cells.get(plan.name, "")) for row in sheet.rows]
        if plan.role == "indicator":
            scales[plan.code] = scale_of(reads, is_percent=plan.is_percent, chosen=plan.scale)
        made.append(_Column(plan, reads, Scale()))
    return [_Column(one.plan, one.reads, scales.get(one.plan.code, Scale())) for one in made]


def _take(work: _Work, row: SheetRow, place: int, code_column: str) -> None:
    raw = row.cells.get(code_column, "").strip()
    code = raw.upper()
    vintage, fault = _vintage(work, row)
    reason = fault or _code_fault(work, code, vintage, row.number)
    if reason:
        work.done.rejects.append(Reject(row.number, code_column, raw[:60], reason))
        return
    work.first[code, vintage] = row.number
    if code not in work.known:
        name = row.cells.get(work.named("name"), "").strip()
        work.done.new.append(NewTerritory(code, name, row.cells.get(work.named("commune"), ""), row.shape))
    work.done.rows_kept += 1
    _take_figures(work, row, place, (code, vintage))


def _vintage(work: _Work, row: SheetRow) -> tuple[int, str]:
    column = work.named("vintage")
    if not column:
        return work.about.vintage, ""
    text = row.cells.get(column, "").strip()
    if not text:
        return work.about.vintage, ""
    year = text[:4]
    if not year.isdigit() or not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return 0, _("l’année « {text} » n’est pas comprise").format(text=text[:20])
    return int(year), ""


def _code_fault(work: _Work, code: str, vintage: int, number: int) -> str:
    about = work.about
    if not code:
        return _("code absent")
    if not is_code(about.kind, code):
        return _("ce n’est pas un code de {kind}").format(kind=about.kind)
    if about.kind == "qpv" and generation_of(code) != about.generation:
        return _("quartier de {found}, dans un fichier de {said}").format(
            found=generation_of(code), said=about.generation
        )
    if code in work.merged:
        return _("ce territoire n’existe plus : il fait partie de {now}, dont il n’est pas tout").format(
            now=work.merged[code]
        )
    known = work.known.get(code)
    if known is None and not work.may_create:
        return _("territoire inconnu ici : chargez d’abord la liste, ou demandez de créer les territoires manquants")
    if known is not None and known.ended:
        return _("ce territoire n’existe plus depuis le {day}").format(day=known.ended)
    if (code, vintage) in work.first:
        return _("déjà donné à la ligne {line}").format(line=work.first[code, vintage])
    return ""


def _take_figures(work: _Work, row: SheetRow, place: int, key: tuple[str, int]) -> None:
    bounds: dict[tuple[str, str], float] = {}
    mains: list[tuple[ColumnPlan, float]] = []
    for column in work.columns:
        plan, read = column.plan, column.reads[place]
        raw = row.cells.get(plan.name, "").strip()[:60]
        reason = read.fault or _value_fault(plan, read, column.scale)
        if reason:
            work.done.rejects.append(Reject(row.number, plan.name, raw, reason))
        if reason or read.value is None:
            if plan.role == "indicator":
                work.done.empties.append((plan.code, *key))
            continue
        value = round(read.value * column.scale.factor, 9)
        if plan.role == "indicator":
            mains.append((plan, value))
        else:
            bounds[plan.role, plan.code] = value
    for plan, value in mains:
        work.done.values.append(_bounded(work, row.number, key, plan, value, bounds))


def _value_fault(plan: ColumnPlan, read: Read, scale: Scale) -> str:
    if read.value is None:
        return ""
    if plan.nature == "count" and read.value < 0:
        return _("un nombre d’unités ne peut pas être négatif")
    if plan.nature == "rate" and plan.unit == "%" and not 0 <= read.value * scale.factor <= 100:
        return _("un pourcentage doit être entre 0 et 100")
    return ""


def _bounded(
    work: _Work, number: int, key: tuple[str, int], plan: ColumnPlan, value: float,
    bounds: Mapping[tuple[str, str], float],
) -> Value:  # fmt: skip
    """The figure with its bounds; bounds that do not hold it are refused, the figure stays."""
    low, high = bounds.get(("low", plan.code)), bounds.get(("high", plan.code))
    if (low is not None and low > value) or (high is not None and high < value):
        told = f"{low if low is not None else '?'} – {high if high is not None else '?'}"
        reason = _("les bornes n’entourent pas la valeur : elles sont laissées")
        work.done.rejects.append(Reject(number, plan.name, told, reason))
        low = high = None
    if low is None or high is None:
        low = high = None
    return Value(plan.code, key[0], key[1], value, low, high)


def _remark(work: _Work, sheet: Sheet, code_column: str) -> None:
    done = work.done
    for column in work.columns:
        if column.plan.role != "indicator":
            continue
        parts = [column.scale.told, missing_told(column.reads)]
        if told := " ; ".join(part for part in parts if part):
            done.remarks.append(f"{column.plan.name} : {told}.")
    kept = {code for code, _vintage in work.first}
    over = sorted(code for code in kept if code in work.known and work.known[code].communes > 1)
    if over:
        told = ngettext(
            "{n} quartier s’étend sur plusieurs communes ({codes}) : ses chiffres ne sont comptés dans aucune d’elles.",
            "{n} quartiers s’étendent sur plusieurs communes ({codes}) : leurs chiffres ne sont comptés dans aucune d’elles.",
            len(over),
        )
        done.remarks.append(told.format(n=len(over), codes=", ".join(over[:8])))
    done.rejects += [Reject(number, "geometry", "", why) for number, why in sheet.refused]
    shaped = [(row.cells.get(code_column, "").strip(), row.shape) for row in sheet.rows if row.shape is not None]
    done.remarks += overlaps_told([(code, shape) for code, shape in shaped if shape is not None])[:20]


def _reasons(rejects: Sequence[Reject]) -> str:
    most = Counter(one.reason for one in rejects).most_common(3)
    return " ".join(f"{reason[:1].upper()}{reason[1:]} ({count})." for reason, count in most)
