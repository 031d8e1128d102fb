"""Adding persons, giving and ending roles, signing in without a password."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from maillage.core.channels.actions import queue_letter
from maillage.core.channels.addresses import email_as_typed, phone_as_typed
from maillage.core.channels.gateways import Letter
from maillage.core.errors import Invalid
from maillage.core.journal.actions import record
from maillage.core.people.models import Membership, Person, Role, SignInCode
from maillage.core.people.queries import person_reached_by

CODE_LIFE = timedelta(minutes=15)
LIVE_REQUESTS = 4  # a person receives no more messages than that in CODE_LIFE; those received stay good


@dataclass(frozen=True)
class Secrets:
    """What signs in: the form's own secret with the code, or the link alone."""

    request: str
    code: str
    link: str


@transaction.atomic
def add_person(name: str, *, email: str = "", phone: str = "", role: str = "", territory: str = "") -> Person:
    """A person with a role, everywhere when no territory ("kind:code") is given; found again by e-mail or telephone.

    Raises Invalid for an e-mail, a telephone or a role that cannot be.
    """
    mail, number = _address(email, email_as_typed, "email"), _address(phone, phone_as_typed, "phone")
    person = next((found for found in (_reached(mail), _reached(number)) if found), None)
    if person is None:
        try:
            person = Person.objects.create_person(name, email=mail, phone=number)
        except ValidationError as fault:
            raise Invalid(_("Cette personne ne peut pas être ajoutée."), fault.message_dict) from fault
        record(action="people.person_added", subject=f"people:person:{person.pk}")
    if role:
        give_role(person, role, territory)
    return person


def _reached(address: str) -> Person | None:
    return person_reached_by(address)[0] if address else None


def _address(typed: str, understand: object, field: str) -> str:
    if not typed:
        return ""
    address: str = understand(typed)  # type: ignore[operator]
    if not address:
        raise Invalid(_("Cette adresse n’est pas comprise."), {field: [_("Cette adresse n’est pas comprise.")]})
    return address


@transaction.atomic
def give_role(person: Person, role: str, territory: str = "") -> Membership:
    """Gives a role, or renews one that had ended."""
    if role not in Role.values:
        raise Invalid(_("Ce rôle n’existe pas."), {"role": [_("Ce rôle n’existe pas.")]})
    membership, _new = Membership.objects.update_or_create(
        person=person, organisation=None, role=role, territory_code=territory, defaults={"ended_at": None}
    )
    record(action="people.role_given", subject=f"people:person:{person.pk}", details={"role": role, "where": territory})
    return membership


@transaction.atomic
def end_role(membership: Membership, *, by: Person | None = None) -> None:
    """Ends a role now; the row stays."""
    membership.ended_at = timezone.now()
    membership.save(update_fields=["ended_at"])
    record(action="people.role_ended", subject=f"people:person:{membership.person_id}", actor=by,
           details={"role": membership.role, "where": membership.territory_code})  # fmt: skip


def digest_of(secret: str, purpose: str) -> str:
    """Keyed digest of a secret: the tables alone do not allow to try codes."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"sign-in/{purpose}/{secret}".encode(), hashlib.sha256).hexdigest()


def request_sign_in(typed: str) -> str:
    """Sends a code and a link if the address is somebody's; returns the form's secret, the same for a stranger's."""
    request = secrets.token_urlsafe(32)
    person, by = person_reached_by(typed)
    if person is not None and _live_requests(person) < LIVE_REQUESTS:
        with transaction.atomic():
            _send(person, by, _issue(person, request))
    return request


def _live_requests(person: Person) -> int:
    return SignInCode.objects.filter(person=person, created_at__gt=timezone.now() - CODE_LIFE).count()


def _issue(person: Person, request: str) -> Secrets:
    given = Secrets(request=request, code=f"{secrets.randbelow(10**6):06}", link=secrets.token_urlsafe(32))
    SignInCode.objects.create(
        person=person,
        request_digest=digest_of(given.request, "request"),
        code_digest=digest_of(f"{given.request}/{given.code}", "code"),
        link_digest=digest_of(given.link, "link"),
        expires_at=timezone.now() + CODE_LIFE,
    )
    return given


def _send(person: Person, by: str, given: Secrets) -> None:
    """The SMS names neither the platform nor the person: a telephone is often shared."""
    key = f"sign-in/{digest_of(given.request, 'request')}"
    with translation.override(person.language):
        if by == "sms":
            letter = Letter(key, by, person.phone, "", _("Votre code : %(code)s (15 minutes)") % {"code": given.code})
        else:
            body = _(
                "Bonjour,\n\nVotre code de connexion : %(code)s\n\nOu ouvrez cette adresse : %(link)s\n\n"
                "Le code et l’adresse servent une seule fois, pendant 15 minutes. "
                "Si vous n’avez rien demandé, ne faites rien."
            ) % {"code": given.code, "link": _link_address(given.link)}
            letter = Letter(key, by, person.email, _("Votre code de connexion"), body)
    queue_letter(letter, subject=f"people:person:{person.pk}")


def _link_address(link: str) -> str:
    return f"{settings.SITE_ADDRESS}{reverse('people:sign_in_link', args=[link])}"


@transaction.atomic
def sign_in_link(person: Person, then: str = "") -> str:
    """An address that signs this person in once within 15 minutes: printed by the command line; `then` is a path of ours."""
    address = _link_address(_issue(person, secrets.token_urlsafe(32)).link)
    return f"{address}?{urlencode({'next': then})}" if then else address


def person_by_code(request: str, typed: str, now: datetime | None = None) -> Person | None:
    """The person whose code this is, which is then used up; a wrong code costs one of the five tries."""
    moment = now or timezone.now()
    code = "".join(character for character in typed if character.isdigit())
    with transaction.atomic():
        rows = SignInCode.objects.select_for_update().filter(request_digest=digest_of(request, "request"))
        row = rows.filter(used_at=None, expires_at__gt=moment, tries_left__gt=0).first()
        if row is None:
            return None
        if not hmac.compare_digest(row.code_digest, digest_of(f"{request}/{code}", "code")):
            rows.update(tries_left=F("tries_left") - 1)
            return None
        return _used(row, moment)


def person_by_link(link: str, now: datetime | None = None) -> Person | None:
    """The person of a link, which is then used up."""
    moment = now or timezone.now()
    with transaction.atomic():
        rows = SignInCode.objects.select_for_update().filter(link_digest=digest_of(link, "link"))
        row = rows.filter(used_at=None, expires_at__gt=moment).first()
        return _used(row, moment) if row else None


def _used(row: SignInCode, moment: datetime) -> Person | None:
    row.used_at = moment
    row.save(update_fields=["used_at"])
    person = Person.objects.filter(pk=row.person_id, is_active=True).first()
    if person is not None:
        record(action="people.signed_in", subject=f"people:person:{person.pk}", actor=person)
    return person
