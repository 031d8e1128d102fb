"""The moderation desk: the queue, one item with its differences, the decision; all of it without JavaScript too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from maillage.core.channels.kinds import Channel
from maillage.core.errors import Invalid, Missing
from maillage.core.exports.comma_separated import MEDIA_TYPE, csv_chunks
from maillage.core.moderation.states import WAITING, State
from maillage.core.places.queries import territory_names
from maillage.core.web.pages import Crumb, Page
from maillage.rooms.atlas import actions_desk
from maillage.rooms.atlas.cards import sheet_url
from maillage.rooms.atlas.contributing import crumbs, pin_map_context
from maillage.rooms.atlas.forms import EditForm
from maillage.rooms.atlas.forms_desk import DecisionForm, ManyForm
from maillage.rooms.atlas.models import Suggestion, SuggestionKind
from maillage.rooms.atlas.permissions import desk_territories
from maillage.rooms.atlas.pictures_desk import points_of, suggestion_picture
from maillage.rooms.atlas.proposal import Proposal, difference_between, proposal_from
from maillage.rooms.atlas.queries_desk import (
    DeskFilters,
    decision_table,
    decisions_on,
    desk_filters_from,
    desk_page,
    desk_suggestion,
    ledger_of,
    neighbours,
    with_territory_named,
)
from maillage.rooms.atlas.queries_suggest import entry_of_number
from maillage.rooms.atlas.reasons import reasons
from maillage.rooms.atlas.states_shown import entry_values, place_at, place_values, proposal_rows

EDITABLE = (
    SuggestionKind.NEW,
    SuggestionKind.CORRECTION,
    SuggestionKind.CLOSED,
    SuggestionKind.WRONG,
    SuggestionKind.ABUSIVE,
)


@login_required
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Those that wait, oldest first, with filters and decisions on several at once."""
    asked = desk_filters_from(request.GET.dict())
    try:
        return _queue(request, with_territory_named(request.user, asked))
    except Invalid as fault:
        return _queue(request, replace(asked, territory=""), typed=asked.territory, fault=str(fault))


def _queue(
    request: HttpRequest,
    filters: DeskFilters,
    *,
    status: int = 200,
    fault: str = "",
    chosen: Iterable[str] = (),
    typed: str = "",
) -> HttpResponse:
    found = desk_page(request.user, filters, request.GET.get("apres", ""))
    query = filters.query_string()
    next_url = (
        f"{reverse('atlas:desk')}?{query}{'&' if query else ''}apres={found.next_cursor}" if found.next_cursor else ""
    )
    context = {
        "page": Page(title=_("Bureau de modération"), crumbs=crumbs(), kind="list", indexed=False, has_errors=bool(fault)),
        "found": found, "filters": filters, "query": query, "next_url": next_url.replace("+", "%2B"), "fault": fault,
        "first_url": f"{reverse('atlas:desk')}?{query}" if request.GET.get("apres") else "", "now": timezone.now(),
        "chosen": set(chosen), "reasons": _reasons(("refuse", "aside")), **_choices(request, filters, typed),
    }  # fmt: skip
    return render(request, "atlas/desk_queue.html", context, status=status)


def _choices(request: HttpRequest, filters: DeskFilters, typed: str) -> dict[str, Any]:
    """Options of the filters."""
    states = [
        ("", _("En attente")),
        ("appeal", _("Pas d’accord avec la décision")),
        *State.choices,
        ("all", _("Toutes")),
    ]
    territories = sorted(desk_territories(request.user) or ())
    names = territory_names({*territories, filters.territory} - {""})
    return {
        "states": states, "kinds": [("", _("Toutes")), *SuggestionKind.choices],
        "channels": [("", _("Toutes")), *Channel.choices],
        "territory_names": [names.get(code, code) for code in territories],
        "territory_shown": typed or names.get(filters.territory, filters.territory),
    }  # fmt: skip


def _reasons(decisions: Iterable[str]) -> list[tuple[str, str]]:
    from django.utils.translation import get_language

    wanted, language = set(decisions), (get_language() or "fr")[:2]
    return [(one.code, one.label(language)) for one in reasons() if wanted & set(one.decisions)]


def _item_url(suggestion_id: int, query: str) -> str:
    url = reverse("atlas:desk_item", args=[suggestion_id])
    return f"{url}?{query}" if query else url


@login_required
@never_cache
@require_POST
def take(request: HttpRequest, suggestion_id: int) -> HttpResponse:
    """Takes an item, so that the others see it is being looked at, then shows it."""
    actions_desk.claim(request.user, suggestion_id, take_over="quand-meme" in request.POST)
    return redirect(_item_url(suggestion_id, desk_filters_from(request.GET.dict()).query_string()))


