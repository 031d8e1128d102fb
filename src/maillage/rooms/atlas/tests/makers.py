"""Entries made for tests, by the same door as real ones."""

from __future__ import annotations

from typing import Any

from maillage.core.channels.kinds import Channel
from maillage.core.intake.models import Source
from maillage.rooms.atlas.actions_index import refresh_entry
from maillage.rooms.atlas.actions_save import EntryData, Origin, PlaceData, write_entry
from maillage.rooms.atlas.models import Entry


def make_entry(name: str = "Atelier informatique", /, *, places: tuple[PlaceData, ...] = (), **fields: Any) -> Entry:
    """A published entry of a source "essai", indexed; `fields` are those of ENTRY_FIELDS."""
    source, _made = Source.objects.get_or_create(code="essai", defaults={"name": "Essai"})
    number = Entry.objects.count() + 1
    summary = fields.pop("summary", f"{name} : un lieu pour essayer.")
    data = EntryData(
        external_id=f"essai-{number}", name=name, kind=fields.pop("kind", "initiative"), summary=summary, fields=fields,
        places=places,
    )  # fmt: skip
    entry = write_entry(Entry(source=source, external_id=data.external_id), data, Origin(channel=Channel.IMPORT))
    assert entry is not None
    refresh_entry(entry.pk)
    entry.refresh_from_db()
    return entry


def at(lon: float, lat: float, label: str = "Le lieu", **fields: Any) -> PlaceData:
    """A place at an address, with its coordinates."""
    return PlaceData(label=label, lon=lon, lat=lat, precision="address", obtained="essai", **fields)
