"""What a cell of an indicator table says: a number, nothing, or something that is neither. Empty is never zero."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]")
# What publishers write instead of a figure, folded to small letters without dots.
HIDDEN = frozenset({"s", "secret", "c", "conf", "confidentiel", "ss", "*"})
ABSENT = frozenset({
    "", "-", "–", "—", "…", "...", "nd", "na", "n/a", "#n/a", "nan", "null", "none", "ns", "nc", "nr", "//", "/", ".",
    "..", "x", "#valeur!",
    "non disponible", "non renseigné", "non significatif", "inconnu",
})  # fmt: skip
_FRENCH = re.compile(r"[+-]?\d+(?:,\d+)?")
_ENGLISH = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_THOUSANDS_DOT = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+")
_THOUSANDS_COMMA = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:,\d{3}){2,}")


@dataclass(frozen=True)
class Read:
    """A cell: its value, or why there is none (`missing`: "empty" or "hidden"), or why it is refused (`fault`)."""

    value: float | None = None
    missing: str = ""
    fault: str = ""
    has_percent: bool = False


def read_cell(text: str) -> Read:
    """The number that a cell writes: "6 206", "1 234,5", "25,3 %", "12.5", "1.234,5", "850 €"."""
    word = " ".join(text.split()).strip().casefold()
    if word.rstrip(".") in HIDDEN:
        return Read(missing="hidden")
    if word in ABSENT or word.replace(".", "") in ABSENT:
        return Read(missing="empty")
    plain = SPACES.sub("", text)
    has_percent = plain.endswith("%")
    plain = plain.rstrip("%€").removesuffix("EUR").replace("−", "-")
    value = _number(plain)
    if value is None:
        return Read(fault=_("ce n’est pas un nombre"))
    return Read(value=value, has_percent=has_percent)


def _number(plain: str) -> float | None:
    if _THOUSANDS_DOT.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif _THOUSANDS_COMMA.fullmatch(plain):
        plain = plain.replace(",", "")
    elif _FRENCH.fullmatch(plain):
        plain = plain.replace(",", ".")
    elif not _ENGLISH.fullmatch(plain):
        return None
    value = float(plain)
    return value if math.isfinite(value) else None


@dataclass(frozen=True)
class Scale:
    """How a column of percentages is written: `factor` brings it to 0–100; `told` says so in words."""

    factor: float = 1.0
    told: str = ""


def scale_of(reads: Sequence[Read], *, is_percent: bool, chosen: str = "") -> Scale:
    """Percentages written 0–1 or 0–100, told from the whole column; `chosen` ("1" or "100") is what the person says.

    A column whose figures are all between 0 and 1, some with decimals, none with a sign %, is taken as 0–1.
    """
    if not is_percent:
        return Scale()
    values = [one.value for one in reads if one.value is not None]
    if chosen == "1" or (not chosen and _is_share(reads, values)):
        return Scale(100.0, _("parts écrites de 0 à 1, multipliées par 100"))
    if chosen == "100" or not values:
        return Scale()
    return Scale(1.0, _("pourcentages écrits de 0 à 100"))


def _is_share(reads: Sequence[Read], values: Sequence[float]) -> bool:
    if not values or any(one.has_percent for one in reads):
        return False
    return max(values) <= 1 and min(values) >= 0 and any(not value.is_integer() for value in values)


def missing_told(reads: Sequence[Read]) -> str:
    """How many cells of a column have no figure, and why, in words; "" when none."""
    counts = Counter(one.missing for one in reads if one.missing)
    parts = []
    if counts["empty"]:
        parts.append(_("{n} sans valeur").format(n=counts["empty"]))
    if counts["hidden"]:
        parts.append(_("{n} sous secret statistique").format(n=counts["hidden"]))
    return ", ".join(parts)
