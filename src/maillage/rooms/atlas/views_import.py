"""The pages of imports: give a file, say what its columns mean, see what became of it; and the public page of sources."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from maillage.core.errors import Invalid, Missing, Refused
from maillage.core.exports.comma_separated import MEDIA_TYPE
from maillage.core.intake.mapping import mapping_from
from maillage.core.intake.models import Run, Schedule, Source, Upload
from maillage.core.people.models import Person
from maillage.core.web.pages import Crumb, Page
from maillage.rooms.atlas import importing_queries as queries
from maillage.rooms.atlas import importing_uploads as uploads
from maillage.rooms.atlas.filters import Filters
from maillage.rooms.atlas.forms_import import ImportForm, UploadForm, columns_fault, columns_from, meanings
from maillage.rooms.atlas.importing import rejects_columns, rejects_lines, save_mapping
from maillage.rooms.atlas.importing_run import Outcome, remarks_path
from maillage.rooms.atlas.importing_tasks import ask_to_read, leave_to_worker
from maillage.rooms.atlas.permissions import may_import


def _only_importers(request: HttpRequest) -> Person:
    if not may_import(request.user):
        raise Refused(_("Cette page est réservée aux personnes qui modèrent."))
    return cast(Person, request.user)


def _crumbs(*more: Crumb) -> tuple[Crumb, ...]:
    return (Crumb(_("Lieux et initiatives"), reverse("atlas:list")), *more)


def _import_crumb() -> Crumb:
    return Crumb(_("Importer"), reverse("atlas:import"))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def give_file(request: HttpRequest) -> HttpResponse:
    """A file or an address; what waits and what was done lately."""
    person = _only_importers(request)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("atlas:import_preview", _kept(form, person).uid)
        except Invalid as fault:
            form.add_error("file" if form.cleaned_data.get("file") else "url", str(fault))
    is_wrong = bool(form.errors)
    context = {
        "page": Page(
            title=_("Importer un annuaire"), crumbs=_crumbs(), kind="form", indexed=False, has_errors=is_wrong
        ),
        "form": form,
        "uploads": queries.recent_uploads(),
        "runs": queries.recent_runs(),
    }
    return render(request, "atlas/import_file.html", context, status=422 if is_wrong else 200)


def _kept(form: UploadForm, person: Person) -> Upload:
    if file := form.cleaned_data.get("file"):
        return uploads.keep_upload(file.name, file.chunks(), person)
    return uploads.keep_address(form.cleaned_data["url"], person)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What was recognised, for the person to correct; then a trial or the import itself."""
    _only_importers(request)
    upload = queries.upload_of(uid)
    if upload.state == "done" and upload.run is not None:
        return redirect("atlas:import_run", upload.run.pk)
    if request.method != "POST":
        return _preview(request, upload, ImportForm(upload, queries.importable_sources()))
    action = request.POST.get("action", "")
    if action in {"table", "saved"}:
        return _looked_over_again(request, upload)
    return _decided(request, upload, action)


def _looked_over_again(request: HttpRequest, upload: Upload) -> HttpResponse:
    """Another sheet, or a saved mapping."""
    try:
        uploads.look_over(upload, request.POST.get("table", ""), request.POST.get("saved", ""))
    except Invalid as fault:
        messages.add_message(request, messages.ERROR, str(fault), extra_tags="error")
    return redirect("atlas:import_preview", upload.uid)


def _decided(request: HttpRequest, upload: Upload, action: str) -> HttpResponse:
    form = ImportForm(upload, queries.importable_sources(), request.POST)
    columns = columns_from(request.POST, upload)
    is_valid, fault = form.is_valid(), columns_fault(columns)
    uploads.choose(upload, {**form.cleaned_data, "columns": columns})
    if not is_valid or fault is not None:
        return _preview(request, upload, form, fault)
    if form.cleaned_data["save_as"]:
        save_mapping(form.cleaned_data["save_as"], mapping_from(columns))
    try:
        if action == "try":
            return _preview(request, upload, form, outcome=uploads.try_upload(upload))
        return _imported(upload)
    except Invalid as problem:
        return _preview(request, upload, form, problem)


def _imported(upload: Upload) -> HttpResponse:
    if uploads.is_large(upload):
        uploads.wait_for_worker(upload)
        leave_to_worker(upload.pk)
        return redirect("atlas:import_preview", upload.uid)
    done = uploads.run_upload(upload)
    if done.run is None:
        raise Invalid(done.fault)
    return redirect("atlas:import_run", done.run.pk)


def _preview(
    request: HttpRequest, upload: Upload, form: ImportForm, fault: Invalid | None = None, outcome: Outcome | None = None
) -> HttpResponse:
    is_wrong = fault is not None or bool(form.errors)
    shown = upload.inspection
    wrong = dict(fault.fields) if fault is not None else {}
    context: dict[str, Any] = {
        "page": Page(
            title=_("Vérifier avant d’importer"),
            crumbs=_crumbs(_import_crumb()),
            kind="wide",
            indexed=False,
            has_errors=is_wrong,
        ),
        "upload": upload,
        "shown": shown,
        "form": form,
        "fault": fault,
        "outcome": outcome,
        "meanings": meanings(),
        "columns": [
            one | {"fault": " ".join(wrong.get(one["name"], ())), "sure": _sureness(one)} for one in shown["columns"]
        ],
        "told": _told(shown["columns"]),
        "saved": queries.saved_mappings(),
        "is_large": uploads.is_large(upload),
        "is_busy": upload.state in {"waiting", "running"},
    }
    return render(request, "atlas/import_preview.html", context, status=422 if is_wrong else 200)


