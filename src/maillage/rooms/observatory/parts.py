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
            _("Profils des territoires"),
            _("Un quartier en quelques chiffres : qui y vit, ce qu’il a, ce qui lui manque, face à sa commune."),
            reverse("observatory:profiles"),
            "id",
        ),
        Part(
            _("Comparer des territoires"),
            _("Deux à quatre quartiers ou communes côte à côte."),
            reverse("observatory:compare"),
            "git-compare",
        ),
        Part(
            _("Reliefs"),
            _("Ce qui existe, ce qui a été cherché sans être trouvé, ce que personne n’a cherché."),
            reverse("observatory:reliefs"),
            "table",
        ),
        Part(
            _("Conclusions de l’étude"),
            _("Ce que dit l’étude de 2018, à côté de ce que comptent les fiches."),
            reverse("observatory:conclusions"),
            "checklist",
        ),
        Part(
            _("Composer une carte"),
            _("Un indicateur, des couleurs, des initiatives : dessinez votre carte, gardez-la, imprimez-la."),
            reverse("observatory:maps"),
            "map",
        ),
        Part(
            _("Atelier de cartes"),
            _("Plusieurs cartes côte à côte, avec l’hypothèse de chacun."),
            reverse("observatory:map_workshop"),
            "users-group",
        ),
        Part(
            _("Initiatives qui essaiment"),
            _("Celles que l’on retrouve dans plusieurs lieux."),
            reverse("observatory:spread"),
            "route",
        ),
        Part(
            _("Indicateurs"),
            _("Le dictionnaire des chiffres, leurs sources, et toutes les valeurs à télécharger."),
            reverse("observatory:indicators"),
            "chart-bar",
        ),
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
