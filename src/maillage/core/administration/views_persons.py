"""Persons and roles: the list, the sheet of one, and what is done there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from maillage.core.administration import queries_persons as queries
from maillage.core.administration.files import persons_file
from maillage.core.administration.forms import PersonForm, RoleForm
from maillage.core.errors import Missing, Refused
from maillage.core.journal.actions import record
from maillage.core.people import actions
from maillage.core.people.actions_second_factor import remove_second_factor
from maillage.core.people.models import Person, Role
from maillage.core.people.queries import devices_of, roles_in_force, second_factor_of
from maillage.core.people.seeing import may_administer, may_give, may_manage, may_see_as, roles_given_by
from maillage.core.people.standing import SEEING_SECONDS, SEEN_AS, SEEN_UNTIL
from maillage.core.places.queries import territory_names
from maillage.core.web.pages import Crumb, Page


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb(_("Personnes et rôles"), reverse("administration:persons")),)


@login_required
@never_cache
@require_safe
def persons(request: HttpRequest) -> HttpResponse:
    """Persons whom the viewer administers, by name, address or role."""
    words, role = request.GET.get("q", "").strip()[:120], request.GET.get("role", "")
    rows = queries.persons(request.user, words=words, role=role)
    lines, after = queries.persons_page(rows, request.GET.get("apres", ""))
    asked = {name: value for name, value in (("q", words), ("role", role)) if value}
    context = {
        "page": Page(title=_("Personnes et rôles"), kind="list", indexed=False),
        "lines": lines, "count": rows.count(), "words": words, "role": role, "roles": Role.choices,
        "next_url": f"?{urlencode(asked | {'apres': after})}" if after else "", "question": urlencode(asked),
    }  # fmt: skip
    return render(request, "administration/persons.html", context)


@login_required
@never_cache
@require_safe
def persons_csv(request: HttpRequest) -> HttpResponseBase:
    """The same list, complete, as a file; who took it away is journaled."""
    rows = queries.persons(request.user, words=request.GET.get("q", "").strip()[:120], role=request.GET.get("role", ""))
    record(
        action="people.list_exported", subject="people:list:all", actor=_viewer(request), details={"rows": rows.count()}
    )
    return persons_file(rows)


@login_required
@never_cache
def person_add(request: HttpRequest) -> HttpResponse:
    """Adds a person with a first role."""
    if not may_administer(request.user):
        raise Refused
    form = PersonForm(request.POST if request.method == "POST" else None, roles=roles_given_by(request.user))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if may_give(request.user, given["role"], given["territory"]):
            person = actions.add_person(
                given["name"], email=given["email"], phone=given["phone"],
                role=given["role"], territory=given["territory"], by=_viewer(request),
            )  # fmt: skip
            messages.success(request, _("%(name)s peut maintenant se connecter.") % {"name": person.display_name})
            return redirect("administration:person", person.pk)
        form.add_error("territory", _cannot_give())
    page = Page(title=_("Ajouter une personne"), crumbs=_crumbs(), kind="form", indexed=False, has_errors=form.is_bound)
    context = {"page": page, "form": form}
    return render(request, "administration/person_add.html", context, status=422 if form.is_bound else 200)


def _cannot_give() -> str:
    return _(
        "Vous ne pouvez pas donner ce rôle sur ce territoire : choisissez un territoire dont vous êtes responsable."
    )


@login_required
@never_cache
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of a person; looking at it is journaled."""
    found = _found(request, pk)
    record(action="people.sheet_seen", subject=f"people:person:{found.pk}", actor=_viewer(request))
    return _sheet(request, found, RoleForm(roles=roles_given_by(request.user)))


def _sheet(request: HttpRequest, found: Person, form: RoleForm) -> HttpResponse:
    held = roles_in_force(found)
    names = territory_names(one.territory_code for one in held if one.territory_code)
    context: dict[str, Any] = {
        "page": Page(title=found.display_name, crumbs=_crumbs(), indexed=False, has_errors=form.is_bound),
        "found": found,
        "form": form,
        "roles": [(one, names.get(one.territory_code, one.territory_code),
                   may_give(request.user, one.role, one.territory_code)) for one in held],
        "devices": len(devices_of(found)),
        "factor": second_factor_of(found),
        "may_manage": may_manage(request.user, found) and found != request.user,
        "may_see": found.is_active and may_see_as(request.user, found),
    }  # fmt: skip
    return render(request, "administration/person.html", context, status=422 if form.is_bound else 200)


