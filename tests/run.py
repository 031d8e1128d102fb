"""Runs the stages of the test suite, all of them even when one fails, and says at the end what each gave.

    python tests/run.py lint unit journeys

Exit code 0 when every step passed. Under CI=true a skipped journey is a failure: see tests/journeys/conftest.py.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Step:
    """A command and what it proves."""

    label: str
    command: Sequence[str]


@dataclass(frozen=True)
class Result:
    """How a step ended, and pytest's closing line when it was pytest."""

    label: str
    seconds: float
    code: int
    closing_line: str


def steps_of(stage: str, workers: str, *, database_only: bool = False) -> list[Step]:
    """The steps of a stage."""
    pytest = [str(BIN / "pytest"), "-q", "--durations=5", *(["--database-only"] if database_only else [])]
    stages = {
        "lint": [
            Step("style", [str(BIN / "ruff"), "check", "."]),
            Step("layout of the code", [str(BIN / "ruff"), "format", "--check", "."]),
            Step("types", [str(BIN / "mypy")]),
            Step("arrows between modules", [str(BIN / "lint-imports")]),
            Step("migrations", [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"]),
        ],
        "unit": [Step("unit and database tests", [*pytest, "-n", workers, "-m", "not journey"])],
        # Each process has a site, a database and a browser of its own; the stories of a file stay together, in their order.
        "journeys": [
            Step(
                "journeys in a browser",
                [*pytest, "-n", workers, "--dist", "loadfile", "-m", "journey", "-p", "no:randomly"],
            )
        ],
    }
    return stages[stage]


def run(step: Step) -> Result:
    """Runs one step, its output shown as it comes."""
    print(f"\n=== {step.label}: {' '.join(step.command[:1])}", flush=True)
    start, closing_line = time.monotonic(), ""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        step.command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            if re.search(r"\d+ (passed|failed|errors?|skipped|deselected)\b.* in [\d.]+s", line):
                closing_line = line.strip().strip("= ")
    return Result(step.label, time.monotonic() - start, process.returncode, closing_line)


def run_journeys(step: Step) -> list[Result]:
    """Journeys depend on a busy machine's clock: those that failed are tried once more, and the summary says so.

    A journey that fails twice fails the run; `FAILED` of the first try stays in sight as "unsteady".
    """
    first = run(step)
    if first.code != 1:  # passed, or could not run at all
        return [first]
    again = run(
        Step("journeys that failed, a second time", [*step.command, "--last-failed", "--last-failed-no-failures=none"])
    )
    if again.code == 0:
        first = Result(f"{first.label} (unsteady: see the second try)", first.seconds, 0, first.closing_line)
    return [first, again]


def main() -> int:
    """Runs the stages asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", nargs="+", choices=["lint", "unit", "journeys"])
    parser.add_argument("--workers", default="2", help="test processes for the unit stage")
    parser.add_argument(
        "--database-only", action="store_true", help="on another server: only what reaches the database"
    )
    options = parser.parse_args()
    results: list[Result] = []
    for stage in options.stages:
        for step in steps_of(stage, options.workers, database_only=options.database_only):
            results += run_journeys(step) if stage == "journeys" else [run(step)]
    print("\n=== Summary")
    for result in results:
        mark = "ok    " if result.code == 0 else "FAILED"
        print(f"{mark} {result.label}: {result.seconds:.0f} s  {result.closing_line}")
    return 1 if any(result.code for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
