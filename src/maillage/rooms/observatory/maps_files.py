"""A composed map carried away: SVG at the size of paper, PDF/UA, CSV of every value drawn, missing ones included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from maillage.core.exports.about import About, SourceNote
from maillage.core.exports.printing import LATIN, Document, pdf_of, printable
from maillage.core.exports.tables import Column, Table
from maillage.rooms.observatory.maps.drawing import thematic_svg
from maillage.rooms.observatory.maps.legend import line_text, listed, sign_document
from maillage.rooms.observatory.maps.picture import LegendLine, Picture, Style, fitting
from maillage.rooms.observatory.maps_shown import SCREEN, Row, Shown

TEMPLATE = Path(__file__).parent / "print" / "map.typ"
PAPERS = {"a4": (297, 210), "a3": (420, 297)}
# The map alone, between the title and the legend beside it; the same letters on both papers.
PRINTED = {"a4": Style(600, 600, 14, LATIN, has_words=False, finest=0.2),
           "a3": Style(920, 920, 14, LATIN, has_words=False, finest=0.15)}  # fmt: skip


@dataclass(frozen=True)
class Signed:
    """What the maker of a saved map wrote; empty for a map that was not saved."""

    author: str = ""
    note: str = ""
    address: str = ""
    version: int = 0


def screen_svg(picture: Picture) -> str:
    """The picture of a page: its title, its legend and its sources are on the page, in letters that grow with it."""
    return thematic_svg(picture, fitting(SCREEN, picture.bounds))


def legend_items(picture: Picture | None) -> list[tuple[SafeString, str]]:
    """The legend for a page: a small drawing and its words."""
    lines = listed(picture) if picture else ()
    hidden = 'aria-hidden="true" focusable="false"'
    # Only our own shapes and figures are in these drawings.
    return [(mark_safe(sign_document(one, SCREEN, attributes=hidden)), line_text(one)) for one in lines]  # noqa: S308


def print_svg(picture: Picture) -> str:
    """The picture with all its words, finely drawn, at the width of an A4 sheet."""
    style = Style(width=1120, text_size=15, finest=0.15, font="Atkinson Hyperlegible Next, sans-serif")
    return thematic_svg(picture, fitting(style, picture.bounds))


def csv_table(shown: Shown) -> Table[Row]:
    """Every value drawn or not, with where it comes from; a missing value is an empty cell and says so."""
    measure = shown.measure
    columns: list[Column[Row]] = [
        Column("code", _("Code"), lambda row: row.code),
        Column("nom", _("Nom"), lambda row: row.name),
        Column("sorte", _("Sorte de territoire"), lambda _row: shown.series.kind if shown.series else ""),
        Column("liste", _("Liste des territoires"), lambda _row: shown.series.generation if shown.series else ""),
        Column("millesime", _("Année"), lambda _row: shown.series.vintage if shown.series else None, is_number=True),
        Column("indicateur", _("Indicateur"), lambda _row: measure.label if measure else ""),
        Column("unite", _("Unité"), lambda _row: measure.unit if measure else ""),
        Column("valeur", _("Valeur"), lambda row: row.figure.value, is_number=True),
        Column("etat", _("État"), lambda row: _("renseigné") if row.figure.value is not None else row.figure.text),
        Column("bas", _("Borne basse"), lambda row: _bound(row, "low"), is_number=True),
        Column("haut", _("Borne haute"), lambda row: _bound(row, "high"), is_number=True),
        Column("methode", _("Méthode"), lambda row: row.figure.source.method if row.figure.source else ""),
        Column("classe", _("Classe"), lambda row: row.class_label),
        Column("remarque", _("Remarque"), lambda row: row.figure.note),
        Column("dessine", _("Sur la carte"), lambda row: row.is_drawn),
    ]
    if shown.has_things:
        columns.append(Column("lieux", _("Lieux et initiatives"), lambda row: row.things, is_number=True))
    return Table("carte", columns, shown.rows)


def _bound(row: Row, name: str) -> float | None:
    """A bound of the source, where the figure is that of the source."""
    source = row.figure.source
    if source is None or row.figure.value != source.value:
        return None
    bound: float | None = getattr(source, name)
    return bound


def about(shown: Shown, address: str, made_at: datetime) -> About:
    """The label of the files."""
    indicator = shown.indicator
    sources = (SourceNote(indicator.source_text, indicator.licence, url=indicator.source_url),) if indicator else ()
    return About(
        shown.title, shown.sentence, len(shown.rows), made_at, address, sources, settings.OPERATOR_NAME or "Maillage"
    )


def map_pdf(shown: Shown, signed: Signed, paper: str) -> bytes:
    """The map on a sheet in landscape, PDF/UA-1. Raises PrintingProblem when fonts or template are at fault."""
    assert shown.picture is not None
    style = fitting(PRINTED[paper], shown.picture.bounds)
    pictures = {"carte.svg": thematic_svg(shown.picture, style), **_signs(shown.picture, PRINTED[paper])}
    return pdf_of(Document(TEMPLATE, printable(_data(shown, signed, paper)), pictures), timezone.now())


def _signs(picture: Picture, style: Style) -> dict[str, str]:
    """One small drawing for each line of the legend."""
    return {f"signe-{place}.svg": sign_document(one, style) for place, one in enumerate(listed(picture))}


def _data(shown: Shown, signed: Signed, paper: str) -> dict[str, Any]:
    picture = shown.picture
    legend: Sequence[LegendLine] = listed(picture) if picture else ()
    language = (get_language() or "fr")[:2]
    return {
        "lang": language,
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
        "title_direction": "rtl" if picture and picture.is_rtl else "ltr",
        "title": shown.title,
        "author": signed.author or settings.OPERATOR_NAME or "Maillage",
        "subtitle": picture.notes.subtitle if picture else "",
        "paper": paper,
        "alt": shown.sentence,
        "sentence": shown.sentence,
        "legend_title": picture.notes.legend_title if picture else "",
        "legend": [{"file": f"signe-{place}.svg", "text": line_text(one)} for place, one in enumerate(legend)],
        "foot": list(shown.sources),
        "signed": _("Carte de {author}").format(author=signed.author) if signed.author else _("Carte sans auteur"),
        "note": signed.note,
        "address": signed.address,
        "version": _("Version {n}").format(n=signed.version) if signed.version else "",
        "words": {"legend": _("Légende"), "sources": _("Sources et méthode")},
    }
