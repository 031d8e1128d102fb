"""Files that this site exported and that come back: which entry each row is, and what somebody changed in it.

A row that still says what its entry says changes nothing; a cell that was changed is a correction of the entry, with its
revision; a row without our address is a new one and goes the ordinary way. Nothing is ever doubled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, override

from maillage.core.exports import lieux_mediation
from maillage.core.exports.comma_separated import csv_cell
from maillage.core.intake.fields import IGNORED
from maillage.core.intake.mapping import Mapping as Meanings
from maillage.core.intake.tables.json_tables import flatten
from maillage.core.intake.tables.model import text_of
from maillage.core.web import glossary
from maillage.rooms.atlas import exports, exports_standards
from maillage.rooms.atlas.exports import Located
from maillage.rooms.atlas.models import Entry

SOURCE_CODE = "retouches"
# Cells that tell which row it is, or that follow by themselves from the others: never compared.
FOLLOWING = frozenset(
    {"version", "ajoute_le", "modifie_le", "confirme_le", "date_maj", "created_at", "modified_at", "confirmed_on", "fiche",
     "url", "lien_source", "id", "structure_id", "lieu_rang", "telephone_international", "lieux", "lieux_nombre", "qpv",
     "qpv_code", "quartier_prioritaire", "quartier_prioritaire_codes", "territoires", "source", "source_identifiant",
     "source_date", "source_licence", "in_qpv", "territories", "places", "places.in_qpv", "places.qpv_code",
     "source.code", "source.name", "source.licence", "source.published_on", "source.url"}
)  # fmt: skip
_TABLE = {
    "nom": "name", "resume": "summary", "description": "description", "operateur": "operator", "adresse": "address",
    "code_postal": "postcode", "commune": "city", "code_commune": "commune_code", "longitude": "lon", "latitude": "lat",
    "telephone": "phone", "courriel": "email", "site": "website", "horaires": "hours", "themes": "themes",
    "publics": "publics", "moyens": "services", "fiche": "external_id",
}  # fmt: skip
_STANDARD = {
    "nom": "name", "adresse": "address", "code_postal": "postcode", "commune": "city", "code_insee": "commune_code",
    "longitude": "lon", "latitude": "lat", "telephone": "phone", "site_web": "website",
    "id": "external_id",
}  # fmt: skip
_JSON_PLACE = {
    "address": "address", "postcode": "postcode", "commune": "city", "commune_code": "commune_code", "lon": "lon",
    "lat": "lat", "phone": "phone", "email": "email", "website": "website", "opening_hours_text": "hours",
}  # fmt: skip
_FORMS: Mapping[str, Mapping[str, str]] = {
    "entries": _TABLE,
    "places": _TABLE,
    "json": {"name": "name", "summary": "summary", "description": "description", "operator": "operator",
             "themes": "themes", "publics": "publics", "digital_means": "services", "url": "external_id",
             **{f"places.{name}": code for name, code in _JSON_PLACE.items()}},
    "mediation": {**_STANDARD, "courriels": "email", "presentation_resume": "summary",
                  "presentation_detail": "description", "structure_parente": "operator", "horaires": "hours"},
    "structures": {**_STANDARD, "courriel": "email", "description": "summary", "horaires_accueil": "hours"},
    "services": {**_STANDARD, "courriel": "email", "description": "description", "horaires_accueil": "hours"},
}  # fmt: skip
Cells = Mapping[str, str]


@dataclass(frozen=True)
class Mark:
    """The entry that a row is, at which of its places (from 1; 0 for the first or none), and how new the export is."""

    entry_id: int
    rank: int = 0
    external_id: str = ""
    version: str = ""
    day: str = ""


@dataclass(frozen=True)
class OwnForm:
    """A format of ours that a file has; `keys` are our names of its columns."""

    code: str
    keys: Mapping[str, str] = field(default_factory=dict)

    def by_key(self, cells: Cells) -> dict[str, str]:
        """The cells under our names, without what a spreadsheet or somebody added."""
        return {self.keys[name]: as_it_was(text) for name, text in cells.items() if name in self.keys}

    def mapping(self, names: Iterable[str]) -> Meanings:
        """What the columns mean; those that only describe the export are ignored."""
        meant = _FORMS[self.code]
        return Meanings({name: meant.get(self.keys.get(name, ""), IGNORED) for name in names})

    def mark(self, cells: Cells) -> Mark | None:
        """Which entry of this site a row is; None when it is none: a new row, or one of another site."""
        row = self.by_key(cells)
        if self.code in {"mediation", "structures", "services"}:
            return _marked_by_id(self.code, row)
        found = _sheet_pattern(settings.SITE_ADDRESS).match(row.get("url" if self.code == "json" else "fiche", ""))
        if found is None:
            return None
        rank = re.sub(r"\D.*", "", row.get("lieu_rang", "")) if self.code == "places" else ""
        external = row.get("external_id" if self.code == "json" else "source_identifiant", "")
        return Mark(int(found[1]), int(rank or 0), external, re.sub(r"\D.*", "", row.get("version", "")))


def _marked_by_id(code: str, row: Cells) -> Mark | None:
    pattern = re.escape(exports_standards.place_identifier(0, 0).removesuffix("0-0")) + r"(\d+)-(\d+)"
    if code != "mediation":
        if _sheet_pattern(settings.SITE_ADDRESS).match(row.get("lien_source", "")) is None:
            return None
        pattern = rf"{re.escape(exports_standards.PRODUCER)}--(\d+)-(\d+)(?:-service)?"
    found = re.fullmatch(pattern, row.get("id", "").strip())
    return Mark(int(found[1]), int(found[2]), day=row.get("date_maj", "")[:10]) if found else None


@cache
def _sheet_pattern(site: str) -> re.Pattern[str]:
    path = reverse("atlas:sheet", args=[0, "x"]).removesuffix("0-x/")
    return re.compile(rf"\s*{re.escape(site + path)}(\d+)[-/]")


def as_it_was(text: str) -> str:
    """A cell without the sign that made it inert for spreadsheets."""
    return text[1:] if text[:1] == "'" and text[1:].lstrip()[:1] in {"=", "+", "-", "@"} else text


def own_form(names: Sequence[str]) -> OwnForm | None:
    """The export format of ours that has these columns, None when it is none. Whose site it is, each row says."""
    there = set(names)
    if {"external_id", "version", "source.code", "url"} <= there:
        return OwnForm("json", {name: name for name in names})
    if {"pivot", "nom", "dispositif_programmes_nationaux", "date_maj"} <= there:
        return OwnForm("mediation", {one.key: one.key for one in lieux_mediation.columns()})
    if {"lien_source", "id", "source", "nom", "date_maj"} <= there:
        return OwnForm("services" if "structure_id" in there else "structures", {name: name for name in names})
    keys = _table_keys()
    known = {name: keys[name] for name in names if name in keys}
    if {"fiche", "source_identifiant", "nom", "nature_codes"} <= set(known.values()):
        return OwnForm("places" if "lieu_rang" in known.values() else "entries", known)
    return None


@cache
def _table_keys() -> dict[str, str]:
    """Our columns by their key, and by their label in every language (workbooks carry labels)."""
    found: dict[str, str] = {}
    for tongue, _name in settings.LANGUAGES:
        with override(tongue):
            found |= {name: one.key for one in exports.entry_columns() for name in (one.label, one.key)}
            found |= {name: one.key for one in exports.located_columns() for name in (one.label, one.key)}
    return found


def words_language(row: Cells) -> str:
    """The language in which the words of a row were exported: that which says its kind so."""
    code, word = row.get("nature_codes", ""), row.get("nature", "")
    for tongue, _name in settings.LANGUAGES:
        with override(tongue):
            if code and word and glossary.knows("kind", code) and glossary.label("kind", code) == word:
                return str(tongue)
    return get_language() or settings.LANGUAGE_CODE


@dataclass(frozen=True)
class Exported:
    """What the site exports of an entry now, to hold the rows of a file against."""

    form: OwnForm
    postcodes: exports_standards.Postcodes

    def cells(self, entry: Entry, mark: Mark) -> dict[str, str] | None:
        """The row that the export would hold; None when this entry, or this place of it, is no longer in that file."""
        places = list(entry.places.all())
        if mark.rank > len(places):
            return None
        place = places[max(0, mark.rank - 1)] if places else None
        made: Mapping[str, Callable[[], dict[str, str] | None]] = {
            "entries": lambda: {one.key: _written(one.value(entry)) for one in exports.entry_columns()},
            "places": lambda: {
                one.key: _written(one.value(Located(entry, place))) for one in exports.located_columns()
            },
            "json": lambda: _flat(exports.entry_record(entry)),
            "mediation": lambda: self._mediation(Located(entry, place)),
            "structures": lambda: self._inclusion(Located(entry, place), 0),
            "services": lambda: self._inclusion(Located(entry, place), 1),
        }
        return made[self.form.code]()

    def _mediation(self, row: Located) -> dict[str, str] | None:
        line = exports_standards.mediation_place(row, self.postcodes)
        return None if line is None else {one.key: _written(one.value(line)) for one in lieux_mediation.columns()}

    def _inclusion(self, row: Located, which: int) -> dict[str, str] | None:
        pair = exports_standards.inclusion_pair(row, self.postcodes)
        return None if pair is None else _flat(pair[which])


def _written(cell: Any) -> str:
    return as_it_was(text_of(csv_cell(cell)))


def _flat(record: Mapping[str, Any]) -> dict[str, str]:
    cells: dict[str, str] = {}
    flatten(
        {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in record.items()}, cells
    )
    return cells


def changed_keys(given: Cells, now: Cells) -> list[str]:
    """The columns whose cell was changed since the export, spaces and the look of numbers aside."""
    return [key for key, text in given.items() if key in now and key not in FOLLOWING and not _is_same(text, now[key])]


def _is_same(given: str, now: str) -> bool:
    one, two = " ".join(given.split()), " ".join(as_it_was(now).split())
    if one == two or (len(given) >= 32_000 and two.startswith(one)):  # the longest cell that a workbook holds
        return True
    try:
        return abs(float(one.replace(",", ".")) - float(two)) < 1e-6
    except ValueError:
        return False


def columns_of(form: OwnForm, key: str) -> str:
    """The column of the file for one of our keys, as the person sees it."""
    return next((name for name, one in form.keys.items() if one == key), key)
