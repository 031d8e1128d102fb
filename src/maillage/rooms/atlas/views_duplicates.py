"""Duplicates: the list of pairs, one pair side by side, decisions on many, what was merged, where values come from."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from maillage.core.errors import Invalid
from maillage.core.web.pages import Crumb, Page
from maillage.rooms.atlas import duplicates_actions as actions
from maillage.rooms.atlas import duplicates_queries as queries
from maillage.rooms.atlas import duplicates_shown as shown
from maillage.rooms.atlas.cards import sheet_url
from maillage.rooms.atlas.contributing import crumbs
from maillage.rooms.atlas.duplicates_models import CandidatePair, PairState
from maillage.rooms.atlas.duplicates_queries import DuplicateFilters, duplicate_filters_from
from maillage.rooms.atlas.duplicates_tasks import ask_for_search
from maillage.rooms.atlas.queries import sheet


def _crumbs() -> tuple[Crumb, ...]:
    return (*crumbs(), Crumb(_("Doublons"), reverse("atlas:duplicates")))


def _url(query: str, name: str = "atlas:duplicates", *args: int) -> str:
    url = reverse(name, args=args)
    return f"{url}?{query}" if query else url


@login_required
@never_cache
@require_safe
def pairs(request: HttpRequest) -> HttpResponse:
    """Pairs that may be one place, likeliest first, with their reasons; decisions on those ticked, or on all above a score."""
    return _pairs(request, duplicate_filters_from(request.GET.dict()))


def _pairs(request: HttpRequest, filters: DuplicateFilters, *, status: int = 200, fault: str = "") -> HttpResponse:
    cursor = request.GET.get("apres", "")
    found = queries.pair_page(request.user, filters, cursor)
    query = filters.query_string()
    page = Page(title=_("Doublons"), crumbs=crumbs(), kind="list", indexed=False, has_errors=bool(fault))
    context = {
        "page": page, "found": found, "rows": [shown.pair_shown(one) for one in found.rows], "filters": filters, "query": query,
        "fault": fault, "states": PairState.choices, "scores": queries.SCORES, "sources": queries.sources_of_pairs(),
        "counts": queries.score_counts(request.user), "first_url": _url(query) if cursor else "",
        "next_url": _url(f"{query}&apres={found.next_cursor}".lstrip("&")) if found.next_cursor else "",
        "waits": filters.state == PairState.PROPOSED,
    }  # fmt: skip
    return render(request, "atlas/duplicates_list.html", context, status=status)


@login_required
@never_cache
@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """Asks the worker to look for duplicates now."""
    queries.score_counts(request.user)  # refuses who may not see them
    ask_for_search()
    messages.success(
        request, _("La recherche est demandée. La liste se met à jour dans un instant : rechargez la page.")
    )
    return redirect("atlas:duplicates")


@login_required
@never_cache
def pair(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Two entries side by side: what they say, why they may be one, which values stay."""
    found = queries.pair_for(request.user, pair_id)
    filters = duplicate_filters_from(request.GET.dict())
    if request.method != "POST":
        return _show_pair(request, found, filters)
    try:
        words = _decide(request, found)
    except Invalid as fault:
        return _show_pair(request, queries.pair_for(request.user, pair_id), filters, fault=str(fault))
    messages.success(request, words)
    following = queries.pair_after(request.user, filters, found)
    return redirect(
        _url(filters.query_string(), "atlas:duplicate_pair", following.pk)
        if following
        else _url(filters.query_string())
    )


def _decide(request: HttpRequest, found: CandidatePair) -> str:
    posted = {name: str(value) for name, value in request.POST.items()}
    if "merge" in posted:
        keep = posted.get("keep", "")
        actions.merge_pair(
            request.user, found.pk, keep=int(keep[:18]) if keep.isdecimal() else None, chosen=shown.chosen_from(posted)
        )
        return _("Les deux fiches n’en font plus qu’une. Vous pouvez annuler dans « Fusions faites ».")
    if "apart" in posted:
        actions.tell_apart(request.user, found.pk)
        return _("C’est noté : ce sont deux lieux. Cette paire ne sera plus proposée.")
    if "again" in posted:
        actions.propose_again(request.user, found.pk)
        return _("La paire attend de nouveau une décision.")
    raise Invalid(_("Choisissez une décision."))


