"""How long the report of a territory takes, how much memory, and whether two processes write the same bytes.

    python benchmarks/report.py [--territory epci:200046977] [--limit-seconds 60] [--limit-mib 1024]

Runs `maillage report` twice for each format, on the installation in force (`maillage demo --no-serve` fills one), and prints one
JSON line for each run: seconds by the clock and of processor, the most memory of the process, bytes, SHA-256.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def measured(territory: str, form: str, output: Path) -> dict[str, object]:
    """One run in a process of its own."""
    command = [sys.executable, "-m", "maillage", "report", territory, "--format", form, "--output", str(output)]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(command)} failed")
    return {
        "question": "report", "territory": territory, "format": form, "seconds": round(time.perf_counter() - began, 1),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 1), "most_mib": round(usage.ru_maxrss / 1024),
        "bytes": output.stat().st_size, "sha256": hashlib.sha256(output.read_bytes()).hexdigest(),
    }  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--territory", default="epci:200046977")
    arguments.add_argument("--limit-seconds", type=float, default=60)
    arguments.add_argument("--limit-mib", type=float, default=1024)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for form in ("pdf", "html"):
            runs = [measured(chosen.territory, form, Path(folder) / f"{number}.{form}") for number in (1, 2)]
            for one in runs:
                print(json.dumps(one), flush=True)
            told = {
                "format": form, "same_bytes": runs[0]["sha256"] == runs[1]["sha256"],
                "within_time": max(float(str(one["seconds"])) for one in runs) <= chosen.limit_seconds,
                "within_memory": max(float(str(one["most_mib"])) for one in runs) <= chosen.limit_mib,
            }  # fmt: skip
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
