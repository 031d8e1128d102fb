"""What was searched, and the rules of classification: anyone reads them, those who load indicators change them."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from maillage.core.errors import Invalid, Missing, Refused
from maillage.core.people.models import Person
from maillage.core.web.pages import Crumb, Page
from maillage.rooms.observatory import reliefs_tables
from maillage.rooms.observatory.actions_reliefs import change_rules, reset_rules, save_coverage, set_coverage_in_force
from maillage.rooms.observatory.forms_reliefs import CoverageForm, ReasonForm, RulesForm, initial_of
from maillage.rooms.observatory.models_reliefs import Coverage
from maillage.rooms.observatory.permissions import may_load_indicators
from maillage.rooms.observatory.queries_reliefs import (
    coverage,
    coverage_states,
    coverages,
    names_of,
    rule_changes,
    rules_in_force,
    search_of,
)
from maillage.rooms.observatory.reliefs.coverage import BASES, FRANCE, GRAINS
from maillage.rooms.observatory.reliefs.dimensions import DIMENSIONS, GROUPS, known_values, value_label
from maillage.rooms.observatory.reliefs.rules import Rule
from maillage.rooms.observatory.reliefs_files import answer
from maillage.rooms.observatory.reliefs_pages import crumbs, tabs


def _only_loaders(request: HttpRequest) -> Person:
    if not may_load_indicators(request.user):
        raise Refused(_("Cette page est réservée aux personnes qui modèrent."))
    return cast(Person, request.user)


def _searches_crumb() -> Crumb:
    return Crumb(_("Ce qui a été cherché"), reverse("observatory:relief_searches"))


@require_safe
def searches(request: HttpRequest) -> HttpResponse:
    """Every record of what was searched, with its limits and its past."""
    rows = coverages()
    names = names_of([one for row in rows for one in (*row.territories, *row.excluded)])
    context = {
        "page": Page(
            title=_("Ce qui a été cherché"),
            description=_("Qui a cherché quoi, où, quand, comment, et ce qui n’a pas pu être vu."),
            crumbs=crumbs(),
        ),
        "tabs": tabs("relief_searches"),
        "searches": [_shown(row, names) for row in rows],
        "may_edit": may_load_indicators(request.user),
    }
    return render(request, "observatory/reliefs_searches.html", context)


def _shown(row: Coverage, names: dict[str, str]) -> dict[str, object]:
    search = search_of(row)
    return {
        "row": row,
        "search": search,
        "grain": _(GRAINS[search.grain]) if search.grain in GRAINS else search.grain,
        "territories": [_("France") if one == FRANCE else names.get(one, one) for one in search.territories],
        "excluded": [names.get(one, one) for one in search.excluded],
        "dimensions": [
            (
                DIMENSIONS[code].label,
                _(BASES[sought.basis]),
                [value_label(code, one) for one in sought.values],
                _left_out(code, sought.values),
            )
            for code, sought in search.dimensions.items()
            if code in DIMENSIONS
        ],
        "states": coverage_states(row),
    }


def _left_out(code: str, values: tuple[str, ...]) -> list[str]:
    return [value_label(code, one) for one in known_values(code) if one not in values]


@require_safe
def searches_file(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """Every record, those taken out too."""
    rows = [(search_of(row), row.is_in_force) for row in coverages()]
    return answer(reliefs_tables.searches_sheet(rows), file_format)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_search(request: HttpRequest) -> HttpResponse:
    """A new record."""
    person = _only_loaders(request)
    form = CoverageForm(request.POST) if request.method == "POST" else CoverageForm()
    if request.method == "POST" and form.is_valid():
        row = save_coverage(by=person, search=form.search(), reason=form.cleaned_data["reason"])
        messages.success(request, _("La recherche est inscrite. Les reliefs en tiennent compte."))
        return redirect(f"{reverse('observatory:relief_searches')}#{row.code}")
    return _search_page(request, form, _("Inscrire une recherche"))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit_search(request: HttpRequest, coverage_id: int) -> HttpResponse:
    """Changes a record; its past states stay."""
    person = _only_loaders(request)
    row = coverage(coverage_id)
    form = CoverageForm(request.POST) if request.method == "POST" else CoverageForm(initial=initial_of(search_of(row)))
    if request.method == "POST" and form.is_valid():
        try:
            save_coverage(
                by=person, search=form.search(row.code), reason=form.cleaned_data["reason"], coverage_id=coverage_id
            )
        except Invalid as fault:
            form.add_error(None, str(fault))
        else:
            messages.success(request, _("La recherche est changée. Les reliefs en tiennent compte."))
            return redirect(f"{reverse('observatory:relief_searches')}#{row.code}")
    return _search_page(request, form, _("Changer une recherche"), row)


def _search_page(request: HttpRequest, form: CoverageForm, title: str, row: Coverage | None = None) -> HttpResponse:
    is_wrong = bool(form.errors)
    page = Page(title=title, crumbs=(*crumbs(), _searches_crumb()), kind="form", indexed=False, has_errors=is_wrong)
    context = {"page": page, "form": form, "row": row, "reason_form": ReasonForm(prefix="sortie")}
    return render(request, "observatory/reliefs_search_form.html", context, status=422 if is_wrong else 200)


@login_required
@require_POST
def search_in_force(request: HttpRequest, coverage_id: int) -> HttpResponse:
    """Takes a record out of what counts, or puts it back."""
    person = _only_loaders(request)
    row = coverage(coverage_id)
    form = ReasonForm(request.POST, prefix="sortie")
    if not form.is_valid():
        messages.error(request, _("Écrivez pourquoi, en une phrase."), extra_tags="error")
        return redirect("observatory:relief_search_edit", coverage_id)
    is_in_force = request.POST.get("compte") == "oui"
    set_coverage_in_force(by=person, coverage_id=row.pk, is_in_force=is_in_force, reason=form.cleaned_data["reason"])
    told = _("La recherche compte à nouveau.") if is_in_force else _("La recherche ne compte plus. Elle reste lisible.")
    messages.success(request, told)
    return redirect(f"{reverse('observatory:relief_searches')}#{row.code}")


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Every grouping; a moderator moves values, and the pages are counted anew at the next request."""
    if request.method == "POST":
        return _change_rules(request)
    return _rules_page(request, None)


