"""What follows from where an entry is, for many entries at once: commune, territories, relation to the QPV.

The slow obvious twin is `actions_index._situate_place`, one point at a time; a test holds the two against each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from maillage.core.places.gazetteer import form_of
from maillage.core.places.models import ContourCoverage, Territory
from maillage.core.places.queries import (
    departement_of,
    distance_m,
    newest_qpv_generation,
    qpv_relation,
    territories_at,
)
from maillage.rooms.atlas.actions_index import UNCERTAINTY_M
from maillage.rooms.atlas.actions_save import PlaceData
from maillage.rooms.atlas.models import InQpv

CENTRE = "Centre de la commune"
DEDUCED = "Commune déduite du code postal et du nom"
FARTHEST_M = (
    40_000.0  # a point farther than this from the middle of its commune is not in it; overseas communes are larger
)
_REACH_LAT, _REACH_LON = 0.012, 0.02  # degrees that surely hold 500 m of nearness and the uncertainty of a point


@dataclass(frozen=True)
class Commune:
    """A commune or arrondissement of today."""

    code: str
    name: str
    lineage: tuple[str, ...]
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class Situation:
    """What was computed from a place."""

    territories: tuple[str, ...]
    in_qpv: str
    qpv_code: str


class Situating:
    """Communes and QPV read once, for a whole run."""

    def __init__(self) -> None:
        self._communes: dict[str, Commune] = {}
        self._by_postcode: dict[str, list[Commune]] = defaultdict(list)
        rows = Territory.objects.filter(kind="departement").order_by("code").values_list("code", "name", "parent_codes")
        self._departements = {code: (name, tuple(parents)) for code, name, parents in rows}
        self._read_communes()
        self._contours = self._boxes_of(Territory.objects.filter(contour__isnull=False, valid_until__isnull=True))
        self._generation = newest_qpv_generation()
        self._qpv_boxes = self._read_boxes() if self._generation else None
        areas = ContourCoverage.objects.filter(kind="qpv", generation=self._generation).values_list("area", flat=True)
        self._covered = set(areas) if self._generation else set()

    def _read_communes(self) -> None:
        rows = Territory.objects.filter(kind__in=["commune", "arrondissement"], valid_until__isnull=True).order_by("id")
        values = rows.values_list("kind", "code", "name", "parent_codes", "former_codes", "postcodes", "lon", "lat")
        former: dict[str, Commune] = {}
        for kind, code, name, parents, old_codes, postcodes, lon, lat in values.iterator(chunk_size=5000):
            one = Commune(code, name, (f"{kind}:{code}", *parents), lon, lat)
            self._communes[code] = one
            former.update(dict.fromkeys(old_codes, one))
            for postcode in postcodes:
                self._by_postcode[postcode].append(one)
        self._communes = {**former, **self._communes}

    def _read_boxes(self) -> shapely.STRtree:
        rows = Territory.objects.filter(kind="qpv", generation=self._generation, contour__isnull=False)
        return self._boxes_of(rows.filter(valid_until__isnull=True), _REACH_LON, _REACH_LAT)

    @staticmethod
    def _boxes_of(rows: QuerySet[Territory], more_lon: float = 0.0, more_lat: float = 0.0) -> shapely.STRtree:
        """The boxes of contours, widened: no point outside of them all can be in one."""
        found = list(rows.order_by("id").values_list("west", "south", "east", "north"))
        corners = np.array(found, dtype=float).reshape(-1, 4) + np.array([-more_lon, -more_lat, more_lon, more_lat])
        return shapely.STRtree(shapely.box(*corners.T))

    def completed(self, place: PlaceData) -> tuple[PlaceData, str]:
        """The place with what its commune tells, and what was done in words: code, département, a point, a point set aside."""
        commune, words = self._commune_of(place), list[str]()
        if commune is None:
            return place, ""
        changes: dict[str, object] = {}
        if not place.commune_code:
            changes["commune_code"] = commune.code
            words.append(_("code de la commune trouvé par le code postal et le nom"))
        if not place.commune:
            changes["commune"] = commune.name
        if known := self._departements.get(departement_of(commune.code)):
            changes["departement"] = known[0]
        if self._is_far(place, commune):
            changes |= {"lon": None, "lat": None, "precision": "", "obtained": ""}
            words.append(_("point à plus de 40 km de sa commune : il a été écarté"))
        if (place.lon is None or "lon" in changes) and commune.lon is not None:
            changes |= {"lon": commune.lon, "lat": commune.lat, "precision": "commune", "obtained": CENTRE}
        return replace(place, **changes), ", ".join(words)  # type: ignore[arg-type]  # names and types are those of PlaceData

    def _commune_of(self, place: PlaceData) -> Commune | None:
        if place.commune_code:
            return self._communes.get(place.commune_code)
        candidates = self._by_postcode.get(place.postcode, [])
        wanted = form_of(place.commune)
        named = [one for one in candidates if wanted and form_of(one.name) == wanted]
        if len(named) == 1:
            return self._arrondissement(named[0], candidates)
        quarters = [one for one in candidates if one.lineage[0].startswith("arrondissement:")]
        if len(quarters) == 1 and (not wanted or form_of(quarters[0].name).split(" ")[0] == wanted.split(" ")[0]):
            return quarters[0]
        return candidates[0] if len(candidates) == 1 and not wanted else None

    @staticmethod
    def _arrondissement(commune: Commune, candidates: Sequence[Commune]) -> Commune:
        """The arrondissement of the postcode, where the commune has some."""
        inside = [one for one in candidates if f"commune:{commune.code}" in one.lineage[1:]]
        return inside[0] if len(inside) == 1 else commune

    @staticmethod
    def _is_far(place: PlaceData, commune: Commune) -> bool:
        if (
            place.lon is None
            or place.lat is None
            or commune.lon is None
            or commune.lat is None
            or commune.code.startswith("97")
        ):
            return False
        return distance_m(lon=place.lon, lat=place.lat, other_lon=commune.lon, other_lat=commune.lat) > FARTHEST_M

    def lineage(self, commune_code: str) -> tuple[str, ...]:
        """As `lineage_of_commune`, from what was read."""
        if known := self._communes.get(commune_code):
            return known.lineage
        departement = departement_of(commune_code)
        _name, above = self._departements.get(departement, ("", ()))
        return (f"commune:{commune_code}", f"departement:{departement}", *above)

    def situation(self, place: PlaceData) -> Situation:
        """Territories and relation to the QPV of a place."""
        codes = list(self.lineage(place.commune_code)) if place.commune_code else []
        if place.lon is None or place.lat is None:
            return Situation(tuple(codes), InQpv.UNDETERMINED, "")
        state, qpv_code = self._qpv(place, codes)
        if not place.commune_code and len(self._contours.query(shapely.Point(place.lon, place.lat))):
            doubt_m = UNCERTAINTY_M.get(place.precision, 0.0)
            found = territories_at(lon=place.lon, lat=place.lat, uncertainty_m=doubt_m)
            codes += [f"{one.kind}:{one.code}" for one in found if one.is_certain and one.kind not in {"qpv", "qva"}]
        if state == InQpv.IN and qpv_code:
            codes.append(f"qpv:{qpv_code}")
        return Situation(tuple(codes), state, qpv_code)

    def _qpv(self, place: PlaceData, lineage: Sequence[str]) -> tuple[str, str]:
        """The exact answer is asked only where a QPV is near, or where the limits loaded do not tell."""
        uncertainty_m = UNCERTAINTY_M.get(place.precision)
        if uncertainty_m is None or self._qpv_boxes is None or place.lon is None or place.lat is None:
            return InQpv.UNDETERMINED, ""
        if not len(self._qpv_boxes.query(shapely.Point(place.lon, place.lat))):
            if not self._covered:
                return InQpv.UNDETERMINED, ""
            if "france" in self._covered or (place.commune_code and not self._covered.isdisjoint(lineage)):
                return InQpv.OUTSIDE, ""
        found = qpv_relation(lon=place.lon, lat=place.lat, uncertainty_m=uncertainty_m, commune_code=place.commune_code)
        return found.state, found.code
