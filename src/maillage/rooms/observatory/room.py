"""Manifest of the observatory."""

from django.utils.translation import gettext_noop as _

from maillage.core.rooms import NavigationLink, Room, Workplace
from maillage.rooms.observatory.maps_privacy import PROCESSINGS

ROOM = Room(
    code="observatory",
    label=_("Observatoire"),
    sentence=_("Ce qui existe dans chaque quartier, ce qui manque, et ce que disent les chiffres."),
    urls="maillage.rooms.observatory.urls",
    url_prefix="observatoire/",
    navigation=[NavigationLink(label=_("Observatoire"), url_name="observatory:home", icon="chart-bar")],
    workplaces=[
        Workplace(
            label=_("Cartes à relire"),
            url_name="observatory:map_desk",
            icon="map",
            may="maillage.rooms.observatory.permissions.may_moderate_maps",
        ),
    ],
    processings=PROCESSINGS,
    site_map="maillage.rooms.observatory.parts.site_map",
)
