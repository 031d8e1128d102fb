"""The map of a question or of a sheet as a drawn picture: what the page shows before, or without, the interactive one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.places.drawing import map_svg, outside_count
from maillage.core.places.drawing_model import Bounds, MapPicture, Shape, Spot, Symbol, Words, bounds_around
from maillage.core.places.drawing_queries import bounds_of_territory, labels_in, outlines_in
from maillage.core.web import glossary
from maillage.core.web.wording import number
from maillage.rooms.atlas.cards import THEME_TOKENS, language
from maillage.rooms.atlas.filters import Filters
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.queries import extent_of
from maillage.rooms.atlas.queries_export import Spot as FoundSpot
from maillage.rooms.atlas.queries_export import last_change, spots

LYON: Bounds = (4.68, 45.56, 5.10, 45.94)
THEME_SHAPES: Mapping[str, Shape] = {
    "rights": "circle", "citizenship": "star", "training": "square", "employment": "triangle",
    "business": "diamond", "housing": "pentagon", "mobility": "wedge", "culture": "cross",
}  # fmt: skip
# The tokens of tokens.css as a picture needs them: it cannot read the page's variables.
_COLOURS = {
    "--sky": "#1F5C99", "--plum": "#6B3D7A", "--moss": "#2F6B4F", "--brick": "#A63D2F", "--saffron": "#F2B705",
    "--ink-soft": "#4A5064",
}  # fmt: skip


def theme_symbols() -> dict[str, Symbol]:
    """A shape, a colour and a word for each theme."""
    return {
        theme: Symbol(glossary.label("theme", theme, language()), shape, _COLOURS.get(THEME_TOKENS[theme], "#4A5064"))
        for theme, shape in THEME_SHAPES.items()
    }


def bounds_of(filters: Filters, *, whole: bool = False) -> Bounds:
    """What the picture shows: the box, point or territory asked, else what was found, or the Lyon metropolis."""
    if filters.box and filters.box[0] < filters.box[2] and filters.box[1] < filters.box[3]:
        return filters.box
    if filters.lon is not None and filters.lat is not None:
        return bounds_around([(filters.lon, filters.lat)], least_km=4.5) or LYON
    if filters.territory and not whole and (framed := bounds_of_territory(filters.territory)):
        return framed
    extent = None if filters.is_empty and not whole else extent_of(filters)
    if extent is None:
        return LYON
    return bounds_around([(extent[0], extent[1]), (extent[2], extent[3])], least_km=2.0, margin=0.05) or LYON


def list_picture(filters: Filters, *, whole: bool = False) -> str:
    """The map of the entries of a question, as SVG."""
    found = spots(filters)
    bounds = bounds_of(filters, whole=whole)
    picture = _picture(bounds, found, Words(title=_("Carte des lieux et initiatives"), description=""))
    outside = outside_count(picture)
    told = ngettext("%(count)s point sur la carte", "%(count)s points sur la carte", len(found) - outside) % {
        "count": number(len(found) - outside)
    }
    more = _outside(outside).format(count=number(outside)) if outside else ""
    changed = last_change(filters)
    source = (
        _("Source : Maillage, %(date)s") % {"date": date_format(changed, "j F Y")}
        if changed
        else _("Source : Maillage")
    )
    description = ". ".join(filter(None, [told, more, _("La liste à côté de la carte dit la même chose")])) + "."
    return map_svg(replace(picture, words=_words(picture.words.title, description, source, outside)))


def _outside(count: int) -> str:
    return ngettext("{count} point hors de la carte", "{count} points hors de la carte", count)


def _words(title: str, description: str, source: str, outside: int) -> Words:
    return Words(
        title=title,
        description=description,
        source=source,
        outside=_outside(outside),
        soft=_("Quartier prioritaire"),
        group=_("Groupe : le nombre exact de points"),
    )


def _picture(bounds: Bounds, found: Sequence[FoundSpot], words: Words) -> MapPicture:
    return MapPicture(
        bounds=bounds,
        words=words,
        spots=[Spot(one.lon, one.lat, one.theme, name=one.town) for one in found],
        outlines=outlines_in(bounds),
        labels=labels_in(bounds),
        symbols=theme_symbols(),
    )


def sheet_picture(entry: Entry) -> str:
    """The map of one entry: its places, with the territories around."""
    theme = entry.themes[0] if entry.themes else ""
    found = [
        FoundSpot(entry.pk, place.lon, place.lat, theme, place.commune)
        for place in entry.places.all()
        if place.lon is not None and place.lat is not None
    ]
    bounds = bounds_around([(one.lon, one.lat) for one in found], least_km=3.0) or LYON
    picture = _picture(bounds, found, Words(title="", description=""))
    where = ", ".join(dict.fromkeys(place.commune or place.label for place in entry.places.all()))
    description = (
        f"{entry.name} : {where}."
        if found
        else _("L’emplacement de « %(name)s » n’est pas connu.") % {"name": entry.name}
    )
    words = _words(
        _("Carte : %(name)s") % {"name": entry.name},
        description,
        _("Source : %(source)s") % {"source": entry.source.name},
        0,
    )
    return map_svg(replace(picture, words=words, width=640, height=420))
