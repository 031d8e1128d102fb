"""Reads for files, pictures and programs: streams, sources with their counts, pages that follow the last change."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from maillage.core.errors import Invalid
from maillage.core.exports.about import SourceNote
from maillage.core.places.models import Territory
from maillage.rooms.atlas.filters import Filters
from maillage.rooms.atlas.models import Collection, Entry, Place, Revision
from maillage.rooms.atlas.queries import everything, matching, with_places

ROWS_AT_A_TIME = 500


@dataclass(frozen=True)
class Spot:
    """A located place of an entry, for drawing."""

    entry_id: int
    lon: float
    lat: float
    theme: str
    town: str = ""


@dataclass(frozen=True)
class Portion:
    """Some entries in a steady order; `next_cursor` is "" after the last one."""

    entries: list[Entry]
    next_cursor: str


def stream(filters: Filters) -> Iterator[Entry]:
    """All entries of a question, read by portions: memory does not grow with their number."""
    return everything(filters).iterator(chunk_size=ROWS_AT_A_TIME)


def sources_of(filters: Filters) -> tuple[SourceNote, ...]:
    """The sources of the entries of a question, those that give most first."""
    names = ("source__name", "source__licence", "source__published_on", "source__url")
    rows = matching(filters).order_by().values_list(*names).annotate(rows=Count("pk")).order_by("-rows", "source__name")
    return tuple(SourceNote(*row) for row in rows)


def last_change(filters: Filters) -> datetime | None:
    """When an entry of a question changed last."""
    found: datetime | None = matching(filters).order_by().aggregate(at=Max("modified_at"))["at"]
    return found


def postcodes() -> Mapping[str, list[str]]:
    """Postcodes by INSEE code of commune."""
    rows = Territory.objects.filter(kind__in=["commune", "arrondissement"]).values_list("code", "postcodes")
    return {code: list(codes) for code, codes in rows}


def spots(filters: Filters) -> list[Spot]:
    """Every located place of the entries of a question."""
    rows = Place.objects.filter(entry__in=matching(filters).order_by().values("pk"), lon__isnull=False)
    values = rows.order_by("entry_id", "position", "pk").values_list(
        "entry_id", "lon", "lat", "entry__themes", "commune"
    )
    return [
        Spot(pk, lon or 0.0, lat or 0.0, themes[0] if themes else "", town) for pk, lon, lat, themes, town in values
    ]


def _encoded(values: list[str | int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _decoded(cursor: str, order: str) -> tuple[str, int]:
    """What a cursor holds; raises Invalid when it is not one of ours, or belongs to another order."""
    try:
        kind, first, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if kind != order or not isinstance(first, str) or not isinstance(last, int) or abs(last) > 2**62:
            raise ValueError
        if order == "name":
            bytes.fromhex(first)
        else:
            datetime.fromisoformat(first)
    except (ValueError, TypeError, RecursionError) as fault:
        raise Invalid("This cursor is not one that this address gave.", {"cursor": ["unknown cursor"]}) from fault
    return first, last


def portion(filters: Filters, *, cursor: str, size: int, modified_since: datetime | None) -> Portion:
    """Entries by name; or, with `modified_since`, by date of change, so that a copy can be kept up to date.

    Raises Invalid for a cursor that this order did not give.
    """
    rows: QuerySet[Entry] = matching(filters).select_related("source")
    if modified_since is None:
        rows = rows.order_by("sort_key", "pk")
        if cursor:
            first, last = _decoded(cursor, "name")
            key = bytes.fromhex(first)
            rows = rows.filter(Q(sort_key__gt=key) | Q(sort_key=key, pk__gt=last))
    else:
        rows = rows.filter(modified_at__gte=modified_since).order_by("modified_at", "pk")
        if cursor:
            first, last = _decoded(cursor, "change")
            at = datetime.fromisoformat(first)
            rows = rows.filter(Q(modified_at__gt=at) | Q(modified_at=at, pk__gt=last))
    found = list(with_places(rows)[: size + 1])
    kept = found[:size]
    return Portion(kept, _cursor_after(kept[-1], modified_since is not None) if len(found) > size else "")


def _cursor_after(entry: Entry, by_change: bool) -> str:
    if by_change:
        return _encoded(["change", entry.modified_at.isoformat(), entry.pk])
    return _encoded(["name", bytes(entry.sort_key).hex(), entry.pk])


def withdrawn_since(moment: datetime) -> list[Entry]:
    """Entries that were hidden or merged since a moment: a copy must drop them."""
    rows = Entry.objects.filter(is_published=False, modified_at__gte=moment)
    return list(rows.order_by("modified_at", "pk").only("pk", "modified_at", "merged_into_id"))


def history(entry: Entry) -> list[Revision]:
    """The revisions of an entry, newest first."""
    return list(entry.revisions.order_by("-number"))


def collections() -> list[Collection]:
    """Published collections by title."""
    return list(Collection.objects.filter(is_published=True).order_by("title", "pk"))


def collection(slug: str) -> Collection | None:
    """A published collection."""
    return Collection.objects.filter(is_published=True, slug=slug).first()


def entries_of(chosen: Collection) -> list[Entry]:
    """The entries that were put in a collection by hand."""
    return list(with_places(chosen.entries.filter(is_published=True).order_by("sort_key", "pk")))


def total(filters: Filters, modified_since: datetime | None) -> int:
    """How many entries meet a question, changed since a moment when one is given."""
    rows = matching(filters)
    return (rows.filter(modified_at__gte=modified_since) if modified_since else rows).count()
