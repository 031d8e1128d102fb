"""Taking back the rows of our own exports: unchanged, a correction of their entry, or refused with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from maillage.core.channels.kinds import Channel
from maillage.core.intake.listing import Listing, Plan, Refusal, Refused, Remark
from maillage.core.intake.tables.clean_hours import clean_hours
from maillage.core.intake.tables.clean_text import listed
from maillage.core.intake.tables.model import Row
from maillage.core.people.models import Person
from maillage.rooms.atlas.actions_apply import change
from maillage.rooms.atlas.actions_save import ENTRY_FIELDS, Origin, snapshot_of
from maillage.rooms.atlas.importing_own import Exported, Mark, OwnForm, changed_keys, columns_of, words_language
from maillage.rooms.atlas.importing_words import codes_of, not_understood
from maillage.rooms.atlas.models import Entry, Place, Revision
from maillage.rooms.atlas.permissions import may_decide
from maillage.rooms.atlas.proposal import Proposal
from maillage.rooms.atlas.queries import with_places
from maillage.rooms.atlas.queries_export import postcodes

BATCH = 500
UNCHANGED, CHANGED = "unchanged", "changed"
_OF_ENTRY = {"name": "name", "summary": "summary", "description": "description", "operator": "operator"}
_OF_PLACE = {"address": "address", "postcode": "postcode", "city": "commune", "commune_code": "commune_code", "lon": "lon",
             "lat": "lat", "phone": "phone", "email": "email", "website": "website"}  # fmt: skip
_FACETS = {"themes": ("theme", "themes"), "publics": ("public", "publics"), "moyens": ("digital_means", "digital_means"),
           "digital_means": ("digital_means", "digital_means")}  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """What became of a row of ours; `remarks` are cells that a file cannot change."""

    row: Row
    state: str = ""
    refusal: Refusal | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass
class OwnRows:
    """Takes back the rows of one file. The caller holds the transaction."""

    form: OwnForm
    origin: Origin
    by: Person | None = None
    exported: Exported = field(init=False)
    snapshots: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    language: str = ""

    def __post_init__(self) -> None:
        self.exported = Exported(self.form, postcodes())

    def sorted_out(self, rows: Iterable[Row]) -> Iterator[Taken]:
        """Every row in order: those of ours with what became of them, the others with no state; two statements a batch."""
        source = iter(rows)
        while batch := list(islice(source, BATCH)):
            marks = [None if row.fault else self.form.mark(row.cells) for row in batch]
            wanted = [mark.entry_id for mark in marks if mark]
            found = with_places(Entry.objects.filter(pk__in=wanted).select_related("source").order_by("pk"))
            entries = {entry.pk: entry for entry in found}
            self.snapshots = _snapshots([mark for mark in marks if mark], entries)
            for row, mark in zip(batch, marks, strict=True):
                yield Taken(row) if mark is None else self._taken(row, mark, entries)

    def _taken(self, row: Row, mark: Mark, entries: dict[int, Entry]) -> Taken:
        given = self.form.by_key(row.cells)
        self.language = self.language or words_language(given)
        try:
            entry = self._entry(row, mark, entries.get(mark.entry_id))
            with override(self.language):
                now = self.exported.cells(entry, mark)
            if now is None:
                raise self._refused(
                    row, "id", _("Cette fiche n’a plus ce lieu, ou n’est plus dans ce format d’export.")
                )
            state, remarks = self._compared(_Held(row, mark, entry, given, now, self._then(entry, mark, now)))
        except Refused as fault:
            return Taken(row, refusal=replace(fault.refusal, number=row.number, cells=row.cells))
        if state == CHANGED:  # a later row may be another place of the same entry
            entries[entry.pk] = with_places(Entry.objects.select_related("source")).get(pk=entry.pk)
        return Taken(row, state, remarks=tuple(remarks))

    def _then(self, entry: Entry, mark: Mark, now: Mapping[str, str]) -> Mapping[str, str] | None:
        """What the export held; None when the entry changed since and nothing tells what it was."""
        if mark.version:
            snapshot = self.snapshots.get((entry.pk, int(mark.version)))
            if snapshot is None:
                return now if int(mark.version) == entry.version else None
            with override(self.language):
                return self.exported.cells(_as_then(entry, snapshot), mark)
        is_old = bool(mark.day) and mark.day < entry.modified_at.date().isoformat()
        return None if is_old else now

    def _refused(self, row: Row, key: str, reason: str) -> Refused:
        return Refused(Refusal(row.number, columns_of(self.form, key), reason, row.cells))

    def _entry(self, row: Row, mark: Mark, entry: Entry | None) -> Entry:
        key = {"json": "url", "entries": "fiche", "places": "fiche"}.get(self.form.code, "id")
        if entry is None or (mark.external_id and mark.external_id != entry.external_id):
            message = _(
                "Cette adresse de fiche n’existe pas ici. Effacez-la de la ligne pour ajouter une nouvelle fiche."
            )
            raise self._refused(row, key, message)
        if entry.merged_into_id or not entry.is_published:
            raise self._refused(row, key, _("Cette fiche a été masquée ou réunie à une autre depuis l’export."))
        return entry

    def _compared(self, held: _Held) -> tuple[str, list[Remark]]:
        """Three things are held together: the export as it was, the file as it comes back, the entry as it is now."""
        differing = changed_keys(held.given, held.now)
        changed = differing if held.then is None else [
            key for key in differing if key in changed_keys(held.given, held.then)
        ]  # fmt: skip
        changed = self._meant(held, changed)
        if not changed:
            return UNCHANGED, []
        moved = changed_keys(held.then, held.now) if held.then is not None else changed
        if conflict := next((key for key in changed if key in moved), ""):
            message = _("La fiche a changé ici depuis cet export : exportez-la à nouveau, puis refaites la correction.")
            raise self._refused(held.row, conflict, message)
        proposal, used = self._proposal(held, changed)
        remarks = [self._fixed(held, key) for key in changed if key not in used]
        if not (proposal.entry or proposal.place):
            return UNCHANGED, remarks
        if self.by is not None and not may_decide(self.by, held.entry.territories):
            message = _("Vous ne modérez pas le territoire de cette fiche : proposez la correction depuis sa page.")
            raise self._refused(held.row, changed[0], message)
        # Another row of the file may be another place of this entry, as it was then.
        self.snapshots.setdefault((held.entry.pk, held.entry.version), snapshot_of(held.entry))
        done = change(held.entry, proposal, self.origin)
        return CHANGED if done else UNCHANGED, remarks

    def _meant(self, held: _Held, changed: list[str]) -> list[str]:
        """Without the cells that say the same as the entry in other words: a number without its spaces, a theme's code."""
        if not changed:
            return []
        meanings = self.form.mapping(self.form.keys).columns
        given, now = self._cleaned(held, changed), self._plain(held.row.number, held.now)[0]
        kept = []
        for key in changed:
            code = meanings.get(columns_of(self.form, key), "")
            if facet := self._facet(key):
                same = set(self._codes(held, key, facet[0])) == set(codes_of(facet[0], listed(held.now[key])))
            else:
                same = code in {**_OF_ENTRY, **_OF_PLACE} and getattr(given, code) == getattr(now, code)
            if not same:
                kept.append(key)
        return kept

    def _facet(self, key: str) -> tuple[str, str] | None:
        is_ours = self.form.code in {"entries", "places", "json"}
        return _FACETS.get(key.removesuffix("_codes")) if is_ours else None

    def _fixed(self, held: _Held, key: str) -> Remark:
        word = _("cette colonne ne se corrige pas par un fichier : passez par la fiche")
        return Remark(held.row.number, columns_of(self.form, key), held.given[key], word, is_loss=True)

    def _proposal(self, held: _Held, changed: list[str]) -> tuple[Proposal, set[str]]:
        """What to write, and which of the changed columns say it."""
        entry: dict[str, Any] = {}
        place: dict[str, Any] = {}
        used: set[str] = set()
        meant = self.form.mapping(self.form.keys).columns
        listing = self._cleaned(held, changed)
        for key in changed:
            code = meant.get(columns_of(self.form, key), "")
            if facet := self._facet(key):
                entry[facet[1]] = self._codes(held, key, facet[0])
            elif key == "nom" and self.form.code in {"mediation", "structures"} and held.is_label:
                place["label"] = listing.name
            elif code in _OF_ENTRY:
                entry[_OF_ENTRY[code]] = getattr(listing, code)
            elif code in _OF_PLACE:
                place[_OF_PLACE[code]] = getattr(listing, code)
            elif code == "hours" or key == "horaires_osm":
                place |= _hours(held.given[key])
            elif key == "lieu":
                place["label"] = held.given[key][:200]
            else:
                continue
            used.add(key)
        if {"lon", "lat"} & place.keys():
            place |= {"lon": listing.lon, "lat": listing.lat}
        return Proposal(entry=entry, place=place, place_position=held.position), used

    def _cleaned(self, held: _Held, changed: list[str]) -> Listing:
        """The row cleaned like any other; a changed cell that is of no use refuses the row: it was meant to correct."""
        listing, remarks = self._plain(held.row.number, held.given)
        touched = {columns_of(self.form, key): key for key in changed}
        for one in remarks:
            if one.is_loss and not touched.get(one.column, "horaires").startswith("horaires"):
                raise Refused(Refusal(held.row.number, one.column, one.word, held.row.cells))
        return listing

    def _plain(self, number: int, cells: Mapping[str, str]) -> tuple[Listing, list[Remark]]:
        """Cells under our names, read like any row of a directory."""
        own = {columns_of(self.form, key): text for key, text in cells.items() if key in self.form.keys.values()}
        return Plan(self.form.mapping(self.form.keys)).read(Row(number, own))

    def _codes(self, held: _Held, key: str, facet: str) -> list[str]:
        items = listed(held.given[key])
        if unknown := not_understood(facet, items):
            message = _("« {word} » n’est pas une valeur connue.").format(word=unknown[0][:80])
            raise self._refused(held.row, key, message)
        return codes_of(facet, items)


