"""What the pages of the reliefs share: the path above the title, and the links from one to the others."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from maillage.core.web.pages import Crumb

TABS = {
    "reliefs": noop("Reliefs"),
    "conclusions": noop("Conclusions de l’étude"),
    "relief_compare": noop("National et local"),
    "relief_needs": noop("Offre et besoins"),
    "relief_searches": noop("Ce qui a été cherché"),
    "relief_rules": noop("Règles de classement"),
}


def crumbs() -> tuple[Crumb, ...]:
    """The observatory, then the reliefs."""
    return (
        Crumb(_("Observatoire"), reverse("observatory:home")),
        Crumb(_("Reliefs"), reverse("observatory:reliefs")),
    )


def tabs(current: str) -> list[tuple[str, str, bool]]:
    """Label, address, and whether it is the present page."""
    return [(_(label), reverse(f"observatory:{name}"), name == current) for name, label in TABS.items()]
