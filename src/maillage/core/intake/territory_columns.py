"""Which column of a file of territories says what: by the names that real files use, or by those the user gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.search.words import folded

# In order of preference; compared folded, without separators. Seen in the files of ANCT, INSEE, IGN, Rennes, Lille, Toulouse.
KNOWN = {
    "code": ("codeqp", "codeqpv", "codeqp24", "qp", "idqp", "codeqva", "codequartier", "codeiris", "code", "id"),
    "name": (
        "libqp",
        "nomqp",
        "libqpv",
        "nomqpv",
        "libqva",
        "nomqva",
        "nomquartier",
        "noms",
        "libelle",
        "lib",
        "nom",
        "name",
    ),
    "communes": (
        "inseecom",
        "codecommune",
        "codinsee",
        "codeinsee",
        "insee",
        "codgeo",
        "depcom",
        "inseedep",
        "listcom",
    ),
    "commune_names": ("communeqp", "nomcommune", "libcom", "nomcom", "commune", "communes", "ville"),
    "population": ("population", "pop", "popmun", "popmunicipale", "poptotale", "habitants", "nbhabitants"),
    "generation": ("generation", "millesime", "annee"),
}
CODES = {
    "qpv": re.compile(r"QP\d{2}[0-9AB]\d{3}|QN\d{2}[0-9AB]\d{2}[A-Z]"),
    "commune": re.compile(r"(?:\d{2}|2[AB])\d{3}"),
    "arrondissement": re.compile(r"(?:751|132|693)\d{2}"),
    "iris": re.compile(r"(?:\d{2}|2[AB])\d{7}"),
    "epci": re.compile(r"\d{9}"),
}
_GENERATION_OF = {"QP": "2015", "QN": "2024"}


@dataclass(frozen=True)
class Columns:
    """The columns found, each "" when there is none."""

    code: str
    name: str
    communes: str
    commune_names: str
    population: str
    generation: str


def columns_of(names: Sequence[str], code_field: str = "", name_field: str = "") -> Columns:
    """Chooses the columns; raises Invalid when a named one is absent or when nothing looks like a code."""
    for given in (code_field, name_field):
        if given and given not in names:
            raise Invalid(_("La colonne « {name} » n’existe pas. {found}").format(name=given, found=_listed(names)))
    found = {meaning: _first(names, known) for meaning, known in KNOWN.items()}
    found["code"] = code_field or found["code"]
    found["name"] = name_field or found["name"]
    if not found["code"]:
        raise Invalid(_("Aucune colonne ne ressemble à un code. Dites laquelle avec --code-field. {found}").format(
            found=_listed(names)))  # fmt: skip
    return Columns(**found)


def _listed(names: Iterable[str]) -> str:
    return _("Colonnes du fichier : {names}.").format(names=", ".join(list(names)[:40]) or "—")


def _first(names: Sequence[str], known: Sequence[str]) -> str:
    plain = {re.sub(r"[\W_]", "", folded(name)): name for name in reversed(names)}
    return next((plain[one] for one in known if one in plain), "")


def text_of(value: Any) -> str:
    """A cell as text on one line; nothing becomes the empty text, and a code read as a number loses its ".0"."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split())


def commune_codes_of(value: Any) -> tuple[str, ...]:
    """INSEE codes of a cell that may hold several ("69029,69256")."""
    return tuple(dict.fromkeys(re.findall(r"\b(?:\d{2}|2[AB])\d{3}\b", text_of(value).upper())))


def commune_names_of(value: Any) -> list[str]:
    """Names of a cell that may hold several ("Lille, Loos")."""
    return [name.strip() for name in re.split(r"[,;/|]|\s-\s|\bet\b", text_of(value)) if name.strip()]


def number_of(value: Any) -> int | None:
    """A count written "6 206", "6206", "6 206,0" or 6206.0; None when empty; raises ValueError when it is something else."""
    text = re.sub(r"\s", "", text_of(value))
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}([.,]\d+)?", text):
        raise ValueError(text)
    return round(float(text.replace(",", ".")))


def generation_of(code: str) -> str:
    """The generation that a QPV code itself tells; "" for other codes."""
    return _GENERATION_OF.get(code[:2], "")


def is_code(kind: str, code: str) -> bool:
    """Whether a code has the shape that its kind has; kinds without a national code take any."""
    pattern = CODES.get(kind)
    return bool(code) and len(code) <= 20 and (pattern is None or pattern.fullmatch(code) is not None)
