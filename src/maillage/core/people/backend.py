"""Authentication by a request to sign in that was answered: there is no password anywhere."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from maillage.core.people.models import Person


class ByCode(BaseBackend):
    """Takes a person whose code or link was just verified by `actions`; nothing else signs in."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Never: verified persons are signed in by `django.contrib.auth.login` with this backend's name."""

    def get_user(self, user_id: int) -> Person | None:
        """The person of a session, while active."""
        return Person.objects.filter(pk=user_id, is_active=True).first()
