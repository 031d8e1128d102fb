"""The thematic maps of a report, and the table of the figures that they draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from maillage.core.exports.printing import LATIN
from maillage.core.places.models import Territory
from maillage.rooms.observatory.maps.composition import Composition
from maillage.rooms.observatory.maps.drawing import thematic_svg
from maillage.rooms.observatory.maps.legend import line_text, listed, sign_document
from maillage.rooms.observatory.maps.picture import Style, fitting
from maillage.rooms.observatory.maps_layers import ALL
from maillage.rooms.observatory.maps_shown import Shown, shown
from maillage.rooms.observatory.queries_report import drawable_series
from maillage.rooms.observatory.report_blocks import Block, Drawing, Heading, Table, Text

MOST_MAPS = 4
MOST_IN_TABLE = 150
PRINTED = Style(680, 680, 15, LATIN, has_words=False, finest=0.3)


def map_blocks(row: Territory) -> list[Block]:
    """A map for each of some indicators inside the territory, then their figures in one table for each kind."""
    blocks: list[Block] = [Heading("Les cartes")]
    maps = [_composed(one.code, series, row) for one, series in drawable_series(row, MOST_MAPS)]
    drawn = [one for one in maps if one.picture is not None]
    if not drawn:
        text = "Aucun indicateur n’est connu pour les territoires qui sont dans celui-ci : il n’y a rien à dessiner."
        return [*blocks, Text(text)]
    blocks.append(Text("Plus c’est foncé, plus la valeur est élevée. Les hachures disent « non renseigné »."))
    for place, one in enumerate(drawn, start=1):
        blocks += [Heading(f"{one.title} — {one.subtitle}", 3), _drawing(one, place)]
        blocks.append(Text(" ".join(dict.fromkeys(one.sources)), is_small=True))
    return blocks


def figure_tables(row: Territory) -> list[Block]:
    """The values of the maps, every territory included, one table for each kind of territory."""
    maps = [_composed(one.code, series, row) for one, series in drawable_series(row, MOST_MAPS)]
    by_kind: dict[str, list[Shown]] = {}
    for one in maps:
        if one.series is not None:
            by_kind.setdefault(f"{one.series.kind}:{one.series.generation}", []).append(one)
    tables: list[Block] = [_table(group) for group in by_kind.values() if len(group[0].rows) <= MOST_IN_TABLE]
    left = [group[0] for group in by_kind.values() if len(group[0].rows) > MOST_IN_TABLE]
    notes: list[Block] = [
        Text(f"{len(one.rows)} territoires : leurs valeurs sont dans le fichier CSV de chaque carte.") for one in left
    ]
    return [Heading("Annexe : les valeurs des cartes"), *tables, *notes] if tables or notes else []


def _composed(code: str, series: object, row: Territory) -> Shown:
    return shown(Composition(indicator=code, series=series, scope=row.reference, ramp="gris", layers=(ALL,)))  # type: ignore[arg-type]


def _drawing(one: Shown, place: int) -> Drawing:
    picture = one.picture
    assert picture is not None
    style = replace(fitting(PRINTED, picture.bounds), identifier=f"carte{place}")
    legend = [(sign_document(line, style), line_text(line)) for line in listed(picture) if line.kind != "symbol"]
    legend += [(sign_document(line, style), line_text(line)) for line in listed(picture) if line.kind == "symbol"]
    title = picture.notes.legend_title
    alt = "Carte de {title} : {legend}.".format(title=title, legend=" ; ".join(text for _sign, text in legend))
    return Drawing(f"carte{place}", thematic_svg(picture, style), alt, one.sentence, legend)


def _table(group: Sequence[Shown]) -> Table:
    """One line for each territory, one column for each indicator; what is missing says so."""
    values = [{row.code: row.figure.text for row in one.rows} for one in group]
    rows = [(row.name, *(texts.get(row.code, "non renseigné") for texts in values)) for row in group[0].rows]
    labels = [f"{one.title.partition(',')[0]}" for one in group]
    head = ("Territoire", *labels)
    return Table(group[0].subtitle, head, rows, frozenset(range(1, len(head))), (2.0, *(1.0 for _one in group)))
