"""Imports done by the worker: large files, and sources read again on their schedule."""

from __future__ import annotations

from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from maillage.rooms.atlas.importing_queries import source_by_id, upload_by_id
from maillage.rooms.atlas.importing_uploads import due_sources, forget_old_uploads, read_source, run_upload


@app.task(name="atlas.import_upload")
def import_upload(upload_id: int) -> str:
    """Imports a file that a person chose; returns how it ended."""
    return run_upload(upload_by_id(upload_id)).state


def leave_to_worker(upload_id: int) -> None:
    """Asks the worker to import, unless it was already asked."""
    with suppress(AlreadyEnqueued):
        import_upload.configure(queueing_lock=f"atlas.import:{upload_id}").defer(upload_id=upload_id)


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="atlas_due_sources", name="atlas.read_due_sources")
def read_sources(timestamp: int) -> int:
    """Each hour, the sources whose day or week has passed, each as work of its own; `timestamp` is when it was due."""
    due = due_sources()
    for pk in due:
        ask_to_read(pk)
    return len(due)


@app.task(name="atlas.read_source")
def read_one_source(source_id: int) -> bool:
    """Reads the address of one source again; False when it failed."""
    return read_source(source_by_id(source_id))


def ask_to_read(source_id: int) -> None:
    """Asks the worker to read a source again, unless it was already asked."""
    with suppress(AlreadyEnqueued):
        read_one_source.configure(queueing_lock=f"atlas.read_source:{source_id}").defer(source_id=source_id)


@app.periodic(cron="40 3 * * *")
@app.task(queueing_lock="atlas_forget_uploads", name="atlas.forget_uploads")
def forget_uploads(timestamp: int) -> int:
    """Each night, the files of more than a month ago."""
    return forget_old_uploads()
