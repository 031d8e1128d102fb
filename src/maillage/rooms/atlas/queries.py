"""Reads of the atlas: the list and its order, one sheet, what is near, what is alike. Published entries only."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, F, FloatField, Max, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import ACos, Cast, Coalesce, Cos, Greatest, Least, Radians, Sin

from maillage.core.errors import Missing
from maillage.core.places.queries import places_named
from maillage.core.search.index import CONFIGURATION, Query, understand
from maillage.core.search.models import SearchDocument
from maillage.kernels.tiles.boxes import box_ranges
from maillage.rooms.atlas.filters import FACETS, Filters
from maillage.rooms.atlas.models import Entry, Place

PAGE_SIZE = 20
EARTH_RADIUS_M = 6_371_008.8
NOWHERE_M = 1e9  # entries without a position come last, they are not dropped


@dataclass(frozen=True)
class Page:
    """One page of the list; cursors are opaque, "" where there is no such page."""

    entries: list[Entry]
    total: int
    next_cursor: str
    is_first: bool
    query: Query | None


def _tsquery(tsquery: str) -> SearchQuery:
    return SearchQuery(tsquery, search_type="raw", config=CONFIGURATION)


def places_in_box(box: tuple[float, float, float, float]) -> Q:
    """Condition on places: within a box, found by ranges of quadkeys and cut exactly."""
    west, south, east, north = box
    ranges = Q()
    for low, high in box_ranges(west, south, east, north):
        ranges |= Q(quadkey__gte=low, quadkey__lt=high)
    inside = Q(lon__gte=west, lon__lte=east) if west <= east else Q(lon__gte=west) | Q(lon__lte=east)
    return ranges & inside & Q(lat__gte=south, lat__lte=north)


def matching(filters: Filters, query: Query | None = None, *, leaving_out: str = "") -> QuerySet[Entry]:
    """Published entries that meet a question; `leaving_out` drops one facet, to count its values."""
    rows: QuerySet[Entry] = Entry.objects.filter(is_published=True)
    for name, values in filters.chosen.items():
        field, many, _facet = FACETS[name]
        if name != leaving_out:
            rows = rows.filter(**{f"{field}__overlap" if many else f"{field}__in": list(values)})
    if filters.territory:
        rows = rows.filter(territories__contains=[filters.territory])
    if filters.box:
        rows = rows.filter(Exists(Place.objects.filter(places_in_box(filters.box), entry=OuterRef("pk"))))
    if filters.text:
        query = query or understand(filters.text)
        if not query.tsquery:
            return rows.none()
        found = SearchDocument.objects.filter(room="atlas", kind="entry", vector=_tsquery(query.tsquery))
        rows = rows.filter(pk__in=found.values("object_id"))
    return rows


def _distance(lon: float, lat: float) -> Any:
    """Metres between a point and a place, on the sphere."""
    here = Radians(Value(lat, FloatField()))
    there = Radians(F("lat"))
    turn = Radians(F("lon") - Value(lon, FloatField()))
    cosine = Sin(here) * Sin(there) + Cos(here) * Cos(there) * Cos(turn)
    return Value(EARTH_RADIUS_M) * ACos(Least(Value(1.0), Greatest(Value(-1.0), cosine)))


def _with_distance(rows: QuerySet[Entry], filters: Filters) -> QuerySet[Entry]:
    located = Place.objects.filter(entry=OuterRef("pk"), lon__isnull=False).order_by()
    nearest = located.values("entry").annotate(nearest=Min(_distance(filters.lon or 0.0, filters.lat or 0.0)))
    return rows.annotate(distance_m=Subquery(nearest.values("nearest"), output_field=FloatField()))


def _ordered(rows: QuerySet[Entry], filters: Filters, query: Query | None) -> tuple[QuerySet[Entry], list[str]]:
    """The rows in the order in force, with the fields that make the cursor; the last one is the identifier."""
    order = filters.order()
    if filters.has_point:
        rows = _with_distance(rows, filters)
    if order == "distance":
        rows = rows.annotate(rank_m=Coalesce(F("distance_m"), Value(NOWHERE_M)))
        return rows.order_by("rank_m", "pk"), ["rank_m", "pk"]
    if order == "recent":
        return rows.order_by("-modified_at", "-pk"), ["-modified_at", "-pk"]
    if order == "pertinence" and query and query.tsquery:
        weight = RawSQL(
            "(SELECT -ts_rank('{0.05,0.1,0.4,1.0}', d.vector, to_tsquery('maillage_fr', %s), 1)"
            " FROM search_searchdocument d WHERE d.room = 'atlas' AND d.kind = 'entry' AND d.object_id = atlas_entry.id)",
            [query.tsquery],
        )
        rows = rows.annotate(weight=Cast(weight, FloatField()))
        return rows.order_by("weight", "pk"), ["weight", "pk"]
    return rows.order_by("sort_key", "pk"), ["sort_key", "pk"]


def _cursor_of(entry: Entry, fields: list[str]) -> str:
    values: list[Any] = []
    for name in fields:
        value = getattr(entry, name.lstrip("-"))
        if isinstance(value, bytes | memoryview):
            value = bytes(value).hex()
        elif hasattr(value, "isoformat"):
            value = value.isoformat()
        values.append(value)
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _after(rows: QuerySet[Entry], fields: list[str], cursor: str) -> QuerySet[Entry]:
    """Rows after a cursor; a cursor that makes no sense gives the first page."""
    try:
        first, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if fields[0] == "sort_key":
            first = bytes.fromhex(first)
        elif fields[0] in {"rank_m", "weight"}:
            first = float(first)
        name, towards = fields[0].lstrip("-"), "lt" if fields[0].startswith("-") else "gt"
        return rows.filter(Q(**{f"{name}__{towards}": first}) | Q(**{name: first, f"pk__{towards}": int(last)}))
    except (ValueError, TypeError):
        return rows


def with_places(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """The rows with their places, in two statements whatever their number."""
    return rows.prefetch_related(Prefetch("places", Place.objects.order_by("position", "pk")))


def page_of(filters: Filters, cursor: str = "", size: int = PAGE_SIZE) -> Page:
    """One page of the list; `total` is exact, and entries without a position come last when sorted by distance."""
    query = understand(filters.text) if filters.text else None
    rows = matching(filters, query)
    total = rows.count()
    ordered, fields = _ordered(rows, filters, query)
    sliced = list(with_places(_after(ordered, fields, cursor) if cursor else ordered)[: size + 1])
    more = len(sliced) > size
    entries = sliced[:size]
    return Page(entries, total, _cursor_of(entries[-1], fields) if more else "", not cursor, query)


def everything(filters: Filters) -> QuerySet[Entry]:
    """All entries of a question in a steady order, for exports: rows out = rows of the list."""
    return with_places(matching(filters).select_related("source").order_by("sort_key", "pk"))


def resolved(filters: Filters) -> Filters:
    """The question with its typed place turned into a point, when the gazetteer knows it."""
    if filters.has_point or not filters.place:
        return filters
    found = places_named(filters.place, limit=1)
    if not found:
        return replace(filters, not_understood=(*filters.not_understood, "lieu"))
    return replace(filters, lon=found[0].lon, lat=found[0].lat)


def sheet(entry_id: int) -> Entry:
    """A published entry with its places and source; raises Missing. A merged one is returned with `merged_into` set."""
    row = with_places(Entry.objects.select_related("source", "merged_into").filter(pk=entry_id)).first()
    if row is None or not (row.is_published or row.merged_into_id):
        raise Missing(f"entry {entry_id}")
    return row


def near(entry: Entry, limit: int = 4) -> list[Entry]:
    """Other entries around the first precise place of this one, with their distance, nearest first."""
    spot = next((place for place in entry.places.all() if place.lon is not None), None)
    if spot is None or spot.lon is None or spot.lat is None:
        return []
    rows = _with_distance(
        Entry.objects.filter(is_published=True).exclude(pk=entry.pk), Filters(lon=spot.lon, lat=spot.lat)
    )
    return list(with_places(rows.filter(distance_m__lt=30_000).order_by("distance_m", "pk"))[:limit])


def alike(entry: Entry, limit: int = 4) -> list[Entry]:
    """Entries elsewhere that share most: themes, means, publics; a shared theme is needed."""
    rows = Entry.objects.filter(is_published=True, themes__overlap=entry.themes).exclude(pk=entry.pk)
    score = RawSQL(
        "cardinality(ARRAY(SELECT unnest(atlas_entry.themes) INTERSECT SELECT unnest(%s::text[]))) * 2"
        " + cardinality(ARRAY(SELECT unnest(atlas_entry.digital_means) INTERSECT SELECT unnest(%s::text[])))"
        " + cardinality(ARRAY(SELECT unnest(atlas_entry.publics) INTERSECT SELECT unnest(%s::text[])))",
        [entry.themes, entry.digital_means, entry.publics],
    )
    return list(with_places(rows.annotate(score=score).order_by("-score", "sort_key", "pk"))[:limit])


def linked(entry: Entry) -> list[Entry]:
    """Entries that this one names, holds, or belongs to."""
    codes = [*entry.related, *([entry.part_of] if entry.part_of else [])]
    rows = Entry.objects.filter(source_id=entry.source_id, is_published=True)
    rows = rows.filter(Q(external_id__in=codes) | Q(part_of=entry.external_id)).exclude(pk=entry.pk)
    return list(with_places(rows.order_by("sort_key", "pk")))


def newest(limit: int = 4) -> list[Entry]:
    """The entries added or changed last."""
    return list(with_places(Entry.objects.filter(is_published=True).order_by("-modified_at", "-pk"))[:limit])


def extent_of(filters: Filters) -> tuple[float, float, float, float] | None:
    """West, south, east, north of the places that meet a question, a little widened; None without any place."""
    rows = Place.objects.filter(entry__in=matching(filters), lon__isnull=False)
    sides = rows.aggregate(west=Min("lon"), south=Min("lat"), east=Max("lon"), north=Max("lat"))
    if sides["west"] is None:
        return None
    margin = 0.01
    return (sides["west"] - margin, sides["south"] - margin, sides["east"] + margin, sides["north"] + margin)


@dataclass(frozen=True)
class Point:
    """A place of an entry as the map needs it."""

    entry_id: int
    quadkey: int
    name: str
    theme: str
    status: str
    precision: str


def points_between(filters: Filters, low: int, high: int) -> list[Point]:
    """Places of the entries of a question whose quadkey lies in [low, high): one statement."""
    rows = Place.objects.filter(entry__in=matching(filters), quadkey__gte=low, quadkey__lt=high).order_by(
        "quadkey", "pk"
    )
    found = rows.values_list("entry_id", "quadkey", "entry__name", "entry__themes", "entry__status", "precision")
    return [
        Point(entry_id, quadkey or 0, name, themes[0] if themes else "", status, precision)
        for entry_id, quadkey, name, themes, status, precision in found
    ]
