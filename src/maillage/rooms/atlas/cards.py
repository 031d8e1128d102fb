"""Entries as a reader sees them in a list or on a sheet: plain values for the templates, labels in the page's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from maillage.core.places.hours import OpenNow, open_now
from maillage.core.web import glossary
from maillage.core.web.parts import Chip, FacetOption, LegendEntry
from maillage.rooms.atlas.facets import FacetCount
from maillage.rooms.atlas.filters import FACETS, Filters
from maillage.rooms.atlas.models import Entry, Place

THEME_ICONS = {
    "rights": "file-text", "citizenship": "users-group", "training": "device-laptop", "employment": "briefcase",
    "business": "bulb", "housing": "home", "mobility": "bus", "culture": "palette",
}  # fmt: skip
THEME_TOKENS = {
    "rights": "--sky", "citizenship": "--plum", "training": "--moss", "employment": "--brick",
    "business": "--saffron", "housing": "--ink-soft", "mobility": "--sky", "culture": "--plum",
}  # fmt: skip
LEGENDS = {  # msgids, translated where they are used
    "theme": noop("Thème"),
    "etat": noop("État"),
    "public": noop("Pour qui"),
    "qpv": noop("Quartier prioritaire"),
    "type": noop("Nature"),
    "acteur": noop("Qui agit"),
    "moyen": noop("Moyens numériques"),
    "accompagnement": noop("Présence humaine"),
    "innovation": noop("Forme d’innovation"),
    "figure": noop("Image de la ville"),
    "nature": noop("Équipement ou service"),
    "echelle": noop("Lyon ou ailleurs"),
}


@dataclass(frozen=True)
class Card:
    """One line of the list."""

    id: int
    name: str
    language: str
    line: str
    url: str
    where: str
    where_language: str
    distance_m: float | None
    themes: tuple[tuple[str, str], ...]
    status: str
    open_now: OpenNow | None
    phone: str


def language() -> str:
    """Language of the page, as the glossary knows it."""
    return (get_language() or "fr")[:2]


def sheet_url(entry: Entry) -> str:
    """Address of the sheet of an entry."""
    return reverse("atlas:sheet", args=[entry.pk, entry.slug])


def where(places: Sequence[Place], area_text: str = "") -> str:
    """Where an entry is, in one short line."""
    communes = list(dict.fromkeys(place.commune for place in places if place.commune))
    if not communes:
        return area_text
    if len(communes) == 1:
        quarter = places[0].quarter if len(places) == 1 else ""
        return f"{quarter}, {communes[0]}" if quarter and quarter != communes[0] else communes[0]
    if len(communes) <= 3:
        return ", ".join(communes)
    more = len(communes) - 2
    return ngettext("%(first)s et %(more)s autre commune", "%(first)s et %(more)s autres communes", more) % {
        "first": ", ".join(communes[:2]),
        "more": more,
    }


def where_language(places: Sequence[Place], tongue: str) -> str:
    """The language of that line: the entry's where it holds names only, none of its own where it is a sentence of ours."""
    return tongue if len({place.commune for place in places if place.commune}) <= 3 else ""


def card(entry: Entry) -> Card:
    """The card of an entry whose places were fetched."""
    places = list(entry.places.all())
    known = [now for place in places if (now := open_now(place.opening_hours))]
    return Card(
        id=entry.pk,
        name=entry.name,
        language=entry.language,
        line=entry.summary,
        url=sheet_url(entry),
        where=where(places, entry.area_text),
        where_language=where_language(places, entry.language),
        distance_m=getattr(entry, "distance_m", None),
        themes=tuple(
            (glossary.label("theme", theme, language()), THEME_ICONS.get(theme, "tag")) for theme in entry.themes
        ),
        status=entry.status,
        open_now=known[0] if len(places) == 1 and known else None,
        phone=next((place.phone for place in places if place.phone), "") if len(places) == 1 else "",
    )


def cards(entries: Iterable[Entry]) -> list[Card]:
    """Cards in the same order."""
    return [card(entry) for entry in entries]


@dataclass(frozen=True)
class Facet:
    """A group of filters for the template."""

    legend: str
    name: str
    options: list[FacetOption]
    is_open: bool


def facets(counts: dict[str, list[FacetCount]], filters: Filters) -> list[Facet]:
    """The groups of filters with labels; the first three are unfolded, and those in use."""
    made = []
    for position, name in enumerate(FACETS):
        options = [
            FacetOption(one.value, glossary.label(FACETS[name][2], one.value, language()), one.count, one.is_chosen)
            for one in counts[name]
        ]
        if options:
            made.append(Facet(_(LEGENDS[name]), name, options, position < 2 or name in filters.chosen))
    return made


def chips(filters: Filters, territory_name: str, list_url: str) -> list[Chip]:
    """The chosen filters with the address of the list without each."""

    def without(name: str, value: str = "") -> str:
        query = filters.without(name, value).query_string()
        return f"{list_url}?{query}" if query else list_url

    made = [Chip(_("« %(words)s »") % {"words": filters.text}, without("q"), _("Recherche"))] if filters.text else []
    for name, values in filters.chosen.items():
        made += [
            Chip(glossary.label(FACETS[name][2], one, language()), without(name, one), _(LEGENDS[name]))
            for one in values
        ]
    if filters.territory:
        made.append(Chip(territory_name, without("territoire"), _("Territoire")))
    if filters.has_point or filters.place:
        made.append(Chip(filters.place or _("Autour de ma position"), without("lieu"), _("Près de")))
    if filters.box:
        made.append(Chip(_("Zone de la carte"), without("bbox"), _("Où")))
    return made


def map_legend() -> list[LegendEntry]:
    """The kinds of points of the map."""
    return [
        LegendEntry(theme, glossary.label("theme", theme, language()), icon, THEME_TOKENS[theme])
        for theme, icon in THEME_ICONS.items()
    ]
