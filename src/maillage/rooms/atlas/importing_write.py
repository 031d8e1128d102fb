"""Writing the entries of a run, batch by batch: only what changed, each change with its revision, people's corrections kept.

Same rules as `actions_save.write_entry`, for many rows with a few statements: new rows by COPY, changed ones by one upsert.
The caller holds the transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.text import slugify

from maillage.core.channels.kinds import Channel
from maillage.core.intake.bulk import copy_rows, keep_records, reserve_ids
from maillage.core.intake.models import Run, SourceRecord
from maillage.core.search.bulk import ManyDocuments
from maillage.core.search.index import drop_documents
from maillage.core.search.sort_keys import sort_key
from maillage.kernels.tiles.quadkey import quadkeys_of
from maillage.rooms.atlas.actions_index import _document  # the same document for one entry and for many
from maillage.rooms.atlas.actions_save import ENTRY_FIELDS, EntryData, PlaceData, changes_between
from maillage.rooms.atlas.importing_places import Situating, Situation
from maillage.rooms.atlas.models import Entry, InQpv, Place, Revision

ABSENT = "Retirée de sa source"  # as `hide_absent_entries` writes it
WRITTEN = (
    *ENTRY_FIELDS,
    "sort_key",
    "slug",
    "is_published",
    "hidden_reason",
    "version",
    "territories",
    "in_qpv",
    "modified_at",
)


@dataclass(frozen=True)
class Ready:
    """An entry ready to be written: what it becomes, the company number of its row, the row as received."""

    data: EntryData
    siret: str
    row: Mapping[str, str]
    number: int


@dataclass
class Tally:
    """What a run wrote so far."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    kept_by_people: list[int] = field(default_factory=list)


