"""Import of N rows in the shape of data·inclusion: rows per second and memory, first run and second run.

    .venv/bin/python benchmarks/intake.py [--rows 100000] [--keep]

Prints one JSON line a measure. The rows are made up (names, addresses and numbers that belong to nobody) with the columns of
data·inclusion structures v0, points all over mainland France. Runs in the application's own database, in a transaction that is
taken back unless --keep; communes of France, if loaded, are used as an import uses them.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

COLUMNS = ("id", "siret", "nom", "commune", "code_postal", "code_insee", "adresse", "complement_adresse", "longitude", "latitude",
           "typologie", "telephone", "courriel", "site_web", "presentation_resume", "presentation_detail", "source", "date_maj",
           "horaires_ouverture", "thematiques", "labels_nationaux")  # fmt: skip
HOURS = (
    "Mo-Fr 09:00-12:00,14:00-17:00",
    "du lundi au vendredi 9h-12h et 14h-17h30",
    "",
    "sur rendez-vous",
    "lundi 9h-12h, jeudi 14h-18h",
)
WORDS = (
    "accueil", "aide", "atelier", "emploi", "famille", "formation", "insertion", "jeunesse", "logement", "mobilité", "numérique",
    "santé", "solidarité", "droits",
)  # fmt: skip


def write_rows(path: Path, count: int) -> None:
    """The same rows for the same count."""
    chance = random.Random(2026)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(count):
            department = f"{1 + number % 95:02}"
            words = chance.sample(WORDS, 4)
            writer.writerow((
                f"s-{number}", "", f"Maison {words[0]} {number}", f"Commune {number % 3000}", f"{department}{number % 900:03}",
                f"{department}{1 + number % 500:03}", f"{1 + number % 200} rue {words[1]}", "", f"{chance.uniform(-1, 6):.6f}",
                f"{chance.uniform(44, 49):.6f}", "ASSO", f"0{1 + number % 5}{number % 10**8:08}", f"contact{number}@exemple.fr",
                f"https://exemple.fr/{number}", f"{words[0].capitalize()} et {words[2]} pour tous.",
                f"Nous proposons : {', '.join(words)}. " * 4, f"source-{number % 7}", "2024-05-12", HOURS[number % len(HOURS)],
                f"{words[3]}|numerique", "CNFS",
            ))  # fmt: skip


class Peak:
    """The largest resident memory of this process while the block runs, in MB, and at a tenth of the way."""

    def __enter__(self) -> Peak:
        self.values: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        process = psutil.Process()
        while not self._stop.wait(0.05):
            self.values.append(process.memory_info().rss / 1e6)

    def __exit__(self, *_fault: object) -> None:
        self._stop.set()
        self._thread.join()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.house.settings")
    import django

    django.setup()
    from django.db import transaction

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "structures.csv"
        write_rows(path, options.rows)
        try:
            with transaction.atomic():
                measure(path, "first run")
                measure(path, "second run, nothing changed")
                if not options.keep:
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            pass


def measure(path: Path, name: str) -> None:
    from maillage.rooms.atlas.importing import Options, import_file

    start, used = time.perf_counter(), time.process_time()
    with Peak() as peak:
        run = import_file(path, path.name, Options(source_code="banc-d-essai")).run
    seconds = time.perf_counter() - start
    tenth = peak.values[len(peak.values) // 10] if peak.values else 0.0
    assert run.rows_in == run.kept + run.unchanged + run.merged + run.rejected
    line = {
        "bench": "intake",
        "measure": name,
        "rows": run.rows_in,
        "kept": run.kept,
        "unchanged": run.unchanged,
        "merged": run.merged,
        "rejected": run.rejected,
        "seconds": round(seconds, 1),
        "rows_per_s": round(run.rows_in / seconds),
        "cpu_seconds_of_this_process": round(time.process_time() - used, 1),
        "mb_at_a_tenth": round(tenth),
        "mb_peak": round(max(peak.values)),
        "load_average": round(os.getloadavg()[0], 1),
        "python": sys.version.split()[0],
        "file_mb": round(path.stat().st_size / 1e6, 1),
    }
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
