"""What a person sees of their own account: roles, devices, second factor, what is kept about them."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from maillage.core.errors import Missing, Refused
from maillage.core.people.actions_devices import close_device, close_devices
from maillage.core.people.actions_second_factor import (
    RECOVERY_CODES,
    make_recovery_codes,
    new_salt,
    remove_second_factor,
    set_up_second_factor,
)
from maillage.core.people.forms import FirstCodeForm
from maillage.core.people.models import Person
from maillage.core.people.queries import (
    devices_of,
    is_professional,
    must_pass_second_factor,
    recovery_codes_left,
    roles_in_force,
    second_factor_of,
)
from maillage.core.people.standing import SECOND_STEP_PASSED, seer_of
from maillage.core.people.views_second_step import render_set_up, show_recovery_codes, wrong_first_code
from maillage.core.places.queries import territory_names
from maillage.core.privacy.actions import export_of
from maillage.core.web.pages import Page

SET_UP_SALT = "set_up_salt"
View = Callable[..., HttpResponse]


def _own(view: View) -> View:
    """For the person alone, never kept by a cache."""
    return login_required(never_cache(view))


@_own
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Roles, devices and second factor of the person signed in."""
    person = _person(request)
    held = roles_in_force(person)
    names = territory_names(one.territory_code for one in held if one.territory_code)
    context = {
        "page": Page(title=_("Mon compte"), indexed=False),
        "account": person,
        "roles": [(one.get_role_display(), names.get(one.territory_code, one.territory_code)) for one in held],
        "devices": devices_of(person),
        "this_session": request.session.session_key,
        "is_seen": seer_of(request) is not None,
        "factor": second_factor_of(person),
        "is_asked": must_pass_second_factor(person),
        "may_remove": _may_remove(person),
        "codes_left": recovery_codes_left(person),
        "codes_made": RECOVERY_CODES,
    }
    return render(request, "people/account.html", context)


@_own
@require_POST
def device_close(request: HttpRequest, device_id: int) -> HttpResponse:
    """Ends one of one's sessions. Raises Missing for one that is somebody else's or has gone."""
    if not close_device(_person(request), device_id):
        raise Missing(_("Cet appareil n’est plus connecté."))
    messages.success(request, _("Cet appareil est déconnecté."))
    return redirect("people:account")


@_own
@require_POST
def devices_close(request: HttpRequest) -> HttpResponse:
    """Ends all of one's other sessions."""
    count = close_devices(_person(request), but=str(request.session.session_key))
    said = ngettext("%(count)d appareil est déconnecté.", "%(count)d appareils sont déconnectés.", count)
    messages.success(request, said % {"count": count})
    return redirect("people:account")


@_own
def second_factor(request: HttpRequest) -> HttpResponse:
    """Sets up the application of codes, or another in its place; the key stays in the session until its first code."""
    person = _person(request)
    salt = request.session.get(SET_UP_SALT)
    if request.method == "POST" and "begin" in request.POST:
        request.session[SET_UP_SALT] = new_salt()
        return redirect("people:second_factor")
    if not salt:
        return redirect("people:account")
    form = FirstCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        codes = set_up_second_factor(person, salt, form.cleaned_data["code"])
        if codes:
            del request.session[SET_UP_SALT]
            request.session[SECOND_STEP_PASSED] = True
            close_devices(person, but=str(request.session.session_key))
            return show_recovery_codes(request, codes, reverse("people:account"))
        form.add_error("code", wrong_first_code())
    return render_set_up(request, person, salt, form)


@_own
@require_POST
def second_factor_remove(request: HttpRequest) -> HttpResponse:
    """Goes back to one step, where nobody asks for two."""
    person = _person(request)
    if _may_remove(person) and remove_second_factor(person, by=person):
        messages.success(request, _("La deuxième étape est retirée."))
    return redirect("people:account")


@_own
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new codes on paper; those from before are worth nothing any more."""
    person = _person(request)
    if second_factor_of(person) is None:
        return redirect("people:account")
    return show_recovery_codes(request, make_recovery_codes(person), reverse("people:account"))


@_own
@require_safe
def own_data(request: HttpRequest) -> HttpResponse:
    """Everything kept about the person signed in, as one file. Raises Refused for one who looks through their eyes."""
    if seer_of(request):
        raise Refused(_("Ces données ne sont remises qu’à la personne elle-même."))
    found = json.dumps(export_of(_person(request)), ensure_ascii=False, indent=1, default=str)
    name = f"maillage-mes-donnees-{timezone.localdate():%Y%m%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(found, content_type="application/json; charset=utf-8", headers=headers)


def _may_remove(person: Person) -> bool:
    return not (settings.SECOND_FACTOR and is_professional(person))


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # login_required saw to it
    return request.user
