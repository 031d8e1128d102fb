"""Who someone is and what they may do, where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.utils import timezone

from maillage.core.channels.addresses import email_as_typed, phone_as_typed
from maillage.core.engine.sight import seeing_everything
from maillage.core.errors import Missing
from maillage.core.people.models import Device, Membership, Person, RecoveryCode, Role, SecondFactor

Viewer = Person | AnonymousUser

MODERATING = (Role.MODERATOR, Role.MANAGER, Role.OPERATOR)
HELPING = (Role.HELPER, *MODERATING)
RANK = {role: rank for rank, role in enumerate(Role.values)}


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


def is_professional(viewer: Viewer) -> bool:
    """Whether the viewer decides for others somewhere: their second factor is asked for, unless the settings say not."""
    return holds_somewhere(viewer, MODERATING)


def second_factor_of(person: Person) -> SecondFactor | None:
    """The second factor that this person set up, if any."""
    return SecondFactor.objects.filter(person=person).first()


def must_pass_second_factor(person: Person) -> bool:
    """Whether signing in as this person needs the second step: who set it up, and whoever decides for others."""
    return (settings.SECOND_FACTOR and is_professional(person)) or second_factor_of(person) is not None


def recovery_codes_left(person: Person) -> int:
    """How many codes on paper have not served."""
    return RecoveryCode.objects.filter(person=person, used_at=None).count()


@seeing_everything("sessions that are alive are known by their keys, which nobody sees")
def devices_of(person: Person) -> list[Device]:
    """Where this person is signed in now, the newest first; those whose session ended by itself are left out."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return list(Device.objects.filter(person=person, session_key__in=alive).order_by("-opened_at", "-pk"))


def roles_in_force(person: Person) -> list[Membership]:
    """Memberships of a person that have not ended, the oldest first."""
    return list(Membership.objects.filter(person=person, ended_at=None).order_by("created_at", "pk"))


def person_by_uid(uid: UUID) -> Person:
    """The person of this public number, erased ones excepted; raises Missing."""
    found = Person.objects.filter(uid=uid, erased_at=None).first()
    if found is None:
        raise Missing
    return found


def person_at(typed: str) -> Person | None:
    """The person whose e-mail or telephone this is, closed accounts included: their rights over their data stay."""
    kept = Person.objects.filter(erased_at=None)
    if email := email_as_typed(typed):
        return kept.filter(email__iexact=email).first()
    phone = phone_as_typed(typed)
    return kept.filter(phone=phone).first() if phone else None


def person_reached_by(typed: str) -> tuple[Person | None, str]:
    """The active person whose e-mail or telephone was typed, and by which it reaches them: mail or sms."""
    active = Person.objects.filter(is_active=True)
    if email := email_as_typed(typed):
        return active.filter(email__iexact=email).first(), "mail"
    if phone := phone_as_typed(typed):
        return active.filter(phone=phone).first(), "sms"
    return None, ""
