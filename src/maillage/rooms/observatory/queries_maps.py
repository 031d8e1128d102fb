"""Reads for the composed maps: what can be drawn, the figures of a series, territories with their contours, saved maps."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from django.db.models import Count, Exists, F, Max, OuterRef, Prefetch, Q

from maillage.core.errors import Missing
from maillage.core.moderation.states import State
from maillage.core.places.models import Territory
from maillage.rooms.observatory.maps.composition import Series
from maillage.rooms.observatory.models_indicators import Indicator, IndicatorNature, IndicatorValue
from maillage.rooms.observatory.models_maps import ComposedMap, ComposedMapFlag, ComposedMapVersion
from maillage.rooms.observatory.profile import METHOD_ORDER

SCOPE_KINDS = ("epci", "departement", "region", "commune")
MOST_SCOPES = 400
MOST_ON_DESK = 30  # each is drawn to find its title: a flood must not keep the moderators from their page
READABLE = (State.PROPOSED, State.PUBLISHED, State.REFUSED)


def drawable_indicators() -> list[Indicator]:
    """Indicators that have at least one value, by name."""
    has_values = Exists(IndicatorValue.objects.filter(indicator=OuterRef("pk")))
    return list(Indicator.objects.filter(has_values).order_by("topic", "sort_key", "id"))


def indicator_named(code: str) -> Indicator | None:
    """The indicator of this code, None where the dictionary has none."""
    return Indicator.objects.filter(code=code).first()


def series_of(indicator: Indicator) -> list[tuple[Series, int]]:
    """The series of an indicator with how many territories each holds: the finest known first, the latest year first."""
    rows = indicator.values.values_list("kind", "generation", "vintage", "method").annotate(Count("id")).order_by()
    found = [(Series(*key), count) for *key, count in rows]
    return sorted(found, key=lambda one: (-one[0].vintage, _method_rank(one[0].method), -one[1], one[0]))


def _method_rank(method: str) -> int:
    return METHOD_ORDER.index(method) if method in METHOD_ORDER else len(METHOD_ORDER)


def scopes_of(series: Series) -> list[tuple[str, str]]:
    """The territories that hold some of those of a series, as "kind:code" and name: metropolises, départements, towns."""
    rows = Territory.objects.filter(kind=series.kind, generation=series.generation, valid_until__isnull=True)
    parents = {code for codes in rows.values_list("parent_codes", flat=True).order_by() for code in codes}
    codes = [code.partition(":")[2] for code in parents]
    known = Territory.objects.filter(kind__in=SCOPE_KINDS, code__in=codes).defer("contour").order_by("sort_key", "id")
    found = [(row.reference, row.name) for row in known if row.reference in parents]
    return sorted(found, key=lambda one: SCOPE_KINDS.index(one[0].partition(":")[0]))[:MOST_SCOPES]


def territories_of(series: Series, scope: str, *, contours: bool = True) -> list[Territory]:
    """Territories of a series' kind and generation, all or inside "kind:code", by name."""
    rows = Territory.objects.filter(kind=series.kind, generation=series.generation, valid_until__isnull=True)
    if scope:
        kind, _colon, code = scope.partition(":")
        rows = rows.filter(Q(parent_codes__contains=[scope]) | Q(kind=kind, code=code))
    return list((rows if contours else rows.defer("contour")).order_by("sort_key", "id"))


def territory_count(series: Series, scope: str) -> int:
    """How many territories would be drawn."""
    return len(territories_of(series, scope, contours=False))


def shape_of(row: Territory) -> shapely.Geometry | None:
    """The contour of a territory, None where it is not loaded."""
    return shapely.from_wkb(bytes(row.contour)) if row.contour else None


def values_of(indicator: Indicator, series: Series) -> dict[str, IndicatorValue]:
    """The values of a series by code of territory; those without a value are absent."""
    rows = indicator.values.filter(
        kind=series.kind, generation=series.generation, vintage=series.vintage, method=series.method
    )
    return {row.code: row for row in rows.order_by("code")}


