"""The matrix of two dimensions, and the entries of any figure; anyone reads them."""

from __future__ import annotations

from django.core.paginator import InvalidPage, Paginator
from django.core.paginator import Page as SomeThings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.core.web.pages import Page
from maillage.core.web.wording import number
from maillage.rooms.observatory import reliefs_shown, reliefs_tables
from maillage.rooms.observatory.queries_reliefs import coverages, known, matrix_of, search_of, snapshot, things_of
from maillage.rooms.observatory.reliefs.address import pairs_of, query_of, question_from
from maillage.rooms.observatory.reliefs.coverage import covers
from maillage.rooms.observatory.reliefs.dimensions import DIMENSIONS
from maillage.rooms.observatory.reliefs.matrix import SMALL, Question
from maillage.rooms.observatory.reliefs.snapshot import Thing
from maillage.rooms.observatory.reliefs_files import answer
from maillage.rooms.observatory.reliefs_pages import crumbs, tabs

ENTRIES_PER_PAGE = 50
# What the form of the matrix shows as selects; the rest of the question is kept as hidden fields and shown as chips.
SELECTS = ("reach", "source")


@require_safe
def reliefs(request: HttpRequest) -> HttpResponse:
    """Two dimensions crossed, with the meaning of every empty cell."""
    question, strange = question_from(request.GET)
    taken = snapshot()
    matrix = matrix_of(question, taken)
    query = query_of(question)
    context = {
        "page": Page(
            title=_("Reliefs"),
            description=_("Ce qui existe, ce qui a été cherché sans être trouvé, ce que personne n’a cherché."),
            crumbs=crumbs()[:1],
            kind="wide",
        ),
        "tabs": tabs("reliefs"),
        "matrix": matrix,
        "shown": reliefs_shown.shown(matrix),
        "strange": strange,
        "chips": reliefs_shown.chips_of(question, request.path),
        "row_options": reliefs_shown.grouped_dimensions(question.rows),
        "column_options": reliefs_shown.grouped_dimensions(question.columns),
        "selects": [
            (
                DIMENSIONS[code].parameter,
                DIMENSIONS[code].label,
                reliefs_shown.value_options(taken, question, DIMENSIONS[code]),
            )
            for code in SELECTS
        ],
        "territories": reliefs_shown.territory_options(taken, question),
        "hidden": _hidden(question),
        "all_url": reliefs_shown.entries_url(question.conditions),
        "turned_url": f"{request.path}?{query_of(Question(question.columns, question.rows, question.conditions))}",
        "file_query": query,
        "has_searches": bool(coverages(in_force_only=True)),
        "small": SMALL,
    }
    return render(request, "observatory/reliefs_matrix.html", context)


def _hidden(question: Question) -> list[tuple[str, str]]:
    shown = {"lignes", "colonnes", "territoire", *(DIMENSIONS[code].parameter for code in SELECTS)}
    return [pair for pair in pairs_of(question) if pair[0] not in shown]


@require_safe
def relief_file(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """The whole matrix, one line a cell."""
    question, _strange = question_from(request.GET)
    return answer(reliefs_tables.matrix_sheet(matrix_of(question)), file_format)


@require_safe
def relief_entries(request: HttpRequest) -> HttpResponse:
    """Exactly the entries that a figure counts; where there are none, who looked there, and who did not."""
    question, strange = question_from(request.GET)
    things = things_of(question)
    pages = Paginator(things, ENTRIES_PER_PAGE)
    current = _page_of(pages, request.GET.get("page", "1"))
    query = query_of(question, sides=False)
    territories = [value for one in question.conditions for value in one.values]
    around = known(territories)
    searches = [search_of(row) for row in coverages(in_force_only=True)]
    looked = {one.code for one in searches if covers(one, question.conditions, around.groups, around.ground)}
    context = {
        "page": Page(
            title=_("Les fiches d’une case"),
            description=reliefs_shown.sentence_of(question.conditions) or _("Toutes les fiches."),
            crumbs=crumbs(),
            indexed=False,
        ),
        "strange": strange,
        "chips": reliefs_shown.chips_of(question, request.path),
        "told": reliefs_shown.told_count(len(things)),
        "count": len(things),
        "is_small": 0 < len(things) < SMALL,
        "things": list(current.object_list),
        "looked": [one for one in searches if one.code in looked],
        "not_looked": [one for one in searches if one.code not in looked],
        "previous_url": f"{request.path}?{query}&page={current.number - 1}" if current.has_previous() else "",
        "next_url": f"{request.path}?{query}&page={current.number + 1}" if current.has_next() else "",
        "summary": _page_words(current.number, pages.num_pages),
        "file_query": query,
    }
    return render(request, "observatory/reliefs_entries.html", context)


def _page_of(pages: Paginator[Thing], wanted: str) -> SomeThings[Thing]:
    """The page asked, the first where there is no such page."""
    try:
        return pages.page(wanted)
    except InvalidPage:
        return pages.page(1)


def _page_words(current: int, total: int) -> str:
    if total < 2:
        return ""
    return _("Page %(current)s sur %(total)s") % {"current": number(current), "total": number(total)}


@require_safe
def relief_entries_file(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """All the entries of a figure."""
    question, _strange = question_from(request.GET)
    return answer(reliefs_tables.entries_sheet(question, things_of(question)), file_format)