@login_required
@never_cache
@require_POST
def give_back(request: HttpRequest, suggestion_id: int) -> HttpResponse:
    """Leaves an item to the others."""
    actions_desk.release(request.user, suggestion_id)
    query = desk_filters_from(request.GET.dict()).query_string()
    return redirect(f"{reverse('atlas:desk')}?{query}" if query else reverse("atlas:desk"))


@login_required
@never_cache
def item(request: HttpRequest, suggestion_id: int) -> HttpResponse:
    """One suggestion: what it changes, word by word, and the decision."""
    suggestion = desk_suggestion(request.user, suggestion_id)
    if request.method != "POST":
        return _show(request, suggestion, DecisionForm(initial=_seen(suggestion)), _edit_form(suggestion))
    form, edit = DecisionForm(request.POST), _edit_form(suggestion, request.POST)
    edited: Proposal | None = None
    is_whole = form.is_valid()
    if is_whole and edit is not None and "edit-name" in request.POST and form.cleaned_data["action"] == "accept":
        is_whole = edit.is_valid()
        edited = _edited(suggestion, edit) if is_whole else None
    if not is_whole:
        return _show(request, suggestion, form, edit, status=422)
    try:
        made = actions_desk.decide(request.user, suggestion_id, form.decision(edited))
    except actions_desk.Overtaken as fault:
        return _show(request, desk_suggestion(request.user, suggestion_id), form, edit, status=409, fault=str(fault))
    except Invalid as fault:
        return _show(request, suggestion, form, edit, status=422, fault=str(fault))
    messages.success(request, _done_words(made.action))
    return _go_on(request, suggestion)


def _done_words(action: str) -> str:
    return {
        "accept": _("Demande acceptée."), "refuse": _("Demande refusée."), "hide": _("Demande masquée."),
        "aside": _("Demande mise de côté."), "reopen": _("Décision annulée : la demande attend de nouveau."),
    }[action]  # fmt: skip


def _go_on(request: HttpRequest, suggestion: Suggestion) -> HttpResponse:
    """To the next of the queue, or back to the queue at its end."""
    filters = desk_filters_from(request.GET.dict())
    following = neighbours(request.user, filters, suggestion)[1]
    query = filters.query_string()
    if following is not None:
        return redirect(_item_url(following.pk, query))
    return redirect(f"{reverse('atlas:desk')}?{query}" if query else reverse("atlas:desk"))


def _seen(suggestion: Suggestion) -> dict[str, Any]:
    """What goes into the hidden fields, so that a change meanwhile is noticed."""
    return {
        "seen_state": suggestion.state, "seen_decisions": suggestion.decisions.count(),
        "seen_version": suggestion.entry.version if suggestion.entry else None,
    }  # fmt: skip


def _edit_form(suggestion: Suggestion, data: QueryDict | None = None) -> EditForm | None:
    """The entry as it would be once accepted, to change before accepting."""
    if suggestion.kind not in EDITABLE or suggestion.state not in WAITING:
        return None
    now_entry, now_place, proposal = _as_it_stands(suggestion)
    return EditForm(
        data,
        prefix="edit",
        initial={**now_entry, **now_place, **proposal.entry, **proposal.place, "confirm_point": True},
    )


def _as_it_stands(suggestion: Suggestion) -> tuple[dict[str, Any], dict[str, Any], Proposal]:
    proposal = proposal_from(suggestion.payload)
    if suggestion.entry is None:
        return {"status": "active", "kind": "place"}, {}, proposal
    place = place_at(suggestion.entry, proposal.place_position)
    return entry_values(suggestion.entry), place_values(place), proposal


def _edited(suggestion: Suggestion, edit: EditForm) -> Proposal | None:
    """The moderator's own version, or None where it is what was proposed."""
    now_entry, now_place, proposal = _as_it_stands(suggestion)
    entry, place = edit.values()
    proposed_place = {**now_place, **proposal.place}
    if place.get("commune") == proposed_place.get("commune") and "commune_code" in proposed_place:
        place.setdefault("commune_code", proposed_place["commune_code"])  # a name that the gazetteer knows twice
    position = proposal.place_position
    mine = difference_between(now_entry, now_place, entry, place, place_position=position)
    theirs = difference_between(
        now_entry, now_place, {**now_entry, **proposal.entry}, proposed_place, place_position=position
    )
    if suggestion.entry is None:
        full = {**{name: value for name, value in entry.items() if value not in (None, "", [])}}
        new = Proposal(entry=full, place={name: value for name, value in place.items() if value not in (None, "")})
        return None if (mine.entry, mine.place) == (theirs.entry, theirs.place) else new
    return None if (mine.entry, mine.place) == (theirs.entry, theirs.place) else mine


