"""Reads of the atlas: the list and its order, one sheet, what is near, what is alike. Published entries only."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from maillage.core.errors import Missing
from maillage.core.places.queries import places_named
from maillage.core.readmodel.kept import Kept
from maillage.core.search.index import CONFIGURATION, Query, understand
from maillage.core.search.models import SearchDocument
from maillage.kernels.tiles.boxes import box_ranges
from maillage.rooms.atlas import readmodel
from maillage.rooms.atlas.filters import FACETS, Filters
from maillage.rooms.atlas.models import Entry, Place
from maillage.rooms.atlas.readmodel import on_sphere
from maillage.rooms.atlas.readmodel_masks import extent_within, found_in, question_key, total_of
from maillage.rooms.atlas.readmodel_pages import metres_of, most_alike, page_within

PAGE_SIZE = 20
NEAR_M = 30_000.0
EXTENT_BYTES = 500
# Half the time of a list went into reading these, which no card shows.
LONG_FIELDS = (
    "description", "actors", "dates", "figures", "funding", "links", "corrections", "related", "study_pages", "territories",
    "sort_key", "other_names", "hidden_reason", "status_reason",
)  # fmt: skip
EXTENTS = Kept(1_000_000)


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


def with_places(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """The rows with their places, in two statements whatever their number."""
    return rows.prefetch_related(Prefetch("places", Place.objects.order_by("position", "pk")))


def page_of(filters: Filters, cursor: str = "", size: int = PAGE_SIZE, *, for_cards: bool = False) -> Page:
    """One page of the list; `total` is exact, and entries without a position come last when sorted by distance.
    `for_cards` leaves in the tables the long fields that only sheets and files show.

    Which entries and how many is the read model's answer; what they say is read from the tables.
    """
    query = understand(filters.text) if filters.text else None
    found = found_in(readmodel.view(), filters, query)
    ranked = page_within(found, filters, cursor, size)
    return Page(
        _listed(ranked.ids, filters, for_cards=for_cards), total_of(found), ranked.next_cursor, not cursor, query
    )


def _listed(ids: list[int], filters: Filters, *, for_cards: bool = True) -> list[Entry]:
    """These entries in this order, with their places and, where the question has a point, their distance to it."""
    rows = with_places(Entry.objects.filter(pk__in=ids, is_published=True))
    if for_cards:
        rows = rows.defer(*LONG_FIELDS)
    entries = {entry.pk: entry for entry in rows.order_by("pk")}
    if filters.has_point:
        for entry in entries.values():
            entry.distance_m = _nearest_m(entry, filters)  # type: ignore[attr-defined]
    return [entries[pk] for pk in ids if pk in entries]


def _nearest_m(entry: Entry, filters: Filters) -> float | None:
    """Metres to the nearest place of an entry; None without any."""
    here = on_sphere(filters.lon, filters.lat)
    known = [place for place in entry.places.all() if place.lon is not None]
    if not known:
        return None
    there = on_sphere([place.lon for place in known], [place.lat for place in known])
    return metres_of(float(((there - here[:, None]) ** 2).sum(axis=0).min()))


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
    here = Filters(lon=spot.lon, lat=spot.lat)
    ranked = page_within(found_in(readmodel.view(), here), here, "", limit + 1)
    around = _listed([pk for pk in ranked.ids if pk != entry.pk][:limit], here)
    return [one for one in around if (away := one.distance_m) is not None and away < NEAR_M]  # type: ignore[attr-defined]


def alike(entry: Entry, limit: int = 4) -> list[Entry]:
    """Entries elsewhere that share most: themes, means, publics; a shared theme is needed."""
    weights = {"themes": (entry.themes, 2), "digital_means": (entry.digital_means, 1), "publics": (entry.publics, 1)}
    ranked = most_alike(readmodel.view(), weights, needed="themes", size=limit + 1)
    return _listed([pk for pk in ranked if pk != entry.pk][:limit], Filters())


def linked(entry: Entry) -> list[Entry]:
    """Entries that this one names, holds, or belongs to."""
    codes = [*entry.related, *([entry.part_of] if entry.part_of else [])]
    rows = Entry.objects.filter(source_id=entry.source_id, is_published=True)
    rows = rows.filter(Q(external_id__in=codes) | Q(part_of=entry.external_id)).exclude(pk=entry.pk)
    return list(with_places(rows.order_by("sort_key", "pk")))


def newest(limit: int = 4) -> list[Entry]:
    """The entries added or changed last, but the examples from elsewhere: they are no news to who lives here."""
    rows = Entry.objects.filter(is_published=True).exclude(scale="national_benchmark")
    return list(with_places(rows.order_by("-modified_at", "-pk"))[:limit])


def extent_of(filters: Filters) -> tuple[float, float, float, float] | None:
    """West, south, east, north of the places that meet a question, a little widened; None without any place."""
    view = readmodel.view()
    query = understand(filters.text) if filters.text else None
    key = (view.mark, question_key(filters), query.tsquery if query else None)
    sides = EXTENTS.of(view.mark).get(key) if view.mark else None
    if sides is None:
        sides = extent_within(found_in(view, filters, query))
        if view.mark:
            EXTENTS.put(key, sides, EXTENT_BYTES)
    if sides is None:
        return None
    west, south, east, north = sides
    margin = 0.01
    return west - margin, south - margin, east + margin, north + margin
