"""Writes of territories, in batches: only what changed is written, and whoever derives something from them is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import shapely
from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from maillage.core.places.gazetteer import LONGEST, form_of, forms_of
from maillage.core.places.models import ContourQuality, Edition, PlaceName, Territory, TownHall
from maillage.core.places.shapes import area_m2, inside_point
from maillage.core.rooms import resolve, rooms
from maillage.core.search.sort_keys import sort_key

_IDENTITY = ("kind", "code", "generation")
_NOT_COMPARED = {*_IDENTITY, "id", "loaded_at", "territory"}


def _names_of_fields(model: type[Model]) -> tuple[str, ...]:
    return tuple(one.name for one in model._meta.concrete_fields if one.name not in _NOT_COMPARED)  # noqa: SLF001 (public API)


_FIELDS = _names_of_fields(Territory)
_HALL_FIELDS = _names_of_fields(TownHall)
COMPUTED = "calculée à partir du contour"


@dataclass(frozen=True)
class Put:
    """What a batch did."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Put) -> Put:
        return Put(self.created + other.created, self.changed + other.changed, self.unchanged + other.unchanged)

    @property
    def written(self) -> int:
        """Rows that were written."""
        return self.created + self.changed


@dataclass(frozen=True)
class Alias:
    """Another name a territory is found by, with the point it stands for when it is not the territory's own."""

    name: str
    label: str
    lon: float | None = None
    lat: float | None = None


def shaped(territory: Territory, shape: shapely.Geometry | None, quality: str, tolerance_m: float) -> Territory:
    """The territory with what follows from its shape; without shape it has no contour and no invented point."""
    territory.sort_key = sort_key(territory.name)
    if shape is None or shape.is_empty:
        return territory
    territory.contour = shapely.to_wkb(shape)
    territory.contour_quality, territory.contour_tolerance_m = quality, tolerance_m
    territory.west, territory.south, territory.east, territory.north = (float(value) for value in shape.bounds)
    territory.lon, territory.lat = inside_point(shape)
    territory.point_precision = "inside"
    if not territory.area_source or territory.area_source.startswith(COMPUTED):
        what = "" if quality == ContourQuality.OFFICIAL else " simplifié"
        territory.area_m2, territory.area_source = round(area_m2(shape)), COMPUTED + what
    return territory


def put_territories(territories: Sequence[Territory], aliases: Mapping[str, Sequence[Alias]] | None = None) -> Put:
    """Creates or replaces a batch of territories of one kind, with the names they are found by.

    Rows equal to what is stored are not written. `aliases` are by territory code. The caller holds the transaction and
    calls `territories_changed` at its end.
    """
    if not territories:
        return Put()
    kind = territories[0].kind
    stored = {
        (row.code, row.generation): row
        for row in Territory.objects.filter(kind=kind, code__in=[one.code for one in territories]).order_by("id")
    }
    fresh = [one for one in territories if (one.code, one.generation) not in stored]
    moved = [one for one in territories if _differs(one, stored.get((one.code, one.generation)))]
    Territory.objects.bulk_create(
        [*fresh, *moved], update_conflicts=True, unique_fields=_IDENTITY, update_fields=[*_FIELDS, "loaded_at"]
    )
    for one in territories:
        one.pk = one.pk or stored[(one.code, one.generation)].pk
    _put_names(territories, aliases or {})
    return Put(len(fresh), len(moved), len(territories) - len(fresh) - len(moved))


def _differs(one: Territory, old: Territory | None) -> bool:
    return old is not None and any(_plain(getattr(one, name)) != _plain(getattr(old, name)) for name in _FIELDS)


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def _put_names(territories: Sequence[Territory], aliases: Mapping[str, Sequence[Alias]]) -> None:
    wanted = {(one.pk, name.form): name for one in territories for name in _names(one, aliases.get(one.code, ()))}
    stored = {
        (row.territory_id, row.form): row
        for row in PlaceName.objects.filter(territory__in=[one.pk for one in territories]).order_by("id")
    }
    gone = [row.pk for key, row in stored.items() if key not in wanted]
    new = [name for key, name in wanted.items() if key not in stored or _other_place(name, stored[key])]
    if gone:
        PlaceName.objects.filter(pk__in=gone).delete()
    PlaceName.objects.bulk_create(
        new, update_conflicts=True, unique_fields=["territory", "form"], update_fields=["label", "lon", "lat"]
    )


def _other_place(name: PlaceName, old: PlaceName) -> bool:
    return (name.label, name.lon, name.lat) != (old.label, old.lon, old.lat)


def _names(territory: Territory, aliases: Iterable[Alias]) -> list[PlaceName]:
    """A territory's own names, then its aliases; the first of two equal forms wins."""
    made: dict[str, PlaceName] = {}
    for form in forms_of(territory):
        made.setdefault(form, PlaceName(territory=territory, form=form, label=territory.name))
    for alias in aliases:
        form = form_of(alias.name)[:LONGEST]
        made.setdefault(
            form, PlaceName(territory=territory, form=form, label=alias.label[:200], lon=alias.lon, lat=alias.lat)
        )
    return [name for form, name in made.items() if form]


def put_town_halls(halls: Sequence[TownHall], territories: Sequence[Territory]) -> Put:
    """Makes these the town halls of these territories, all of them: others that they had are removed."""
    stored = {
        (row.territory_id, row.name): row
        for row in TownHall.objects.filter(territory__in=[one.pk for one in territories]).order_by("id")
    }
    wanted = {(hall.territory_id, hall.name): hall for hall in halls}
    fresh = [hall for key, hall in wanted.items() if key not in stored]
    moved = [hall for key, hall in wanted.items() if key in stored and _hall_differs(hall, stored[key])]
    if gone := [row.pk for key, row in stored.items() if key not in wanted]:
        TownHall.objects.filter(pk__in=gone).delete()
    TownHall.objects.bulk_create(
        [*fresh, *moved],
        update_conflicts=True,
        unique_fields=["territory", "name"],
        update_fields=[name for name in _HALL_FIELDS if name != "name"],
    )
    return Put(len(fresh), len(moved) + len(gone), len(wanted) - len(fresh) - len(moved))


def _hall_differs(hall: TownHall, old: TownHall) -> bool:
    return any(getattr(hall, name) != getattr(old, name) for name in _HALL_FIELDS)


def territories_changed() -> None:
    """Gives the territories a new edition number and lets each room recompute what it derives from them.

    Runs inside the caller's transaction, so that no reader ever sees new contours with old answers.
    """
    with transaction.atomic():
        if not Edition.objects.filter(pk=1).update(number=F("number") + 1, changed_at=timezone.now()):
            Edition.objects.create(pk=1, number=1)
        for room in rooms():
            if room.territories_changed:
                resolve(room.territories_changed)()
