"""The commands that load figures of territories and cells, and bring the ones to the others: grammar, and what each calls."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

AddCommand = Callable[..., argparse.ArgumentParser]
KEYS = frozenset({"role", "code", "label", "nature", "unit", "direction", "scale", "weight", "topic"})


def add_indicators(kinds: Any, command: AddCommand) -> None:
    """Adds `intake indicators`, `cells` and `bring`; `command` is the command line's own way of adding one."""
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
    _add_columns(parser)
    parser.add_argument("--dry-run", action="store_true", help="read, check and count; write nothing")
    _add_cells(kinds, command)


def _add_columns(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--column", action="append", default=[], metavar="NAME=KEY:VALUE",
        help=f"correct a column: {', '.join(sorted(KEYS))} (may be repeated)",
    )  # fmt: skip


def _add_cells(kinds: Any, command: AddCommand) -> None:
    parser = command(kinds, "cells", _cells, "load polygons that carry figures: IRIS, squares of 200 m")
    parser.add_argument("path", type=Path, metavar="FILE", help="GeoJSON, GeoPackage or zipped Shapefile")
    parser.add_argument("--name", required=True, help="name of the set, shown beside what is made from it")
    parser.add_argument("--layer", default="", help="layer of a GeoPackage that has several")
    parser.add_argument(
        "--dictionary", type=Path, default=None, metavar="FILE", help="a table that says what each column is"
    )
    parser.add_argument("--vintage", type=_year, default=0, help="year that the figures describe; none where unknown")
    parser.add_argument("--source-name", required=True, help="who publishes the figures")
    parser.add_argument("--licence", required=True, help="their licence")
    parser.add_argument("--source-url", default="", help="address of the source")
    parser.add_argument("--prefix", default="", help="put before the codes")
    parser.add_argument(
        "--inhabited-only",
        action="store_true",
        help="the file lists inhabited cells only: ground without a cell is empty",
    )
    _add_columns(parser)
    parser = command(
        kinds, "bring", _bring, "bring the figures of a set of cells to territories, such as the QPV of 2024"
    )
    parser.add_argument("cells", metavar="SET", help="code of the set")
    parser.add_argument("--kind", default="qpv", help="kind of territory (default: %(default)s)")
    parser.add_argument("--generation", default="", help="list of the QPV: 2015 or 2024")
    parser.add_argument(
        "--finer", default="", metavar="SET", help="share counts by the people of this set of finer cells"
    )
    parser.add_argument("--approximate-medians", action="store_true", help="make medians too, said to be approximate")


def _year(text: str) -> int:
    if not text.isdigit() or not 1900 <= int(text) <= 2100:
        raise argparse.ArgumentTypeError("a year is expected")
    return int(text)


def _corrections(told: list[str]) -> dict[str, dict[str, str]]:
    from maillage.house.terminal import Failure

    found: dict[str, dict[str, str]] = {}
    for one in told:
        name, equals, rest = one.partition("=")
        key, colon, value = rest.partition(":")
        if not equals or not colon or key not in KEYS:
            raise Failure(f"--column {one} is not understood: write NAME=role:indicator, or NAME=unit:%.")
        found.setdefault(name, {})[key] = value
    return found


def _indicators(options: argparse.Namespace) -> int:
    from maillage.house.records import enter
    from maillage.house.terminal import OK, TO_MEND, say, step

    corrections = _corrections(options.column)
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


def _cells(options: argparse.Namespace) -> int:
    from maillage.house.records import enter
    from maillage.house.terminal import OK, say, step

    corrections = _corrections(options.column)
    enter()
    from maillage.rooms.observatory.actions_cells import CellOptions, load_cells

    asked = CellOptions(
        name=options.name, vintage=options.vintage, source=options.source_name, licence=options.licence,
        source_url=options.source_url, layer=options.layer, prefix=options.prefix,
        inhabited_only=options.inhabited_only, columns=corrections,
    )  # fmt: skip
    with step(f"Cells of {options.path}"):
        row = load_cells(path=options.path, options=asked, dictionary=options.dictionary)
    for line in (
        f"{row.code}: {row.cells} cells",
        *(f"{one['code']}: {one['nature']}" for one in row.columns),
        *row.remarks,
    ):
        say(line)
    return OK


def _bring(options: argparse.Namespace) -> int:
    from maillage.house.records import enter
    from maillage.house.terminal import OK, say, step

    enter()
    from maillage.rooms.observatory.actions_cells import bring_cells

    with step(f"{options.cells} → {options.kind} {options.generation}"):
        report = bring_cells(
            cells=options.cells, kind=options.kind, generation=options.generation, finer=options.finer,
            approximate_medians=options.approximate_medians,
        )  # fmt: skip
    for line in report.told():
        say(line)
    return OK
