"""What a reader asks of the list, the map, the exports and the API: read from an address, written back to one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import urlencode

from maillage.core.web import glossary

# Facet name in the address → (field of Entry, whether it is an array, facet of the glossary).
FACETS: Mapping[str, tuple[str, bool, str]] = {
    "theme": ("themes", True, "theme"),
    "etat": ("status", False, "status"),
    "public": ("publics", True, "public"),
    "qpv": ("in_qpv", True, "in_qpv"),
    "type": ("kind", False, "kind"),
    "acteur": ("actor_kinds", True, "actor_kind"),
    "moyen": ("digital_means", True, "digital_means"),
    "accompagnement": ("mediation", False, "mediation"),
    "innovation": ("innovation_kinds", True, "innovation_kind"),
    "figure": ("city_figures", True, "city_figure"),
    "nature": ("service_nature", False, "service_nature"),
    "echelle": ("scale", False, "scale"),
}
SORTS = ("pertinence", "distance", "nom", "recent")
LONGEST_TEXT = 200


class Parameters(Protocol):
    """The part of Django's QueryDict that is read here."""

    def getlist(self, key: str) -> list[str]:
        """Values of a parameter, empty when absent."""


@dataclass(frozen=True)
class Filters:
    """A question to the atlas. Everything it holds is in the address of the page."""

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    territory: str = ""
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    box: tuple[float, float, float, float] | None = None
    sort: str = ""
    not_understood: tuple[str, ...] = ()

    @property
    def has_point(self) -> bool:
        """Whether distances can be told."""
        return self.lon is not None and self.lat is not None

    @property
    def is_empty(self) -> bool:
        """Whether nothing narrows the list."""
        return not (self.text or self.chosen or self.territory or self.box)

    def order(self) -> str:
        """The order in force: the one asked where it makes sense, otherwise the natural one."""
        if (self.sort == "distance" and self.has_point) or self.sort in {"nom", "recent"}:
            return self.sort
        if self.sort == "pertinence" and self.text:
            return self.sort
        if self.has_point:
            return "distance"
        return "pertinence" if self.text else "nom"

    def pairs(self) -> list[tuple[str, str]]:
        """Parameters of the address, in a steady order."""
        pairs = [("q", self.text)] if self.text else []
        pairs += [(name, value) for name in FACETS for value in self.chosen.get(name, ())]
        pairs += [("territoire", self.territory)] if self.territory else []
        pairs += [("lieu", self.place)] if self.place else []
        if self.has_point:
            pairs += [("lon", f"{self.lon:.5f}"), ("lat", f"{self.lat:.5f}")]
        if self.box:
            pairs.append(("bbox", ",".join(f"{side:.5f}" for side in self.box)))
        return pairs + ([("tri", self.sort)] if self.sort else [])

    def query_string(self) -> str:
        """The address's query, "" when nothing is asked."""
        return urlencode(self.pairs())

    def without(self, name: str, value: str = "") -> Filters:
        """The same question without one of its parts."""
        if name in FACETS:
            kept = tuple(one for one in self.chosen.get(name, ()) if one != value)
            rest = {key: values for key, values in self.chosen.items() if key != name}
            return replace(self, chosen=rest | ({name: kept} if kept else {}))
        empty: dict[str, Filters] = {
            "q": replace(self, text=""),
            "territoire": replace(self, territory=""),
            "bbox": replace(self, box=None),
            "lieu": replace(self, place="", lon=None, lat=None),
        }
        return empty[name]


def _number(raw: str, low: float, high: float) -> float | None:
    try:
        value = float(raw.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) and low <= value <= high else None


def _box(raw: str) -> tuple[float, float, float, float] | None:
    sides = raw.split(",")
    if len(sides) != 4:
        return None
    west, east = _number(sides[0], -180, 180), _number(sides[2], -180, 180)
    south, north = _number(sides[1], -90, 90), _number(sides[3], -90, 90)
    if west is None or east is None or south is None or north is None or south > north:
        return None
    return (west, south, east, north)


def filters_from(parameters: Parameters) -> Filters:
    """Reads an address; what is not understood is left out and named in `not_understood`, never an error."""
    strange: list[str] = []

    def first(name: str) -> str:
        return next((value.replace("\x00", "").strip() for value in parameters.getlist(name) if value.strip()), "")

    chosen: dict[str, tuple[str, ...]] = {}
    for name, (_field, _many, facet) in FACETS.items():
        values = dict.fromkeys(value for value in parameters.getlist(name) if value)
        known = tuple(value for value in values if glossary.knows(facet, value))
        if len(known) < len(values):
            strange.append(name)
        if known:
            chosen[name] = known
    lon, lat = _number(first("lon"), -180, 180), _number(first("lat"), -90, 90)
    box = _box(first("bbox")) if first("bbox") else None
    sort = first("tri")
    strange += ["bbox"] if first("bbox") and box is None else []
    strange += ["lon, lat"] if (first("lon") or first("lat")) and (lon is None or lat is None) else []
    strange += ["tri"] if sort and sort not in SORTS else []
    territory = first("territoire")
    if territory and (len(territory) > 40 or territory.count(":") != 1):
        strange.append("territoire")
        territory = ""
    both = lon is not None and lat is not None
    return Filters(
        text=first("q")[:LONGEST_TEXT],
        chosen=chosen,
        territory=territory,
        place=first("lieu")[:LONGEST_TEXT],
        lon=lon if both else None,
        lat=lat if both else None,
        box=box,
        sort=sort if sort in SORTS else "",
        not_understood=tuple(strange),
    )
