"""What each page of the reliefs puts in its file: one line for each figure."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from maillage.rooms.observatory.queries_needs import Needs
from maillage.rooms.observatory.queries_reliefs import names_of
from maillage.rooms.observatory.reliefs.address import cell_query, query_of
from maillage.rooms.observatory.reliefs.compare import Comparison
from maillage.rooms.observatory.reliefs.conclusions import ConclusionResult
from maillage.rooms.observatory.reliefs.coverage import Search
from maillage.rooms.observatory.reliefs.dimensions import value_label
from maillage.rooms.observatory.reliefs.matrix import Matrix, Question
from maillage.rooms.observatory.reliefs.rules import Rule
from maillage.rooms.observatory.reliefs.snapshot import Condition, Thing
from maillage.rooms.observatory.reliefs_files import Record, Sheet
from maillage.rooms.observatory.reliefs_shown import entries_url, sentence_of, state_word

VERDICTS = {
    "agrees": noop("D’accord"),
    "differs": noop("Pas d’accord"),
    "untestable": noop("Ne peut pas être testée"),
}


def matrix_sheet(matrix: Matrix) -> Sheet:
    """One line for each cell, total and head of a relief, the empty ones too."""
    question = matrix.question
    names = names_of([*(line.value for line in matrix.lines), *(value for value, _total in matrix.columns)])
    address = settings.SITE_ADDRESS + reverse("observatory:relief_entries")
    rows = [
        (
            line.value,
            value_label(question.rows, line.value, names),
            column,
            value_label(question.columns, column, names),
            cell.count,
            cell.state,
            state_word(cell.state),
            ", ".join(cell.searches),
            f"{address}?{cell_query(question, line.value, column)}",
        )
        for line in matrix.lines
        for cell, (column, _total) in zip(line.cells, matrix.columns, strict=True)
    ]
    return Sheet(
        "relief",
        _("%(rows)s et %(columns)s") % {"rows": matrix.row_dimension.label, "columns": matrix.column_dimension.label},
        _("Une ligne par case. Une fiche qui a plusieurs valeurs compte dans plusieurs cases. %(question)s")
        % {"question": sentence_of(question.conditions)},
        f"{reverse('observatory:reliefs')}?{query_of(question)}",
        [
            ("ligne", matrix.row_dimension.label),
            ("ligne_nom", _("Ligne")),
            ("colonne", matrix.column_dimension.label),
            ("colonne_nom", _("Colonne")),
            ("fiches", _("Fiches")),
            ("etat", _("Code de ce que veut dire la case")),
            ("etat_mots", _("Ce que veut dire la case")),
            ("recherches", _("Recherches qui ont regardé là")),
            ("adresse", _("Adresse des fiches")),
        ],
        rows,
    )


def entries_sheet(question: Question, things: list[Thing]) -> Sheet:
    """The entries behind a figure."""
    return Sheet(
        "fiches-d-une-case",
        _("Fiches d’une case"),
        sentence_of(question.conditions) or _("Toutes les fiches."),
        entries_url(question.conditions),
        [
            ("identifiant", _("Identifiant")),
            ("nom", _("Nom")),
            ("adresse", _("Adresse")),
            ("source", _("Source")),
            ("pages", _("Pages de l’étude")),
        ],
        [
            (one.reference, one.name, settings.SITE_ADDRESS + one.url, one.source, ", ".join(map(str, one.pages)))
            for one in things
        ],
    )


def conclusions_sheet(results: list[ConclusionResult]) -> Sheet:
    """One line for each figure of each conclusion; those that cannot be tested have one line too."""
    rows: list[Record] = []
    for one in results:
        start = (one.code, ", ".join(map(str, one.pages)), one.statement)
        end = (one.criterion, one.verdict, _(VERDICTS[one.verdict]), one.reason, one.caution, one.is_circular)
        for figure in one.figures:
            address = settings.SITE_ADDRESS + entries_url(figure.conditions)
            told = sentence_of(figure.conditions)
            rows.append((*start, told, figure.count, figure.base, figure.share, figure.rank, *end, address))
        if not one.figures:
            rows.append((*start, "", None, None, None, None, *end, ""))
    return Sheet(
        "conclusions",
        _("Les conclusions de l’étude, recalculées"),
        _("Une ligne par chiffre. Les nombres décrivent ce qui a été trouvé ; aucun n’est une mesure statistique."),
        reverse("observatory:conclusions"),
        [
            ("conclusion", _("Conclusion")),
            ("pages", _("Pages de l’étude")),
            ("enonce", _("Énoncé, dans nos mots")),
            ("compte", _("Ce qui est compté")),
            ("fiches", _("Fiches")),
            ("sur", _("Sur")),
            ("part", _("Part")),
            ("rang", _("Rang")),
            ("critere", _("Critère")),
            ("verdict", _("Code du verdict")),
            ("verdict_mots", _("Verdict")),
            ("raison", _("Raison")),
            ("reserve", _("Réserve")),
            ("circulaire", _("Repose sur notre classement")),
            ("adresse", _("Adresse des fiches")),
        ],
        rows,
    )


def searches_sheet(searches: list[tuple[Search, bool]]) -> Sheet:
    """One line for each record of what was searched, in force or not."""
    rows = [
        (
            one.code, one.title, one.who, one.began_on, one.ended_on, one.how, one.limits, one.grain,
            ", ".join(one.territories), ", ".join(one.excluded), one.towns_only,
            "; ".join(f"{code} ({sought.basis}): {', '.join(sought.values)}" for code, sought in one.dimensions.items()),
            one.source_text, one.source_url, ", ".join(map(str, one.pages)), is_in_force,
        )
        for one, is_in_force in searches
    ]  # fmt: skip
    keys = [
        ("code", _("Code")), ("titre", _("Recherche")), ("qui", _("Qui a cherché")), ("debut", _("Début")),
        ("fin", _("Fin")), ("comment", _("Comment")), ("limites", _("Limites")), ("finesse", _("Jusqu’où")),
        ("territoires", _("Territoires")), ("laisses", _("Laissés de côté")),
        ("communes", _("Seulement les communes avec un quartier prioritaire ou de veille")),
        ("dimensions", _("Ce qui a été cherché ou classé")), ("source", _("Source")), ("adresse", _("Adresse")),
        ("pages", _("Pages")), ("compte", _("Compte dans les reliefs")),
    ]  # fmt: skip
    page = reverse("observatory:relief_searches")
    return Sheet(
        "recherches", _("Ce qui a été cherché"), _("Qui a cherché quoi, où, quand, comment."), page, keys, rows
    )


def rules_sheet(rules: dict[str, list[Rule]]) -> Sheet:
    """One line for each value of each grouping."""
    rows = [(one.grouping, one.value, one.group, one.default) for lines in rules.values() for one in lines]
    keys = [
        ("classement", _("Classement")),
        ("valeur", _("Valeur")),
        ("groupe", _("Groupe")),
        ("defaut", _("Par défaut")),
    ]
    page = reverse("observatory:relief_rules")
    return Sheet("classements", _("Règles de classement"), _("Quelle valeur est dans quel groupe."), page, keys, rows)


def needs_sheet(found: Needs, query: str) -> Sheet:
    """One line for each territory; what is unknown is an empty cell."""
    rows = [
        (
            line.ground.reference, line.ground.name, line.ground.population, line.count, line.rate, line.ground.need,
            line.supply_place, line.need_place, line.gap, line.ground.reference in found.sought,
            settings.SITE_ADDRESS + entries_url([Condition(found.kind, (line.ground.reference,))]),
        )
        for line in found.lines
    ]  # fmt: skip
    indicator = found.indicator.label if found.indicator else _("Aucun indicateur chargé")
    keys = [
        ("territoire", _("Territoire")), ("nom", _("Nom")), ("population", _("Population")), ("fiches", _("Fiches")),
        ("pour_10000", _("Fiches pour 10 000 habitants")), ("besoin", indicator), ("place_offre", _("Place pour l’offre")),
        ("place_besoin", _("Place pour le besoin")), ("ecart", _("Écart")), ("cherche", _("Une recherche a regardé là")),
        ("adresse", _("Adresse des fiches")),
    ]  # fmt: skip
    page = f"{reverse('observatory:relief_needs')}?{query}"
    title = _("Ce qui existe, ce dont on a besoin")
    return Sheet("besoins", title, f"{indicator} {found.vintage or ''}".strip(), page, keys, rows)


def comparison_sheet(found: Comparison) -> Sheet:
    """One line for each value."""
    rows = [
        (
            line.value, value_label(found.dimension, line.value), line.national, found.stated[0], line.national_share,
            line.local, found.stated[1], line.local_share, line.difference,
        )
        for line in found.lines
    ]  # fmt: skip
    keys = [
        ("valeur", _("Valeur")), ("nom", _("Nom")), ("national", _("National : fiches")), ("national_sur", _("National : sur")),
        ("national_part", _("National : part")), ("local", _("Local : fiches")), ("local_sur", _("Local : sur")),
        ("local_part", _("Local : part")), ("ecart", _("Écart")),
    ]  # fmt: skip
    page = f"{reverse('observatory:relief_compare')}?dimension={found.dimension}"
    return Sheet(
        "national-local", _("National et local"), _("Des nombres et des parts, côte à côte."), page, keys, rows
    )