@dataclass
class Writer:
    """Writes batches for one run."""

    run: Run
    source_text: str
    situating: Situating
    tally: Tally = field(default_factory=Tally)
    documents: ManyDocuments = field(default_factory=ManyDocuments)

    def write(self, batch: Sequence[Ready]) -> None:
        """Writes what is new or changed in a batch; identifiers are those of one source, each once in a run."""
        ids = [one.data.external_id for one in batch]
        digests = {one.data.external_id: _digest(one.data) for one in batch}
        known = dict(
            SourceRecord.objects.filter(source=self.run.source, external_id__in=ids).values_list(
                "external_id", "digest"
            )
        )
        shown = _shown(self.run, ids)
        still = [one for one in ids if known.get(one) == digests[one] and shown.get(one, False)]
        fresh = [one for one in batch if one.data.external_id not in shown]
        there = [one for one in batch if one.data.external_id in shown and one.data.external_id not in set(still)]
        self._create(fresh)
        self._change(there)
        self._keep_records(fresh + there, digests)
        SourceRecord.objects.filter(source=self.run.source, external_id__in=still).update(run=self.run)
        self.tally.unchanged += len(still)

    def finish(self) -> None:
        """To be called once, after the last batch."""
        self.documents.finish()

    def _create(self, batch: Sequence[Ready]) -> None:
        if not batch:
            return
        now, entries, places, revisions = timezone.now(), list[Entry](), list[Place](), list[Revision]()
        for pk, one in zip(reserve_ids(Entry, len(batch)), batch, strict=True):
            entry = Entry(pk=pk, source=self.run.source, external_id=one.data.external_id)
            planned = _planned(one.data)
            made = self._fill(entry, planned, one.data.places, now)
            entries.append(entry)
            places += made
            revisions.append(self._revision(entry, {}, planned))
            entry.__dict__["_prefetched_objects_cache"] = {"places": made}
        for rows in (places, revisions):
            if rows:
                for pk, row in zip(reserve_ids(type(rows[0]), len(rows)), rows, strict=True):
                    row.pk = pk
        copy_rows(entries)
        copy_rows(_located(places))
        copy_rows(revisions)
        self.documents.put([_document(entry) for entry in entries])
        self.tally.created += len(batch)

    def _fill(
        self, entry: Entry, planned: Mapping[str, Any], places: Sequence[PlaceData], now: datetime
    ) -> list[Place]:
        """Gives an entry its fields and what follows from them; returns its places, not yet written."""
        for name in ENTRY_FIELDS:
            if name in planned:
                setattr(entry, name, planned[name])
        entry.sort_key = sort_key(entry.name)
        entry.slug = slugify(entry.name)[:120] or "fiche"
        entry.is_published = planned["is_published"]
        entry.modified_at = now
        situations = [self.situating.situation(place) for place in places]
        entry.territories = sorted({code for one in situations for code in one.territories})
        entry.in_qpv = sorted({one.in_qpv for one in situations}) or [InQpv.UNDETERMINED]
        return [_place(entry, at, place, situations[at]) for at, place in enumerate(places)]

    def _revision(self, entry: Entry, before: Mapping[str, Any], after: Mapping[str, Any]) -> Revision:
        return Revision(
            entry=entry,
            number=entry.version,
            snapshot=dict(after),
            changes=changes_between(before, after),
            source_text=self.source_text[:300],
            channel=Channel.IMPORT,
        )

    def _change(self, batch: Sequence[Ready]) -> None:
        """Entries that are there already: what people corrected stays, the rest follows the source."""
        if not batch:
            return
        wanted = {one.data.external_id: one for one in batch}
        rows = (
            Entry.objects.select_for_update()
            .filter(source=self.run.source, external_id__in=list(wanted))
            .order_by("pk")
        )
        found = list(rows.prefetch_related(Prefetch("places", queryset=Place.objects.order_by("position"))))
        by_hand = _corrections(found)
        now, moved, places, revisions = timezone.now(), list[Entry](), list[Place](), list[Revision]()
        for entry in found:
            one = wanted[entry.external_id]
            before = _snapshot(entry)
            planned = _respecting(before, _planned(one.data), by_hand.get(entry.pk, []), entry)
            if by_hand.get(entry.pk):
                self.tally.kept_by_people.append(one.number)
            if planned == before:
                self.tally.unchanged += 1
                continue
            entry.version += 1
            if planned["is_published"]:
                entry.hidden_reason = ""
            made = self._fill(entry, planned, [PlaceData(**place) for place in planned["places"]], now)
            moved.append(entry)
            places += made
            revisions.append(self._revision(entry, before, planned))
            entry.__dict__["_prefetched_objects_cache"] = {"places": made}
        self._rewrite(moved, places, revisions)

    def _rewrite(self, moved: Sequence[Entry], places: Sequence[Place], revisions: Sequence[Revision]) -> None:
        if not moved:
            return
        Place.objects.filter(entry__in=[entry.pk for entry in moved]).delete()
        # The whole row goes in, so that the upsert can make one; only what an import writes is replaced.
        Entry.objects.bulk_create(
            moved, update_conflicts=True, unique_fields=["id"], update_fields=list(WRITTEN), batch_size=500
        )
        Place.objects.bulk_create(_located(places), batch_size=500)
        Revision.objects.bulk_create(revisions, batch_size=500)
        self.documents.put([_document(entry) for entry in moved if entry.is_published])
        drop_documents("atlas", "entry", [entry.pk for entry in moved if not entry.is_published])
        self.tally.changed += len(moved)

    def _keep_records(self, batch: Sequence[Ready], digests: Mapping[str, str]) -> None:
        keep_records(
            self.run,
            [
                {
                    "external_id": one.data.external_id,
                    "siret": one.siret[:14],
                    "digest": digests[one.data.external_id],
                    "row": {name: text for name, text in one.row.items() if text},
                }
                for one in batch
            ],
        )

    def absent(self) -> list[int]:
        """Published entries of the source that this run did not list."""
        listed = SourceRecord.objects.filter(source=self.run.source, run=self.run).values("external_id")
        rows = Entry.objects.filter(source=self.run.source, is_published=True).exclude(external_id__in=listed)
        return list(rows.order_by("pk").values_list("pk", flat=True))

    def hide(self, pks: Sequence[int]) -> int:
        """Hides entries that the source no longer lists, each with a revision; those that people corrected stay."""
        hidden = 0
        for start in range(0, len(pks), 500):
            rows = Entry.objects.select_for_update().filter(pk__in=pks[start : start + 500]).order_by("pk")
            found = list(rows.prefetch_related(Prefetch("places", queryset=Place.objects.order_by("position"))))
            by_hand = _corrections(found)
            gone, revisions = [entry for entry in found if not by_hand.get(entry.pk)], list[Revision]()
            for entry in gone:
                before = _snapshot(entry)
                entry.is_published, entry.hidden_reason = False, ABSENT
                entry.version += 1
                entry.modified_at = timezone.now()
                revisions.append(self._revision(entry, before, before | {"is_published": False}))
            Entry.objects.bulk_update(gone, ["is_published", "hidden_reason", "version", "modified_at"])
            Revision.objects.bulk_create(revisions)
            drop_documents("atlas", "entry", [entry.pk for entry in gone])
            hidden += len(gone)
        return hidden


