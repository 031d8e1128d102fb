"""Who someone is and what they may do, where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from maillage.core.channels.addresses import email_as_typed, phone_as_typed
from maillage.core.people.models import Membership, Person, Role

Viewer = Person | AnonymousUser

MODERATING = (Role.MODERATOR, Role.MANAGER, Role.OPERATOR)
HELPING = (Role.HELPER, *MODERATING)


@dataclass(frozen=True)
class Held:
    """A role held on a territory ("kind:code"), or everywhere when `territory_code` is empty."""

    role: str
    territory_code: str


def roles_of(viewer: Viewer) -> frozenset[Held]:
    """Roles in force; none for somebody not signed in. Read once for each object `viewer`, so once per request."""
    if not isinstance(viewer, Person) or not viewer.is_active:
        return frozenset()
    kept: frozenset[Held] | None = viewer.__dict__.get("_roles_held")
    if kept is None:
        rows = Membership.objects.filter(person=viewer, ended_at=None).values_list("role", "territory_code")
        kept = frozenset(Held(role, code) for role, code in rows)
        viewer.__dict__["_roles_held"] = kept
    return kept


def has_role(viewer: Viewer, role: str, territory_codes: Iterable[str] = ()) -> bool:
    """Whether the viewer holds the role everywhere or on one of these territories."""
    return has_any_role(viewer, (role,), territory_codes)


def has_any_role(viewer: Viewer, roles: Iterable[str], territory_codes: Iterable[str] = ()) -> bool:
    """As `has_role`, for any of several roles."""
    wanted, codes = set(roles), {"", *territory_codes}
    return any(held.role in wanted and held.territory_code in codes for held in roles_of(viewer))


def holds_somewhere(viewer: Viewer, roles: Iterable[str]) -> bool:
    """Whether the viewer holds one of these roles on any territory."""
    wanted = set(roles)
    return any(held.role in wanted for held in roles_of(viewer))


def territories_where(viewer: Viewer, roles: Iterable[str]) -> frozenset[str] | None:
    """Territories where the viewer holds one of these roles; None for everywhere."""
    wanted = set(roles)
    codes = frozenset(held.territory_code for held in roles_of(viewer) if held.role in wanted)
    return None if "" in codes else codes


def person_reached_by(typed: str) -> tuple[Person | None, str]:
    """The active person whose e-mail or telephone was typed, and by which it reaches them: mail or sms."""
    active = Person.objects.filter(is_active=True)
    if email := email_as_typed(typed):
        return active.filter(email__iexact=email).first(), "mail"
    if phone := phone_as_typed(typed):
        return active.filter(phone=phone).first(), "sms"
    return None, ""