def denominators(series: Series) -> list[Indicator]:
    """Counts of inhabitants with the same territories and year: what a count may be divided by."""
    same = Exists(
        IndicatorValue.objects.filter(
            indicator=OuterRef("pk"), kind=series.kind, generation=series.generation, vintage=series.vintage,
            method=series.method,
        )
    )  # fmt: skip
    rows = Indicator.objects.filter(same, nature=IndicatorNature.COUNT, topic="population")
    return list(rows.order_by("sort_key", "id"))


@dataclass(frozen=True)
class SavedMap:
    """A saved map in one of its versions."""

    row: ComposedMap
    version: ComposedMapVersion
    latest: int

    @property
    def is_latest(self) -> bool:
        """Whether no newer version was saved."""
        return self.version.number == self.latest


def saved_map(code: str, number: int | None = None) -> SavedMap:
    """A map that anyone may read at its address, in its latest version or another; raises Missing."""
    row = ComposedMap.objects.filter(code=code, state__in=READABLE).first()
    if row is None:
        raise Missing(code)
    return _in_version(row, number)


def _in_version(row: ComposedMap, number: int | None) -> SavedMap:
    latest = row.versions.aggregate(Max("number"))["number__max"] or 0
    version = row.versions.filter(number=number or latest).first()
    if version is None:
        raise Missing(f"{row.code}.{number}")
    return SavedMap(row, version, latest)


def own_map(digest: str) -> SavedMap:
    """The map whose edit secret has this digest, whatever a moderator decided; raises Missing."""
    row = ComposedMap.objects.filter(secret_digest=digest).exclude(state=State.WITHDRAWN).first()
    if row is None:
        raise Missing("")
    return _in_version(row, None)


def versions_of(row: ComposedMap) -> list[ComposedMapVersion]:
    """Every version, the newest first."""
    return list(row.versions.order_by("-number"))


def listed_maps() -> list[SavedMap]:
    """Maps that a moderator listed, in the version read then, the newest first."""
    rows = ComposedMap.objects.filter(state=State.PUBLISHED).order_by("-made_at", "-id")
    listed = Prefetch(
        "versions", ComposedMapVersion.objects.filter(number=F("map__listed_version")).order_by("id"), to_attr="listed"
    )
    return [
        SavedMap(row, row.listed[0], row.listed_version or 0) for row in rows.prefetch_related(listed) if row.listed
    ]


@dataclass(frozen=True)
class Waiting:
    """A map before a moderator: its latest version, and what people said of it."""

    saved: SavedMap
    flags: list[ComposedMapFlag]


@dataclass(frozen=True)
class Desk:
    """The first of the maps that wait, and how many wait in all."""

    shown: list[Waiting]
    total: int


def maps_to_moderate(most: int = MOST_ON_DESK) -> Desk:
    """Maps never looked at, flagged, changed since they were listed, or held: flagged first, held last, then the oldest."""
    flagged = ComposedMapFlag.objects.filter(map=OuterRef("pk"), is_settled=False)
    rows = ComposedMap.objects.annotate(
        is_flagged=Exists(flagged), latest=Max("versions__number"), is_held=Q(state=State.HELD)
    )
    waiting = Q(state__in=[State.PROPOSED, State.HELD]) | Q(is_flagged=True)
    changed = Q(state=State.PUBLISHED, latest__gt=F("listed_version"))
    rows = rows.filter(waiting | changed).exclude(state=State.WITHDRAWN)
    open_flags = Prefetch(
        "flags", ComposedMapFlag.objects.filter(is_settled=False).order_by("id"), to_attr="open_flags"
    )
    versions = Prefetch("versions", ComposedMapVersion.objects.order_by("-number"), to_attr="all_versions")
    found = rows.prefetch_related(open_flags, versions).order_by("-is_flagged", "is_held", "made_at", "id")[:most]
    shown = [Waiting(SavedMap(row, row.all_versions[0], row.all_versions[0].number), row.open_flags) for row in found]
    return Desk(shown, len(shown) if len(shown) < most else rows.count())


def map_to_decide(code: str) -> ComposedMap:
    """The map that a moderator decides about; raises Missing."""
    row = ComposedMap.objects.filter(code=code).exclude(state=State.WITHDRAWN).first()
    if row is None:
        raise Missing(code)
    return row
