"""Loading indicators on screen: give a file, look at what is understood, load, read what was refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from maillage.core.errors import Invalid, Refused
from maillage.core.exports.comma_separated import MEDIA_TYPE, csv_lines
from maillage.core.people.models import Person
from maillage.core.web.pages import Crumb, Page
from maillage.rooms.observatory.actions_indicators import Given, LoadReport, with_plans
from maillage.rooms.observatory.actions_uploads import given_upload, keep_upload, load_upload
from maillage.rooms.observatory.forms_indicators import (
    MOST_COLUMNS,
    IndicatorFileForm,
    corrections,
    role_choices,
    scale_choices,
)
from maillage.rooms.observatory.models_indicators import Direction, IndicatorLoad, IndicatorNature, IndicatorUpload
from maillage.rooms.observatory.permissions import may_load_indicators
from maillage.rooms.observatory.profile import vintage_text
from maillage.rooms.observatory.queries_loads import load_of, recent_loads, upload_of
from maillage.rooms.observatory.views_indicators import dictionary_crumb
from maillage.rooms.observatory.views_profiles import observatory_crumb

NOTHING_DONE = {"created": 0, "changed": 0, "unchanged": 0, "removed": 0, "remarks": [], "indicators": []}
FIRST_ROWS, REJECTS_SHOWN = 5, 50


def _only_loaders(request: HttpRequest) -> Person:
    if not may_load_indicators(request.user):
        raise Refused(_("Cette page est réservée aux personnes qui modèrent."))
    return cast(Person, request.user)


def _page(title: str, *more: Crumb, has_errors: bool = False, kind: Any = "wide") -> Page:
    crumbs = (observatory_crumb(), dictionary_crumb(), *more)
    return Page(title=title, crumbs=crumbs, kind=kind, indexed=False, has_errors=has_errors)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def load_file(request: HttpRequest) -> HttpResponse:
    """The file, its dictionary, and where it comes from; below, the last loads."""
    _only_loaders(request)
    form = IndicatorFileForm(request.POST, request.FILES) if request.method == "POST" else IndicatorFileForm()
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("observatory:load_preview", _kept(form).uid)
        except Invalid as fault:
            _tell(form, fault)
    is_wrong = bool(form.errors)
    context = {
        "page": _page(_("Charger des indicateurs"), has_errors=is_wrong, kind="form"),
        "form": form,
        "loads": recent_loads(),
    }
    return render(request, "observatory/load_file.html", context, status=422 if is_wrong else 200)


def _kept(form: IndicatorFileForm) -> IndicatorUpload:
    file, dictionary = form.cleaned_data["file"], form.cleaned_data["dictionary"]
    second = (dictionary.name, dictionary.read()) if dictionary else ("", b"")
    return keep_upload(name=file.name, content=file.read(), dictionary=second, options=form.options())


def _tell(form: IndicatorFileForm, fault: Invalid) -> None:
    named = {name: lines for name, lines in fault.fields.items() if name in form.fields}
    for name, lines in named.items():
        for line in lines:
            form.add_error(name, line)
    if not named:
        form.add_error("file", str(fault))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def load_preview(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What each column is taken for, to correct; then a trial, or the load itself."""
    person = _only_loaders(request)
    upload = upload_of(uid)
    given = given_upload(upload)
    if request.method != "POST":
        return _preview(request, upload, given)
    chosen = corrections(request.POST, given.plans)
    shown = with_plans(given, chosen)
    is_trial = request.POST.get("action") != "load"
    try:
        report = load_upload(upload=upload, corrections=chosen, dry_run=is_trial, actor=person)
    except Invalid as fault:
        return _preview(request, upload, shown, fault=fault)
    if is_trial:
        return _preview(request, upload, shown, report=report)
    return redirect("observatory:load", report.load_id)


def _preview(
    request: HttpRequest, upload: IndicatorUpload, given: Given, *, fault: Invalid | None = None,
    report: LoadReport | None = None,
) -> HttpResponse:  # fmt: skip
    columns = given.plans[:MOST_COLUMNS]
    context = {
        "page": _page(_("Vérifier avant de charger"), has_errors=fault is not None),
        "upload": upload,
        "options": upload.options,
        "year": vintage_text(int(upload.options.get("vintage") or 0)),
        "sheet": given.sheet,
        "columns": columns,
        "more_columns": max(0, len(given.plans) - len(columns)),
        "first": [[row.cells.get(one.name, "") for one in columns] for row in given.sheet.rows[:FIRST_ROWS]],
        "roles": role_choices(),
        "natures": IndicatorNature.choices,
        "directions": Direction.choices,
        "scales": scale_choices(),
        "fault": fault,
        "report": replace(report, rejects=report.rejects[:REJECTS_SHOWN]) if report else None,
        "rejects_count": len(report.rejects) if report else 0,
    }
    return render(request, "observatory/load_preview.html", context, status=422 if fault else 200)


@login_required
@never_cache
@require_safe
def load_report(request: HttpRequest, load_id: int) -> HttpResponse:
    """What became of a file: counts, remarks, and each refusal with row, column and reason."""
    _only_loaders(request)
    load = load_of(load_id)
    context = {
        "page": _page(load.file_name),
        "load": load,
        "report": {**NOTHING_DONE, **load.report},
        "year": vintage_text(int(load.report.get("vintage") or 0)),
        "rejects": load.rejects[:REJECTS_SHOWN],
        "rejects_count": len(load.rejects),
    }
    return render(request, "observatory/load_report.html", context)


@login_required
@never_cache
@require_safe
def load_rejects(request: HttpRequest, load_id: int) -> StreamingHttpResponse:
    """Every refusal of a load as CSV."""
    _only_loaders(request)
    load = load_of(load_id)
    answer = StreamingHttpResponse(_rejects(load), content_type=MEDIA_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="chargement-{load.pk}-refus.csv"'
    return answer


def _rejects(load: IndicatorLoad) -> Iterator[bytes]:
    rows = ([one["row"], one["column"], one["value"], one["reason"]] for one in load.rejects)
    return csv_lines(["ligne", "colonne", "valeur", "raison"], rows)
