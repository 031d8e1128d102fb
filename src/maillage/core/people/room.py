"""Manifest of persons: signing in, and what is kept about those who have an account."""

from django.utils.translation import gettext_noop as _

from maillage.core.people.privacy import PERSONAL_DATA, PROCESSINGS, RETENTIONS
from maillage.core.rooms import Room

ROOM = Room(
    code="people",
    label=_("Personnes et rôles"),
    sentence=_("Se connecter sans mot de passe, pour aider ou modérer."),
    is_core=True,
    urls="maillage.core.people.urls",
    processings=PROCESSINGS,
    personal_data=PERSONAL_DATA,
    retentions=RETENTIONS,
)
