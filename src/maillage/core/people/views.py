"""Pages to sign in and out."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from maillage.core.engine.sight import look_as, seeing_everything
from maillage.core.moderation.pace import SlowAnswers
from maillage.core.people.actions import attempt_by_code, attempt_by_link, request_sign_in
from maillage.core.people.actions_devices import forget_session, open_device
from maillage.core.people.actions_second_factor import ATTEMPT_LIFE, new_salt
from maillage.core.people.forms import AddressForm, CodeForm
from maillage.core.people.models import Person, SignInCode
from maillage.core.people.queries import must_pass_second_factor
from maillage.core.people.standing import SECOND_STEP_PASSED
from maillage.core.web.afterwards import after_answer
from maillage.core.web.pages import Page

BACKEND = "maillage.core.people.backend.ByCode"
SECOND_STEP = "second_step"  # in the session: the attempt whose first step was passed, and where it wanted to go
# Wrong answers of one attempt wait longer and longer. The attempt, never the account nor the address that it comes
# from: what somebody else tries must not slow down the person, nor the social centre where they sit.
_slow = SlowAnswers(free_tries=1, within_s=900, pause_s=0.5, growth=2.0)


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
        sending: list[Callable[[], None]] = []
        secret = request_sign_in(form.cleaned_data["address"], later=sending.append)
        answer = redirect(_with_next(reverse("people:sign_in_code", args=[secret]), request))
        return after_answer(answer, *sending)
    page = _page(_("Se connecter"), has_errors=form.is_bound)
    status = 422 if form.is_bound else 200
    return render(request, "people/sign_in.html", {"page": page, "form": form, "next": _next(request)}, status=status)


@never_cache
def sign_in_code(request: HttpRequest, secret: str) -> HttpResponse:
    """Awaits the code; the page is the same whether the address is known or not."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        attempt = attempt_by_code(secret, form.cleaned_data["code"])
        if attempt is not None:
            return _after_first_step(request, attempt)
        _slow.miss(secret)
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
        attempt = attempt_by_link(link)
        if attempt is not None:
            return _after_first_step(request, attempt)
    failed = request.method == "POST"
    context = {"page": _page(_("Se connecter"), has_errors=failed), "failed": failed, "next": _next(request)}
    return render(request, "people/sign_in_link.html", context, status=422 if failed else 200)


def _after_first_step(request: HttpRequest, attempt: SignInCode) -> HttpResponse:
    """Signs in, or goes on to the second step: until it is passed the session is nobody's."""
    wanted = _next(request)
    look_as(attempt.person.pk)
    if not must_pass_second_factor(attempt.person):
        return enter(request, attempt.person, wanted)
    request.session.flush()
    request.session[SECOND_STEP] = {"attempt": attempt.pk, "next": wanted, "salt": new_salt()}
    request.session.set_expiry(ATTEMPT_LIFE)
    return redirect("people:second_step")


def enter(request: HttpRequest, person: Person, wanted: str, *, second_step_passed: bool = False) -> HttpResponse:
    """A new session key, so that one planted before is worth nothing; the session is written down for its person."""
    open_session(request, person, second_step_passed=second_step_passed)
    return redirect(wanted or "/")


def open_session(request: HttpRequest, person: Person, *, second_step_passed: bool) -> None:
    """The session of a person who was recognised."""
    request.session.flush()
    with seeing_everything("Django writes when the person signed in last"):
        login(request, person, backend=BACKEND)
    look_as(person.pk)
    request.session[SECOND_STEP_PASSED] = second_step_passed
    open_device(person, str(request.session.session_key), request.headers.get("User-Agent", ""))


@require_POST
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    forget_session(request.session.session_key)
    logout(request)
    return redirect("people:signed_out")


@require_safe
@never_cache
def signed_out(request: HttpRequest) -> HttpResponse:
    """Says that it is done: on a shared computer this matters."""
    return render(request, "people/signed_out.html", {"page": _page(_("Vous êtes déconnecté"))})
