"""Following a suggestion with its code: thank-you, state, withdrawal, appeal; and the voices of the community."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from maillage.core.engine.sight import hold
from maillage.core.errors import Missing
from maillage.core.moderation.codes import code_as_shown
from maillage.core.moderation.pace import SlowAnswers, address_of
from maillage.core.moderation.states import WAITING
from maillage.core.web.pages import Page
from maillage.rooms.atlas import actions
from maillage.rooms.atlas.cards import sheet_url
from maillage.rooms.atlas.contributing import crumbs
from maillage.rooms.atlas.forms import AppealForm, FollowForm
from maillage.rooms.atlas.models import Suggestion
from maillage.rooms.atlas.privacy import voter_digest
from maillage.rooms.atlas.proposal import proposal_from
from maillage.rooms.atlas.queries_suggest import suggestion_followed, suggestions_awaiting_voices
from maillage.rooms.atlas.states_shown import proposal_rows

PER_PAGE = 20
_slow = SlowAnswers(free_tries=20, within_s=600, pause_s=1.0)


def _page(title: str, *, has_errors: bool = False) -> Page:
    return Page(title=title, crumbs=crumbs(), kind="form", indexed=False, has_errors=has_errors)


def _followed(request: HttpRequest, code: str) -> Suggestion:
    """The suggestion of a code in an address; a wrong one is Missing, slowly for who tries many."""
    suggestion = suggestion_followed(code)
    if suggestion is None:
        _slow.miss(address_of(request))
        raise Missing(_("Aucune demande ne porte ce code. Vérifiez-le sur votre reçu."))
    hold(suggestion.code)
    return suggestion


@never_cache
@require_safe
def thanks(request: HttpRequest, code: str) -> HttpResponse:
    """Thanks, the code, and what happens next; made to be printed."""
    suggestion = _followed(request, code)
    path = reverse("atlas:follow_code", args=[code_as_shown(suggestion.code)])
    context = {
        "page": _page(_("Merci !")), "suggestion": suggestion, "code": code_as_shown(suggestion.code), "path": path,
        "days": settings.ANSWER_DAYS, "entry_url": sheet_url(suggestion.entry) if suggestion.entry else "",
        "again": "deja" in request.GET,
    }  # fmt: skip
    return render(request, "atlas/follow_thanks.html", context)


@never_cache
def follow(request: HttpRequest) -> HttpResponse:
    """Asks for a code."""
    form = FollowForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        suggestion = suggestion_followed(form.cleaned_data["code"])
        if suggestion is not None:
            return redirect("atlas:follow_code", code_as_shown(suggestion.code))
        _slow.miss(address_of(request))
        form.add_error("code", _("Aucune demande ne porte ce code. Vérifiez-le sur votre reçu : il a dix signes."))
    page = _page(_("Suivre ma demande"), has_errors=form.is_bound)
    return render(request, "atlas/follow_form.html", {"page": page, "form": form}, status=422 if form.is_bound else 200)


@never_cache
@require_safe
def follow_code(request: HttpRequest, code: str) -> HttpResponse:
    """Where a suggestion stands, in words."""
    return _show(request, _followed(request, code), AppealForm())


def _show(request: HttpRequest, suggestion: Suggestion, form: AppealForm, status: int = 200) -> HttpResponse:
    is_decided = suggestion.state in ("refused", "hidden")
    context = {
        "page": _page(_("Votre demande %(code)s") % {"code": code_as_shown(suggestion.code)}, has_errors=form.is_bound),
        "suggestion": suggestion, "code": code_as_shown(suggestion.code), "form": form,
        "rows": proposal_rows(proposal_from(suggestion.payload), None), "days": settings.ANSWER_DAYS,
        "decisions": list(suggestion.decisions.order_by("pk")), "may_withdraw": suggestion.state in WAITING,
        "may_appeal": is_decided and suggestion.appealed_at is None,
        "entry_url": sheet_url(suggestion.entry) if suggestion.entry and suggestion.entry.is_published else "",
    }  # fmt: skip
    return render(request, "atlas/follow_code.html", context, status=status)


@never_cache
@require_POST
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Takes the suggestion back."""
    suggestion = _followed(request, code)
    actions.withdraw(suggestion.code)
    return redirect("atlas:follow_code", code_as_shown(suggestion.code))


@never_cache
@require_POST
def appeal(request: HttpRequest, code: str) -> HttpResponse:
    """Asks for another look, once."""
    suggestion = _followed(request, code)
    form = AppealForm(request.POST)
    if not form.is_valid():
        return _show(request, suggestion, form, status=422)
    actions.appeal(suggestion.code, form.cleaned_data["text"])
    return redirect("atlas:follow_code", code_as_shown(suggestion.code))


@require_safe
@never_cache
def awaiting_voices(request: HttpRequest) -> HttpResponse:
    """Suggestions on which anyone may give a voice, where the operator opened this."""
    if not settings.COMMUNITY_VOTES_NEEDED:
        raise Missing(_("Cette installation ne demande pas l’avis du public sur les propositions."))
    after = request.GET.get("apres", "")
    before = int(after) if after.isdecimal() and len(after) < 18 else None
    found = suggestions_awaiting_voices(before, PER_PAGE + 1)
    shown = [
        {"suggestion": one, "rows": proposal_rows(proposal_from(one.payload), one.entry)} for one in found[:PER_PAGE]
    ]
    next_url = f"{request.path}?apres={found[PER_PAGE - 1].pk}" if len(found) > PER_PAGE else ""
    page = Page(title=_("Propositions en attente"), crumbs=crumbs(), kind="text", indexed=False,
                description=_("Dites si ces propositions sont justes."))  # fmt: skip
    context = {"page": page, "shown": shown, "next_url": next_url, "needed": settings.COMMUNITY_VOTES_NEEDED}
    return render(request, "atlas/follow_voices.html", context)


@require_POST
@never_cache
def give_voice(request: HttpRequest, suggestion_id: int) -> HttpResponse:
    """One voice, for or against; one per person signed in, or per browser."""
    agrees = request.POST.get("avis") == "oui"
    address = "" if request.user.is_authenticated else address_of(request)
    actions.vote(suggestion_id, voter=_voter(request), agrees=agrees, address=address)
    return redirect(f"{reverse('atlas:voices')}#s-{suggestion_id}")


def _voter(request: HttpRequest) -> str:
    """A digest that ties nothing to a person outside this installation."""
    if request.user.is_authenticated:
        return voter_digest(f"person/{request.user.pk}")
    if not request.session.session_key:
        request.session["voice"] = True  # a strictly necessary cookie, made only for who gives a voice
        request.session.save()
    return voter_digest(f"session/{request.session.session_key}")
