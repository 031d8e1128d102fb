"""The dimensions that can be crossed: how each is called, in the address and on screen, and where its values come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from maillage.core.web import glossary

Sort = Literal["facet", "group", "territory", "count", "source"]
UNSTATED = "non-renseigne"
STATED = "renseigne"


@dataclass(frozen=True)
class Dimension:
    """`code` is that of the things described, `parameter` that of the address; `base` is what a group is made of."""

    code: str
    parameter: str
    name: str
    sort: Sort = "facet"
    base: str = ""

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return _(self.name)


# Values of a group, in order, with their names (msgids). Which value belongs to which group: rules.yaml and its table.
GROUPS: Mapping[str, Mapping[str, str]] = {
    "reach": {"national": noop("Panorama national"), "local": noop("Agglomération lyonnaise")},
    "means_nature": {
        "infrastructure": noop("Infrastructure (capteurs, réseaux, matériel)"),
        "service": noop("Service (sites, applications, contenus)"),
        "people": noop("Accueil et ateliers"),
    },
    "actor_group": {
        "public": noop("Pouvoirs publics"),
        "proximity": noop("Équipements de proximité"),
        "civil": noop("Associations et habitants"),
        "landlord": noop("Bailleurs sociaux"),
        "company": noop("Entreprises"),
        "learning": noop("Formation et recherche"),
    },
    "theme_group": {
        "economy": noop("Emploi et économie"),
        "learning": noop("Formation au numérique"),
        "civic": noop("Droits et citoyenneté"),
        "setting": noop("Logement et mobilité"),
        "culture": noop("Art et culture"),
    },
    "innovation_group": {
        "human": noop("Sociale, frugale ou hybride"),
        "technological": noop("Technologique"),
    },
}
NUMBERS: Mapping[str, str] = {"one": noop("Un seul thème"), "several": noop("Plusieurs thèmes")}

DIMENSIONS: Mapping[str, Dimension] = {
    one.code: one
    for one in (
        Dimension("theme", "theme", noop("Thème")),
        Dimension("theme_group", "champ", noop("Champ (thèmes regroupés)"), "group", "theme"),
        Dimension("theme_count", "themes", noop("Nombre de thèmes"), "count", "theme"),
        Dimension("actor_kind", "acteur", noop("Type d’acteur")),
        Dimension("actor_group", "acteurs", noop("Groupe d’acteurs"), "group", "actor_kind"),
        Dimension("digital_means", "moyen", noop("Moyen numérique")),
        Dimension("means_nature", "nature-moyens", noop("Nature du moyen numérique"), "group", "digital_means"),
        Dimension("innovation_kind", "innovation", noop("Type d’innovation")),
        Dimension("innovation_group", "innovations", noop("Innovation, regroupée"), "group", "innovation_kind"),
        Dimension("public", "public", noop("Public")),
        Dimension("service_nature", "nature", noop("Infrastructure ou service")),
        Dimension("city_figure", "figure", noop("Image de la ville intelligente")),
        Dimension("mediation", "accompagnement", noop("Accompagnement humain")),
        Dimension("status", "etat", noop("Situation")),
        Dimension("in_qpv", "qpv", noop("Dans un quartier prioritaire")),
        Dimension("scale", "echelle", noop("Partie de l’étude")),
        Dimension("reach", "portee", noop("National ou local"), "group", "scale"),
        Dimension("commune", "commune", noop("Commune"), "territory"),
        Dimension("arrondissement", "arrondissement", noop("Arrondissement"), "territory"),
        Dimension("qpv", "quartier", noop("Quartier prioritaire"), "territory"),
        Dimension("departement", "departement", noop("Département"), "territory"),
        Dimension("region", "region", noop("Région"), "territory"),
        Dimension("source", "source", noop("Source"), "source"),
    )
}
BY_PARAMETER = {one.parameter: one for one in DIMENSIONS.values()}
# Those that the things themselves carry: a search may have gone by them.
FACETS = tuple(one.code for one in DIMENSIONS.values() if one.sort == "facet")


def dimension_named(name: str) -> Dimension | None:
    """A dimension by its parameter or its code, None where there is none."""
    return BY_PARAMETER.get(name) or DIMENSIONS.get(name)


def known_values(code: str) -> tuple[str, ...]:
    """The values that a dimension has whether used or not, in the order in which they are shown."""
    if code in GROUPS:
        return tuple(GROUPS[code])
    if code == "theme_count":
        return tuple(NUMBERS)
    return tuple(glossary.labels(code)) if DIMENSIONS[code].sort == "facet" else ()


def value_label(code: str, value: str, names: Mapping[str, str] | None = None) -> str:
    """The word for a value in the reader's language; `names` tells those of territories and sources."""
    if value == UNSTATED:
        return _("Non renseigné")
    if value == STATED:
        return _("Renseigné")
    if code in GROUPS:
        return _(GROUPS[code][value]) if value in GROUPS[code] else value
    if code == "theme_count":
        return _(NUMBERS[value]) if value in NUMBERS else value
    if DIMENSIONS[code].sort == "facet":
        return glossary.label(code, value)
    return (names or {}).get(value, value)
