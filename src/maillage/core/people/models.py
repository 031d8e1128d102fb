"""Persons, organisations and roles by territory. A person needs neither e-mail nor telephone."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class PersonManager(BaseUserManager["Person"]):
    """Creates persons; no password is ever set (sign-in is by link or code)."""

    def create_person(self, display_name: str, **fields: Any) -> Person:
        """A person who may sign in by the e-mail or telephone given, if any."""
        person = self.model(display_name=display_name, **fields)
        person.set_unusable_password()
        person.full_clean()
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Someone who takes part, helps or runs the platform."""

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    display_name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True, help_text="E.164")
    language = models.CharField(max_length=5, default="fr")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[PersonManager] = PersonManager()

    # Set for one request, where a manager sees the site as this person: the journal names the one who looks.
    seen_by: Person | None = None

    USERNAME_FIELD = "uid"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="person_email_once", condition=~models.Q(email="")),
            models.UniqueConstraint("phone", name="person_phone_once", condition=~models.Q(phone="")),
        ]

    def __str__(self) -> str:
        return self.display_name


class Organisation(models.Model):
    """An association, a landlord, a service of a commune: those for whom people act."""

    name = models.CharField(max_length=200)
    siret = models.CharField(max_length=14, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a person may be on a territory."""

    RESIDENT = "resident", _("Habitant")
    HELPER = "helper", _("Aidant")
    MODERATOR = "moderator", _("Modérateur")
    MANAGER = "manager", _("Responsable")
    OPERATOR = "operator", _("Exploitant")


class Membership(models.Model):
    """A role of a person, for an organisation or none, on a territory (by code) or everywhere when it is empty."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, null=True, blank=True)
    role = models.CharField(max_length=12, choices=Role.choices)
    territory_code = models.CharField(max_length=40, blank=True, help_text='As "kind:code"; empty is everywhere')
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "person", "organisation", "role", "territory_code", name="membership_once", nulls_distinct=False
            )
        ]


class SignInCode(models.Model):
    """A request to sign in: the secrets sent (a code to type, a link) are kept as digests only; short-lived, few tries."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    request_digest = models.CharField(
        max_length=64, unique=True, help_text="Of the secret in the form that awaits the code"
    )
    code_digest = models.CharField(max_length=64)
    link_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    long_code_digest = models.CharField(
        max_length=64, blank=True, help_text="Of a long code, good in any form: see request_sign_in"
    )
    tries_left = models.SmallIntegerField(default=5)
    used_at = models.DateTimeField(null=True, blank=True)
    second_tries_left = models.SmallIntegerField(default=5, help_text="For the second factor of this same attempt")

    class Meta:
        indexes = [models.Index(fields=["person", "created_at"])]
        constraints = [
            models.UniqueConstraint(
                "long_code_digest", name="sign_in_long_code_once", condition=~models.Q(long_code_digest="")
            )
        ]


class SecondFactor(models.Model):
    """An application of codes by time (TOTP) tied to a person. Its key is not here: see `second_factor_key`."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    salt = models.CharField(max_length=64)
    last_step = models.BigIntegerField(default=0, help_text="The last interval that served: a code is good once")
    wrong_tries = models.IntegerField(default=0, help_text="Since the last right one")
    set_up_at = models.DateTimeField(auto_now_add=True)


class RecoveryCode(models.Model):
    """A code written down on paper, good once in the place of the second factor; its digest only is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)


class Device(models.Model):
    """Where a person is signed in: shown to them so that they may close it. No address, no full name of the browser."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40, unique=True)
    label = models.CharField(max_length=80, help_text="As Firefox, Android")
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["person", "opened_at"])]
