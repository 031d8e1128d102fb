"""A report as PDF/UA-1 and as a page that stands alone: from the same blocks, without the date of the day."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from maillage.core.exports.printing import Document, pdf_of, printable
from maillage.rooms.observatory.report_blocks import Block, Drawing, Report, data_of, pictures_of

TEMPLATE = Path(__file__).parent / "print" / "report.typ"
OLDEST_YEAR = 2000
KEPT_PDFS = 4
_kept: OrderedDict[tuple[str, str, str], bytes] = OrderedDict()
_lock = Lock()


def made_at(report: Report) -> datetime:
    """The date written in the file: the first day of the newest year that the figures describe, never that of today."""
    return datetime(max(OLDEST_YEAR, report.newest_year), 1, 1, tzinfo=UTC)


def report_pdf(report: Report) -> bytes:
    """The report as PDF. Raises PrintingProblem when fonts or template are at fault.

    The last few are kept in this process by their version, which is a digest of all that they were made from.
    """
    key = (report.kind, report.code, report.version)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    with translation.override("fr"):
        data = printable(_data(report))
    pictures = {**pictures_of(report.blocks), "qr.svg": _qr(report.address)}
    made = pdf_of(Document(TEMPLATE, data, pictures), made_at(report))
    with _lock:
        _kept[key] = made
        while len(_kept) > KEPT_PDFS:
            _kept.popitem(last=False)
    return made


def kept_pdf(kind: str, code: str, version: str) -> bytes | None:
    """The PDF of this version where this process has it."""
    with _lock:
        return _kept.get((kind, code, version))


def _qr(text: str) -> str:
    code: str = segno.make(text, error="m", micro=False).svg_inline(border=2, scale=4)
    return code.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) if "xmlns" not in code else code


def title_of(report: Report) -> str:
    """The title of the report."""
    return f"Rapport de l’observatoire : {report.name}"


def _data(report: Report) -> dict[str, Any]:
    return {
        "title": title_of(report),
        "author": settings.OPERATOR_NAME or "Maillage",
        "name": report.name,
        "kind_label": report.kind_label,
        "where": report.where,
        "sentences": list(report.sentences),
        "version": f"Version des données : {report.version}",
        "years": f"Chiffres les plus récents : {report.newest_year}" if report.newest_year
        else "Aucun chiffre n’est chargé pour ce territoire",
        "address": report.address,
        "qr_alt": f"Code QR vers ce rapport en ligne : {report.address}",
        "blocks": data_of(report.blocks),
        "words": {
            "kicker": "Maillage · observatoire des quartiers",
            "summary": "En bref",
            "contents": "Sommaire",
            "legend": "Légende",
            "online": "Ce rapport en ligne, avec les fiches derrière chaque nombre :",
            "page": "page",
        },
    }  # fmt: skip


def shown_blocks(report: Report) -> list[tuple[Block, SafeString, list[tuple[SafeString, str]]]]:
    """The blocks for a page, with the drawings marked as ours."""
    return [_shown(one) for one in report.blocks]


def _shown(block: Block) -> tuple[Block, SafeString, list[tuple[SafeString, str]]]:
    if not isinstance(block, Drawing):
        return block, SafeString(""), []
    # Our own drawings, whose texts were escaped where they were written.
    legend = [(mark_safe(svg), text) for svg, text in block.legend]  # noqa: S308
    return block, mark_safe(block.svg), legend  # noqa: S308


def standalone_html(report: Report) -> str:
    """The report as one file without anything beside it."""
    with translation.override("fr"):
        context = {"report": report, "title": title_of(report), "blocks": shown_blocks(report)}
        return render_to_string("observatory/report/standalone.html", context)
