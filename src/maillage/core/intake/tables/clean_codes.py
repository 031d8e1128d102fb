"""Codes with a shape: postcodes, INSEE codes, SIRET, dates. A spreadsheet has often eaten their first zero."""

from __future__ import annotations

import re
from datetime import date

from django.utils.translation import gettext as _

from maillage.core.intake.tables.clean_text import is_nothing
from maillage.core.intake.tables.cleaned import Cleaned

_LA_POSTE = "356000000"
_MONTHS = {name: number for number, name in enumerate(
    ("janv", "fevr", "mars", "avr", "mai", "juin", "juil", "aout", "sept", "oct", "nov", "dec"), start=1)}  # fmt: skip


def _digits(raw: str) -> str:
    return re.sub(r"[\s.\u00a0\u202f]", "", re.sub(r"\.0+$", "", raw.strip()))


def clean_postcode(raw: str) -> Cleaned:
    """Five digits; the zero that a spreadsheet ate is put back, "CEDEX" and "F-" are forgiven."""
    if is_nothing(raw):
        return Cleaned()
    text = _digits(re.sub(r"(?i)\bcedex\b.*|^f-", "", raw.strip()))
    if re.fullmatch(r"\d{4}", text):
        padded = f"0{text}"
        return Cleaned(padded, _("zéro du début remis au code postal")) if _is_postcode(padded) else _bad_postcode(raw)
    found = re.fullmatch(r"(\d{5})(?:\D.*)?", text)
    if found is None or not _is_postcode(found[1]):
        return _bad_postcode(raw)
    return Cleaned(found[1], "" if found[1] == raw.strip() else _("code postal nettoyé"))


def _is_postcode(text: str) -> bool:
    return "01000" <= text <= "98999" and text[:2] != "96"


def _bad_postcode(raw: str) -> Cleaned:
    return Cleaned(fault=_("code postal impossible"), rest=raw.strip())


def clean_commune_code(raw: str) -> Cleaned:
    """An INSEE code of commune: five signs, 2A and 2B in Corsica."""
    if is_nothing(raw):
        return Cleaned()
    text = _digits(raw).upper()
    if re.fullmatch(r"\d{4}", text):
        return Cleaned(f"0{text}", _("zéro du début remis au code de la commune"))
    if re.fullmatch(r"(?:0[1-9]|[1-8]\d|9[0-58]|2[AB])\d{3}|97[1-8]\d{2}", text):
        return Cleaned(text, "" if text == raw.strip() else _("code de la commune nettoyé"))
    return Cleaned(fault=_("code de commune impossible"), rest=raw.strip())


def clean_siret(raw: str) -> Cleaned:
    """A SIRET whose check digits are right (La Poste has its own rule); a SIREN or an RNA number is kept as it is."""
    if is_nothing(raw):
        return Cleaned()
    text = re.sub(r"[\s.\u00a0\u202f-]", "", re.sub(r"\.0+$", "", raw.strip())).upper()
    if re.fullmatch(r"W\d{9}", text):
        return Cleaned(text)
    if not text.isdigit() or not text.strip("0") or len(text) < 8:
        return Cleaned(fault=_("numéro SIRET absent ou fictif"), rest="")
    padded = text.zfill(14) if 12 <= len(text) <= 14 else text.zfill(9)
    if len(padded) in {9, 14} and is_siret_sound(padded):
        word = _("zéros du début remis au SIRET") if len(padded) > len(text) else ""
        return Cleaned(padded, word or ("" if padded == raw.strip() else _("SIRET nettoyé")))
    return Cleaned(fault=_("numéro SIRET faux : ses chiffres de contrôle ne concordent pas"), rest=raw.strip())


def is_siret_sound(digits: str) -> bool:
    """Luhn's check; an establishment of La Poste may instead have a sum of digits that five divides."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    if total % 10 == 0:
        return True
    return len(digits) == 14 and digits.startswith(_LA_POSTE) and sum(map(int, digits)) % 5 == 0


def clean_date(raw: str) -> Cleaned:
    """A date as ISO 8601 at the precision written; day before month, as in French."""
    text = raw.strip()
    if is_nothing(text):
        return Cleaned()
    if found := re.match(r"(\d{4})-(\d{2})-(\d{2})(?!\d)", text):
        return _dated(int(found[1]), int(found[2]), int(found[3]), raw)
    if found := re.match(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?!\d)", text):
        return _dated(int(found[3]), int(found[2]), int(found[1]), raw)
    if re.fullmatch(r"(19|20)\d{2}(-(0[1-9]|1[0-2]))?", text):
        return Cleaned(text)
    if found := re.match(r"(?:\w+\s+)?(\d{1,2})(?:er)?\s+(\w+)\.?\s+(\d{4})", text):
        month = next((number for start, number in _MONTHS.items() if _plain(found[2]).startswith(start)), 0)
        return _dated(int(found[3]), month, int(found[1]), raw)
    return Cleaned(fault=_("date non comprise"), rest=text)


def _plain(word: str) -> str:
    return word.lower().replace("é", "e").replace("û", "u")


def _dated(year: int, month: int, day: int, raw: str) -> Cleaned:
    try:
        return Cleaned(date(year, month, day).isoformat())
    except ValueError:
        return Cleaned(fault=_("date impossible"), rest=raw.strip())
