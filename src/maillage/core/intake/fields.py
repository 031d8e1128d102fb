"""What a column of a directory of places may mean: its heading (headings.yaml), and the shape its values have."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from maillage.core.intake.tables.clean_coordinates import clean_pair
from maillage.core.intake.tables.clean_hours import FRENCH_DAYS
from maillage.core.intake.tables.model import SHAPE_LAT, SHAPE_LON

EXTRA, IGNORED = "extra", "ignored"
Test = Callable[[str], bool]
_HEADINGS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("headings.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Field:
    """A meaning. `words` are headings, folded; `test` recognises a value; `alone` is how far values alone convince."""

    code: str
    label: str | Promise
    words: tuple[str, ...]
    test: Test | None = None
    alone: float = 0.0
    many: bool = False


def _matches(pattern: str) -> Test:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda text: compiled.fullmatch(text.strip()) is not None


def _phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    has_words = re.search(r"[^\W\d_]{3,}", text)
    return 9 <= len(digits) <= 14 and not has_words and bool(re.match(r"\s*(\+|00|0|[1-9]\d{8}$|\()", text))


def _longitude(text: str) -> bool:
    ranges = ((-5.6, 9.8), (-64, -51), (44, 56.5))
    return any(_in_range(text, low, high) for low, high in ranges) or _in_metres(text)


def _latitude(text: str) -> bool:
    ranges = ((41, 51.5), (-21.6, -12), (1.9, 18.4))
    return any(_in_range(text, low, high) for low, high in ranges) or _in_metres(text)


def _in_range(text: str, low: float, high: float) -> bool:
    plain = text.strip().replace(",", ".")
    return (re.fullmatch(r"-?\d{1,3}\.\d{2,}", plain) is not None and low <= float(plain) <= high) or "°" in text


def _in_metres(text: str) -> bool:
    return re.fullmatch(r"\d{6,7}([.,]\d+)?", re.sub(r"\s", "", text)) is not None


def _pair(text: str) -> bool:
    return len(text) < 200 and clean_pair(text).lon is not None


_TIMES = re.compile(
    r"\d\s*h\s*\d{0,2}|\d{1,2}:\d{2}|24/7|\b(?:Mo|Tu|We|Th|Fr|Sa)\b|(?i:sur rdv|rendez-vous|ferm)",
)
_DATE = re.compile(r"\s*(\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d\d-\d\d)")


def _hours(text: str) -> bool:
    return _TIMES.search(text) is not None and not _DATE.match(text)


_STREET = (
    r"\d{1,4}\s*(?:bis|ter|[a-d])?,?\s+"
    r"(?:rue|av|avenue|bd|boulevard|place|pl|chemin|route|allee|allée|impasse|quai|cours|r)\b.*"
)
_SIRET = r"(?:\d[\s\u00a0\u202f]?){13,14}|\d{3}[\s\u00a0\u202f]?\d{3}[\s\u00a0\u202f]?\d{3}"
_SITE = r"(https?://|www\.)\S+.*|[\w-]+(\.[\w-]+)*\.(fr|com|org|net|eu|info)(/\S*)?"


def _field(code: str, label: Promise, test: Test | None = None, alone: float = 0.0, *, many: bool = False) -> Field:
    shape = {"lon": (SHAPE_LON,), "lat": (SHAPE_LAT,)}.get(code, ())
    return Field(code, label, (*shape, *(str(word) for word in _HEADINGS["fields"][code])), test, alone, many)


_DAY_LABELS = (
    _("Horaires du lundi"),
    _("Horaires du mardi"),
    _("Horaires du mercredi"),
    _("Horaires du jeudi"),
    _("Horaires du vendredi"),
    _("Horaires du samedi"),
    _("Horaires du dimanche"),
)
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _day_field(number: int) -> Field:
    names = {"day": FRENCH_DAYS[number], "english": _ENGLISH_DAYS[number], "short": FRENCH_DAYS[number][:3]}
    words = tuple(str(pattern).format(**names) for pattern in _HEADINGS["day"])
    return Field(f"hours_{number}", _DAY_LABELS[number], words, lambda text: bool(_TIMES.search(text)) or len(text) < 3)


FIELDS: tuple[Field, ...] = (
    _field("name", _("Nom")),
    _field("summary", _("En une phrase")),
    _field("description", _("Description"), many=True),
    _field("themes", _("Thèmes"), many=True),
    _field("services", _("Services proposés"), many=True),
    _field("publics", _("Publics"), many=True),
    _field("operator", _("Qui s’en occupe")),
    _field("phone", _("Téléphone"), _phone, 0.75, many=True),
    _field("email", _("Adresse e-mail"), _matches(r".*[^@\s]+@[^@\s]+\.\w+.*"), 0.8, many=True),
    _field("website", _("Site internet"), _matches(_SITE), 0.7, many=True),
    _field("address", _("Adresse"), _matches(_STREET), 0.6, many=True),
    _field("address_more", _("Complément d’adresse"), many=True),
    _field("postcode", _("Code postal"), _matches(r"(?:f-?)?\d{2}\s?\d{3}(?:\.0)?(?:\s*cedex.*)?|\d{4}"), 0.5),
    _field("city", _("Commune"), _matches(r"[^\W\d_][^\d@/]{1,60}(?:\s\d{1,2}(?:er|e)?)?(?:\s+cedex.*)?")),
    _field("commune_code", _("Code INSEE de la commune"), _matches(r"(?:\d{4,5}|2[ab]\d{3})(?:\.0)?"), 0.3),
    _field("department", _("Département")),
    _field("lon", _("Longitude (ou X)"), _longitude, 0.6),
    _field("lat", _("Latitude (ou Y)"), _latitude, 0.6),
    _field("position", _("Les deux coordonnées ensemble"), _pair, 0.8),
    _field("siret", _("SIRET ou SIREN"), _matches(_SIRET), 0.7),
    _field("hours", _("Horaires (toute la semaine)"), _hours, 0.6, many=True),
    *(_day_field(number) for number in range(7)),
    _field("external_id", _("Identifiant dans la source")),
    _field("source_name", _("Fournisseur de la fiche")),
    _field("date", _("Date de la fiche"), _matches(r"\d{4}-\d\d-\d\d.*|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}.*")),
)
BY_CODE = {field.code: field for field in FIELDS}
CHOICES: tuple[tuple[str, str | Promise], ...] = (
    (EXTRA, _("Autre information (gardée dans la description)")),
    (IGNORED, _("Ne pas reprendre")),
)
TECHNICAL = frozenset(map(str, _HEADINGS["technical"]))
TECHNICAL_STARTS = tuple(map(str, _HEADINGS["technical_starts"]))
PERSONAL = tuple(map(str, _HEADINGS["personal"]))
