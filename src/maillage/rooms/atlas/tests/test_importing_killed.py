"""A process killed -9 in the middle of an import leaves the old state; the same import run again gives the new one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from maillage.core.intake.models import Run, Source, SourceRecord
from maillage.core.search.models import SearchDocument
from maillage.rooms.atlas.importing import Options, import_file
from maillage.rooms.atlas.models import Entry, Place, Revision

SCRIPT = """
import sys, time
from pathlib import Path
import django
django.setup()
from maillage.rooms.atlas.importing import Options, import_file
def progress(done, total):
    print(done, flush=True)
    if done >= 2000:
        time.sleep(60)
import_file(Path(sys.argv[1]), "grand.csv", Options(source_code="grand"), progress)
print("finished", flush=True)
"""


def directory(folder: Path, count: int, phone: str) -> Path:
    path = folder / "grand.csv"
    lines = [f"{number};Lieu {number};{number} rue des Essais;69200;Vénissieux;{phone}" for number in range(count)]
    path.write_text("id;nom;adresse;cp;commune;tel\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def state() -> tuple[object, ...]:
    counts = tuple(
        model.objects.count() for model in (Entry, Place, Revision, SearchDocument, SourceRecord, Run, Source)
    )
    return counts, set(Place.objects.values_list("phone", flat=True))


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_nothing_is_half_applied(tmp_path: Path) -> None:
    import_file(directory(tmp_path, 40, "0478010203"), "grand.csv", Options(source_code="grand"))
    before = state()
    path = directory(tmp_path, 2100, "0478010299")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "MAILLAGE_DATABASE_NAME": connection.settings_dict["NAME"],
    }
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(path)], stdout=subprocess.PIPE, text=True, env=environment,
                               cwd=Path(__file__).parents[5])  # fmt: skip
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "finished" or int(line) >= 2000:
                break
        assert line.strip() != "finished" and process.poll() is None
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()
    assert state() == before
    run = import_file(path, "grand.csv", Options(source_code="grand")).run
    assert (run.rows_in, run.kept, run.created) == (2100, 2100, 2060)
    assert set(Place.objects.values_list("phone", flat=True)) == {"+33478010299"} and Entry.objects.count() == 2100
