"""The second factor: an application of codes by time (TOTP, RFC 6238), and codes on paper for the day it is lost.

The key that the application holds is computed from the secret key of the installation and a salt in the table, so that
the tables alone, or a backup without secrets, allow nobody to make codes. A new secret key makes every second factor void.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import pyotp
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from maillage.core.channels.addresses import figures_in
from maillage.core.clock import SLACK
from maillage.core.engine.sight import seeing_everything
from maillage.core.journal.actions import record
from maillage.core.moderation.codes import code_as_shown, code_as_typed, new_code
from maillage.core.people.actions import digest_of
from maillage.core.people.models import Person, RecoveryCode, SecondFactor, SignInCode

STEP_SECONDS = 30
STEPS_AROUND = (0, -1, 1)  # a telephone's clock may be half a minute off
RECOVERY_CODES = 10
ATTEMPT_LIFE = timedelta(minutes=15)
MANY_WRONG = 10  # since the last right code: from then on an attempt to sign in has one try in the place of five

_SECOND_FACTOR = "the second step is checked before the one who signs in is known to be themselves"


def new_salt() -> str:
    """What a set-up begins with; kept in the session until the first code proves that the application took the key."""
    return secrets.token_urlsafe(24)


def second_factor_key(salt: str) -> str:
    """The key in base32, as applications take it."""
    whole = hmac.new(settings.SECRET_KEY.encode(), f"second-factor/{salt}".encode(), hashlib.sha256).digest()
    return base64.b32encode(whole[:20]).decode()


def set_up_address(person: Person, salt: str) -> str:
    """What the QR code holds: the key, and a name by which the person knows this entry again in their application."""
    issuer = settings.OPERATOR_NAME or "Maillage"
    return pyotp.TOTP(second_factor_key(salt)).provisioning_uri(name=person.display_name, issuer_name=issuer)


def _step_of(salt: str, typed: str, after: int, now: datetime) -> int:
    """The interval whose code was typed, later than `after`; 0 when there is none."""
    digits = figures_in(typed)
    totp = pyotp.TOTP(second_factor_key(salt), interval=STEP_SECONDS)
    current = int(now.timestamp()) // STEP_SECONDS
    for step in (current + shift for shift in STEPS_AROUND):
        if step > after and len(digits) == 6 and hmac.compare_digest(totp.generate_otp(step), digits):
            return step
    return 0


@seeing_everything(_SECOND_FACTOR)
@transaction.atomic
def set_up_second_factor(person: Person, salt: str, typed: str, now: datetime | None = None) -> list[str]:
    """Ties the application to the person if the code is right, in the place of a former one.

    Returns the codes on paper, to be shown this once; none when the code is wrong.
    """
    step = _step_of(salt, typed, 0, now or timezone.now())
    if not step:
        return []
    SecondFactor.objects.update_or_create(
        person=person, defaults={"salt": salt, "last_step": step, "wrong_tries": 0, "set_up_at": timezone.now()}
    )
    record(action="people.second_factor_set_up", subject=f"people:person:{person.pk}", actor=person)
    return make_recovery_codes(person)


@seeing_everything(_SECOND_FACTOR)
@transaction.atomic
def make_recovery_codes(person: Person) -> list[str]:
    """Ten new codes on paper, in the place of the former ones; shown once, kept as digests."""
    RecoveryCode.objects.filter(person=person).delete()
    codes = [new_code() for _turn in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person=person, digest=digest_of(f"{person.uid}/{code}", "recovery")) for code in codes
    )
    record(action="people.recovery_codes_made", subject=f"people:person:{person.pk}", actor=person)
    return [code_as_shown(code) for code in codes]


@seeing_everything(_SECOND_FACTOR)
@transaction.atomic
def remove_second_factor(person: Person, *, by: Person | None = None) -> bool:
    """Takes the second factor and the codes on paper away, as for a lost telephone; returns whether there was one."""
    RecoveryCode.objects.filter(person=person).delete()
    removed = SecondFactor.objects.filter(person=person).delete()[0] > 0
    if removed:
        record(action="people.second_factor_removed", subject=f"people:person:{person.pk}", actor=by)
    return removed


@seeing_everything(_SECOND_FACTOR)
def live_attempt(attempt_id: int, now: datetime | None = None) -> SignInCode | None:
    """The attempt whose first step was passed less than fifteen minutes ago and that has tries left."""
    moment = now or timezone.now()
    recent = SignInCode.objects.filter(used_at__gt=moment - ATTEMPT_LIFE, used_at__lte=moment + SLACK)
    rows = recent.filter(pk=attempt_id, second_tries_left__gt=0, person__is_active=True)
    return rows.select_related("person").first()


@seeing_everything(_SECOND_FACTOR)
def pass_second_factor(attempt_id: int, typed: str, now: datetime | None = None) -> Person | None:
    """The person of the attempt when the code, or a code on paper, is right; both serve once.

    Tries are counted for the attempt: nobody can use up those of another. Past MANY_WRONG an attempt has one.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        attempt = SignInCode.objects.select_for_update().filter(pk=attempt_id).first()
        if attempt is None or live_attempt(attempt_id, moment) is None:
            return None
        factor = SecondFactor.objects.select_for_update().filter(person=attempt.person_id).first()
        if factor is None:
            return None
        if _is_right(factor, typed, moment):
            attempt.second_tries_left = 0  # an attempt signs in once
            attempt.save(update_fields=["second_tries_left"])
            return attempt.person
        SecondFactor.objects.filter(pk=factor.pk).update(wrong_tries=F("wrong_tries") + 1)
        left = 0 if factor.wrong_tries + 1 >= MANY_WRONG else attempt.second_tries_left - 1
        attempt.second_tries_left = left
        attempt.save(update_fields=["second_tries_left"])
        return None


def _is_right(factor: SecondFactor, typed: str, moment: datetime) -> bool:
    if step := _step_of(factor.salt, typed, factor.last_step, moment):
        factor.last_step, factor.wrong_tries = step, 0
        factor.save(update_fields=["last_step", "wrong_tries"])
        return True
    code = code_as_typed(typed)
    digest = digest_of(f"{factor.person.uid}/{code}", "recovery")
    if code and RecoveryCode.objects.filter(person=factor.person, digest=digest, used_at=None).update(used_at=moment):
        SecondFactor.objects.filter(pk=factor.pk).update(wrong_tries=0)
        record(action="people.recovery_code_used", subject=f"people:person:{factor.person_id}", actor=factor.person)
        return True
    return False


@seeing_everything(_SECOND_FACTOR)
def end_attempt(attempt_id: int) -> None:
    """The second step of an attempt is passed: it serves no more."""
    SignInCode.objects.filter(pk=attempt_id).update(second_tries_left=0)
