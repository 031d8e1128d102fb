"""One run of an import: reads the table once more, cleans, tells apart, writes; all in one transaction."""

from __future__ import annotations

import csv
import gzip
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.exports.tables import inert_text
from maillage.core.intake.identity import Identities, identities_of
from maillage.core.intake.inspection import Inspection
from maillage.core.intake.listing import Listing, Plan, Refusal, Refused, Remark
from maillage.core.intake.mapping import Mapping
from maillage.core.intake.models import Merge, Reject, Run, Source
from maillage.core.intake.tables.model import Notes, Row, Table
from maillage.core.journal.actions import record
from maillage.core.people.models import Person
from maillage.rooms.atlas.importing_entries import Defaults, entry_data
from maillage.rooms.atlas.importing_groups import Group, gather
from maillage.rooms.atlas.importing_own import as_it_was, own_form
from maillage.rooms.atlas.importing_own_rows import CHANGED, UNCHANGED, OwnRows, origin_of, recognised_note
from maillage.rooms.atlas.importing_places import Situating
from maillage.rooms.atlas.importing_write import Ready, Writer
from maillage.rooms.atlas.models import Entry

BATCH = 1000
EXAMPLES = 3
REFUSALS_SHOWN = 1000
# A file that lists less than half of what its source had is more likely half a file than half a country closed.
MOST_ABSENT_HIDDEN = 0.5
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Work:
    """What is to be imported."""

    table: Table
    inspection: Inspection
    mapping: Mapping
    file_name: str
    digest: str
    source_code: str
    is_dry_run: bool = False
    by: Person | None = None
    by_role: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a run did. `run` is stored unless it was a trial; `refused` are its first rejects."""

    run: Run
    refused: tuple[Reject, ...]
    is_dry_run: bool

    def lines(self) -> list[str]:
        """The outcome in sentences."""
        run, report = self.run, self.run.report
        found = [
            _("{name} : {format}").format(name=run.file_name, format=run.format),
            _(
                "{rows} lignes lues = {kept} retenues + {same} inchangées + {merged} réunies à une autre + {rejected} rejetées"
            ).format(rows=run.rows_in, kept=run.kept, same=run.unchanged, merged=run.merged, rejected=run.rejected),
            _("Parmi les retenues : {new} nouvelles, {changed} modifiées").format(
                new=run.created, changed=run.kept - run.created
            ),
            *report["notes"],
            *(f"{one['column']} : {one['word']} ({one['count']})" for one in report["cleaned"]),
        ]
        if run.absent:
            found.append(
                _("{count} fiches de cette source ne sont plus dans le fichier ; {hidden} ont été masquées").format(
                    count=run.absent, hidden=run.hidden
                )
            )
        found += [
            _("Ligne {row}, {column} : {reason}").format(
                row=one.row_number, column=one.column or "—", reason=one.reason
            )
            for one in self.refused[:20]
        ]
        if self.is_dry_run:
            found.append(_("Essai : rien n’a été enregistré."))
        return found


class _Undo(Exception):
    """Rolls a trial back."""


@dataclass
class _Counts:
    """What was noticed, by column and word, with a few examples."""

    counts: dict[tuple[str, str, bool], int] = field(default_factory=dict)
    examples: dict[tuple[str, str, bool], list[dict[str, object]]] = field(default_factory=dict)

    def add(self, one: Remark) -> None:
        key = (one.column, one.word, one.is_loss)
        self.counts[key] = self.counts.get(key, 0) + 1
        if self.counts[key] <= EXAMPLES:
            self.examples.setdefault(key, []).append({"row": one.number, "before": one.before[:200]})

    def as_json(self) -> list[dict[str, object]]:
        ranked = sorted(self.counts, key=lambda key: (-self.counts[key], key))
        return [
            {
                "column": key[0],
                "word": key[1],
                "is_loss": key[2],
                "count": self.counts[key],
                "examples": self.examples[key],
            }
            for key in ranked
        ]


def carry_out(work: Work, source_values: dict[str, object], kind: str, progress: Progress | None) -> Outcome:
    """Runs an import; everything is written or nothing. A trial does the same and takes it back."""
    outcome: Outcome | None = None
    with tempfile.TemporaryDirectory(prefix="maillage-") as folder:
        try:
            with transaction.atomic():
                running = _Running(work, _source(work.source_code, source_values), kind, Path(folder), progress)
                outcome = running.done()
                if work.is_dry_run:
                    raise _Undo
                transaction.on_commit(running.keep_remarks)
        except _Undo:
            pass
    if outcome is None:
        raise AssertionError("a run ends with an outcome or an error")
    return outcome


def _source(code: str, values: dict[str, object]) -> Source:
    """The source, held against another run of it until the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"intake:{code}"])
    known = Source.objects.filter(code=code).first()
    if known is not None and not known.mapping and _is_filled_otherwise(known):
        raise Invalid(
            _("La source « {name} » n’est pas remplie par des imports : choisissez-en une autre.").format(
                name=known.name
            )
        )
    source, _new = Source.objects.update_or_create(code=code, defaults=values)
    return source


