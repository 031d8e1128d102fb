"""What openpyxl does not tell when it streams: merged cells, and whether a sheet holds formulas. Read from the XML itself."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import join, normpath
from xml.etree import ElementTree as ET

from openpyxl.utils import range_boundaries

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_OVERLAP = 200
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class SheetFacts:
    """The blocks of cells merged downwards (first column, first row, last row), and whether there are formulas."""

    merged_down: tuple[tuple[int, int, int], ...]
    has_formulas: bool


def facts_of(path: Path, sheet: str) -> SheetFacts:
    """Reads them in one pass over the compressed sheet; an unusual file without the usual parts has none."""
    with zipfile.ZipFile(path) as archive:
        member = _member_of(archive, sheet)
        if member is None:
            return SheetFacts((), has_formulas=False)
        merged: list[bytes] = []
        has_formulas = False
        for block in _blocks(archive, member):
            merged += _MERGED.findall(block)
            has_formulas = has_formulas or bool(_FORMULA.search(block))
    return SheetFacts(tuple(sorted({down for ref in merged if (down := _down(ref.decode()))})), has_formulas)


def _member_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    try:
        book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 -- sizes are bounded, entities by expat
        relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except (KeyError, ET.ParseError):
        return None
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    wanted = next(
        (one.get(_RELATIONS) for one in book.iter() if one.tag.endswith("}sheet") and one.get("name") == sheet), None
    )
    target = targets.get(wanted, "")
    member = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
    return member if member in archive.namelist() else None


def _blocks(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    """The sheet in pieces that overlap, so that no mark is cut in two."""
    with archive.open(member) as file:
        before = b""
        while block := file.read(1 << 18):
            yield before + block
            before = block[-_OVERLAP:]


def _down(ref: str) -> tuple[int, int, int] | None:
    left, top, _right, bottom = range_boundaries(ref)
    if left is None or top is None or bottom is None or bottom <= top:
        return None
    return int(left) - 1, int(top), int(bottom)
