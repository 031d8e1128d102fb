"""Reads about suggestions: one by its code, those that wait for voices, possible duplicates, the past of an entry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Q
from rapidfuzz import fuzz

from maillage.core.engine.sight import holding, seeing_everything
from maillage.core.errors import Missing
from maillage.core.moderation.codes import code_as_typed
from maillage.core.moderation.states import WAITING, State
from maillage.core.places.queries import distance_m
from maillage.core.search.index import CONFIGURATION
from maillage.core.search.models import SearchDocument
from maillage.core.search.words import folded, meaningful, tokens
from maillage.rooms.atlas.models import Entry, Place, Revision, Suggestion, SuggestionDraft, SuggestionKind
from maillage.rooms.atlas.queries import places_in_box

NEAR_M = 300.0
CANDIDATES = 200
SAME_WITHIN = timedelta(hours=1)
_SENT = "a form sent twice is known by halves of its key, whoever sends it"
VOTED_ON = (SuggestionKind.NEW, SuggestionKind.CORRECTION, SuggestionKind.CLOSED, SuggestionKind.STILL_TRUE)


@dataclass(frozen=True)
class Candidate:
    """An entry that may be the one proposed, and how alike it is (0 to 100)."""

    entry: Entry
    place: Place | None
    likeness: float
    distance_m: float | None


def published_entry(entry_id: int) -> Entry:
    """An entry that anyone may see; raises Missing."""
    entry = Entry.objects.filter(pk=entry_id, is_published=True).prefetch_related("places").first()
    if entry is None:
        raise Missing("")
    return entry


def entry_with_past(entry_id: int) -> Entry:
    """An entry whose history may be read: published, or merged into one that is; raises Missing."""
    seen = Q(is_published=True) | Q(merged_into__is_published=True)
    entry = Entry.objects.filter(seen, pk=entry_id).select_related("merged_into", "source").first()
    if entry is None:
        raise Missing("")
    return entry


def revisions_of(entry: Entry) -> list[Revision]:
    """States of an entry, newest first."""
    return list(Revision.objects.filter(entry=entry).order_by("-number"))


def draft_with(secret: str) -> SuggestionDraft | None:
    """The draft that this secret opens."""
    with holding(secret):
        return SuggestionDraft.objects.filter(secret=secret).first()


@seeing_everything(_SENT)
def suggestion_of_form(half: str) -> Suggestion | None:
    """What was already sent with a form, known by the first half of its key."""
    # As a range: under row-level security PostgreSQL uses no index for LIKE. Keys are of hexadecimal figures, before "g".
    rows = Suggestion.objects.filter(idempotency_key__gte=half, idempotency_key__lt=f"{half}g")
    return rows.order_by("idempotency_key").first()


@seeing_everything(_SENT)
def sent_before(key: str, now: datetime) -> Suggestion | None:
    """What was already sent with this form; or the same words from the same browser, waiting, within the hour."""
    half = len(key) // 2
    recent = Suggestion.objects.filter(created_at__gt=now - SAME_WITHIN, state__in=WAITING)
    return suggestion_of_form(key[:half]) or recent.filter(idempotency_key__endswith=key[half:]).order_by("pk").first()


def suggestion_followed(typed: str) -> Suggestion | None:
    """The suggestion whose code was typed, forgivingly."""
    code = code_as_typed(typed)
    with holding(code):
        return (
            Suggestion.objects.select_related("entry", "entry__merged_into").filter(code=code).first() if code else None
        )


@seeing_everything(
    "what awaits voices is shown to all, where the operator opened this: the place, never who proposed it"
)
def suggestions_awaiting_voices(before: int | None, limit: int) -> list[Suggestion]:
    """What the community may judge, newest first: neither reports of abuse nor what came in a flood; none when off."""
    if not settings.COMMUNITY_VOTES_NEEDED:
        return []
    rows = Suggestion.objects.filter(state=State.PROPOSED, kind__in=VOTED_ON).select_related("entry")
    agreeing = Count("votes", filter=Q(votes__agrees=True))
    disagreeing = Count("votes", filter=Q(votes__agrees=False))
    rows = rows.annotate(agreeing=agreeing, disagreeing=disagreeing).order_by("-pk")
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])


def possible_duplicates(
    *,
    name: str,
    commune: str = "",
    commune_code: str = "",
    lon: float | None = None,
    lat: float | None = None,
    limit: int = 3,
) -> list[Candidate]:
    """Entries that may be the same, most alike first: by name, then nearness or commune decides."""
    ids = _ids_named_like(name) | _ids_near(lon, lat)
    entries = Entry.objects.filter(pk__in=ids, is_published=True).prefetch_related("places").order_by("pk")
    found = []
    for entry in entries:
        place, distance = _nearest(list(entry.places.all()), lon, lat, folded(commune), commune_code)
        likeness = _likeness(name, entry, commune or (place.commune if place else ""))
        if likeness >= _needed(place, distance, is_somewhere=bool(commune or commune_code or lon is not None)):
            found.append(Candidate(entry, place, likeness, distance))
    return sorted(found, key=lambda one: (-one.likeness, one.distance_m or 0.0, one.entry.pk))[:limit]


def _likeness(name: str, entry: Entry, commune: str = "") -> float:
    """Of the names without empty words nor the commune's: "de Vénissieux" makes no two places alike."""
    known = (entry.name, *entry.other_names)
    return max(_alike(name, one, commune) for one in known)