def _show(
    request: HttpRequest,
    suggestion: Suggestion,
    form: DecisionForm,
    edit: EditForm | None,
    *,
    status: int = 200,
    fault: str = "",
) -> HttpResponse:
    filters, now = desk_filters_from(request.GET.dict()), timezone.now()
    query, proposal = filters.query_string(), proposal_from(suggestion.payload)
    previous, following = neighbours(request.user, filters, suggestion)
    is_held = actions_desk.is_held_by_other(suggestion, request.user, now)
    context = {
        "page": Page(title=_("Demande n° %(number)s") % {"number": suggestion.pk}, kind="wide", indexed=False,
                     crumbs=(*crumbs(), Crumb(_("Bureau de modération"), reverse("atlas:desk"))),
                     has_errors=bool(fault) or status == 422),
        "suggestion": suggestion, "form": form, "edit": edit, "fault": fault, "query": query, "filters": filters,
        "rows": proposal_rows(proposal, suggestion.entry), "decisions": decisions_on(suggestion), "ledger": ledger_of(suggestion),
        "queue": desk_page(request.user, filters, "", 12), "previous": previous, "following": following,
        "entry_url": sheet_url(suggestion.entry) if suggestion.entry else "", "same_as": entry_of_number(proposal.duplicate_of),
        "is_held": is_held, "held_minutes": _held_minutes(suggestion, now),
        "is_mine": suggestion.claimed_by_id == request.user.pk, "may_decide": suggestion.state in WAITING,
        "may_reopen": suggestion.state in ("published", "refused", "hidden", "held"), "seen": _seen(suggestion),
        "reasons": _reasons(("refuse", "hide", "aside")), "edit_is_open": edit is not None and bool(edit.errors),
        **_where(suggestion),
    }  # fmt: skip
    return render(request, "atlas/desk_item.html", context, status=status)


def _held_minutes(suggestion: Suggestion, now: datetime) -> int:
    """Since how many minutes somebody has been looking at it."""
    if suggestion.claimed_until is None:
        return 0
    return max(0, int((now - (suggestion.claimed_until - actions_desk.CLAIM)).total_seconds() // 60))


def _where(suggestion: Suggestion) -> dict[str, Any]:
    """The point to show (the proposed one first) and the territories by name."""
    now, proposed = points_of(suggestion)
    point = proposed or now
    names = territory_names(suggestion.territories)
    return {
        "point": point,
        "picture_url": reverse("atlas:desk_picture", args=[suggestion.pk]) if point else "",
        "territory_names": [names[code] for code in suggestion.territories if code in names],
        **pin_map_context(place_at(suggestion.entry, 0) if suggestion.entry else None),
    }


@login_required
@never_cache
@require_safe
def item_picture(request: HttpRequest, suggestion_id: int) -> HttpResponse:
    """The drawn map of one suggestion."""
    picture = suggestion_picture(desk_suggestion(request.user, suggestion_id))
    if not picture:
        raise Missing(_("Cette demande n’a pas d’emplacement."))
    return HttpResponse(picture, content_type="image/svg+xml")


@login_required
@never_cache
@require_POST
def decide_many(request: HttpRequest) -> HttpResponse:
    """The same decision on those that were ticked."""
    filters, chosen = desk_filters_from(request.GET.dict()), request.POST.getlist("chosen")
    form = ManyForm(request.POST, chosen=chosen)
    if not form.is_valid():
        fault = " ".join(str(message) for errors in form.errors.values() for message in errors)
        return _queue(request, filters, status=422, fault=fault, chosen=chosen)
    data = form.cleaned_data
    seen = actions_desk.Seen(0, "")
    result = actions_desk.decide_many(
        request.user, data["chosen"], actions_desk.Decision(data["action"], seen, data["reason_code"])
    )
    if result.done:
        words = ngettext("%(count)s demande décidée.", "%(count)s demandes décidées.", result.done)
        messages.success(request, words % {"count": result.done})
    for number, why in result.not_done:
        words = _("Demande n° %(number)s : %(why)s") % {"number": number, "why": why}
        messages.add_message(request, messages.WARNING, words, "attention")
    query = filters.query_string()
    return redirect(f"{reverse('atlas:desk')}?{query}" if query else reverse("atlas:desk"))


@login_required
@require_safe
def decisions_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Every decision, complete, safe to open in a spreadsheet."""
    table = decision_table(request.user)
    response = StreamingHttpResponse(csv_chunks(table), content_type=MEDIA_TYPE)
    response["Content-Disposition"] = 'attachment; filename="decisions.csv"'
    response["Cache-Control"] = "no-store"
    return response
