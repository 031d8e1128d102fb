"""The commands that load figures of territories and cells, and bring the ones to the others: grammar, and what each calls."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

AddCommand = Callable[..., argparse.ArgumentParser]


def add_indicators(kinds: Any, command: AddCommand) -> None:
    """Adds `intake indicators`; `command` is the command line's own way of adding one."""
    parser = command(
        kinds,
        "indicators",
        _indicators,
        "load figures by territory from CSV, XLSX, ODS, GeoJSON or GeoPackage",
        "Whole or not at all; the same file again changes nothing.",
    )
    parser.add_argument("path", type=Path, metavar="FILE", help="a table with one territory a line")
    parser.add_argument(
        "--dictionary", type=Path, default=None, metavar="FILE", help="a table that says what each column is"
    )
    parser.add_argument("--kind", default="qpv", help="kind of territory (default: %(default)s)")
    parser.add_argument("--generation", default="", help="list of the QPV: 2015 or 2024")
    parser.add_argument("--vintage", type=_year, default=0, help="year that the figures describe; none where unknown")
    parser.add_argument("--source-name", required=True, help="who publishes the figures")
    parser.add_argument("--licence", required=True, help="their licence")
    parser.add_argument("--source-url", default="", help="address of the source")
    parser.add_argument(
        "--prefix", default="", help="put before the codes, so that two sources do not meet in one code"
    )
    parser.add_argument("--create-territories", action="store_true", help="make the territories that are not known yet")
    parser.add_argument(
        "--column", action="append", default=[], metavar="NAME=KEY:VALUE",
        help="correct a column: role, code, label, nature, unit, direction or scale (may be repeated)",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="read, check and count; write nothing")


def _year(text: str) -> int:
    if not text.isdigit() or not 1900 <= int(text) <= 2100:
        raise argparse.ArgumentTypeError("a year is expected")
    return int(text)


def _indicators(options: argparse.Namespace) -> int:
    from maillage.house.records import enter
    from maillage.house.terminal import OK, TO_MEND, Failure, say, step

    corrections: dict[str, dict[str, str]] = {}
    for one in options.column:
        name, equals, rest = one.partition("=")
        key, colon, value = rest.partition(":")
        if not equals or not colon or key not in {"role", "code", "label", "nature", "unit", "direction", "scale"}:
            raise Failure(f"--column {one} is not understood: write NAME=role:indicator, or NAME=unit:%.")
        corrections.setdefault(name, {})[key] = value
    enter()
    from maillage.rooms.observatory.actions_indicators import LoadOptions, given_file, load_indicators, with_plans

    asked = LoadOptions(
        kind=options.kind, generation=options.generation, vintage=options.vintage, source=options.source_name,
        licence=options.licence, source_url=options.source_url, prefix=options.prefix,
        create_territories=options.create_territories, dry_run=options.dry_run,
    )  # fmt: skip
    with step(f"Indicators of {options.path}"):
        given = with_plans(given_file(options.path, asked, dictionary=options.dictionary), corrections)
        report = load_indicators(given=given, options=asked)
    for line in report.lines():
        say(line)
    return TO_MEND if report.rejects else OK
