"""The parts of the observatory that its front page and the site map show; one line each, in the order of use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.core.web.parts import SiteMapEntry


@dataclass(frozen=True)
class Part:
    """A page one can open from the front page of the observatory."""

    label: str
    sentence: str
    url: str
    icon: str


def doors() -> Sequence[Part]:
    """The parts that are open."""
    return [
        Part(
            _("Qui participe, qui manque"),
            _("Qui a pris part, par quelle voie, et où aller rencontrer les autres."),
            reverse("observatory:participation"),
            "users",
        ),
    ]


def site_map() -> Sequence[SiteMapEntry]:
    """The pages of the observatory."""
    return [
        SiteMapEntry(_("Observatoire"), reverse("observatory:home")),
        *(SiteMapEntry(one.label, one.url) for one in doors()),
    ]
