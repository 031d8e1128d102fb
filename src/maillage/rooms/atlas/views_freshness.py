"""Freshness: how old the entries are, rounds of "is this still true?", the printed list, answers without account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from maillage.core.channels.kinds import Channel
from maillage.core.errors import Invalid, Missing
from maillage.core.moderation.texts import cleaned
from maillage.core.web.pages import Crumb, Page
from maillage.rooms.atlas import freshness_actions as actions
from maillage.rooms.atlas import freshness_queries as queries
from maillage.rooms.atlas.cards import sheet_url
from maillage.rooms.atlas.contributing import crumbs
from maillage.rooms.atlas.freshness import age_in_words, quality
from maillage.rooms.atlas.freshness_forms import LONGEST_NOTE, RoundForm, typed_answers
from maillage.rooms.atlas.freshness_letters import said_of
from maillage.rooms.atlas.freshness_models import Answer, FreshnessRequest, FreshnessRound, Way
from maillage.rooms.atlas.freshness_print import boxes, calls_of, list_pdf, script
from maillage.rooms.atlas.permissions import may_see_desk

FIRST_OLD = 10


def _crumbs() -> tuple[Crumb, ...]:
    return (*crumbs(), Crumb(_("Fraîcheur des fiches"), reverse("atlas:freshness")))


@login_required
@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """How old the entries of a question are, the oldest, and the rounds; helpers see the telephone rounds only."""
    page = Page(title=_("Fraîcheur des fiches"), crumbs=crumbs(), kind="list", indexed=False)
    context: dict[str, Any] = {
        "page": page,
        "rounds": queries.rounds(request.user),
        "moderates": may_see_desk(request.user),
    }
    if context["moderates"]:
        asked = queries.asked_from(request.GET)
        oldest = list(queries.old_entries(request.user, asked)[:FIRST_OLD])
        context |= {
            "ages": _ages(queries.counts_by_age(request.user, asked)), "question": asked.question,
            "pairs": asked.filters.pairs(),
            "oldest": [(one, sheet_url(one), age_in_words(one), quality(one)) for one in oldest],
        }  # fmt: skip
    return render(request, "atlas/freshness_overview.html", context)


def _ages(counts: list[queries.AgeCount]) -> list[tuple[str, int, int]]:
    """Words, count and percentage of each age."""
    total = sum(one.count for one in counts) or 1
    return [(_age_words(one.years), one.count, round(100 * one.count / total)) for one in counts]


def _age_words(years: int | None) -> str:
    words = {0: _("moins d’un an"), 1: _("un à deux ans"), 2: _("deux à trois ans"), 3: _("trois ans et plus")}
    return _("date inconnue") if years is None else words[years]


@login_required
@never_cache
def new_round(request: HttpRequest) -> HttpResponse:
    """A round in two steps: the choice, then how many would be asked and who is left out, before anything leaves."""
    given = request.POST if request.method == "POST" else request.GET
    asked = queries.asked_from(given)
    queries.counts_by_age(request.user, asked)  # refuses who may not
    bound = request.method == "POST"
    form = RoundForm(request.POST if bound else None, initial={"voie": asked.way, "mois": asked.months})
    if not bound or not form.is_valid():
        return _show_new(request, form, asked, status=422 if bound else 200)
    if "sure" not in request.POST:
        return _show_new(request, form, asked, plan=queries.plan_of(request.user, asked))
    try:
        made = actions.start_round(request.user, form.cleaned_data["titre"], asked)
    except Invalid as fault:
        form.add_error(None, str(fault))
        return _show_new(request, form, asked, status=422)
    messages.success(request, _("La tournée est prête."))
    return redirect("atlas:freshness_round", made.pk)


def _show_new(
    request: HttpRequest, form: RoundForm, asked: queries.Asked, *, plan: queries.Plan | None = None, status: int = 200
) -> HttpResponse:
    has_errors = status == 422
    page = Page(
        title=_("Demander si c’est toujours vrai"), crumbs=_crumbs(), kind="form", indexed=False, has_errors=has_errors
    )
    context = {"page": page, "form": form, "asked": asked, "pairs": asked.filters.pairs(), "plan": plan,
               "left_out": _left_out(plan.left_out) if plan else [], "way": Way(asked.way).label}  # fmt: skip
    return render(request, "atlas/freshness_new.html", context, status=status)


def _left_out(counts: dict[str, int]) -> list[tuple[str, int]]:
    words = {
        queries.NO_CONTACT: _("sans adresse ou numéro pour ce moyen"),
        queries.STOPPED: _("ne veulent plus être contactés"),
        queries.ASKED_LATELY: _("déjà interrogées depuis moins de six mois"),
        queries.TOO_MANY: _("pour une prochaine tournée : trop de fiches à la fois"),
    }
    return [(words[reason], count) for reason, count in counts.items() if reason in words]


@login_required
@never_cache
@require_safe
def one_round(request: HttpRequest, round_id: int) -> HttpResponse:
    """A round: who answered what, who has not, and the way to print or type."""
    one = queries.round_of(request.user, round_id)
    counts = queries.answer_counts(one)
    requests = queries.requests_of(one)
    rows = [(row, sheet_url(row.entry), age_in_words(row.entry)) for row in requests]
    labels = dict(Answer.choices)
    context = {
        "page": Page(title=one.title, crumbs=_crumbs(), kind="list", indexed=False), "round": one, "rows": rows,
        "total": len(rows), "waiting": counts.get("", 0), "left_out": _left_out(one.left_out), "by_phone": one.way == Way.PHONE,
        "counts": [(labels[code], count) for code, count in counts.items() if code],
    }  # fmt: skip
    return render(request, "atlas/freshness_round.html", context)


def _phone_round(request: HttpRequest, round_id: int) -> FreshnessRound:
    one = queries.round_of(request.user, round_id)
    if one.way != Way.PHONE:
        raise Missing(_("Cette tournée ne se fait pas par téléphone."))
    return one


@login_required
@never_cache
@require_safe
def call_list(request: HttpRequest, round_id: int) -> HttpResponse:
    """The list to print, as a page: those not reached yet."""
    one = _phone_round(request, round_id)
    calls = calls_of(queries.requests_of(one, only_open=True))
    page = Page(title=one.title, crumbs=(*_crumbs(), Crumb(one.title, reverse("atlas:freshness_round", args=[one.pk]))),
                kind="text", indexed=False)  # fmt: skip
    context = {"page": page, "round": one, "calls": calls, "script": script(), "boxes": boxes()}
    return render(request, "atlas/freshness_calls.html", context)


@login_required
@never_cache
@require_safe
def call_list_pdf(request: HttpRequest, round_id: int) -> HttpResponse:
    """The same list as PDF/UA."""
    one = _phone_round(request, round_id)
    pdf = list_pdf(one, queries.requests_of(one, only_open=True), timezone.localtime())
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="maillage-appels-{one.pk}-{slugify(one.title)[:40]}.pdf"'
    return response


@login_required
@never_cache
def typing(request: HttpRequest, round_id: int) -> HttpResponse:
    """What was ticked on paper, typed in: one line per entry, only those filled are sent."""
    one = _phone_round(request, round_id)
    faults: dict[int, str] = {}
    if request.method == "POST":
        typed = typed_answers({name: str(value) for name, value in request.POST.items()})
        result = actions.type_answers(request.user, one.pk, typed)
        faults = dict(result.faults)
        if result.done:
            words = ngettext("%(count)s réponse enregistrée.", "%(count)s réponses enregistrées.", result.done)
            messages.success(request, words % {"count": result.done})
        if not faults:
            if not typed:
                messages.warning(request, _("Aucune case n’était cochée : rien n’a été enregistré."))
            return redirect("atlas:freshness_typing", one.pk)
    calls = calls_of(queries.requests_of(one, only_open=True))
    crumb = Crumb(one.title, reverse("atlas:freshness_round", args=[one.pk]))
    page = Page(
        title=_("Saisir les réponses"), crumbs=(*_crumbs(), crumb), kind="form", indexed=False, has_errors=bool(faults)
    )
    context = {"page": page, "round": one, "calls": calls, "boxes": boxes(), "faults": list(faults.values())}
    return render(request, "atlas/freshness_typing.html", context, status=422 if faults else 200)


@never_cache
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Where a contact answers, from the link of the letter: without account, by one of three buttons.

    Opening the link changes nothing: machines that look at letters open links too.
    """
    asked = queries.request_of_token(token)
    if request.method != "POST":
        return _show_answer(request, asked)
    given = actions.Given(
        request.POST.get("answer", ""), cleaned(request.POST.get("words", ""))[:LONGEST_NOTE], Channel.WEB
    )
    if given.answer not in (Answer.STILL_TRUE, Answer.CLOSED, Answer.CHANGED, Answer.STOP):
        return _show_answer(request, asked, fault=_("Choisissez une réponse."))
    try:
        actions.take_answer(asked.pk, given)
    except Invalid:
        return redirect("atlas:freshness_answer", token)  # sent twice: the page says what was answered
    if given.answer == Answer.CHANGED and not given.words:
        return redirect("atlas:correct", asked.entry.merged_into_id or asked.entry_id)
    return redirect("atlas:freshness_answer", token)


def _show_answer(request: HttpRequest, asked: FreshnessRequest, *, fault: str = "") -> HttpResponse:
    entry = asked.entry.merged_into or asked.entry
    page = Page(title=_("Est-ce toujours vrai ?"), kind="form", indexed=False, has_errors=bool(fault))
    context = {
        "page": page, "asked": asked, "entry": entry, "said": said_of(entry), "age": age_in_words(entry), "fault": fault,
        "is_answered": bool(asked.answer) and asked.answer != Answer.UNREACHED, "sheet_url": sheet_url(entry),
    }  # fmt: skip
    return render(request, "atlas/freshness_answer.html", context, status=422 if fault else 200)