def _change_rules(request: HttpRequest) -> HttpResponse:
    person = _only_loaders(request)
    grouping = request.POST.get("classement", "")
    in_force = rules_in_force()
    if grouping not in in_force:
        raise Missing(f"grouping {grouping}")
    form = RulesForm(grouping, in_force[grouping], request.POST)
    if form.is_valid():
        try:
            moved = _moved(person, grouping, form, is_reset="retablir" in request.POST)
        except Invalid as fault:
            form.add_error(None, str(fault))
        else:
            told = ngettext("%(count)s valeur a changé de groupe.", "%(count)s valeurs ont changé de groupe.", moved)
            messages.success(request, told % {"count": moved})
            return redirect(f"{reverse('observatory:relief_rules')}#{grouping}")
    return _rules_page(request, form)


def _moved(person: Person, grouping: str, form: RulesForm, *, is_reset: bool) -> int:
    reason = form.cleaned_data["reason"]
    if is_reset:
        return reset_rules(by=person, grouping=grouping, reason=reason)
    return change_rules(by=person, grouping=grouping, groups=form.groups(), reason=reason)


def _rules_page(request: HttpRequest, wrong: RulesForm | None) -> HttpResponse:
    in_force = rules_in_force()
    context = {
        "page": Page(
            title=_("Règles de classement"),
            description=_("Quelle valeur est dans quel groupe, et ce qui en a été changé."),
            crumbs=crumbs(),
            has_errors=wrong is not None,
        ),
        "tabs": tabs("relief_rules"),
        "groupings": [
            {
                "code": code,
                "label": DIMENSIONS[code].label,
                "base": DIMENSIONS[DIMENSIONS[code].base].label,
                "groups": _by_group(code, in_force[code]),
                "is_changed": any(one.is_changed for one in in_force[code]),
                "form": wrong if wrong is not None and wrong.prefix == code else RulesForm(code, in_force[code]),
                "is_wrong": wrong is not None and wrong.prefix == code,
            }
            for code in GROUPS
        ],
        "changes": [
            {
                "change": one,
                "grouping": DIMENSIONS[one.grouping].label,
                "value": value_label(DIMENSIONS[one.grouping].base, one.value),
                "before": value_label(one.grouping, one.before) or _("aucun groupe"),
                "after": value_label(one.grouping, one.after) or _("aucun groupe"),
            }
            for one in rule_changes()
        ],
        "may_edit": may_load_indicators(request.user),
    }
    return render(request, "observatory/reliefs_rules.html", context, status=422 if wrong is not None else 200)


def _by_group(code: str, lines: list[Rule]) -> list[tuple[str, list[tuple[str, bool]]]]:
    base = DIMENSIONS[code].base
    found = [
        (_(label), [(value_label(base, one.value), one.is_changed) for one in lines if one.group == group])
        for group, label in GROUPS[code].items()
    ]
    return [
        *found,
        (_("Aucun groupe"), [(value_label(base, one.value), one.is_changed) for one in lines if not one.group]),
    ]


@require_safe
def rules_file(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """Every rule, with its default."""
    return answer(reliefs_tables.rules_sheet(rules_in_force()), file_format)