@login_required
@never_cache
@require_POST
def role_give(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives one more role."""
    found = _found(request, pk)
    form = RoleForm(request.POST, roles=roles_given_by(request.user))
    if form.is_valid() and not may_give(request.user, form.cleaned_data["role"], form.cleaned_data["territory"]):
        form.add_error("territory", _cannot_give())
    if not form.is_valid():
        return _sheet(request, found, form)
    actions.give_role(found, form.cleaned_data["role"], form.cleaned_data["territory"], by=_viewer(request))
    messages.success(request, _("Le rôle est donné."))
    return redirect("administration:person", found.pk)


@login_required
@never_cache
@require_POST
def role_end(request: HttpRequest, pk: int, membership_id: int) -> HttpResponse:
    """Takes a role back. Raises Refused where the viewer could not have given it."""
    found = _found(request, pk)
    membership = next((one for one in roles_in_force(found) if one.pk == membership_id), None)
    if membership is None:
        raise Missing
    if not may_give(request.user, membership.role, membership.territory_code):
        raise Refused
    actions.end_role(membership, by=_viewer(request))
    messages.success(request, _("Le rôle est retiré."))
    return redirect(_after(request, found))


def _after(request: HttpRequest, found: Person) -> str:
    """The sheet while it may still be seen, else the list."""
    request.user.__dict__.pop("_roles_held", None)
    still = may_administer(request.user) and queries.visible_person(request.user, found.pk)
    return reverse("administration:person", args=[found.pk]) if still else reverse("administration:persons")


def _managed(act: Callable[[Person, Person], object], said: Callable[[], str]) -> Callable[..., HttpResponse]:
    """A view that does something to an account for one who may manage it."""

    @login_required
    @never_cache
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        found, viewer = _found(request, pk), _viewer(request)
        if not may_manage(viewer, found) or found == viewer:
            raise Refused
        act(found, viewer)
        messages.success(request, said())
        return redirect("administration:person", found.pk)

    return view


disable = _managed(lambda found, by: actions.disable_person(found, by=by), lambda: _("Le compte est fermé."))
enable = _managed(lambda found, by: actions.enable_person(found, by=by), lambda: _("Le compte est ouvert de nouveau."))
second_factor_reset = _managed(
    lambda found, by: remove_second_factor(found, by=by),
    lambda: _("La deuxième étape est remise à zéro : elle sera demandée de nouveau à la prochaine connexion."),
)


@login_required
@never_cache
@require_POST
def see_as(request: HttpRequest, pk: int) -> HttpResponse:
    """Begins to see the site as this person does, for half an hour; only looking is possible."""
    found, viewer = _found(request, pk), _viewer(request)
    if not found.is_active or not may_see_as(viewer, found):
        raise Refused(_("On ne voit le site que comme une personne dont tous les rôles sont au-dessous du sien."))
    record(action="people.seen_as", subject=f"people:person:{found.pk}", actor=viewer)
    request.session[SEEN_AS], request.session[SEEN_UNTIL] = found.pk, time.time() + SEEING_SECONDS
    return redirect("web:home")


@never_cache
@require_POST
def stop_seeing(request: HttpRequest) -> HttpResponse:
    """Back to one's own eyes."""
    seen = request.session.pop(SEEN_AS, None)
    request.session.pop(SEEN_UNTIL, None)
    if seen is None:
        return redirect("web:home")
    record(action="people.seen_as_ended", subject=f"people:person:{seen}", actor=_viewer(request))
    return redirect("administration:person", seen)


def _found(request: HttpRequest, pk: int) -> Person:
    found = queries.visible_person(request.user, pk)
    if found is None:
        raise Missing
    return found


def _viewer(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user