def _is_filled_otherwise(source: Source) -> bool:
    """Whether it has entries that no import made: the study's, what people add."""
    return Entry.objects.filter(source=source).exists()


class _Running:
    """The state of a run."""

    def __init__(self, work: Work, source: Source, kind: str, folder: Path, progress: Progress | None) -> None:
        self.work, self.source, self.folder, self.progress = work, source, folder, progress
        self.kind = kind or str(source.mapping.get("kind") or "place")
        self.run = Run.objects.create(
            source=source,
            format=work.inspection.format[:120],
            file_name=work.file_name[:300],
            digest=work.digest,
            by_role=work.by_role,
        )
        self.situating = Situating()
        self.writer = Writer(self.run, source.name, self.situating)
        self.plan, self.notes, self.counts = Plan(work.mapping), Notes(), _Counts()
        self.own = own_form(list(work.inspection.profiles))
        self.refused: list[Reject] = []
        self.shown: list[Reject] = []
        self.rows_in = self.rejected = self.recognised = 0
        self._remarks = gzip.open(folder / "remarks", "wt", encoding="utf-8", newline="", compresslevel=3)  # noqa: SIM115
        self._remark_lines = csv.writer(self._remarks, delimiter=";")
        self._remark_lines.writerow([_("ligne"), _("colonne"), _("valeur"), _("changement")])

    def done(self) -> Outcome:
        """Does the whole run."""
        identities = identities_of(self._rows(Notes()), self.work.mapping, self._usual_mode())
        held = self._load(identities)
        merged = self._write_groups(held)
        self._keep_refused()
        self.writer.finish()
        self._remarks.close()
        self._close(identities, merged)
        return Outcome(self.run, tuple(self.shown), self.work.is_dry_run)

    def _usual_mode(self) -> str:
        return str(self.source.mapping.get("identity", ""))

    def _rows(self, notes: Notes) -> Iterator[Row]:
        """The rows; of a rejects file that comes back mended, without the signs that made cells inert."""
        rows = self.work.table.rows(notes)
        if not self.work.inspection.is_mended:
            return rows
        return (replace(row, cells={name: as_it_was(text) for name, text in row.cells.items()}) for row in rows)

    def _load(self, identities: Identities) -> list[Group]:
        """Reads and writes the rows that are alone; returns those that may be said twice, brought together."""
        batch: list[tuple[Listing, str]] = []
        groups, by_key = list[Group](), dict[str | int, Group]()
        for row in self._without_ours(self._rows(self.notes)):
            try:
                listing, remarks = self.plan.read(row)
            except Refused as fault:
                self._refuse(fault.refusal)
                continue
            for one in remarks:
                self._remark(one)
            known = identities.of(row)
            if identities.may_be_repeated(known):
                gather(listing, known, groups, by_key)
            else:
                batch.append((listing, known.external_id))
            if len(batch) >= BATCH:
                self._write(batch)
                batch = []
        self._write(batch)
        return groups

    def _without_ours(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Counts every row; those that this site exported are taken back at once, the others go on."""
        if self.own is None:
            for row in rows:
                self.rows_in += 1
                yield row
            return
        ours = OwnRows(self.own, origin_of(self.source.name, self.work.by_role), self.work.by)
        for taken in ours.sorted_out(rows):
            self.rows_in += 1
            if taken.refusal is not None:
                self._refuse(taken.refusal)
            elif taken.state:
                self.recognised += 1
                self.writer.tally.changed += taken.state == CHANGED
                self.writer.tally.unchanged += taken.state == UNCHANGED
                for one in taken.remarks:
                    self._remark(one)
            else:
                yield taken.row

    def _write_groups(self, groups: list[Group]) -> int:
        for start in range(0, len(groups), BATCH):
            self._write([(one.listing, one.known.external_id) for one in groups[start : start + BATCH]])
        merges = [
            Merge(run=self.run, row_number=number, into_row=one.listing.number, reason=reason)
            for one in groups
            for number, reason in one.merges
        ]
        Merge.objects.bulk_create(merges, batch_size=1000)
        return len(merges)

    def _write(self, batch: Iterable[tuple[Listing, str]]) -> None:
        ready = [self._ready(listing, external_id) for listing, external_id in batch]
        if ready:
            self.writer.write(ready)
        if self.progress is not None:
            self.progress(self.rows_in, self.work.inspection.rows)

    def _ready(self, listing: Listing, external_id: str) -> Ready:
        data = entry_data(listing, external_id, Defaults(self.kind, self.source.published_on))
        places = []
        for place in data.places:
            done, word = self.situating.completed(place)
            places.append(done)
            if word:
                before = f"{place.postcode} {place.commune}".strip()
                self._remark(Remark(listing.number, self._place_column(), before, word, is_loss="écarté" in word))
        return Ready(replace(data, places=tuple(places)), listing.siret, listing.cells, listing.number)

    def _place_column(self) -> str:
        return next((name for code in ("city", "postcode", "address") for name in self.plan.columns.get(code, ())), "")

    def _remark(self, one: Remark) -> None:
        self.counts.add(one)
        self._remark_lines.writerow([one.number, inert_text(one.column), inert_text(one.before[:1000]), one.word])

    def _refuse(self, refusal: Refusal) -> None:
        self.rejected += 1
        cells = {name: text for name, text in refusal.cells.items() if text}
        one = Reject(
            run=self.run, row_number=refusal.number, column=refusal.column[:120], reason=refusal.reason, row=cells
        )
        self.refused.append(one)
        if len(self.shown) < REFUSALS_SHOWN:
            self.shown.append(one)
        if len(self.refused) >= BATCH:
            self._keep_refused()

    def _keep_refused(self) -> None:
        Reject.objects.bulk_create(self.refused, batch_size=500)
        self.refused = []

    def _close(self, identities: Identities, merged: int) -> None:
        """Counts, absent entries, the source's own state, one line in the journal."""
        run, tally = self.run, self.writer.tally
        run.rows_in, run.rejected, run.merged, run.unchanged = self.rows_in, self.rejected, merged, tally.unchanged
        run.created, run.kept = tally.created, tally.created + tally.changed
        if run.rows_in != run.kept + run.unchanged + run.merged + run.rejected:
            raise AssertionError(
                f"{run.rows_in} rows are not {run.kept} + {run.unchanged} + {run.merged} + {run.rejected}"
            )
        notes = [*self.work.inspection.notes, *identities.notes, *self._absent_notes()]
        if tally.kept_by_people:
            notes.append(
                _("{count} fiches gardent ce que des personnes y ont corrigé.").format(count=len(tally.kept_by_people))
            )
        run.report = {
            "notes": notes,
            "cleaned": self.counts.as_json(),
            "mapping": self.work.mapping.as_json(),
            "columns": list(self.work.inspection.profiles),
            "table": self.work.inspection.name,
        }
        run.ended_at = timezone.now()
        run.save()
        self._remember(identities)
        record(
            action="atlas.import",
            subject=f"intake:run:{run.pk}",
            actor=self.work.by,
            channel="import",
            details={
                "rows": run.rows_in,
                "kept": run.kept,
                "merged": run.merged,
                "rejected": run.rejected,
                "hidden": run.hidden,
            },
        )

    def _absent_notes(self) -> list[str]:
        """Looks for entries that the file no longer lists; hides them only where that was asked and is likely true."""
        if self.own is not None:
            return [recognised_note(self.recognised)]
        if self.work.inspection.is_mended:
            return [
                _("Fichier de rejets réparé : il complète sa source, les fiches qu’il n’a pas ne sont pas absentes.")
            ]
        if self.notes.is_cut or self.work.inspection.is_cut:
            return [_("Le fichier semble coupé : les fiches qu’il n’a pas ne sont pas comptées comme absentes.")]
        absent = self.writer.absent()
        self.run.absent = len(absent)
        there = self.run.kept + self.run.unchanged
        if not absent or not self.source.hides_absent:
            return []
        if len(absent) > MOST_ABSENT_HIDDEN * (len(absent) + there):
            return [
                _(
                    "Plus de la moitié des fiches de la source manquent dans ce fichier : par prudence, aucune n’a été masquée."
                )
            ]
        self.run.hidden = self.writer.hide(absent)
        return []

    def _remember(self, identities: Identities) -> None:
        source = self.source
        if not self.work.inspection.is_mended or not source.mapping:
            source.mapping = {
                "columns": self.work.mapping.as_json(),
                "table": self.work.inspection.name,
                "identity": identities.mode,
                "kind": self.kind,
            }
        source.checked_at, source.last_fault = timezone.now(), ""
        source.save()

    def keep_remarks(self) -> None:
        """Moves the list of all changes to where it is downloaded from."""
        if not (self.folder / "remarks").is_file():  # committed by an outer transaction, after our folder has gone
            return
        target = remarks_path(self.run.pk)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((self.folder / "remarks").read_bytes())


def remarks_path(run_id: int) -> Path:
    """Where the list of all changes of a run lies (compressed CSV)."""
    return Path(settings.MEDIA_ROOT) / "intake" / "runs" / f"{run_id}-nettoyage.csv.gz"
