"""Printed things: a Typst template and plain data become a PDF/UA-1 that Typst itself has checked.

Texts reach the template as data, never as markup: nothing that a person typed is run. Only the fonts that we ship are
used, and any warning is a failure: a missing font would otherwise print boxes.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

FONTS = Path(__file__).resolve().parent.parent / "web" / "static" / "web" / "build" / "fonts-ttf"
LATIN, ARABIC = "Atkinson Hyperlegible Next", "Noto Sans Arabic"


class PrintingProblem(RuntimeError):
    """The document cannot be made; the message says what is missing or wrong."""


@dataclass(frozen=True)
class Document:
    """A template with its data; `pictures` are SVG texts by file name, read by the template with image()."""

    template: Path
    data: Mapping[str, Any]
    pictures: Mapping[str, str]


@cache
def _fonts() -> typst.Fonts:
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    missing = {LATIN, ARABIC} - set(found.families())
    if missing:
        raise PrintingProblem(f"fonts for printing are missing ({', '.join(sorted(missing))}): run `npm run build`, then fonts.py")
    return found


def _laid_out(document: Document, folder: Path) -> Path:
    main = folder / document.template.name
    main.write_bytes(document.template.read_bytes())
    (folder / "data.json").write_text(json.dumps(document.data, ensure_ascii=False), encoding="utf-8")
    for name, svg in document.pictures.items():
        (folder / name).write_text(svg, encoding="utf-8")
    return main


def pdf_of(document: Document, made_at: datetime) -> bytes:
    """The document as PDF/UA-1. Raises PrintingProblem on an error or a warning."""
    with tempfile.TemporaryDirectory(prefix="maillage-print-") as name:
        folder = Path(name)
        main = _laid_out(document, folder)
        try:
            pdf, warnings = typst.compile_with_warnings(
                str(main),
                root=str(folder),
                font_paths=_fonts(),
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards=["ua-1"],
                timestamp=made_at,
            )
        except typst.TypstError as fault:
            raise PrintingProblem(f"{document.template.name}: {fault}") from fault
    if warnings:
        raise PrintingProblem(f"{document.template.name}: {'; '.join(str(one) for one in warnings)}")
    return bytes(pdf)


def answer_of(document: Document, label: str) -> Any:
    """The value that the template tells under a label, as <shown>, after its layout."""
    with tempfile.TemporaryDirectory(prefix="maillage-print-") as name:
        folder = Path(name)
        main = _laid_out(document, folder)
        try:
            told = typst.query(
                str(main), f"<{label}>", field="value", one=True, root=str(folder), font_paths=_fonts(), ignore_system_fonts=True
            )
        except typst.TypstError as fault:
            raise PrintingProblem(f"{document.template.name}: {fault}") from fault
    return json.loads(told)
