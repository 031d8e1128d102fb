"""Adding persons, giving and ending roles, signing in without a password."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from maillage.core.channels.actions import queue_letter
from maillage.core.channels.addresses import email_as_typed, figures_in, phone_as_typed
from maillage.core.channels.gateways import Letter
from maillage.core.clock import SLACK
from maillage.core.engine.sight import seeing_everything
from maillage.core.errors import Invalid
from maillage.core.journal.actions import record
from maillage.core.people.actions_devices import close_devices
from maillage.core.people.models import Membership, Person, Role, SignInCode
from maillage.core.people.queries import person_reached_by

CODE_LIFE = timedelta(minutes=15)
LONG_CODE_LIFE = timedelta(minutes=30)
LONG_CODE_DIGITS = 15  # 50 bits: good in any form, and not to be guessed whatever the number of tries
LIVE_REQUESTS = 4  # a person receives no more messages than that in CODE_LIFE; those received stay good
SHORT_CODES_A_DAY = 8  # not used: beyond, long codes only, so that nobody tries six digits day after day

_ACCOUNTS = "accounts and roles are written here, after their own checks"
_RECOGNISING = "who signs in is recognised by what they hold, before anybody's rows can be seen"


@dataclass(frozen=True)
class Secrets:
    """What signs in: the form's own secret with the code (of six digits, or long and good in any form), or the link alone."""

    request: str
    code: str
    link: str
    is_long: bool = False


@seeing_everything(_ACCOUNTS)
@transaction.atomic
def add_person(
    name: str, *, email: str = "", phone: str = "", role: str = "", territory: str = "", by: Person | None = None
) -> Person:
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
        record(action="people.person_added", subject=f"people:person:{person.pk}", actor=by)
    if role:
        give_role(person, role, territory, by=by)
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


@seeing_everything(_ACCOUNTS)
@transaction.atomic
def give_role(person: Person, role: str, territory: str = "", *, by: Person | None = None) -> Membership:
    """Gives a role, or renews one that had ended."""
    if role not in Role.values:
        raise Invalid(_("Ce rôle n’existe pas."), {"role": [_("Ce rôle n’existe pas.")]})
    membership, _new = Membership.objects.update_or_create(
        person=person, organisation=None, role=role, territory_code=territory, defaults={"ended_at": None}
    )
    record(action="people.role_given", subject=f"people:person:{person.pk}", actor=by,
           details={"role": role, "where": territory})  # fmt: skip
    return membership


@seeing_everything(_ACCOUNTS)
@transaction.atomic
def end_role(membership: Membership, *, by: Person | None = None) -> None:
    """Ends a role now; the row stays. Raises Invalid for the last operator."""
    _keep_an_operator(Membership.objects.filter(pk=membership.pk))
    membership.ended_at = timezone.now()
    membership.save(update_fields=["ended_at"])
    record(action="people.role_ended", subject=f"people:person:{membership.person_id}", actor=by,
           details={"role": membership.role, "where": membership.territory_code})  # fmt: skip


