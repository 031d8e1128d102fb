"""Coordinates as people type them: understood where possible, otherwise the likely mistake is named."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

# Boxes (west, south, east, north) of the parts of France, with their waters near the coast; rounded outwards.
FRANCE = (
    (-5.6, 41.2, 9.8, 51.3),  # metropolitan France and Corsica
    (-63.2, 14.3, -60.7, 18.2),  # Guadeloupe, Martinique, Saint-Martin, Saint-Barthélemy
    (-54.7, 2.0, -51.5, 6.0),  # Guyane
    (55.1, -21.5, 55.9, -20.8),  # La Réunion
    (44.9, -13.1, 45.4, -12.5),  # Mayotte
    (-56.6, 46.7, -56.0, 47.2),  # Saint-Pierre-et-Miquelon
    (163.5, -22.8, 168.2, -19.5),  # Nouvelle-Calédonie
    (-154.8, -27.8, -134.8, -7.8),  # Polynésie française
    (-178.3, -14.5, -176.0, -13.1),  # Wallis-et-Futuna
)
Fault = Literal["", "unreadable", "one_missing", "impossible", "swapped", "projected", "elsewhere"]
_NUMBER = re.compile(r"[+\-\u2212]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class Typed:
    """What was understood: a point, no point (both None), or a fault. "swapped" and "elsewhere" may be confirmed."""

    lon: float | None = None
    lat: float | None = None
    fault: Fault = ""

    @property
    def may_be_confirmed(self) -> bool:
        """Whether the point can exist all the same, if the person says so."""
        return self.fault in ("swapped", "elsewhere") and self.lon is not None


def coordinates_as_typed(lon_text: str, lat_text: str) -> Typed:
    """Decimal degrees with comma or point; both numbers may stand in one of the fields, latitude first."""
    lon_text, lat_text = lon_text.strip(), lat_text.strip()
    if not lon_text and not lat_text:
        return Typed()
    pair = _pair_in(lat_text if not lon_text else lon_text if not lat_text else "")
    if pair:
        return _judged(lon=pair[1], lat=pair[0])
    if not lon_text or not lat_text:
        return Typed(fault="one_missing")
    lon, lat = _number(lon_text), _number(lat_text)
    if lon is None or lat is None:
        return Typed(fault="unreadable")
    return _judged(lon=lon, lat=lat)


def _number(text: str) -> float | None:
    plain = text.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").removesuffix("°")
    return (
        float(plain.replace("\u2212", "-").replace(",", ".")) if _NUMBER.fullmatch(plain) and len(plain) < 30 else None
    )


def _pair_in(text: str) -> tuple[float, float] | None:
    """Two numbers typed or pasted together, as maps give them: "45.70, 4.88", "45,70 ; 4,88"."""
    parts = [part for part in re.split(r"\s*;\s*|,\s+|\s+", text.strip()) if part]
    numbers = [_number(part) for part in parts]
    if len(numbers) == 1 and text.count(",") == 1 and text.count(".") == 2:
        numbers = [_number(part) for part in text.split(",")]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        return None
    return numbers[0], numbers[1]


def is_in_france(*, lon: float, lat: float) -> bool:
    """Whether a point lies in the box of a part of France."""
    return any(west <= lon <= east and south <= lat <= north for west, south, east, north in FRANCE)


def _judged(*, lon: float, lat: float) -> Typed:
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return Typed(fault="unreadable")
    if is_in_france(lon=lon, lat=lat):
        return Typed(lon, lat)
    if is_in_france(lon=lat, lat=lon):
        return Typed(lon, lat, "swapped") if abs(lat) <= 90 else Typed(fault="swapped")
    if 100_000 <= min(lon, lat) <= 1_300_000 and 6_000_000 <= max(lon, lat) <= 7_200_000:
        return Typed(fault="projected")
    if abs(lon) > 180 or abs(lat) > 90:
        return Typed(fault="impossible")
    return Typed(lon, lat, "elsewhere")
