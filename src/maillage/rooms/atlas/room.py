"""Manifest of the atlas."""

from django.utils.translation import gettext_noop as _

from maillage.core.rooms import Door, MapLayer, NavigationLink, QuickRoute, Room, Seed, TerritoryLink, Workplace
from maillage.rooms.atlas.privacy_declarations import PERSONAL_DATA, PROCESSINGS, RETENTIONS

# Those for which there is a leaflet and a short printed address.
PRINTED_KINDS = ("qpv", "qva", "commune", "arrondissement")

ROOM = Room(
    code="atlas",
    label=_("Lieux et initiatives"),
    sentence=_("Trouver près de chez soi un lieu, une aide, une initiative."),
    urls="maillage.rooms.atlas.urls",
    url_prefix="atlas/",
    navigation=[
        NavigationLink(label=_("Carte"), url_name="atlas:map", icon="map"),
        NavigationLink(label=_("Proposer un lieu"), url_name="atlas:propose", icon="map-pin-plus"),
    ],
    workplaces=[
        Workplace(
            label=_("Propositions à relire"),
            url_name="atlas:desk",
            icon="gavel",
            may="maillage.rooms.atlas.permissions.may_see_desk",
        ),
        Workplace(
            label=_("Importer un annuaire"),
            url_name="atlas:import",
            icon="table",
            may="maillage.rooms.atlas.permissions.may_import",
        ),
        Workplace(
            label=_("Doublons"),
            url_name="atlas:duplicates",
            icon="git-compare",
            may="maillage.rooms.atlas.permissions.may_see_desk",
        ),
        Workplace(
            label=_("Fraîcheur des fiches"),
            url_name="atlas:freshness",
            icon="phone",
            may="maillage.rooms.atlas.permissions.may_enter_for_others",
        ),
    ],
    doors=[
        Door(
            label=_("Trouver de l’aide"),
            sentence=_("Un lieu, une personne, un coup de main."),
            url_name="atlas:list",
            icon="heart-handshake",
        ),
        Door(
            label=_("Voir près de chez moi"),
            sentence=_("Tout ce qui existe autour d’une adresse, sur la carte."),
            url_name="atlas:map",
            icon="map",
        ),
    ],
    map_layers=[
        MapLayer(
            code="entries",
            label=_("Lieux et initiatives"),
            tiles_url_name="atlas:tile",
            icon="map-pin",
            colour="--moss",
        )
    ],
    api_router="maillage.rooms.atlas.api.router",
    news="maillage.rooms.atlas.announcements.news",
    site_map="maillage.rooms.atlas.announcements.site_map",
    territory_counts="maillage.rooms.atlas.announcements.territory_counts",
    territories_changed="maillage.rooms.atlas.actions_index.refresh_all_entries",
    read_model="maillage.rooms.atlas.readmodel.entries",
    observed="maillage.rooms.atlas.observed.observed_entries",
    participants="maillage.rooms.atlas.observed.participations",
    territory_links=[
        TerritoryLink(
            label=_("Voir les lieux et initiatives"),
            url_name="atlas:here",
            icon="search",
            kwargs=(("kind", "{kind}"), ("code", "{code}")),
            kinds=PRINTED_KINDS,
        ),
        TerritoryLink(
            label=_("Voir les lieux et initiatives"),
            url_name="atlas:list",
            icon="search",
            query="territoire={kind}:{code}",
            kinds=("epci", "departement", "region"),
        ),
        TerritoryLink(
            label=_("Imprimer le dépliant"),
            url_name="atlas:leaflet",
            icon="printer",
            kwargs=(("kind", "{kind}"), ("code", "{code}")),
            kinds=PRINTED_KINDS,
        ),
    ],
    quick=[
        QuickRoute(under="tuiles/points/", answer="maillage.rooms.atlas.tiles_quick.points"),
        QuickRoute(under="tuiles/", answer="maillage.rooms.atlas.tiles_quick.clusters"),
    ],
    exports="maillage.rooms.atlas.files.complete_files",
    seeds=[
        Seed(
            code="study",
            label=_("Initiatives de l’étude de 2018"),
            load="maillage.rooms.atlas.study.load.load_study",
        )
    ],
    processings=PROCESSINGS,
    personal_data=PERSONAL_DATA,
    retentions=RETENTIONS,
)