@dataclass(frozen=True)
class _Held:
    """A row held against its entry."""

    row: Row
    mark: Mark
    entry: Entry
    given: Mapping[str, str]
    now: Mapping[str, str]
    then: Mapping[str, str] | None

    @property
    def position(self) -> int | None:
        """Which place of the entry the row tells of; None where it has none yet."""
        return max(0, self.mark.rank - 1) if list(self.entry.places.all()) else None

    @property
    def is_label(self) -> bool:
        """Whether the standard's name of this place is its own, and not that of the entry."""
        return self.now.get("nom", "") != self.entry.name


def _snapshots(marks: Iterable[Mark], entries: Mapping[int, Entry]) -> dict[tuple[int, int], dict[str, Any]]:
    """The entries that changed since their export, as they were then: by number and version."""
    wanted = {
        (mark.entry_id, int(mark.version))
        for mark in marks
        if mark.version and mark.entry_id in entries and int(mark.version) < entries[mark.entry_id].version
    }
    rows = Revision.objects.filter(entry__in={pk for pk, _version in wanted}, number__in={at for _pk, at in wanted})
    found = rows.order_by("pk").values_list("entry_id", "number", "snapshot")
    return {(pk, number): snapshot for pk, number, snapshot in found if (pk, number) in wanted}