def _digest(data: EntryData) -> str:
    """Of everything that the row makes of the entry: the same row read by a better program is another digest."""
    text = json.dumps(
        [data.name, data.kind, data.summary, data.fields, [dict(vars(place)) for place in data.places]],
        sort_keys=True,
        ensure_ascii=False,
    )
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _shown(run: Run, ids: Sequence[str]) -> dict[str, bool]:
    """The entries there are, and whether they stand as their source left them: not hidden because it had dropped them."""
    rows = Entry.objects.filter(source=run.source, external_id__in=ids)
    return {one: reason != ABSENT for one, reason in rows.values_list("external_id", "hidden_reason")}


def _planned(data: EntryData) -> dict[str, Any]:
    """Every public field after the import, as `snapshot_of` gives them; fields that no directory fills keep their default."""
    planned = {name: data.fields[name] if name in data.fields else _default(name) for name in ENTRY_FIELDS}
    planned |= {"name": data.name, "kind": data.kind, "summary": data.summary, "is_published": True}
    return planned | {"places": [dict(vars(place)) for place in data.places]}


def _default(name: str) -> Any:
    return _defaults()[name]()


@cache
def _defaults() -> dict[str, Callable[[], Any]]:
    """What makes the default of each field: a new list each time, where it is a list."""
    return {name: Entry._meta.get_field(name).get_default for name in ENTRY_FIELDS}  # type: ignore[union-attr]  # noqa: SLF001


def _snapshot(entry: Entry) -> dict[str, Any]:
    """As `snapshot_of`, from places already read."""
    state = {name: getattr(entry, name) for name in ENTRY_FIELDS} | {"is_published": entry.is_published}
    names = PlaceData.__dataclass_fields__
    return state | {"places": [{name: getattr(place, name) for name in names} for place in entry.places.all()]}


def _place(entry: Entry, at: int, data: PlaceData, situation: Situation) -> Place:
    return Place(entry=entry, position=at, in_qpv=situation.in_qpv, qpv_code=situation.qpv_code, **vars(data))


def _located(places: Sequence[Place]) -> Sequence[Place]:
    """The places with their quadkeys, made all at once: one at a time they took a twentieth of an import."""
    known = [(place, place.lon, place.lat) for place in places if place.lon is not None and place.lat is not None]
    if known:
        rows, lons, lats = zip(*known, strict=True)
        for place, quadkey in zip(rows, quadkeys_of(lons, lats).tolist(), strict=True):
            place.quadkey = quadkey
    return places


def _corrections(entries: Sequence[Entry]) -> dict[int, list[dict[str, Any]]]:
    """What people changed in these entries, oldest first: the changes of every revision that is no import."""
    rows = (
        Revision.objects.filter(entry__in=[entry.pk for entry in entries])
        .exclude(channel=Channel.IMPORT)
        .order_by("number")
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for pk, changes in rows.values_list("entry_id", "changes"):
        found.setdefault(pk, []).extend(changes or [{"field": "", "before": None, "after": None}])
    return found


def _respecting(
    before: Mapping[str, Any], planned: dict[str, Any], by_hand: Sequence[Mapping[str, Any]], entry: Entry
) -> dict[str, Any]:
    """What the source says, but for what people said: their fields, and of a place the details that they changed."""
    result = dict(planned)
    for change in by_hand:
        name = str(change["field"])
        if name in result and name != "places":
            result[name] = before[name]
    if touched := [change for change in by_hand if change["field"] == "places"]:
        result["places"] = _places_respecting(before["places"], planned["places"], touched)
    if entry.merged_into_id or (not entry.is_published and entry.hidden_reason != ABSENT):
        result["is_published"] = False
    return result


def _places_respecting(now: list[Any], planned: list[Any], touched: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Details that people changed stay; where they added or took away a place, all places stay."""
    details: set[str] = set()
    for change in touched:
        old, new = change.get("before") or [], change.get("after") or []
        if len(old) != len(new) or len(planned) != len(now):
            return now
        details |= {name for one, two in zip(old, new, strict=True) for name in two if one.get(name) != two.get(name)}
    return [
        {**source, **{name: here[name] for name in details if name in here}}
        for source, here in zip(planned, now, strict=True)
    ]
