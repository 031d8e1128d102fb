"""Manifest of the pages of core: front door, legal pages, glossary."""

from django.utils.translation import gettext_noop as _

from maillage.core.rooms import Room

ROOM = Room(
    code="web",
    label=_("Accueil et pages communes"),
    sentence=_("La page d’accueil, les mots, les mentions légales."),
    is_core=True,
    urls="maillage.core.web.urls",
)
