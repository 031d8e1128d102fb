"""What each column of an indicator file is taken for, from its name, its dictionary and its cells; the person corrects it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.text import slugify
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.intake.territory_columns import KNOWN, is_code
from maillage.core.search.words import folded
from maillage.rooms.observatory.indicators_files import Sheet
from maillage.rooms.observatory.indicators_numbers import Read, read_cell

ROLES = ("ignored", "code", "name", "commune", "vintage", "indicator", "low", "high")
NATURES = ("count", "rate", "median", "index")
DIRECTIONS = ("good", "bad", "neutral")
TOPICS = (
    "population", "income", "work", "education", "housing", "equipment", "economy", "air", "noise", "green", "heat", "other",
)  # fmt: skip
NOT_FIGURES = frozenset({
    "x", "y", "lon", "lat", "longitude", "latitude", "id", "fid", "gid", "objectid", "shapearea", "shapeleng", "shapelength",
    "geometry", "geom", "wkt", "siren", "codepostal", "insee", "inseecom", "codecommune", "codedepartement", "coderegion",
    "dep", "reg", "epci", "siret", "telephone", "rang", "typcom",
})  # fmt: skip
_VINTAGE = frozenset({"annee", "millesime", "year", "vintage", "an"})
_LOW = ("bas", "inf", "low", "min", "icbas", "icinf", "borneinf")
_HIGH = ("haut", "sup", "high", "max", "ichaut", "icsup", "bornesup")
# Words of a label, folded → nature. The first that is found decides.
_NATURE_WORDS = (
    ("median", ("median", "mediane", "decile", "quartile")),
    ("rate", ("part", "taux", "pct", "pourcentage", "proportion", "tx", "ratio", "%")),
    ("index", ("indice", "moyenne", "concentration", "decibel", "lden", "no2", "pm25", "pm10", "temperature", "densite")),
    ("count", ("nombre", "population", "effectif", "nb", "pop", "cumul", "total", "habitants", "menages", "logements")),
)  # fmt: skip
_TOPIC_WORDS = (
    ("work", ("chomage", "chom", "txchom1564", "emploi", "demandeurs", "actifs", "precaire", "actives")),
    ("income", ("revenu", "revenus", "pauvrete", "impose", "imposes", "caf", "nivviemed", "niveau de vie", "prestation")),
    ("education", ("brevet", "diplome", "formation", "scolarise", "ecole", "ecoles", "college", "colleges", "bac")),
    ("air", ("no2", "pm25", "pm10", "air", "ozone")),
    ("noise", ("bruit", "lden", "decibel")),
    ("green", ("arbre", "arbres", "vegetation", "veghautprt", "vert", "verts")),
    ("heat", ("chaleur", "temperature", "ilot")),
    ("housing", ("logement", "logements", "hlm", "locataires", "proprietaires")),
    ("equipment", ("equipement", "equipements", "medecin", "pharmacie", "bibliotheque")),
    ("economy", ("etablissement", "etablissements", "entreprise", "entreprises", "entrepreneurs")),
    ("population", ("population", "pop", "habitants", "femmes", "etrangers", "jeunesse", "ans", "menages", "immigres")),
)  # fmt: skip
_BAD = ("chomage", "txchom1564", "pauvrete", "bas revenus", "precaire", "no2", "pm25", "pm10", "bruit", "lden")
_GOOD = ("ayant un emploi", "arbres", "vegetation", "veghautprt", "revenu disponible", "niveau de vie", "nivviemed")


@dataclass(frozen=True)
class Line:
    """What a dictionary file says of one column; "" where it says nothing."""

    label: str = ""
    definition: str = ""
    unit: str = ""
    nature: str = ""
    direction: str = ""
    topic: str = ""
    weight: str = ""
    source: str = ""


@dataclass(frozen=True)
class ColumnPlan:
    """A column and what it is taken for; `code` is that of the indicator, or of the one whose bound it gives."""

    name: str
    role: str = "ignored"
    code: str = ""
    label: str = ""
    definition: str = ""
    nature: str = "index"
    unit: str = ""
    decimals: int = 0
    direction: str = "neutral"
    topic: str = "other"
    weight: str = ""
    source: str = ""
    scale: str = ""
    samples: tuple[str, ...] = ()

    @property
    def is_percent(self) -> bool:
        """Whether its figures are percentages."""
        return self.nature == "rate" and self.unit in {"%", ""}


def plain(text: str) -> str:
    """A name as names are compared: folded, without separators."""
    return re.sub(r"[\W_]", "", folded(text))


def code_for(name: str, prefix: str = "") -> str:
    """The code of the indicator that a column makes."""
    made = slugify(f"{prefix}-{name}" if prefix else name).replace("_", "-")[:60]
    return made or "colonne"


def planned(sheet: Sheet, kind: str, dictionary: Mapping[str, Line], prefix: str = "") -> list[ColumnPlan]:
    """A plan for each column of a sheet. Raises Invalid when no column holds the codes of this kind of territory."""
    code = _code_column(sheet, kind)
    if not code:
        found = ", ".join(sheet.columns[:30]) or "—"
        raise Invalid(
            _("Aucune colonne ne contient de code de territoire de la sorte demandée. Colonnes : {found}.").format(
                found=found
            )
        )
    plans = [_plan(name, sheet, code, dictionary.get(plain(name), Line()), prefix) for name in sheet.columns]
    return [_bound(one, plans, prefix) for one in plans]


def figure_plans(sheet: Sheet, dictionary: Mapping[str, Line], prefix: str = "") -> list[ColumnPlan]:
    """A plan for each column of a sheet whose rows are no territories of ours: its figures only."""
    return [_plan(name, sheet, "", dictionary.get(plain(name), Line()), prefix) for name in sheet.columns]


def _code_column(sheet: Sheet, kind: str) -> str:
    """The column of that name, else the one whose cells have the shape of such codes."""
    names = {plain(name): name for name in reversed(sheet.columns)}
    known = [names[one] for one in (*KNOWN["code"], f"code{kind}", "codgeo", "inseecom", "codeinsee") if one in names]
    for name in [*known, *sheet.columns]:
        cells = [row.cells.get(name, "").strip().upper() for row in sheet.rows[:300]]
        filled = [cell for cell in cells if cell]
        if filled and sum(is_code(kind, cell) for cell in filled) >= 0.5 * len(filled) and len(set(filled)) > 1:
            return name
        if filled and len(filled) == 1 and is_code(kind, filled[0]):
            return name
    # Codes of another generation or kind: the check that follows says so better than "no code".
    return known[0] if known else ""


def _plan(name: str, sheet: Sheet, code: str, line: Line, prefix: str) -> ColumnPlan:
    cells = [row.cells.get(name, "") for row in sheet.rows]
    samples = tuple(dict.fromkeys(cell.strip()[:40] for cell in cells if cell.strip()))[:4]
    key = plain(name)
    if name == code:
        return ColumnPlan(name, "code", samples=samples)
    if key in KNOWN["name"]:
        return ColumnPlan(name, "name", samples=samples)
    if key in KNOWN["commune_names"]:
        return ColumnPlan(name, "commune", samples=samples)
    if key in _VINTAGE:
        return ColumnPlan(name, "vintage", samples=samples)
    reads = [read_cell(cell) for cell in cells]
    if key in NOT_FIGURES or not _is_figures(reads):
        return ColumnPlan(name, "ignored", samples=samples)
    return _indicator(ColumnPlan(name, "indicator", code_for(name, prefix), samples=samples), line, reads)


def _is_figures(reads: Sequence[Read]) -> bool:
    """At least half of the filled cells are numbers."""
    numbers = sum(one.value is not None for one in reads)
    return numbers > 0 and numbers >= sum(bool(one.fault) for one in reads)


def _indicator(plan: ColumnPlan, line: Line, reads: Sequence[Read]) -> ColumnPlan:
    text = f"{line.label or ''} {plan.name.replace('_', ' ')}"
    values = [one.value for one in reads if one.value is not None]
    is_whole = all(value.is_integer() for value in values)
    nature = line.nature or _nature(text, any(one.has_percent for one in reads), is_whole=is_whole)
    label = line.label or plan.name
    return replace(
        plan,
        label=label if len(label) <= 160 else f"{label[:157]}…",
        definition=line.definition or (label if len(label) > 160 else ""),
        nature=nature,
        unit=line.unit or _unit(text, nature),
        decimals=_shown_decimals(values, nature),
        direction=line.direction or _direction(text),
        topic=line.topic or _topic(text),
        weight=code_for(line.weight) if line.weight else "",
        source=line.source,
    )


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9%]+", folded(text)))


def _has(text: str, words: Iterable[str]) -> bool:
    found, whole = _words(text), f" {' '.join(re.findall(r'[a-z0-9%]+', folded(text)))} "
    return any(one in found or (" " in one and f" {one} " in whole) for one in words)


def _nature(text: str, has_percent: bool, *, is_whole: bool) -> str:
    if has_percent:
        return "rate"
    for nature, words in _NATURE_WORDS:
        if _has(text, words) or (nature == "median" and folded(text).rstrip().endswith("med")):
            return nature
    return "count" if is_whole else "index"


def _unit(text: str, nature: str) -> str:
    if nature == "rate":
        return "%"
    if nature == "median" and _has(text, ("euros", "euro", "revenu", "niveau", "nivviemed")):
        return "€"
    return ""


def _direction(text: str) -> str:
    return "bad" if _has(text, _BAD) else "good" if _has(text, _GOOD) else "neutral"


def _topic(text: str) -> str:
    return next((topic for topic, words in _TOPIC_WORDS if _has(text, words)), "other")


def _shown_decimals(values: Sequence[float], nature: str) -> int:
    """Decimals worth reading: none for things counted one by one, nor for figures of thousands."""
    if nature == "count" or max(abs(value) for value in values) >= 1000:
        return 0
    return min(2, max(_decimals(value) for value in values))


def _decimals(value: float) -> int:
    text = f"{value:.6f}".rstrip("0")
    return len(text.partition(".")[2])


def _bound(plan: ColumnPlan, plans: Sequence[ColumnPlan], prefix: str) -> ColumnPlan:
    """A column named after another with "bas" or "haut" gives the bounds of its uncertainty."""
    if plan.role != "indicator":
        return plan
    key = plain(plan.name)
    for other in plans:
        base = plain(other.name)
        if other is plan or other.role != "indicator" or not key.startswith(base):
            continue
        rest = key.removeprefix(base)
        if rest in _LOW or rest in _HIGH:
            role = "low" if rest in _LOW else "high"
            return ColumnPlan(plan.name, role, code_for(other.name, prefix), samples=plan.samples)
    return plan
