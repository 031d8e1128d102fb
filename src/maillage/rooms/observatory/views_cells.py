"""Sets of cells: what they hold, and the button that brings their figures to territories."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from maillage.core.errors import Invalid, Refused
from maillage.core.people.models import Person
from maillage.core.places.sheets import plural_of
from maillage.core.web.pages import Page
from maillage.rooms.observatory.actions_cells import BroughtReport, bring_cells
from maillage.rooms.observatory.models_indicators import CellSet, IndicatorNature
from maillage.rooms.observatory.permissions import may_load_indicators
from maillage.rooms.observatory.profile import vintage_text
from maillage.rooms.observatory.queries_cells import cell_set, cell_sets, target_choices
from maillage.rooms.observatory.views_indicators import dictionary_crumb
from maillage.rooms.observatory.views_profiles import observatory_crumb


@require_safe
def cells(request: HttpRequest) -> HttpResponse:
    """Every set, its columns and how each may be brought to a territory."""
    return _page(request)


@login_required
@never_cache
@require_POST
def bring(request: HttpRequest, code: str) -> HttpResponse:
    """Brings a set to the territories chosen; says for each figure what was made, or why not."""
    if not may_load_indicators(request.user):
        raise Refused(_("Cette page est réservée aux personnes qui modèrent."))
    row = cell_set(code)
    kind, _dot, generation = request.POST.get("target", "").partition(".")
    if (kind, generation) not in target_choices():
        return _page(request, fault=_("Choisissez des territoires dont les contours sont chargés."))
    approximate = request.POST.get("medians") == "on"
    try:
        report = bring_cells(
            cells=code, kind=kind, generation=generation, approximate_medians=approximate,
            finer=request.POST.get("finer", "")[:60], actor=cast(Person, request.user),
        )  # fmt: skip
    except Invalid as fault:
        return _page(request, fault=str(fault))
    return _page(request, report=report, done=_("« {name} » vers : {target}").format(
        name=row.name, target=_target_label(kind, generation)))  # fmt: skip


def _target_label(kind: str, generation: str) -> str:
    return f"{plural_of(kind)} {generation}".strip()


def _page(
    request: HttpRequest, *, report: BroughtReport | None = None, done: str = "", fault: str = ""
) -> HttpResponse:
    sets = cell_sets()
    context = {
        "page": Page(
            title=_("Chiffres par petites mailles"),
            description=_(
                "Îlots et carreaux qui portent des chiffres, et ce qu’ils disent des quartiers une fois répartis."
            ),
            crumbs=(observatory_crumb(), dictionary_crumb()),
            kind="wide",
            has_errors=bool(fault),
        ),
        "sets": [(one, vintage_text(one.vintage), _columns(one), [two for two in sets if two != one]) for one in sets],
        "targets": [(f"{kind}.{generation}", _target_label(kind, generation)) for kind, generation in target_choices()],
        "may_load": may_load_indicators(request.user),
        "report": report,
        "done": done,
        "fault": fault,
    }
    return render(request, "observatory/cells.html", context, status=422 if fault else 200)


def _columns(row: CellSet) -> list[tuple[str, str, str]]:
    return [(one["label"], str(IndicatorNature(one["nature"]).label), one["weight"]) for one in row.columns]
