"""Reads for OGC API – Features: pages of entries by key, within a box and a time, from the same read model as the list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from maillage.core.readmodel.parts import View
from maillage.rooms.atlas import readmodel
from maillage.rooms.atlas.filters import Filters
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.queries import with_places
from maillage.rooms.atlas.readmodel_masks import Found, extent_within, found_in, joined, total_of
from maillage.rooms.atlas.readmodel_pages import page_within

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Span:
    """Two instants, both included; None where it is open."""

    begin: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Items:
    """A page of entries with their places and sources; `next_cursor` is "" on the last one."""

    entries: list[Entry]
    total: int
    next_cursor: str


def items(filters: Filters, span: Span, *, cursor: str, size: int) -> Items:
    """Entries in the order of names, changed within a span of time."""
    by_name = replace(filters, sort="nom")
    found = [_within(one, span) for one in found_in(readmodel.view(), by_name)]
    ranked = page_within(found, by_name, cursor, size)
    rows = with_places(Entry.objects.filter(pk__in=ranked.ids, is_published=True).select_related("source"))
    entries = {entry.pk: entry for entry in rows.order_by("pk")}
    return Items([entries[pk] for pk in ranked.ids if pk in entries], total_of(found), ranked.next_cursor)


def _within(one: Found, span: Span) -> Found:
    mask, modified = one.mask, one.part.arrays["modified"]
    if span.begin is not None:
        mask = joined(mask, modified >= _microseconds(span.begin))
    if span.end is not None:
        mask = joined(mask, modified <= _microseconds(span.end))
    return replace(one, mask=mask)


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Extent:
    """How many entries there are, and what they cover."""

    total: int
    box: tuple[float, float, float, float] | None
    span: Span


def whole_extent() -> Extent:
    """Of all published entries."""
    view = readmodel.view()
    found = found_in(view, Filters())
    return Extent(total_of(found), extent_within(found), _times(view))


def _times(view: View) -> Span:
    ends: list[int] = []
    for one in view.laid:
        alive = one.part.arrays["modified"] if one.alive is None else one.part.arrays["modified"][one.alive]
        if len(alive):
            ends += [int(alive.min()), int(alive.max())]
    if not ends:
        return Span()
    return Span(EPOCH + timedelta(microseconds=min(ends)), EPOCH + timedelta(microseconds=max(ends)))
