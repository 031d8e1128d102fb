"""The state of the machine: slow pages, jobs, messages. Each figure opens the rows behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from statistics import median
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from maillage.core.administration import queries_machine as queries
from maillage.core.administration.actions_machine import retry_job, retry_message
from maillage.core.administration.files import jobs_file, slow_file
from maillage.core.administration.permissions import may_watch
from maillage.core.channels.models import OutboundMessage
from maillage.core.errors import Refused
from maillage.core.people.models import Person
from maillage.core.slowness import SlowRequest, slow_requests
from maillage.core.web.pages import Crumb, Page

SHOWN = 100
PERIOD = timedelta(days=7)
View = Callable[..., HttpResponseBase]


def _for_watchers(view: View) -> View:
    """For those who run the whole installation."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: object, **named: object) -> HttpResponseBase:
        if not may_watch(request.user):
            raise Refused
        return view(request, *arguments, **named)

    return login_required(never_cache(guarded))


def _page(title: str) -> Page:
    return Page(title=title, kind="list", indexed=False, crumbs=(_crumb(),))


def _crumb() -> Crumb:
    return Crumb(_("État de la machine"), reverse("administration:machine"))


@dataclass(frozen=True)
class SlowPage:
    """How often a page was slow lately."""

    page: str
    count: int
    median_ms: int
    worst_ms: int


def _slow_pages(rows: list[SlowRequest]) -> list[SlowPage]:
    by_page: dict[str, list[int]] = {}
    for one in rows:
        by_page.setdefault(one.page, []).append(one.ms)
    found = [SlowPage(page, len(times), round(median(times)), max(times)) for page, times in by_page.items()]
    return sorted(found, key=lambda one: (-one.count, one.page))


@_for_watchers
@require_safe
def machine(request: HttpRequest) -> HttpResponse:
    """Slow pages of the last seven days, jobs by task, messages by state, and whether a worker lives."""
    tasks = queries.task_lines()
    context = {
        "page": Page(title=_("État de la machine"), kind="list", indexed=False),
        "workers": queries.workers_alive(),
        "tasks": tasks,
        "failed": sum(one.failed for one in tasks),
        "message_counts": queries.message_counts(),
        "slow_pages": _slow_pages(slow_requests(timezone.now() - PERIOD)),
        "slow_ms": settings.SLOW_MS,
    }
    return render(request, "administration/machine.html", context)


@_for_watchers
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """Jobs of a state, of a task, or all."""
    status, task = request.GET.get("etat", ""), request.GET.get("tache", "")
    lines, after = queries.jobs_page(status=status, task=task, before=request.GET.get("avant", ""))
    asked = {name: value for name, value in (("etat", status), ("tache", task)) if value}
    context = {
        "page": _page(_("Tâches")), "lines": lines, "count": queries.jobs_count(status=status, task=task),
        "status": status, "task": task, "states": [(code, state_words(code)) for code in queries.STATES],
        "question": urlencode(asked), "next_url": f"?{urlencode(asked | {'avant': after})}" if after else "",
    }  # fmt: skip
    return render(request, "administration/jobs.html", context)


def state_words(code: str) -> str:
    """A state of a job in plain words."""
    words = {"todo": _("en attente"), "doing": _("en cours"), "failed": _("en échec"), "succeeded": _("réussie"),
             "cancelled": _("annulée"), "aborted": _("arrêtée")}  # fmt: skip
    return words.get(code, code)


@_for_watchers
@require_safe
def jobs_csv(request: HttpRequest) -> HttpResponseBase:
    """The same list, complete."""
    return jobs_file(queries.every_job(status=request.GET.get("etat", ""), task=request.GET.get("tache", "")))


@_for_watchers
@require_POST
def job_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Starts a failed job again."""
    retry_job(pk, by=_viewer(request))
    messages.success(request, _("La tâche %(number)d attend de nouveau son tour.") % {"number": pk})
    return redirect(f"{reverse('administration:jobs')}?etat=failed")


@_for_watchers
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """Messages of a state, without addresses nor texts."""
    state = request.GET.get("etat", "")
    lines, after = queries.messages_page(state=state, before=request.GET.get("avant", ""))
    asked = {"etat": state} if state else {}
    context = {
        "page": _page(_("Messages")), "lines": lines, "state": state, "counts": queries.message_counts(),
        "failed": OutboundMessage.State.FAILED.label,
        "next_url": f"?{urlencode(asked | {'avant': after})}" if after else "",
    }  # fmt: skip
    return render(request, "administration/letters.html", context)


@_for_watchers
@require_POST
def letter_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends again a message that was given up."""
    retry_message(pk, by=_viewer(request))
    messages.success(request, _("Le message %(number)d sera envoyé de nouveau.") % {"number": pk})
    return redirect(f"{reverse('administration:letters')}?etat=failed")


@_for_watchers
@require_safe
def slow(request: HttpRequest) -> HttpResponse:
    """The slow requests of a page, or all, one by one."""
    page = request.GET.get("page", "")
    rows = slow_requests(page=page)
    context = {"page": _page(_("Pages lentes")), "lines": rows[:SHOWN], "count": len(rows), "shown": SHOWN,
               "of_page": page, "slow_ms": settings.SLOW_MS, "question": urlencode({"page": page} if page else {})}  # fmt: skip
    return render(request, "administration/slow.html", context)


@_for_watchers
@require_safe
def slow_csv(request: HttpRequest) -> HttpResponseBase:
    """The same, complete."""
    return slow_file(slow_requests(page=request.GET.get("page", "")))


def _viewer(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user
