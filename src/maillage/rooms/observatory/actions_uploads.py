"""Files of indicators given on screen: kept for a day, loaded, then forgotten."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from maillage.core.people.models import Person
from maillage.rooms.observatory.actions_indicators import (
    Given,
    LoadOptions,
    LoadReport,
    given_file,
    load_indicators,
    with_plans,
)
from maillage.rooms.observatory.models_indicators import IndicatorUpload

KEPT_FOR = timedelta(days=1)


def keep_upload(*, name: str, content: bytes, dictionary: tuple[str, bytes], options: LoadOptions) -> IndicatorUpload:
    """Keeps a file until its preview is accepted; raises Invalid, keeping nothing, when it cannot be read."""
    upload = IndicatorUpload(
        file_name=Path(name).name[:200], content=content, dictionary_name=Path(dictionary[0]).name[:200],
        dictionary=dictionary[1], options=asdict(options),
    )  # fmt: skip
    given_upload(upload)
    with transaction.atomic():
        IndicatorUpload.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()
        upload.save()
    return upload


def given_upload(upload: IndicatorUpload) -> Given:
    """The file read again, with what its columns are taken for."""
    with _on_disk(upload) as (path, dictionary):
        return given_file(path, LoadOptions(**upload.options), name=upload.file_name, dictionary=dictionary)


@contextmanager
def _on_disk(upload: IndicatorUpload) -> Iterator[tuple[Path, Path | None]]:
    """Readers want files; their names are ours, so that no path of the person is used."""
    with tempfile.TemporaryDirectory(prefix="maillage-") as folder:
        path, dictionary = Path(folder) / "table", Path(folder) / "dictionary"
        path.write_bytes(bytes(upload.content))
        if upload.dictionary:
            dictionary.write_bytes(bytes(upload.dictionary))
        yield path, dictionary if upload.dictionary else None


def load_upload(
    *, upload: IndicatorUpload, corrections: dict[str, dict[str, str]], dry_run: bool, actor: Person
) -> LoadReport:
    """Loads a file as its preview was corrected; forgets it then, unless this is a trial. Raises Invalid."""
    options = LoadOptions(**{**upload.options, "dry_run": dry_run})
    given = with_plans(given_upload(upload), corrections)
    with transaction.atomic():
        report = load_indicators(given=given, options=options, actor=actor)
        if not dry_run:
            IndicatorUpload.objects.filter(pk=upload.pk).delete()
    return report
