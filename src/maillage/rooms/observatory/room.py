"""Manifest of the observatory."""

from django.utils.translation import gettext_noop as _

from maillage.core.rooms import NavigationLink, Room, Seed, TerritoryLink, Workplace
from maillage.rooms.observatory import maps_privacy, participation_declarations

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
        Workplace(
            label=_("Saisir une feuille de participation"),
            url_name="observatory:participation_sheet_typing",
            icon="users",
            may="maillage.rooms.observatory.permissions.may_enter_for_others",
        ),
    ],
    processings=(*maps_privacy.PROCESSINGS, *participation_declarations.PROCESSINGS),
    site_map="maillage.rooms.observatory.parts.site_map",
    territories_changed="maillage.rooms.observatory.actions_seeds.territories_changed",
    territory_links=[
        TerritoryLink(
            label=_("Voir les chiffres de ce territoire"),
            url_name="observatory:profile",
            icon="chart-bar",
            kwargs=(("kind", "{kind}"), ("code", "{code}")),
        ),
        TerritoryLink(
            label=_("Imprimer le rapport (PDF)"),
            url_name="observatory:report_pdf",
            icon="report",
            kwargs=(("kind", "{kind}"), ("code", "{code}")),
        ),
    ],
    seeds=[
        Seed(
            code="indicators",
            label=_("Premiers indicateurs : habitants, surfaces, air, bruit, chômage de la Métropole de Lyon"),
            load="maillage.rooms.observatory.actions_seeds.load_seed",
        ),
        Seed(
            code="searches",
            label=_("Ce que l’étude de 2018 a cherché, avec ses limites"),
            load="maillage.rooms.observatory.actions_reliefs.load_reliefs",
        ),
    ],
    participants="maillage.rooms.observatory.queries_participation.declared",
    after_contribution=[
        NavigationLink(label=_("Dire qui participe"), url_name="observatory:participation_declare", icon="users")
    ],
    retentions=participation_declarations.RETENTIONS,
)