def _as_then(entry: Entry, snapshot: Mapping[str, Any]) -> Entry:
    """The entry with what it said at the time of a snapshot; not to be saved."""
    then = copy(entry)
    for name in ENTRY_FIELDS:
        if name in snapshot:
            setattr(then, name, snapshot[name])
    places = [Place(entry=then, position=at, **values) for at, values in enumerate(snapshot.get("places", ()))]
    then.__dict__["_prefetched_objects_cache"] = {"places": places}
    return then


def _hours(text: str) -> dict[str, str]:
    """Hours as a person typed them: kept as text, and in OpenStreetMap's syntax where they are understood."""
    done = clean_hours(text)
    return {"opening_hours_text": done.rest or text.strip(), "opening_hours": done.value}


def origin_of(source_name: str, by_role: str) -> Origin:
    """How the history tells it: a correction by a person, through a file."""
    return Origin(channel=Channel.DESK, source_text=source_name[:300], who=by_role,
                  reason=_("Corrigé dans un fichier exporté"))  # fmt: skip


def recognised_note(count: int) -> str:
    """What the report says of a file in one of our formats."""
    if not count:
        return _("Ce fichier vient d’un autre site du même logiciel : ses fiches sont ajoutées à celles d’ici.")
    return _("{count} lignes viennent d’un export de ce site : elles sont restées avec leur fiche.").format(count=count)
