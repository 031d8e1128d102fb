"""Files given on the pages: kept, looked over, imported at once or by the worker, forgotten after a month."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.intake.inspection import Inspection, inspected
from maillage.core.intake.mapping import guessed, mapping_from, mapping_of
from maillage.core.intake.models import Run, Schedule, Source, Upload
from maillage.core.intake.tables.model import MAX_BYTES
from maillage.core.intake.tables.opening import opened
from maillage.core.outside.fetch import Version
from maillage.core.people.models import Person
from maillage.rooms.atlas.importing import (
    Options,
    decided_mapping,
    downloaded,
    import_file,
    is_address,
    own_source_name,
    remember_version,
)
from maillage.rooms.atlas.importing_own import SOURCE_CODE, own_form
from maillage.rooms.atlas.importing_run import Outcome
from maillage.rooms.atlas.permissions import role_shown

# More rows than this are imported by the worker: the person would wait for longer than a page may take.
ROWS_AT_ONCE = 3_000
KEPT_DAYS = 30
SAMPLES_SHOWN = 3
COLUMNS_SHOWN = 300
_EVERY = {Schedule.DAILY: timedelta(hours=20), Schedule.WEEKLY: timedelta(days=6, hours=20)}


def keep_upload(name: str, blocks: Iterable[bytes], by: Person | None, url: str = "") -> Upload:
    """Keeps a file that arrives and looks it over; raises Invalid, and keeps nothing, when it is no table."""
    uid = uuid4()
    path = f"intake/uploads/{uid}"
    full = Path(settings.MEDIA_ROOT) / path
    full.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with full.open("wb") as file:
            for block in blocks:
                size += len(block)
                if size > MAX_BYTES:
                    limit = MAX_BYTES // 1_000_000
                    raise Invalid(
                        _("Le fichier dépasse {limit} Mo. Coupez-le en plusieurs fichiers.").format(limit=limit)
                    )
                digest.update(block)
                file.write(block)
        upload = Upload(uid=uid, name=name[:300], path=path, size=size, digest=digest.hexdigest(), url=url[:500], by=by)
        look_over(upload)
    except BaseException:
        full.unlink(missing_ok=True)
        raise
    return upload


def keep_address(url: str, by: Person | None) -> Upload:
    """As `keep_upload`, for what an address answers."""
    with downloaded(url) as (path, fetched), path.open("rb") as file:
        upload = keep_upload(url, iter(lambda: file.read(1 << 20), b""), by, url)
    upload.choices = {**upload.choices, "etag": fetched.version.etag, "last_modified": fetched.version.last_modified}
    upload.save(update_fields=["choices"])
    return upload


def look_over(upload: Upload, table: str = "", mapping_name: str = "") -> Upload:
    """Inspects the file (again, for another sheet or with a saved mapping) and keeps what the preview shows."""
    with opened(file_of(upload), table) as found:
        inspection = inspected(found)
    if not inspection.rows:
        raise Invalid(_("Le tableau n’a aucune ligne sous ses intitulés."))
    code = str(upload.choices.get("source_code", "")) or usual_source(upload.name)
    own = own_form(list(inspection.profiles))
    if own:
        code = SOURCE_CODE
        upload.choices = {**upload.choices, "source_name": upload.choices.get("source_name") or own_source_name()}
    elif not code and not upload.choices.get("source_name"):
        upload.choices = {**upload.choices, "source_name": readable_name(upload.name)}
    guesses = {one.column: one for one in guessed(inspection)}
    mapping = decided_mapping(Options(mapping_name=mapping_name), code, inspection)
    fitting = _("c’est une de nos colonnes") if own else _("reprise d’une correspondance enregistrée")
    is_stored = mapping.columns != mapping_of(list(guesses.values())).columns
    upload.inspection = _shown(inspection) | {"columns": [
        _column(inspection, name, mapping.columns.get(name, ""), guesses[name].confidence,
                fitting if is_stored and mapping.columns.get(name) != guesses[name].field else guesses[name].reason)
        for name in list(inspection.profiles)[:COLUMNS_SHOWN]
    ]}  # fmt: skip
    upload.choices = {**upload.choices, "table": inspection.name, "source_code": code, "columns": mapping.as_json()}
    upload.save()
    return upload


def _shown(inspection: Inspection) -> dict[str, Any]:
    names = [name for name, profile in inspection.profiles.items() if profile.filled][:COLUMNS_SHOWN]
    first = [
        {"number": row.number, "cells": [row.cells.get(name, "")[:200] for name in names]}
        for row in inspection.first[:5]
    ]
    return {"format": inspection.format, "table": inspection.name, "choices": list(inspection.choices), "rows": inspection.rows,
            "notes": inspection.notes, "is_mended": inspection.is_mended,
            "is_own": own_form(list(inspection.profiles)) is not None,
            "names": names, "first": first,
            "more_columns": max(0, len(inspection.profiles) - COLUMNS_SHOWN)}  # fmt: skip


def _column(inspection: Inspection, name: str, field: str, confidence: float, reason: str) -> dict[str, Any]:
    profile = inspection.profiles[name]
    samples = [text[:80] for text in list(profile.samples)[:SAMPLES_SHOWN]]
    return {
        "name": name,
        "filled": profile.filled,
        "samples": samples,
        "field": field,
        "confidence": confidence,
        "reason": reason,
    }


def file_of(upload: Upload) -> Path:
    """Where the file lies; raises Invalid when it was already forgotten."""
    path = Path(settings.MEDIA_ROOT) / upload.path
    if not path.is_file():
        raise Invalid(_("Ce fichier n’est plus gardé ici : donnez-le à nouveau."))
    return path


def usual_source(name: str) -> str:
    """The source that a file of this name was imported into before; of a rejects file, the source it comes from."""
    stem = re.sub(r"(\s*\(\d+\)|\s*-\s*copie)?\.(csv|xlsx|ods)$", "", Path(name).name, flags=re.IGNORECASE)
    if stem.endswith("-rejets") and (found := Source.objects.filter(code=stem.removesuffix("-rejets")).first()):
        return found.code
    run = Run.objects.filter(file_name=name[:300]).order_by("-pk").select_related("source").first()
    return run.source.code if run else ""


def readable_name(name: str) -> str:
    """A first name for a new source: that of its file, as people write."""
    stem = Path(urlsplit(name).path).stem if is_address(name) else Path(name).stem
    text = " ".join(re.sub(r"[_+\-.]+", " ", stem).split())
    return (text[:1].upper() + text[1:])[:200]


def choose(upload: Upload, choices: Mapping[str, Any]) -> None:
    """Keeps what the person chose, so that nothing typed is lost."""
    upload.choices = {**upload.choices, **choices}
    for column in upload.inspection.get("columns", ()):
        column["field"] = upload.choices.get("columns", {}).get(column["name"], column["field"])
    upload.save(update_fields=["choices", "inspection"])


def options_of(upload: Upload, *, is_dry_run: bool = False) -> Options:
    """The choices as an import takes them."""
    chosen = upload.choices
    return Options(
        source_code=str(chosen.get("source_code", "")),
        source_name=str(chosen.get("source_name", "")),
        licence=str(chosen.get("licence", "")),
        published_on=str(chosen.get("published_on", "")),
        url=upload.url,
        mapping=mapping_from(chosen.get("columns", {})),
        table=str(chosen.get("table", "")),
        kind=str(chosen.get("kind", "")),
        hides_absent=bool(chosen.get("hides_absent")),
        schedule=str(chosen.get("schedule", "")) if upload.url else None,
        is_dry_run=is_dry_run,
        by=upload.by,
        by_role=role_shown(upload.by),
    )


def try_upload(upload: Upload) -> Outcome:
    """A trial: everything is done and taken back."""
    return import_file(file_of(upload), upload.name, options_of(upload, is_dry_run=True))


def is_large(upload: Upload) -> bool:
    """Whether the worker imports it."""
    return int(upload.inspection.get("rows", 0)) > ROWS_AT_ONCE


def run_upload(upload: Upload) -> Upload:
    """Imports a file that was chosen; a fault is kept for the person who waits. Safe to call twice: once done, it is done."""
    with transaction.atomic():
        held = Upload.objects.select_for_update().get(pk=upload.pk)
        if held.state == "done":
            return held
        held.state, held.fault = "running", ""
        held.save(update_fields=["state", "fault"])
    try:
        outcome = import_file(file_of(held), held.name, options_of(held))
    except Invalid as fault:
        held.state, held.fault = (
            "failed",
            " ".join([str(fault), *(line for lines in fault.fields.values() for line in lines)]),
        )
    except BaseException:
        Upload.objects.filter(pk=held.pk).update(
            state="failed", fault=_("L’import a échoué par une erreur du programme. Rien n’a été changé.")
        )
        raise
    else:
        held.state, held.run = "done", outcome.run
        if held.url:
            known = Version(str(held.choices.get("etag", "")), str(held.choices.get("last_modified", "")))
            remember_version(outcome.run.source, known)
    held.save(update_fields=["state", "fault", "run"])
    return held


def wait_for_worker(upload: Upload) -> None:
    """Marks an upload as the worker's next work."""
    Upload.objects.filter(pk=upload.pk).update(state="waiting", fault="")


