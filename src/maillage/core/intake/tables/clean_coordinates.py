"""Coordinates as directories write them, turned into longitude and latitude; every change is told.

Recognised: decimal commas, degrees and minutes, axes the wrong way round, both numbers in one cell, Lambert-93 and the nine
conic zones. The ranges of these do not meet over France, so that each row is recognised by its own numbers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from maillage.core.intake.tables.conic import LAMBERT_93, ZONES, zone_at
from maillage.core.intake.territory_shapes import FRANCE

_NUMBER = r"[-+]?\d+(?:[.,]\d+)?"
_SEXAGESIMAL = re.compile(
    r"([NSEOW])?\s*([-+]?\d{1,3})\s*[°ºd:]\s*(\d{1,2}(?:[.,]\d+)?)\s*(?:['′’m:]\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:''|[\"″”s’']{1,2})?)?)?\s*([NSEOW])?",
    re.IGNORECASE,
)
_LON_SIGN = {"E": 1, "O": -1, "W": -1}
_LAT_SIGN = {"N": 1, "S": -1}


@dataclass(frozen=True)
class Position:
    """Where a row says it is: lon and lat, or None with the fault; `word` tells what was done; `decimals` how precise."""

    lon: float | None = None
    lat: float | None = None
    word: str = ""
    fault: str = ""
    decimals: int = 7


@dataclass(frozen=True)
class _Number:
    value: float
    decimals: int
    axis: str = ""  # "lon" or "lat" where the text itself says it
    word: str = ""


def in_france(lon: float, lat: float) -> bool:
    """Whether a point is in the box of mainland France or of one of its overseas territories."""
    return any(west <= lon <= east and south <= lat <= north for west, south, east, north in FRANCE)


def clean_position(lon_text: str, lat_text: str) -> Position:
    """The position of two cells; empty when both are. A fault when only one is filled, or when they are no place."""
    texts = (lon_text.strip(), lat_text.strip())
    if not any(texts):
        return Position()
    if (texts[0] and not texts[1]) or (texts[1] and not texts[0]):
        both = clean_pair(texts[0] or texts[1])
        return both if both.lon is not None else Position(fault=_("une seule des deux coordonnées est donnée"))
    if texts[0] == texts[1] and len(_pieces(texts[0])) > 1:
        return clean_pair(texts[0])
    first, second = _number(texts[0]), _number(texts[1])
    if first is None or second is None:
        wrong = texts[0] if first is None else texts[1]
        return Position(fault=_("coordonnée illisible : « {text} »").format(text=wrong[:40]))
    return _placed(first, second)


def clean_pair(text: str) -> Position:
    """The position of one cell that holds both numbers: "45.75, 4.85", "45,75 4,85", WKT, GeoJSON. Latitude may be first."""
    plain = text.strip()
    if not plain:
        return Position()
    parts = _pieces(plain)
    if len(parts) == 4 and all(re.fullmatch(r"[-+]?\d+", part) for part in parts):  # "45,757814,4,832011"
        parts = [f"{parts[0]}.{parts[1]}", f"{parts[2]}.{parts[3]}"]
    if len(parts) != 2:
        return Position(fault=_("position illisible : « {text} »").format(text=plain[:60]))
    first, second = _number(parts[0]), _number(parts[1])
    if first is None or second is None:
        return Position(fault=_("position illisible : « {text} »").format(text=plain[:60]))
    found = _placed(first, second)
    # In one cell the latitude comes first as a rule: that is no mistake to be told.
    return Position(found.lon, found.lat, "" if found.word == _swapped() else found.word, found.fault, found.decimals)


def _pieces(text: str) -> list[str]:
    """The two numbers of a text, still as texts."""
    if text.startswith("{"):
        return _geojson_numbers(text)
    plain = re.sub(r"(?i)^(?:srid=\d+;)?\s*(?:point|geo:|latlng)\s*z?\s*|[\[\]()]", " ", text).strip()
    if len(found := [one[0].strip() for one in _SEXAGESIMAL.finditer(plain)]) == 2:
        return found
    for separator in (r"\s*[;|/]\s*", r"\s*,\s+|\s+,\s*", r"\s+"):
        parts = [part for part in re.split(separator, plain) if part]
        if len(parts) == 2:
            return parts
    return plain.split(",")


def _geojson_numbers(text: str) -> list[str]:
    try:
        found = json.loads(text)
    except ValueError:
        return []
    inner = found.get("coordinates") or [
        found.get("lon", found.get("longitude")),
        found.get("lat", found.get("latitude")),
    ]
    return [str(one) for one in inner[:2]] if isinstance(inner, list) else []


def _number(text: str) -> _Number | None:
    plain = re.sub(r"[\u00a0\u202f ](?=\d{3}(?:\D|$))", "", text.strip())
    if re.fullmatch(_NUMBER, plain):
        word = _("virgule décimale lue comme un point") if "," in plain else ""
        return _Number(
            float(plain.replace(",", ".")),
            len(re.split(r"[.,]", plain)[1]) if re.search(r"[.,]", plain) else 0,
            word=word,
        )
    if found := _SEXAGESIMAL.fullmatch(plain):
        return _from_sexagesimal(found)
    if found := re.fullmatch(rf"([NSEOW])?\s*({_NUMBER})\s*°?\s*([NSEOW])?", plain, re.IGNORECASE):
        sign = (found[1] or found[3] or "").upper()
        number = _number(found[2])
        return _signed(number.value, sign, number.decimals, number.word) if number else None
    return None


def _from_sexagesimal(found: re.Match[str]) -> _Number | None:
    degrees, minutes, seconds = (float((part or "0").replace(",", ".")) for part in found.group(2, 3, 4))
    if minutes >= 60 or seconds >= 60:
        return None
    value = abs(degrees) + minutes / 60 + seconds / 3600
    sign = (found[1] or found[5] or "").upper()
    # A second is 31 m: the fourth decimal of a degree.
    decimals = 4 + len((found[4] or "").partition(".")[2]) if found[4] else 3 + len((found[3] or "").partition(".")[2])
    return _signed(
        -value if found[2].startswith("-") else value,
        sign,
        decimals,
        _("degrés et minutes convertis en degrés décimaux"),
    )


def _signed(value: float, sign: str, decimals: int, word: str) -> _Number:
    axis = "lon" if sign in _LON_SIGN else "lat" if sign in _LAT_SIGN else ""
    return _Number(value * {**_LON_SIGN, **_LAT_SIGN}.get(sign, 1), decimals, axis, word)


def _swapped() -> str:
    return _("latitude et longitude étaient inversées")


def _placed(first: _Number, second: _Number) -> Position:
    """Longitude and latitude of two numbers given in that order, or the other way round, or in metres."""
    x, y = (second, first) if first.axis == "lat" or second.axis == "lon" else (first, second)
    words = [word for word in dict.fromkeys((first.word, second.word)) if word]
    decimals = max(x.decimals, y.decimals)
    if x.value == 0 and y.value == 0:
        return Position(fault=_("position 0, 0 : elle n’est pas connue"))
    if in_france(x.value, y.value):
        return Position(x.value, y.value, ", ".join(words), decimals=decimals)
    if in_france(y.value, x.value):
        return Position(y.value, x.value, ", ".join([*words, _swapped()]), decimals=decimals)
    for one, two, more in ((x.value, y.value, []), (y.value, x.value, [_swapped()])):
        if found := _from_metres(one, two):
            return Position(*found[:2], ", ".join([*words, *more, found[2]]), decimals=5)
    return Position(fault=_why_nowhere(x.value, y.value))


def _from_metres(x: float, y: float) -> tuple[float, float, str] | None:
    if 0 <= x <= 1_300_000 and 6_000_000 <= y <= 7_200_000:
        lon, lat = LAMBERT_93.inverse(x, y)
        return (lon, lat, _("coordonnées Lambert-93 converties")) if in_france(lon, lat) else None
    if (zone := zone_at(x, y)) is not None:
        lon, lat = ZONES[zone].inverse(x, y)
        return (
            (lon, lat, _("coordonnées Lambert CC{zone} converties").format(zone=zone)) if in_france(lon, lat) else None
        )
    return None


def _why_nowhere(x: float, y: float) -> str:
    if abs(x) <= 180 and abs(y) <= 90:
        return _("position hors de France ({lon:.4g}, {lat:.4g})").format(lon=x, lat=y)
    return _("coordonnées impossibles ({x:.10g}, {y:.10g})").format(x=x, y=y)
