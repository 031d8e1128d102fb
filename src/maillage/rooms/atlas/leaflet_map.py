"""The map of a leaflet: numbered like its list, legible in black and white, its words told to those who do not see it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from maillage.core.exports.printing import LATIN
from maillage.core.places.drawing import map_svg
from maillage.core.places.drawing_model import Bounds, MapPicture, Outline, Spot, Symbol, Words, bounds_around
from maillage.core.places.drawing_queries import contour_of, labels_in, outlines_in
from maillage.core.places.drawing_signs import symbol_svg
from maillage.rooms.atlas.exports import Located
from maillage.rooms.atlas.exports_standards import place_name
from maillage.rooms.atlas.pictures import LYON, theme_symbols
from maillage.rooms.atlas.queries_leaflet import Choice, Leaflet

HALL = "hall"


def is_located(choice: Choice) -> bool:
    """Whether its point is precise enough to bear a number on a map."""
    place = choice.place
    return place is not None and place.lon is not None and place.precision in {"address", "street", "neighbourhood"}


def _spots(leaflet: Leaflet) -> list[Spot]:
    made = []
    for number, one in enumerate(leaflet.choices, start=1):
        place = one.place
        if place is not None and is_located(one) and place.lon is not None and place.lat is not None:
            made.append(Spot(place.lon, place.lat, one.entry.themes[0] if one.entry.themes else "", number))
    return made


def _map_bounds(leaflet: Leaflet, spots: Sequence[Spot]) -> Bounds:
    territory = leaflet.territory
    points = [(spot.lon, spot.lat) for spot in spots]
    shape = contour_of(territory)
    if shape is not None:
        west, south, east, north = shape.bounds
        points += [(west, south), (east, north)]
    elif territory.lon is not None and territory.lat is not None:
        points.append((territory.lon, territory.lat))
    return bounds_around(points, least_km=1.6, margin=0.1) or LYON


def map_alt(leaflet: Leaflet) -> str:
    """The map in words: which number is where it is."""
    placed = [
        f"{number}, {place_name(Located(one.entry, one.place))}"
        for number, one in enumerate(leaflet.choices, start=1)
        if is_located(one)
    ]
    if not placed:
        return _("Carte de %(name)s, sans point.") % {"name": leaflet.territory.name}
    return _("Carte de %(name)s avec les numéros de la liste : %(list)s.") % {
        "name": leaflet.territory.name,
        "list": " ; ".join(placed),
    }


def symbols() -> dict[str, Symbol]:
    """The shapes of the themes, and that of a town hall."""
    return theme_symbols() | {HALL: Symbol(_("Mairie"), "square", "#000000", is_filled=True)}


def leaflet_map(leaflet: Leaflet) -> str:
    """The map alone: its words are in the document, whose letters Typst can join and mirror; an SVG's it cannot."""
    spots = _spots(leaflet)
    bounds = _map_bounds(leaflet, spots)
    outlines = outlines_in(bounds)
    if (shape := contour_of(leaflet.territory)) is not None:
        outlines.append(Outline("", shape, is_main=True))
    return map_svg(
        MapPicture(
            bounds=bounds, words=Words(title=leaflet.territory.name, description=""), spots=[*spots, *_halls(leaflet)],
            outlines=outlines, labels=labels_in(bounds), symbols=symbols(), width=640, height=500, text_size=19, font=LATIN,
            is_black_and_white=True, has_legend=False,
        )
    )  # fmt: skip


def _halls(leaflet: Leaflet) -> list[Spot]:
    return [
        Spot(hall.lon, hall.lat, HALL)
        for hall in leaflet.found.town_halls
        if hall.lon is not None and hall.lat is not None
    ]


def signs(leaflet: Leaflet) -> list[str]:
    """The symbols that the map shows, in the order of the themes."""
    spots = [*_spots(leaflet), *_halls(leaflet)]
    return [code for code in symbols() if any(spot.symbol == code for spot in spots)]


def sign_files(leaflet: Leaflet) -> dict[str, str]:
    """One small drawing per symbol, for the legend."""
    frame = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24">'
    return {f"{code}.svg": f"{frame}{symbol_svg(symbols()[code], 12, 12, 8, True)}</svg>" for code in signs(leaflet)}