def due_sources(now: datetime | None = None) -> list[int]:
    """The sources on the web whose time to be read again has come; one that failed is due again at once."""
    moment = now or timezone.now()
    rows = Source.objects.exclude(schedule="").exclude(url="").order_by("pk")
    return [one.pk for one in rows
            if not one.checked_at or moment - one.checked_at >= _EVERY[Schedule(one.schedule)]]  # fmt: skip


def read_source(source: Source) -> bool:
    """Reads the address of a source again; False when it failed: what was there stays, and why is written on the source."""
    try:
        with downloaded(source.url, Version(source.etag, source.last_modified)) as (path, fetched):
            if not fetched.is_unchanged:
                import_file(path, source.url, Options(source_code=source.code))
                remember_version(source, fetched.version)
    except Invalid as fault:
        Source.objects.filter(pk=source.pk).update(last_fault=str(fault)[:1000])
        return False
    Source.objects.filter(pk=source.pk).update(checked_at=timezone.now(), last_fault="")
    return True


def read_due_sources(now: datetime | None = None) -> int:
    """Reads again the sources whose time has come, one after the other; a failure does not stop the others."""
    due = due_sources(now)
    for source in Source.objects.filter(pk__in=due).order_by("pk"):
        read_source(source)
    return len(due)


def keep_schedule(source: Source, schedule: str) -> None:
    """How often a source is read again by itself; raises Invalid for one that has no address."""
    if not source.url:
        raise Invalid(_("Cette source n’a pas d’adresse sur internet : elle ne peut pas être relue."))
    if schedule not in Schedule.values:
        raise Invalid(_("Ce rythme n’existe pas."))
    Source.objects.filter(pk=source.pk).update(schedule=schedule)


def forget_old_uploads(now: datetime | None = None) -> int:
    """Deletes files given more than a month ago; the runs and their counts stay."""
    old = Upload.objects.filter(arrived_at__lt=(now or timezone.now()) - timedelta(days=KEPT_DAYS))
    for path in old.order_by("pk").values_list("path", flat=True):
        (Path(settings.MEDIA_ROOT) / path).unlink(missing_ok=True)
    return old.delete()[0]