def _told(columns: list[dict[str, Any]]) -> dict[str, int]:
    """How many columns are recognised, doubtful, or kept as they are."""
    states = [_sureness(one) for one in columns]
    return {"known": states.count("sure") + states.count("likely"), "doubtful": states.count("doubtful"),
            "other": states.count("neutral")}  # fmt: skip


def _sureness(column: dict[str, Any]) -> str:
    if column["field"] in {"extra", "ignored"}:
        return "neutral"
    return "sure" if column["confidence"] >= 0.85 else "likely" if column["confidence"] >= 0.6 else "doubtful"


@login_required
@never_cache
@require_safe
def run_report(request: HttpRequest, run_id: int) -> HttpResponse:
    """What became of a file: counts, what was cleaned, what was refused and why."""
    _only_importers(request)
    run = queries.run_of(run_id)
    source = Crumb(run.source.name, reverse("atlas:source", args=[run.source.code]))
    context = {
        "page": Page(
            title=_("Résultat de l’import"),
            crumbs=_crumbs(Crumb(_("Sources"), reverse("atlas:sources")), source),
            kind="wide",
            indexed=False,
        ),
        "run": run,
        "report": run.report,
        "rejects": queries.first_rejects(run),
        "merges": queries.first_merges(run),
        "has_remarks": remarks_path(run.pk).is_file(),
        "changed": run.kept - run.created,
        "map_url": _map_of(run.source),
    }
    return render(request, "atlas/import_run.html", context)


@login_required
@never_cache
@require_safe
def rejects_file(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """The refused rows as a table to mend and give again."""
    _only_importers(request)
    run = queries.run_of(run_id)
    answer = StreamingHttpResponse(_csv(run), content_type=MEDIA_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{run.source.code}-rejets.csv"'
    return answer


def _csv(run: Run) -> Iterator[bytes]:
    """With semicolons, which French spreadsheets open at once."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(rejects_columns(run))
    for line in rejects_lines(run):
        writer.writerow(line)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


@login_required
@never_cache
@require_safe
def remarks_file(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """Every change made to a cell."""
    _only_importers(request)
    run = queries.run_of(run_id)
    path = remarks_path(run.pk)
    if not path.is_file():
        raise Missing(_("La liste des changements de ce passage n’est plus gardée."))
    return FileResponse(
        gzip.open(path, "rb"), as_attachment=True, filename=f"{run.source.code}-nettoyage.csv", content_type=MEDIA_TYPE
    )


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """Where the entries come from: licence, date, and what became of each row."""
    context = {
        "page": Page(
            title=_("Sources des données"),
            description=_("D’où viennent les fiches, sous quelle licence, et ce qui a été fait de chaque ligne."),
            crumbs=_crumbs(),
            kind="wide",
        ),
        "lines": queries.source_lines(),
        "may_import": may_import(request.user),
    }
    return render(request, "atlas/import_sources.html", context)


@require_safe
def source(request: HttpRequest, code: str) -> HttpResponse:
    """One source: its licence, its date, its runs with rows in = kept + unchanged + merged + rejected."""
    found = queries.source_of(code)
    lines, cursor = queries.entries_page(found, request.GET.get("apres", ""))
    here = reverse("atlas:source", args=[found.code])
    context = {
        "page": Page(title=found.name, crumbs=_crumbs(Crumb(_("Sources"), reverse("atlas:sources"))), kind="wide"),
        "source": found,
        "runs": queries.runs_of(found),
        "entries": queries.entries_shown(found),
        "lines": lines,
        "next_url": f"{here}?apres={cursor}#fiches" if cursor else "",
        "first_url": f"{here}#fiches" if request.GET.get("apres") else "",
        "may_import": may_import(request.user),
        "map_url": _map_of(found),
        "schedules": Schedule.choices,
    }
    return render(request, "atlas/import_source.html", context)


def _map_of(source: Source) -> str:
    """The map where the entries of a source are, "" where none has a point."""
    extent = queries.extent_of(source)
    return f"{reverse('atlas:map')}?{Filters(box=extent).query_string()}" if extent else ""


@login_required
@never_cache
@require_POST
def read_again(request: HttpRequest, code: str) -> HttpResponse:
    """How often the address of a source is read by itself, or a reading now, by the worker."""
    _only_importers(request)
    found = queries.source_of(code)
    try:
        uploads.keep_schedule(found, request.POST.get("schedule", found.schedule))
    except Invalid as fault:
        messages.add_message(request, messages.ERROR, str(fault), extra_tags="error")
        return redirect("atlas:source", found.code)
    if request.POST.get("action") == "read":
        ask_to_read(found.pk)
        said = _("La relecture est demandée. Rechargez cette page dans un instant pour voir ce qu’elle a donné.")
    else:
        said = _("C’est enregistré.")
    messages.success(request, said)
    return redirect("atlas:source", found.code)
