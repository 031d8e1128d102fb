"""What the atlas tells the other pages through its manifest: news, site map, counts by territory."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db.models import Count, F, Func
from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.core.web.parts import NewsItem, SiteMapEntry
from maillage.rooms.atlas import queries
from maillage.rooms.atlas.cards import sheet_url, where
from maillage.rooms.atlas.models import Entry


def news(limit: int) -> Sequence[NewsItem]:
    """The entries added or changed last."""
    return [
        NewsItem(
            entry.name,
            sheet_url(entry),
            f"{entry.modified_at:%Y-%m-%d}",
            where(list(entry.places.all()), entry.area_text),
            entry.language,
        )
        for entry in queries.newest(limit)
    ]


def site_map() -> Sequence[SiteMapEntry]:
    """The pages of the atlas."""
    pages = [
        (_("Trouver un lieu ou une initiative"), "atlas:list"),
        (_("Carte"), "atlas:map"),
        (_("Proposer un lieu"), "atlas:propose"),
        (_("Suivre une proposition"), "atlas:follow"),
        (_("Propositions à l’étude"), "atlas:voices"),
        (_("Sélections"), "atlas:collections"),
        (_("Dépliants à imprimer"), "atlas:leaflets"),
        (_("Télécharger les données"), "atlas:download"),
        (_("Sources des données"), "atlas:sources"),
        (_("Mettre la carte sur un autre site"), "atlas:embed_help"),
        (_("Interface de programmation"), "atlas:api_help"),
    ]
    shown = [page for page in pages if page[1] != "atlas:voices" or settings.COMMUNITY_VOTES_NEEDED]
    return [SiteMapEntry(label, reverse(name)) for label, name in shown]


def territory_counts() -> dict[str, int]:
    """Published entries by territory, as {"kind:code": count}."""
    rows = Entry.objects.filter(is_published=True).order_by().annotate(one=Func(F("territories"), function="unnest"))
    return dict(rows.values_list("one").annotate(count=Count("pk")).order_by("one"))