def _alike(one: str, other: str, commune: str) -> float:
    dropped = set(tokens(commune))
    telling = [" ".join(word for word in meaningful(tokens(text)) if word not in dropped) for text in (one, other)]
    if not all(telling):
        telling = [folded(one), folded(other)]
    return fuzz.token_set_ratio(*telling) * 0.5 + fuzz.ratio(*telling) * 0.5


def _needed(place: Place | None, distance: float | None, *, is_somewhere: bool) -> float:
    """The nearer, the less alike the names need be; elsewhere only the very same name is told."""
    if distance is not None and distance <= NEAR_M:
        return 55.0
    if place is not None:
        return 70.0
    return 96.0 if is_somewhere else 85.0


def _nearest(
    places: Sequence[Place], lon: float | None, lat: float | None, commune: str, commune_code: str
) -> tuple[Place | None, float | None]:
    """The place of an entry that is near or in the commune, with its distance when both points are known."""
    if lon is not None and lat is not None:
        by_distance = sorted(
            (distance_m(lon=lon, lat=lat, other_lon=one.lon, other_lat=one.lat or 0.0), one.pk, one)
             for one in places if one.lon is not None
        )  # fmt: skip
        if by_distance and by_distance[0][0] <= 5000:
            return by_distance[0][2], by_distance[0][0]
    for place in places:
        if (commune_code and place.commune_code == commune_code) or (commune and folded(place.commune) == commune):
            return place, None
    return None, None


def _ids_named_like(name: str) -> set[int]:
    """Entries that hold all the words, or failing that any of them: a bounded number, likeness is judged after."""
    words = [word for word in meaningful(tokens(name[:200]))[:12] if word.isalnum()]
    ids: set[int] = set()
    for joint in (" & ", " | "):
        if words and len(ids) < CANDIDATES:
            query = SearchQuery(joint.join(f"{word}:*" for word in words), search_type="raw", config=CONFIGURATION)
            rows = SearchDocument.objects.filter(room="atlas", kind="entry", vector=query).order_by("pk")
            ids |= set(rows.values_list("object_id", flat=True)[:CANDIDATES])
    return ids


def _ids_near(lon: float | None, lat: float | None) -> set[int]:
    if lon is None or lat is None:
        return set()
    high = NEAR_M / 111_320.0
    wide = high / max(0.05, math.cos(math.radians(lat)))
    box = (lon - wide, max(-90.0, lat - high), lon + wide, min(90.0, lat + high))
    rows = Place.objects.filter(places_in_box(box)).order_by("pk")
    return set(rows.values_list("entry_id", flat=True)[:CANDIDATES])


def entries_like(entry: Entry, typed: str = "", *, also: str = "", limit: int = 8) -> list[Entry]:
    """Published entries that may be the same as this one, or that match what was typed; `also` is kept when it exists."""
    if typed:
        ids = list(_ids_named_like(typed))
        rows = list(Entry.objects.filter(pk__in=ids, is_published=True).exclude(pk=entry.pk))
        found = sorted(rows, key=lambda one: (-_likeness(typed, one), one.pk))[:limit]
    else:
        place = entry.places.order_by("position").first()
        where = {"commune_code": place.commune_code, "lon": place.lon, "lat": place.lat} if place else {}
        candidates = possible_duplicates(name=entry.name, limit=limit + 1, **where)  # type: ignore[arg-type]
        found = [one.entry for one in candidates if one.entry.pk != entry.pk][:limit]
    if also.isdecimal() and len(also) < 18 and int(also) not in {one.pk for one in found}:
        found += Entry.objects.filter(pk=int(also), is_published=True).exclude(pk=entry.pk)
    return found


def entry_of_number(entry_id: int | None) -> Entry | None:
    """An entry by its number, visible or not; for moderators."""
    return Entry.objects.filter(pk=entry_id).first() if entry_id else None
