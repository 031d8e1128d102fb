"""Printed things: a Typst template and plain data become a PDF/UA-1 that Typst itself has checked.

Texts reach the template as data, never as markup: nothing that a person typed is run. Only the fonts that we ship are
used, and any warning is a failure: a missing font would otherwise print boxes.
"""

from __future__ import annotations

import json
import tempfile
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

FONTS = Path(__file__).resolve().parent.parent / "web" / "static" / "web" / "build" / "fonts-ttf"
MEMORY_OF_TYPST = 10  # layouts; tests/test_printing.py holds that it is so in the pinned version
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
        raise PrintingProblem(
            f"fonts for printing are missing ({', '.join(sorted(missing))}): run `npm run build`, then fonts.py"
        )
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
                timestamp=made_at.astimezone(UTC).replace(microsecond=0),
            )
        except typst.TypstError as fault:
            raise PrintingProblem(f"{document.template.name}: {fault}") from fault
        finally:
            _forget(folder)
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
                str(main),
                f"<{label}>",
                field="value",
                one=True,
                root=str(folder),
                font_paths=_fonts(),
                ignore_system_fonts=True,
            )
        except typst.TypstError as fault:
            raise PrintingProblem(f"{document.template.name}: {fault}") from fault
        finally:
            _forget(folder)
    return json.loads(told)


def _forget(folder: Path) -> None:
    """Lets what Typst keeps of a document go: it would keep that of the last ten, 5 MB for a leaflet, for ever.

    It has no call for that, but forgets what the last ten layouts did not use: these lay nothing out, within 1 ms each.
    """
    nothing = folder / "nothing.typ"
    nothing.touch()
    for _turn in range(MEMORY_OF_TYPST + 1):
        typst.compile(str(nothing), root=str(folder), font_paths=_fonts(), ignore_system_fonts=True)


# Signs that the fonts lack and whose loss would change what is read: a unit, a comparison.
_SPELLED = str.maketrans(
    {"\u00b5": "micro", "\u03bc": "micro", "\u2265": ">=", "\u2264": "<=", "\u2030": " pour mille", "\u2192": "->"}
)

# What the two fonts hold (a test reads them): Latin with its accents, the punctuation of our languages, Arabic.
_HELD = "\n–—‘’“”„…•€™−«»°·×"
_LOST = frozenset(
    "\xad\xb5\u0108\u0109\u0114\u0115\u011c\u011d\u0124\u0125\u0128\u0129\u012c\u012d\u0134\u0135\u0138\u013f\u0140\u0149\u014a\u014b\u014c\u014d\u014e\u014f\u0156\u0157\u015c\u015d\u0166\u0167\u0168\u0169\u016c\u016d\u017f"
)
_ARABIC = range(0x0600, 0x06FF + 1)
_SPACES = str.maketrans(
    {"\N{NARROW NO-BREAK SPACE}": "\N{NO-BREAK SPACE}", "\t": " ", "\u2009": " ", "\u2011": "-", "\u2010": "-"}
)


def _is_held(sign: str) -> bool:
    return (
        " " <= sign <= "~" or "\u00a0" <= sign <= "\u017f" or sign in _HELD or ord(sign) in _ARABIC
    ) and sign not in _LOST


def printable(value: Any) -> Any:
    """The same data with texts that our fonts can print: a sign that they lack is taken apart, else left out.

    PDF/UA refuses a sign without a drawing: one emoji in a name would otherwise stop the whole document.
    """
    if isinstance(value, str):
        return "".join(
            sign if _is_held(sign) else _nearest(sign) for sign in value.translate(_SPACES).translate(_SPELLED)
        )
    if isinstance(value, Mapping):
        return {key: printable(one) for key, one in value.items()}
    return [printable(one) for one in value] if isinstance(value, list | tuple) else value


def _nearest(sign: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", sign) if part.isascii() and part.isprintable())