def _show_pair(
    request: HttpRequest, found: CandidatePair, filters: DuplicateFilters, *, fault: str = ""
) -> HttpResponse:
    kept, absorbed = shown.kept_first(found, request.GET.get("garder", ""))
    made, lines = shown.preview(kept, absorbed)
    query = filters.query_string()
    following = queries.pair_after(request.user, filters, found)
    page = Page(title=_("Un lieu ou deux ?"), crumbs=_crumbs(), kind="wide", indexed=False, has_errors=bool(fault))
    context: dict[str, Any] = {
        "page": page, "one": shown.pair_shown(found), "kept": shown.side_shown(kept), "absorbed": shown.side_shown(absorbed),
        "lines": lines, "added": shown.added_shown(made, lines), "query": query, "fault": fault, "list_url": _url(query),
        "waits": found.state == PairState.PROPOSED and kept.is_published and absorbed.is_published,
        "next_url": _url(query, "atlas:duplicate_pair", following.pk) if following else "",
        "turn_url": _url(f"{query}&garder={absorbed.pk}".lstrip("&"), "atlas:duplicate_pair", found.pk),
    }  # fmt: skip
    return render(request, "atlas/duplicates_pair.html", context, status=422 if fault else 200)


@login_required
@never_cache
@require_POST
def decide_many(request: HttpRequest) -> HttpResponse:
    """The same decision on the pairs that were ticked."""
    filters = duplicate_filters_from(request.GET.dict())
    chosen = [int(one[:18]) for one in request.POST.getlist("chosen") if one.isdecimal()]
    if not chosen:
        return _pairs(request, filters, status=422, fault=_("Cochez au moins une paire."))
    try:
        result = actions.decide_many(request.user, chosen, request.POST.get("action", ""))
    except Invalid as fault:
        return _pairs(request, filters, status=422, fault=str(fault))
    _tell(request, result)
    return redirect(_url(filters.query_string()))


def _tell(request: HttpRequest, result: actions.ManyResult) -> None:
    if result.done:
        words = ngettext("%(count)s paire décidée.", "%(count)s paires décidées.", result.done)
        messages.success(request, words % {"count": result.done})
    for number, why in result.not_done[:5]:
        messages.warning(request, _("Paire n° %(number)s : %(why)s") % {"number": number, "why": why})
    if len(result.not_done) > 5:
        messages.warning(
            request, _("Et %(count)s autres, pour des raisons semblables.") % {"count": len(result.not_done) - 5}
        )


@login_required
@never_cache
@require_POST
def merge_all(request: HttpRequest) -> HttpResponse:
    """Merges all pairs of the question; first asks whether the person is sure, with how many they are and some of them."""
    filters = duplicate_filters_from(request.POST.dict())
    if "sure" not in request.POST:
        found = queries.pair_page(request.user, filters, size=5)
        page = Page(title=_("Tout fusionner ?"), crumbs=_crumbs(), kind="text", indexed=False)
        context = {"page": page, "found": found, "rows": [shown.pair_shown(one) for one in found.rows], "filters": filters,
                   "list_url": _url(filters.query_string())}  # fmt: skip
        return render(request, "atlas/duplicates_sure.html", context)
    result = actions.merge_all_above(request.user, filters)
    if result is None:
        messages.success(request, _("Les fusions sont en cours : la liste se vide peu à peu."))
    else:
        _tell(request, result)
    return redirect(_url(filters.query_string()))


@login_required
@never_cache
@require_safe
def merges(request: HttpRequest) -> HttpResponse:
    """What was merged, last first; each can be undone."""
    rows, cursor = queries.merges_page(request.user, request.GET.get("apres", ""))
    page = Page(title=_("Fusions faites"), crumbs=_crumbs(), kind="list", indexed=False)
    context = {
        "page": page, "rows": [(one, shown.merge_fields(one)) for one in rows],
        "next_url": f"{reverse('atlas:merges')}?apres={cursor}" if cursor else "",
        "first_url": reverse("atlas:merges") if request.GET.get("apres") else "",
    }  # fmt: skip
    return render(request, "atlas/duplicates_merges.html", context)


@login_required
@never_cache
@require_POST
def undo(request: HttpRequest, merge_id: int) -> HttpResponse:
    """Makes two entries of one again."""
    try:
        undone = actions.undo_merge(request.user, merge_id)
    except Invalid as fault:
        messages.warning(request, str(fault))
        return redirect("atlas:merges")
    messages.success(request, _("La fusion est annulée : les deux fiches sont de nouveau visibles."))
    if undone.left_alone:
        messages.warning(request, _("La fiche gardée a été corrigée depuis : ces corrections restent."))
    return redirect("atlas:merges")


@require_safe
def origins(request: HttpRequest, entry_id: int) -> HttpResponse:
    """For anyone: which source says each thing of an entry, when, and what other sources say."""
    entry = sheet(entry_id)
    if entry.merged_into_id:
        return redirect("atlas:origins", entry.merged_into_id)
    page = Page(
        title=_("D’où viennent les informations : %(name)s") % {"name": entry.name},
        description=_(
            "Pour chaque information de cette fiche : sa source, sa date, et ce que disent les autres sources."
        ),
        crumbs=crumbs(entry),
        kind="text",
    )
    rows = [shown.origin_shown(one) for one in queries.origins_of(entry)]
    return render(
        request,
        "atlas/duplicates_origins.html",
        {"page": page, "entry": entry, "rows": rows, "sheet_url": sheet_url(entry)},
    )
