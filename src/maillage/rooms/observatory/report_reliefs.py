"""The reliefs of a report: matrices with what each empty cell means, supply against need, the study's conclusions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _

from maillage.core.places.models import Territory
from maillage.core.places.queries import inside
from maillage.core.web.wording import number
from maillage.rooms.observatory.profile import value_text, vintage_text
from maillage.rooms.observatory.queries_needs import KINDS, Needs, indicators_for, needs
from maillage.rooms.observatory.queries_reliefs import names_of
from maillage.rooms.observatory.reliefs.conclusions import ConclusionResult
from maillage.rooms.observatory.reliefs.dimensions import value_label
from maillage.rooms.observatory.reliefs.matrix import Cell, Matrix
from maillage.rooms.observatory.reliefs_data import conclusions, matrix, searches
from maillage.rooms.observatory.reliefs_shown import sentence_of
from maillage.rooms.observatory.reliefs_tables import VERDICTS
from maillage.rooms.observatory.report_blocks import Block, Bullets, Heading, Table, Text

PAIRS = (("theme", "actor_group"), ("theme", "means_nature"), ("theme", "service_nature"))
MOST_COLUMNS, MOST_ROWS, MOST_GAPS = 8, 70, 15


def relief_blocks(row: Territory) -> list[Block]:
    """Matrices over what is described in the territory."""
    blocks: list[Block] = [Heading("Les reliefs : ce qui existe, ce qui manque")]
    found = [matrix(rows=rows, columns=columns, territory=row.reference) for rows, columns in PAIRS]
    if not found[0].total:
        blocks.append(
            Text("Rien n’est décrit dans ce territoire : chaque case vide dit seulement si quelqu’un y a cherché.")
        )
    blocks.append(Bullets([
        "Un nombre : autant de fiches. Moins de cinq, c’est un petit nombre.",
        "« non trouvé » : quelqu’un a cherché là et n’a rien trouvé.",
        "« non cherché » : personne n’a cherché là ; le vide ne veut rien dire.",
        "« aucune » : aucune fiche n’est dans ce cas.",
    ]))  # fmt: skip
    for one in found:
        title = f"{one.row_dimension.label} et {one.column_dimension.label}"
        blocks.append(_matrix_table(one, title))
    return blocks


def _matrix_table(one: Matrix, title: str) -> Table:
    question = one.question
    names = names_of([*(line.value for line in one.lines), *(value for value, _total in one.columns)])
    kept = [place for place, _column in enumerate(one.columns)][:MOST_COLUMNS]
    head = [
        one.row_dimension.label,
        *(value_label(question.columns, one.columns[place][0], names) for place in kept),
        "Total",
    ]
    rows = [
        (
            value_label(question.rows, line.value, names),
            *(_cell_text(line.cells[place]) for place in kept),
            number(line.total),
        )
        for line in one.lines[:MOST_ROWS]
    ]
    return Table(title, head, rows, frozenset(range(1, len(head))), (1.8, *(1.0 for _place in kept), 0.7))


def _cell_text(cell: Cell) -> str:
    words = {"sought": "non trouvé", "unsought": "non cherché", "complete": "aucune"}
    return number(cell.count) if cell.state == "present" else words[cell.state]


def need_blocks(row: Territory) -> list[Block]:
    """Supply against need among the territories inside: those with the largest gap first."""
    made: list[Block] = []
    for kind in KINDS:
        if kind == row.kind:
            continue
        found = needs(kind, _default_need(kind))
        inside = _inside(found, row)
        if len(inside) >= 2 and found.indicator is not None:
            made += _need_table(found, inside)
    title = Heading("L’offre face au besoin")
    if not made:
        return [
            title,
            Text("Aucun indicateur de besoin n’est connu pour des territoires à l’intérieur de celui-ci."),
        ]
    return [title, *made]


def _default_need(kind: str) -> str:
    """The indicator of difficulty to begin with: unemployment, poverty, then any that says that high is hard."""
    known = [one for one in indicators_for(kind) if one.direction in {"good", "bad"} and one.nature != "count"]
    ordered = sorted(known, key=lambda one: (one.topic not in {"work", "income"}, one.code))
    return ordered[0].code if ordered else ""


def _inside(found: Needs, row: Territory) -> list[tuple[str, ...]]:
    mine = {one.reference for one in inside(row.reference, [found.kind])}
    lines = [line for line in found.lines if line.ground.reference in mine]
    unit, decimals = (found.indicator.unit, found.indicator.decimals) if found.indicator else ("", 0)
    unknown = "non renseigné"
    return [
        (
            line.ground.name,
            number(line.count),
            number(round(line.rate, 1)) if line.rate is not None else unknown,
            value_text(line.ground.need, unit, decimals) if line.ground.need is not None else unknown,
            number(round(line.gap)) if line.gap is not None else "—",
        )
        for line in lines
    ]


def _need_table(found: Needs, rows: Sequence[tuple[str, ...]]) -> list[Block]:
    assert found.indicator is not None
    label = f"{found.indicator.label} ({vintage_text(found.vintage)})"
    head = ("Territoire", "Fiches", "Fiches pour 10 000 habitants", label, "Écart")
    shown = rows[:MOST_GAPS]
    blocks: list[Block] = [
        Table(
            f"Besoin et offre : {label}",
            head,
            shown,
            frozenset({1, 2, 3, 4}),
            (2, 0.8, 1.2, 1.4, 0.8),
        )
    ]
    text = "Écart : de −100 (beaucoup d’offre, peu de besoin) à 100 (peu d’offre, beaucoup de besoin), par rangs."
    if len(rows) > len(shown):
        text += " " + f"Les {len(shown)} plus grands écarts sur {len(rows)} territoires."
    return [*blocks, Text(text, is_small=True)]


def conclusion_blocks() -> list[Block]:
    """The conclusions of the study, recomputed over all that is described, whatever the territory."""
    results = conclusions()
    blocks: list[Block] = [Heading("Les conclusions de l’étude de 2018, recalculées")]
    if not results:
        return [*blocks, Text("Aucune conclusion n’est enregistrée.")]
    counts = Counter(one.verdict for one in results)
    told = "{n} conclusions : les fiches d’aujourd’hui sont d’accord avec {yes}, pas avec {no} ; {cannot} ne se testent pas."
    yes, no, cannot = (counts[one] for one in ("agrees", "differs", "untestable"))
    blocks.append(Text(told.format(n=len(results), yes=yes, no=no, cannot=cannot)))
    blocks.append(Text("Ces comptes portent sur toutes les fiches, pas seulement sur ce territoire.", is_small=True))
    head = ("Page", "Ce que dit l’étude, dans nos mots", "Ce que l’on compte", "Verdict")
    rows = [_conclusion_row(one) for one in results]
    return [*blocks, Table("Conclusions et comptes", head, rows, frozenset(), (0.6, 3, 2.6, 1.2))]


def _conclusion_row(one: ConclusionResult) -> tuple[str, ...]:
    told = []
    for figure in one.figures[:3]:
        part = f"{number(figure.count)}" + (f"/{number(figure.base)}" if figure.base is not None else "")
        told.append(f"{sentence_of(figure.conditions)} : {part}" if figure.conditions else part)
    return (", ".join(map(str, one.pages)), one.statement, " · ".join(told) or one.reason, _(VERDICTS[one.verdict]))


def search_blocks() -> list[Block]:
    """Who searched what, where, when, how, with which limits."""
    found = searches()
    if not found:
        return [Text("Aucune recherche n’est enregistrée : on ne peut donc jamais dire « cherché, non trouvé ».")]
    head = ("Recherche", "Qui et quand", "Comment", "Limites")
    rows = [
        (one.title, " ".join(filter(None, [one.who, f"({one.began_on} – {one.ended_on})"])), one.how, one.limits)
        for one in found
    ]
    return [Table("Ce qui a été cherché", head, rows, frozenset(), (1.4, 1.3, 2, 2.2))]
