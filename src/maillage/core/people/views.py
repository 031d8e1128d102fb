"""Pages to sign in and out."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from maillage.core.moderation.pace import SlowAnswers, address_of
from maillage.core.people.actions import person_by_code, person_by_link, request_sign_in
from maillage.core.people.forms import AddressForm, CodeForm
from maillage.core.people.models import Person
from maillage.core.web.pages import Page

BACKEND = "maillage.core.people.backend.ByCode"
_slow = SlowAnswers(free_tries=20, within_s=600, pause_s=1.0)


def _next(request: HttpRequest) -> str:
    """Where to go afterwards: an address of ours, or nothing."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else ""


def _with_next(url: str, request: HttpRequest) -> str:
    wanted = _next(request)
    return f"{url}?{urlencode({'next': wanted})}" if wanted else url


def _page(title: str, *, has_errors: bool = False) -> Page:
    return Page(
        title=title, description=_("Se connecter sans mot de passe."), kind="form", indexed=False, has_errors=has_errors
    )


@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Asks for an address, then always goes on to the page that awaits a code."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        secret = request_sign_in(form.cleaned_data["address"])
        return redirect(_with_next(reverse("people:sign_in_code", args=[secret]), request))
    page = _page(_("Se connecter"), has_errors=form.is_bound)
    status = 422 if form.is_bound else 200
    return render(request, "people/sign_in.html", {"page": page, "form": form, "next": _next(request)}, status=status)


@never_cache
def sign_in_code(request: HttpRequest, secret: str) -> HttpResponse:
    """Awaits the code; the page is the same whether the address is known or not."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        person = person_by_code(secret, form.cleaned_data["code"])
        if person is not None:
            return _welcome(request, person)
        _slow.miss(address_of(request))
        form.add_error(
            "code",
            _(
                "Ce code ne convient pas, ou il a plus de 15 minutes. "
                "Vérifiez le dernier message reçu, ou demandez un nouveau code."
            ),
        )
    context = {"page": _page(_("Votre code"), has_errors=form.is_bound), "form": form, "next": _next(request),
               "again": _with_next(reverse("people:sign_in"), request)}  # fmt: skip
    return render(request, "people/sign_in_code.html", context, status=422 if form.is_bound else 200)


@never_cache
def sign_in_link(request: HttpRequest, link: str) -> HttpResponse:
    """The address received by mail: a button signs in, so that a program that opens links does not use it up."""
    if request.method == "POST":
        person = person_by_link(link)
        if person is not None:
            return _welcome(request, person)
        _slow.miss(address_of(request))
    failed = request.method == "POST"
    context = {"page": _page(_("Se connecter"), has_errors=failed), "failed": failed, "next": _next(request)}
    return render(request, "people/sign_in_link.html", context, status=422 if failed else 200)


def _welcome(request: HttpRequest, person: Person) -> HttpResponse:
    """A new session key, so that one planted before is worth nothing."""
    wanted = _next(request)
    request.session.flush()
    login(request, person, backend=BACKEND)
    return redirect(wanted or "/")


@require_POST
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    logout(request)
    return redirect("people:signed_out")


@require_safe
@never_cache
def signed_out(request: HttpRequest) -> HttpResponse:
    """Says that it is done: on a shared computer this matters."""
    return render(request, "people/signed_out.html", {"page": _page(_("Vous êtes déconnecté"))})
