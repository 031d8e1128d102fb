"""What the reliefs tell: supply against need, national against local, the conclusions of the study; anyone reads them."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.core.web.pages import Page
from maillage.rooms.observatory import reliefs_shown, reliefs_tables
from maillage.rooms.observatory.queries_conclusions import COMPARABLE, conclusions, side_by_side
from maillage.rooms.observatory.queries_needs import KINDS, Needs, indicators_for, needs
from maillage.rooms.observatory.reliefs.address import query_of, question_from
from maillage.rooms.observatory.reliefs.compare import ComparedLine
from maillage.rooms.observatory.reliefs.conclusions import Figure, percent
from maillage.rooms.observatory.reliefs.dimensions import DIMENSIONS, dimension_named, value_label
from maillage.rooms.observatory.reliefs.matrix import SMALL, Question
from maillage.rooms.observatory.reliefs.needs import NeedLine
from maillage.rooms.observatory.reliefs.snapshot import Condition
from maillage.rooms.observatory.reliefs_files import answer
from maillage.rooms.observatory.reliefs_pages import crumbs, tabs


@require_safe
def relief_needs(request: HttpRequest) -> HttpResponse:
    """What is there beside what is needed, territory by territory."""
    kind = _kind_of(request)
    question, strange = question_from(request.GET)
    found = needs(kind, request.GET.get("indicateur", ""), question.conditions)
    names = {"commune": _("Communes"), "arrondissement": _("Arrondissements"), "qpv": _("Quartiers prioritaires")}
    context = {
        "page": Page(
            title=_("Ce qui existe, ce dont on a besoin"),
            description=_("Le nombre de fiches de chaque territoire, à côté d’un indicateur."),
            crumbs=crumbs(),
            kind="wide",
        ),
        "tabs": tabs("relief_needs"),
        "found": found,
        "strange": strange,
        "lines": [_need(found, line, question.conditions) for line in found.lines],
        "direction": found.indicator.get_direction_display() if found.indicator else "",
        "kinds": [reliefs_shown.Option(one, names[one], one == kind) for one in KINDS],
        "indicators": [
            reliefs_shown.Option(one.code, one.label, found.indicator is not None and one.code == found.indicator.code)
            for one in indicators_for(kind)
        ],
        "themes": reliefs_shown.theme_options(question),
        "by_theme_url": f"{reverse('observatory:reliefs')}?{query_of(Question(kind, 'theme'))}",
        "elsewhere_url": reliefs_shown.entries_url(found.elsewhere_conditions),
        "undetermined_url": reliefs_shown.entries_url(found.undetermined_conditions),
        "file_query": request.GET.urlencode(),
    }
    return render(request, "observatory/reliefs_needs.html", context)


def _need(found: Needs, line: NeedLine, conditions: Sequence[Condition]) -> dict[str, object]:
    """A line with its figures as people write them; what is unknown stays None."""
    return {
        "line": line,
        "url": reliefs_shown.entries_url([*conditions, Condition(found.kind, (line.ground.reference,))]),
        "rate": None if line.rate is None else round(line.rate, 1),
        "need": None if line.ground.need is None else round(line.ground.need, 2),
        "gap": None if line.gap is None else round(line.gap),
        "is_small": 0 < line.count < SMALL,
        "is_sought": line.ground.reference in found.sought,
    }


def _kind_of(request: HttpRequest) -> str:
    kind = request.GET.get("type", KINDS[0])
    return kind if kind in KINDS else KINDS[0]


@require_safe
def relief_needs_file(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """The whole table of needs."""
    question, _strange = question_from(request.GET)
    found = needs(_kind_of(request), request.GET.get("indicateur", ""), question.conditions)
    return answer(reliefs_tables.needs_sheet(found, request.GET.urlencode()), file_format)


@require_safe
def relief_compare(request: HttpRequest) -> HttpResponse:
    """The national panorama and the Lyon area, side by side."""
    code = _comparable(request)
    found = side_by_side(code)
    context = {
        "page": Page(
            title=_("National et local"),
            description=_("Le panorama national et l’agglomération lyonnaise, côte à côte."),
            crumbs=crumbs(),
            kind="wide",
        ),
        "tabs": tabs("relief_compare"),
        "found": found,
        "label": DIMENSIONS[code].label,
        "lines": [_compared(code, line) for line in found.lines],
        "dimensions": [
            reliefs_shown.Option(DIMENSIONS[one].parameter, DIMENSIONS[one].label, one == code) for one in COMPARABLE
        ],
        "stated": [reliefs_shown.told_count(one) for one in found.stated],
        "unstated": [reliefs_shown.told_count(one) for one in found.unstated],
        "file_query": request.GET.urlencode(),
    }
    return render(request, "observatory/reliefs_compare.html", context)


def _compared(code: str, line: ComparedLine) -> dict[str, object]:
    shares = {"national": line.national_share, "local": line.local_share}
    shown: dict[str, object] = {"label": value_label(code, line.value), "line": line}
    for side, share in shares.items():
        shown[f"{side}_url"] = _side_url(side, code, line.value)
        shown[f"{side}_percent"] = _("non renseigné") if share is None else f"{percent(share)} %"
        shown[f"{side}_bar"] = f"{share * 100:.1f}" if share else ""
        shown[f"is_{side}_small"] = 0 < getattr(line, side) < SMALL
    shown["difference"] = _("inconnu") if line.difference is None else _points(line.difference)
    return shown


def _points(difference: float) -> str:
    sign = "+" if difference > 0 else ""
    return f"{sign}{percent(difference)}".replace("-", "−")


def _comparable(request: HttpRequest) -> str:
    found = dimension_named(request.GET.get("dimension", "theme"))
    return found.code if found is not None and found.code in COMPARABLE else "theme"


def _side_url(side: str, code: str, value: str) -> str:
    return reliefs_shown.entries_url([Condition("reach", (side,)), Condition(code, (value,))])


@require_safe
def relief_compare_file(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """The whole comparison."""
    return answer(reliefs_tables.comparison_sheet(side_by_side(_comparable(request))), file_format)


@require_safe
def conclusions_page(request: HttpRequest) -> HttpResponse:
    """Each conclusion of the study beside its figure, its entries and its verdict."""
    results = conclusions()
    counts = {verdict: sum(one.verdict == verdict for one in results) for verdict in reliefs_tables.VERDICTS}
    context = {
        "page": Page(
            title=_("Les conclusions de l’étude, recalculées"),
            description=_("Ce que dit l’étude de 2018, à côté de ce que comptent les fiches."),
            crumbs=crumbs()[:1],
        ),
        "tabs": tabs("conclusions"),
        "results": [(one, [_figure(figure) for figure in one.figures]) for one in results],
        "counts": counts,
    }
    return render(request, "observatory/reliefs_conclusions.html", context)


def _figure(figure: Figure) -> dict[str, object]:
    return {
        "label": reliefs_shown.sentence_of(figure.conditions),
        "count": figure.count,
        "told": reliefs_shown.told_count(figure.count),
        "url": reliefs_shown.entries_url(figure.conditions),
        "base": figure.base,
        "base_url": reliefs_shown.entries_url(figure.base_conditions),
        "percent": percent(figure.share) if figure.share is not None else "",
        "rank": figure.rank,
        "is_small": 0 < figure.count < SMALL,
    }


@require_safe
def conclusions_file(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """Every figure of every conclusion."""
    return answer(reliefs_tables.conclusions_sheet(conclusions()), file_format)
