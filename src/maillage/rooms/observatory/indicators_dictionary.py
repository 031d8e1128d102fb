"""A dictionary file (one line per column: code, label, unit…) read as what it says of each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.rooms.observatory.indicators_columns import DIRECTIONS, NATURES, TOPICS, Line, plain
from maillage.rooms.observatory.indicators_files import Sheet

_KNOWN = {
    "code": ("colonne", "code", "variable", "codevariable", "champ", "nomvariable", "column", "indicateur", "var"),
    "label": ("libelle", "description", "label", "intitule", "liblong", "libellelong", "libvar", "nom"),
    "definition": ("definition", "commentaire", "note", "notes"),
    "unit": ("unite", "unit", "unites"),
    "nature": ("nature", "sorte"),
    "direction": ("sens", "direction"),
    "topic": ("theme", "topic", "thematique"),
    "weight": ("poids", "denominateur", "weight", "ponderation"),
    "source": ("source", "producteur"),
}
_NATURES = {
    "nombre": "count", "effectif": "count", "compte": "count", "part": "rate", "taux": "rate", "pourcentage": "rate",
    "mediane": "median", "decile": "median", "quantile": "median", "indice": "index", "mesure": "index", "moyenne": "index",
}  # fmt: skip
_DIRECTIONS = {
    "plus": "good", "+": "good", "favorable": "good", "moins": "bad", "-": "bad", "defavorable": "bad", "neutre": "neutral",
}  # fmt: skip


def lines_of(sheet: Sheet) -> dict[str, Line]:
    """What a dictionary says of each column, by its plain name; raises Invalid when it is no dictionary."""
    names = {plain(name): name for name in reversed(sheet.columns)}
    found = {what: next((names[one] for one in known if one in names), "") for what, known in _KNOWN.items()}
    if not found["code"] or not found["label"]:
        raise Invalid(
            _(
                "Le dictionnaire doit avoir une colonne « code » (ou « colonne ») et une colonne « libellé » "
                "(ou « description »). Colonnes trouvées : {names}."
            ).format(names=", ".join(sheet.columns[:20]) or "—")
        )
    lines = {}
    for row in sheet.rows:
        cells = {what: row.cells.get(name, "").strip() if name else "" for what, name in found.items()}
        if cells["code"]:
            lines[plain(cells["code"])] = _line(cells)
    return lines


def _line(cells: Mapping[str, str]) -> Line:
    return Line(
        label=" ".join(cells["label"].rstrip(". ").split()),
        definition=cells["definition"],
        unit=cells["unit"][:40],
        nature=_chosen(cells["nature"], _NATURES, NATURES),
        direction=_chosen(cells["direction"], _DIRECTIONS, DIRECTIONS),
        topic=cells["topic"] if cells["topic"] in TOPICS else "",
        weight=cells["weight"],
        source=cells["source"][:300],
    )


def _chosen(text: str, words: Mapping[str, str], codes: Sequence[str]) -> str:
    return text if text in codes else words.get(text.strip().casefold(), words.get(plain(text), ""))
