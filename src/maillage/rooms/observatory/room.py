"""Manifest of the observatory."""

from django.utils.translation import gettext_noop as _

from maillage.core.rooms import NavigationLink, Room, Workplace
from maillage.rooms.observatory.participation_declarations import PROCESSINGS, RETENTIONS

ROOM = Room(
    code="observatory",
    label=_("Observatoire"),
    sentence=_("Ce qui existe dans chaque quartier, ce qui manque, et ce que disent les chiffres."),
    urls="maillage.rooms.observatory.urls",
    url_prefix="observatoire/",
    navigation=[NavigationLink(label=_("Observatoire"), url_name="observatory:home", icon="chart-bar")],
    site_map="maillage.rooms.observatory.parts.site_map",
    participants="maillage.rooms.observatory.queries_participation.declared",
    after_contribution=[
        NavigationLink(label=_("Dire qui participe"), url_name="observatory:participation_declare", icon="users")
    ],
    workplaces=[
        Workplace(
            label=_("Saisir une feuille de participation"),
            url_name="observatory:participation_sheet_typing",
            icon="users",
            may="maillage.rooms.observatory.permissions.may_enter_for_others",
        ),
    ],
    processings=PROCESSINGS,
    retentions=RETENTIONS,
)
