"""Writing entries: one door for imports and accepted suggestions, so that every change leaves a revision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from maillage.core.channels.kinds import Channel
from maillage.core.intake.models import Source
from maillage.core.search.sort_keys import sort_key
from maillage.kernels.tiles.quadkey import quadkey_of
from maillage.rooms.atlas.models import Entry, Place, Revision, Suggestion

ENTRY_FIELDS = (
    "kind", "name", "other_names", "name_in_study", "summary", "description", "themes", "scale", "actor_kinds", "publics",
    "digital_means", "innovation_kinds", "city_figures", "service_nature", "mediation", "status", "status_as_of",
    "status_reason", "ended_on", "operator", "actors", "area_text", "dates", "figures", "funding", "links", "corrections",
    "related", "part_of", "study_pages",
)  # fmt: skip


@dataclass(frozen=True)
class PlaceData:
    """A located point as written by a source or a person; computed fields are not here."""

    label: str
    address: str = ""
    postcode: str = ""
    quarter: str = ""
    commune: str = ""
    commune_code: str = ""
    departement: str = ""
    lon: float | None = None
    lat: float | None = None
    precision: str = ""
    obtained: str = ""
    in_qpv_as_stated: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    opening_hours: str = ""
    opening_hours_text: str = ""
    source_text: str = ""
    source_on: str = ""


@dataclass(frozen=True)
class EntryData:
    """An entry as a source or a person gives it; `fields` are names of ENTRY_FIELDS."""

    external_id: str
    name: str
    kind: str
    summary: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    places: tuple[PlaceData, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where a change comes from: shown in the history. `who` is a role in words, never a person's name."""

    channel: str
    source_text: str = ""
    who: str = ""
    reason: str = ""
    suggestion: Suggestion | None = None


def snapshot_of(entry: Entry) -> dict[str, Any]:
    """Every public field of an entry as it stands, places included, as plain JSON values."""
    state = {name: getattr(entry, name) for name in ENTRY_FIELDS}
    state["is_published"] = entry.is_published
    state["places"] = [
        {name: getattr(place, name) for name in PlaceData.__dataclass_fields__}
        for place in entry.places.order_by("position")
    ]
    return state


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """[{field, before, after}] for each field whose value differs; an absent field counts as None."""
    names = [*before, *(name for name in after if name not in before)]
    return [
        {"field": name, "before": before.get(name), "after": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    ]


def save_imported_entry(source: Source, data: EntryData, source_text: str) -> Entry | None:
    """Creates or updates an entry of a source; returns it when something changed, None when it already was so."""
    entry = Entry.objects.filter(source=source, external_id=data.external_id).first()
    if entry is not None and _corrected_by_hand(entry):
        return None
    origin = Origin(channel=Channel.IMPORT, source_text=source_text[:300])
    return write_entry(entry or Entry(source=source, external_id=data.external_id), data, origin)


def _corrected_by_hand(entry: Entry) -> bool:
    """A correction that people accepted is not undone by reading the source again."""
    return entry.revisions.exclude(channel=Channel.IMPORT).exists()


@transaction.atomic
def write_entry(entry: Entry, data: EntryData, origin: Origin) -> Entry | None:
    """Writes an entry and its places; a new revision when something changed, otherwise None."""
    before = snapshot_of(entry) if entry.pk else {}
    for name, value in {
        **data.fields,
        "name": data.name[:200],
        "kind": data.kind,
        "summary": data.summary[:240],
    }.items():
        if name not in ENTRY_FIELDS:
            raise ValueError(f"not a field of an entry: {name}")
        setattr(entry, name, value)
    entry.sort_key = sort_key(entry.name)
    entry.slug = slugify(entry.name)[:120] or "fiche"
    entry.is_published = True
    after_places = [asdict(place) for place in data.places]
    planned = {name: getattr(entry, name) for name in ENTRY_FIELDS} | {"is_published": True, "places": after_places}
    if before == planned:
        return None
    if before:
        entry.version += 1
    entry.save()
    if before.get("places") != after_places:
        _write_places(entry, data.places)
    _write_revision(entry, before, planned, origin)
    return entry


def _write_places(entry: Entry, places: Iterable[PlaceData]) -> None:
    entry.places.all().delete()
    Place.objects.bulk_create(
        Place(
            entry=entry,
            position=position,
            quadkey=None if place.lon is None or place.lat is None else quadkey_of(place.lon, place.lat),
            **asdict(place),
        )
        for position, place in enumerate(places)
    )


def _write_revision(entry: Entry, before: Mapping[str, Any], after: dict[str, Any], origin: Origin) -> None:
    Revision.objects.create(
        entry=entry,
        number=entry.version,
        snapshot=after,
        changes=changes_between(before, after),
        reason=origin.reason,
        source_text=origin.source_text,
        channel=origin.channel,
        who=origin.who,
        suggestion=origin.suggestion,
    )


def hide_absent_entries(source: Source, present: set[str]) -> int:
    """Hides entries that their source no longer holds; returns how many."""
    gone = Entry.objects.filter(source=source, is_published=True).exclude(external_id__in=present)
    return gone.update(is_published=False, hidden_reason="Retirée de sa source")
