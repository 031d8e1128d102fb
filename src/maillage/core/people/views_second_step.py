"""The second step of signing in: a code of an application, which is set up the first time."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from maillage.core.engine.sight import look_as
from maillage.core.people.actions_second_factor import (
    end_attempt,
    live_attempt,
    pass_second_factor,
    second_factor_key,
    set_up_address,
    set_up_second_factor,
)
from maillage.core.people.forms import FirstCodeForm, SecondCodeForm
from maillage.core.people.models import Person, SignInCode
from maillage.core.people.queries import second_factor_of
from maillage.core.people.views import SECOND_STEP, enter, open_session
from maillage.core.web.pages import Page


@never_cache
def second_step(request: HttpRequest) -> HttpResponse:
    """Asks for the code, or sets the application up; without a first step passed just now, back to the beginning."""
    begun: dict[str, Any] = request.session.get(SECOND_STEP) or {}
    attempt = live_attempt(begun["attempt"]) if begun else None
    if attempt is None:
        return redirect("people:sign_in")
    look_as(attempt.person.pk)
    if second_factor_of(attempt.person) is None:
        return _set_up(request, attempt, begun)
    form = SecondCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        person = pass_second_factor(attempt.pk, form.cleaned_data["code"])
        if person is not None:
            return enter(request, person, begun["next"], second_step_passed=True)
        if live_attempt(attempt.pk) is None:
            return _too_many(request)
        form.add_error(
            "code", _("Ce code ne convient pas, ou il a déjà servi. Attendez que l’application en montre un autre.")
        )
    page = _page(_("Deuxième étape"), has_errors=form.is_bound)
    return render(
        request, "people/second_step.html", {"page": page, "form": form}, status=422 if form.is_bound else 200
    )


def _too_many(request: HttpRequest) -> HttpResponse:
    """The attempt is over; nothing of the account is locked."""
    del request.session[SECOND_STEP]
    page = _page(_("Trop de codes faux"), has_errors=True)
    return render(request, "people/second_step_over.html", {"page": page}, status=422)


def _set_up(request: HttpRequest, attempt: SignInCode, begun: dict[str, Any]) -> HttpResponse:
    """The first time: the application takes the key, its first code proves it, and codes on paper are shown once."""
    form = FirstCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        codes = set_up_second_factor(attempt.person, begun["salt"], form.cleaned_data["code"])
        if codes:
            end_attempt(attempt.pk)
            open_session(request, attempt.person, second_step_passed=True)
            return show_recovery_codes(request, codes, begun["next"] or "/")
        form.add_error("code", wrong_first_code())
    return render_set_up(request, attempt.person, begun["salt"], form)


def wrong_first_code() -> str:
    """What to do when the first code of an application is wrong."""
    return _(
        "Ce code ne convient pas. Vérifiez que l’heure de votre téléphone est réglée automatiquement, puis recommencez."
    )


def render_set_up(request: HttpRequest, person: Person, salt: str, form: FirstCodeForm) -> HttpResponse:
    """The page with the QR code and the key."""
    key = second_factor_key(salt)
    context = {
        "page": _page(_("Protéger votre compte"), has_errors=form.is_bound),
        "form": form,
        "address": set_up_address(person, salt),
        "key": " ".join(key[at : at + 4] for at in range(0, len(key), 4)),
    }
    return render(request, "people/second_step_set_up.html", context, status=422 if form.is_bound else 200)


def show_recovery_codes(request: HttpRequest, codes: list[str], then: str) -> HttpResponse:
    """The codes on paper, this once."""
    context = {"page": _page(_("Vos codes de secours")), "codes": codes, "then": then}
    return render(request, "people/recovery_codes.html", context)


def _page(title: str, *, has_errors: bool = False) -> Page:
    return Page(title=title, kind="form", indexed=False, has_errors=has_errors)
