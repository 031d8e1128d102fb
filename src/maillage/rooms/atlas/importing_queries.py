"""Reads about imports: sources with their runs, uploads on their way, saved mappings."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from maillage.core.errors import Missing
from maillage.core.intake.models import Merge, Reject, Run, SavedMapping, Source, Upload
from maillage.rooms.atlas.models import Entry, Place

RUNS_SHOWN = 20
ENTRIES_SHOWN = 50


@dataclass(frozen=True)
class SourceLine:
    """A source with the entries it has here and its last run."""

    source: Source
    entries: int
    last: Run | None


def source_lines() -> list[SourceLine]:
    """Every source by name, in three statements whatever their number."""
    newest = Run.objects.filter(source=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    sources = list(Source.objects.annotate(newest=Subquery(newest)).order_by("name", "pk"))
    runs = Run.objects.in_bulk([one.newest for one in sources if one.newest])
    counts = _counts()
    return [SourceLine(one, counts.get(one.pk, 0), runs.get(one.newest)) for one in sources]


def _counts() -> dict[int, int]:
    rows = Entry.objects.order_by().filter(is_published=True).values_list("source").annotate(Count("pk"))
    return dict(rows)


def source_of(code: str) -> Source:
    """A source by its code; raises Missing."""
    found = Source.objects.filter(code=code).first()
    if found is None:
        raise Missing(_("Cette source n’existe pas."))
    return found


def source_by_id(source_id: int) -> Source:
    """The same by number, for the worker."""
    return Source.objects.get(pk=source_id)


def extent_of(source: Source) -> tuple[float, float, float, float] | None:
    """West, south, east and north of its published entries, a little wider; None where none has a point."""
    rows = Place.objects.filter(entry__source=source, entry__is_published=True, lon__isnull=False)
    found = rows.order_by().aggregate(west=Min("lon"), south=Min("lat"), east=Max("lon"), north=Max("lat"))
    if found["west"] is None:
        return None
    margin = 0.003
    return found["west"] - margin, found["south"] - margin, found["east"] + margin, found["north"] + margin


def entries_shown(source: Source) -> int:
    """How many of its entries anyone may see."""
    return Entry.objects.filter(source=source, is_published=True).count()


@dataclass(frozen=True)
class EntryLine:
    """An entry as the page of its source lists it."""

    pk: int
    slug: str
    name: str
    where: str
    has_point: bool


def entries_page(source: Source, after: str = "") -> tuple[list[EntryLine], str]:
    """One page of the entries of a source by name, and the cursor of the next, "" at the end; two statements."""
    rows = Entry.objects.filter(source=source, is_published=True).order_by("sort_key", "pk").prefetch_related("places")
    key, _dash, pk = after.partition("-")
    with suppress(ValueError):  # a cursor typed by hand: the first page is the useful answer
        start = bytes.fromhex(key)
        rows = rows.filter(Q(sort_key__gt=start) | Q(sort_key=start, pk__gt=int(pk[:18])))
    found = list(rows[: ENTRIES_SHOWN + 1])
    last = found[ENTRIES_SHOWN - 1] if len(found) > ENTRIES_SHOWN else None
    return [_line(one) for one in found[:ENTRIES_SHOWN]], f"{bytes(last.sort_key).hex()}-{last.pk}" if last else ""


def _line(entry: Entry) -> EntryLine:
    places = list(entry.places.all())
    where = ", ".join(dict.fromkeys(one.commune for one in places if one.commune))
    return EntryLine(entry.pk, entry.slug, entry.name, where, any(one.lon is not None for one in places))


def runs_of(source: Source) -> list[Run]:
    """Its last runs, newest first."""
    return list(source.runs.order_by("-pk")[:RUNS_SHOWN])


def run_of(run_id: int) -> Run:
    """A run with its source; raises Missing."""
    found = Run.objects.select_related("source").filter(pk=run_id).first()
    if found is None:
        raise Missing(_("Ce passage n’existe pas."))
    return found


def first_rejects(run: Run, size: int = 50) -> list[Reject]:
    """The first rejected rows."""
    return list(run.rejects.order_by("row_number", "pk")[:size])


def first_merges(run: Run, size: int = 50) -> list[Merge]:
    """The first rows that were joined to another."""
    return list(run.merges.order_by("row_number", "pk")[:size])


def upload_of(uid: UUID) -> Upload:
    """A file given for import; raises Missing."""
    found = Upload.objects.select_related("run", "by").filter(uid=uid).first()
    if found is None:
        raise Missing(_("Ce fichier n’est plus gardé ici : donnez-le à nouveau."))
    return found


def upload_by_id(upload_id: int) -> Upload:
    """The same by number, for the worker."""
    return Upload.objects.get(pk=upload_id)


def recent_uploads() -> list[Upload]:
    """Files that wait for somebody's choices or for the worker, newest first."""
    rows = Upload.objects.exclude(state="done").select_related("by").defer("inspection")
    return list(rows.order_by("-arrived_at", "-pk")[:10])


def recent_runs() -> list[Run]:
    """The last imports."""
    return list(Run.objects.exclude(file_name="").select_related("source").order_by("-pk")[:10])


def importable_sources() -> list[Source]:
    """Sources that imports made: those that people or the study fill are not theirs to replace."""
    found: QuerySet[Source] = Source.objects.exclude(Q(mapping={}))
    return list(found.order_by("name", "pk"))


def is_code_taken(code: str) -> bool:
    """Whether a source has this code already."""
    return Source.objects.filter(code=code).exists()


def saved_mappings() -> list[SavedMapping]:
    """Reusable mappings by name."""
    return list(SavedMapping.objects.order_by("name", "pk"))