def digest_of(secret: str, purpose: str) -> str:
    """Keyed digest of a secret: the tables alone do not allow to try codes."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"sign-in/{purpose}/{secret}".encode(), hashlib.sha256).hexdigest()


@seeing_everything(_RECOGNISING)
def request_sign_in(typed: str, *, later: Callable[[Callable[[], None]], None] | None = None) -> str:
    """Sends a code and a link if the address is somebody's; returns the form's secret, the same for a stranger's.

    Whoever knows an address may ask for codes in the place of its owner, and a person is not to be flooded with messages:
    of the few that they receive in CODE_LIFE, the last holds a long code that every form takes. So their own request,
    though it sends nothing more, is never in vain.

    `later` takes the sending in charge: by its time, the answer would tell who has an account.
    """
    request = secrets.token_urlsafe(32)
    person, by = person_reached_by(typed)
    if person is not None:
        (later or _now)(partial(_send_if_due, person.pk, by, request))
    return request


def _now(work: Callable[[], None]) -> None:
    work()


@seeing_everything(_RECOGNISING)
@transaction.atomic
def _send_if_due(person_id: int, by: str, request: str) -> None:
    """The person is held meanwhile: requests that come together are counted one after the other."""
    person = Person.objects.select_for_update().get(pk=person_id)
    if (live := _requests_since(person, CODE_LIFE)) < LIVE_REQUESTS:
        is_long = live == LIVE_REQUESTS - 1 or _requests_since(person, timedelta(days=1)) >= SHORT_CODES_A_DAY
        _send(person, by, _issue(person, request, is_long=is_long))


def _requests_since(person: Person, age: timedelta) -> int:
    now = timezone.now()
    since = SignInCode.objects.filter(created_at__gt=now - age, created_at__lte=now + SLACK)
    return since.filter(person=person, used_at=None).count()


def _issue(person: Person, request: str, *, is_long: bool = False) -> Secrets:
    code = (
        f"{secrets.randbelow(10**LONG_CODE_DIGITS):0{LONG_CODE_DIGITS}}"
        if is_long
        else f"{secrets.randbelow(10**6):06}"
    )
    given = Secrets(request=request, code=code, link=secrets.token_urlsafe(32), is_long=is_long)
    SignInCode.objects.create(
        person=person,
        request_digest=digest_of(given.request, "request"),
        code_digest="" if is_long else digest_of(f"{given.request}/{given.code}", "code"),
        long_code_digest=digest_of(given.code, "long code") if is_long else "",
        link_digest=digest_of(given.link, "link"),
        expires_at=timezone.now() + (LONG_CODE_LIFE if is_long else CODE_LIFE),
    )
    return given


def _send(person: Person, by: str, given: Secrets) -> None:
    """The SMS names neither the platform nor the person: a telephone is often shared."""
    key = f"sign-in/{digest_of(given.request, 'request')}"
    minutes = int((LONG_CODE_LIFE if given.is_long else CODE_LIFE).total_seconds() // 60)
    code = " ".join(given.code[at : at + 3] for at in range(0, len(given.code), 3)) if given.is_long else given.code
    with translation.override(person.language):
        if by == "sms":
            letter = Letter(
                key,
                by,
                person.phone,
                "",
                _("Votre code : %(code)s (%(minutes)d minutes)") % {"code": code, "minutes": minutes},
            )
        else:
            body = _(
                "Bonjour,\n\nVotre code de connexion : %(code)s\n\nOu ouvrez cette adresse : %(link)s\n\n"
                "Le code et l’adresse servent une seule fois, pendant %(minutes)d minutes. "
                "Si vous n’avez rien demandé, ne faites rien."
            ) % {"code": code, "link": _link_address(given.link), "minutes": minutes}
            letter = Letter(key, by, person.email, _("Votre code de connexion"), body)
    queue_letter(letter, subject=f"people:person:{person.pk}")


def _link_address(link: str) -> str:
    return f"{settings.SITE_ADDRESS}{reverse('people:sign_in_link', args=[link])}"


@seeing_everything(_RECOGNISING)
@transaction.atomic
def sign_in_link(person: Person, then: str = "") -> str:
    """An address that signs this person in once within 15 minutes: printed by the command line; `then` is a path of ours."""
    address = _link_address(_issue(person, secrets.token_urlsafe(32)).link)
    return f"{address}?{urlencode({'next': then})}" if then else address


@seeing_everything(_RECOGNISING)
def attempt_by_code(request: str, typed: str, now: datetime | None = None) -> SignInCode | None:
    """The request to sign in that this code answers, which is then used up; a wrong code costs one of the five tries."""
    moment = now or timezone.now()
    code = figures_in(typed)
    with transaction.atomic():
        if len(code) == LONG_CODE_DIGITS:
            return _used(SignInCode.objects.filter(long_code_digest=digest_of(code, "long code")), moment)
        rows = SignInCode.objects.select_for_update().filter(request_digest=digest_of(request, "request"))
        row = _good(rows, moment).filter(tries_left__gt=0).first()
        if row is None:
            return None
        if not hmac.compare_digest(row.code_digest, digest_of(f"{request}/{code}", "code")):
            rows.update(tries_left=F("tries_left") - 1)
            return None
        return _used(rows, moment)


@seeing_everything(_RECOGNISING)
def attempt_by_link(link: str, now: datetime | None = None) -> SignInCode | None:
    """The request to sign in of a link, which is then used up."""
    with transaction.atomic():
        return _used(SignInCode.objects.filter(link_digest=digest_of(link, "link")), now or timezone.now())


def _good(rows: QuerySet[SignInCode], moment: datetime) -> QuerySet[SignInCode]:
    """Those not used nor too old, nor made by a clock that was ahead: these would be good for too long."""
    return rows.filter(used_at=None, expires_at__gt=moment, created_at__lte=moment + SLACK)


def _used(rows: QuerySet[SignInCode], moment: datetime) -> SignInCode | None:
    """The attempt of an active person, used up; it stays good for the second factor."""
    row = _good(rows, moment).select_for_update(of=("self",)).select_related("person").first()
    if row is None:
        return None
    row.used_at = moment
    row.save(update_fields=["used_at"])
    return row if row.person.is_active else None


@seeing_everything(_ACCOUNTS)
@transaction.atomic
def disable_person(person: Person, *, by: Person) -> None:
    """Closes an account: its sessions end now and nobody signs in with it; its roles stay written. Raises Invalid."""
    if person == by:
        raise Invalid(_("Vous ne pouvez pas fermer votre propre compte ici."))
    _keep_an_operator(Membership.objects.filter(person=person))
    person.is_active = False
    person.save(update_fields=["is_active"])
    close_devices(person)
    record(action="people.person_disabled", subject=f"people:person:{person.pk}", actor=by)


@seeing_everything(_ACCOUNTS)
@transaction.atomic
def enable_person(person: Person, *, by: Person) -> None:
    """Opens again an account that was closed."""
    person.is_active = True
    person.save(update_fields=["is_active"])
    record(action="people.person_enabled", subject=f"people:person:{person.pk}", actor=by)


def _keep_an_operator(leaving: QuerySet[Membership]) -> None:
    """Raises Invalid when nobody would be left to run the installation. Of two who leave together the second waits."""
    held = Membership.objects.filter(role=Role.OPERATOR, territory_code="", ended_at=None).order_by("pk")
    list(held.select_for_update().values_list("pk"))
    everywhere = held.filter(person__is_active=True)
    if everywhere.filter(pk__in=leaving).exists() and not everywhere.exclude(pk__in=leaving).exists():
        raise Invalid(_("C’est le dernier exploitant : donnez d’abord ce rôle à une autre personne."))
