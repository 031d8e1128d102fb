"""Layers of a composed map: the things that rooms describe, by theme, as points with a shape for each theme."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.observed import ObservedThing, observed_things
from maillage.core.places.drawing_model import Shape, Spot, Symbol
from maillage.core.web import glossary
from maillage.core.web.wording import number
from maillage.rooms.observatory.maps.picture import Area

ALL, OTHER = "tout", "autre"
THEME = "theme:"
_SHAPES: Sequence[Shape] = ("circle", "star", "square", "triangle", "diamond", "pentagon", "wedge", "cross")


@dataclass(frozen=True)
class Layers:
    """What the layers of a map hold: points, things; `is_asked` tells no layer from a layer without anything."""

    spots: Sequence[Spot] = ()
    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    things: Sequence[ObservedThing] = ()
    is_asked: bool = False

    @property
    def unplaced(self) -> int:
        """Things that cannot be drawn."""
        return len(self.things) - len(self.spots)


def layer_choices() -> list[tuple[str, str]]:
    """Codes and words of the layers."""
    return [(ALL, _("Tous les lieux et initiatives")), *((THEME + code, word) for code, word in _themes().items())]


def _themes() -> dict[str, str]:
    return glossary.labels("theme")


def layers_of(codes: Sequence[str], scope: str) -> Layers:
    """The things of these layers, inside "kind:code" when a scope is given; nothing is read when no layer is asked."""
    if not codes:
        return Layers()
    wanted = set(_themes()) if ALL in codes else {one.removeprefix(THEME) for one in codes}
    found = [one for one in observed_things() if (not scope or scope in one.territories) and _fits(one, codes, wanted)]
    spots = [
        Spot(one.lon, one.lat, _symbol_of(one, wanted)) for one in found if one.lon is not None and one.lat is not None
    ]
    return Layers(spots, theme_symbols(), found, is_asked=True)


def _fits(thing: ObservedThing, codes: Sequence[str], wanted: set[str]) -> bool:
    return ALL in codes or not wanted.isdisjoint(thing.facets.get("theme", ()))


def _symbol_of(thing: ObservedThing, wanted: set[str]) -> str:
    """The shape of the first theme that was asked for."""
    return next((one for one in thing.facets.get("theme", ()) if one in wanted), OTHER)


def theme_symbols() -> dict[str, Symbol]:
    """A shape and a word for each theme, and for what has none."""
    shapes = {
        code: Symbol(word, shape, "#FFFFFF") for (code, word), shape in zip(_themes().items(), _SHAPES, strict=False)
    }
    return shapes | {OTHER: Symbol(_("Autre ou sans thème"), "circle", "#FFFFFF")}


def layers_in_words(layers: Layers, outside: int) -> str:
    """How many things, how many are drawn, and what became of the others; "" without any layer."""
    if not layers.is_asked:
        return ""
    drawn = len(layers.spots) - outside
    told = ngettext("{n} lieu ou initiative sur la carte.", "{n} lieux ou initiatives sur la carte.", drawn).format(
        n=number(drawn)
    )
    if outside:
        told += " " + ngettext("{n} est hors du cadre.", "{n} sont hors du cadre.", outside).format(n=number(outside))
    if layers.unplaced:
        told += " " + ngettext(
            "{n} n’a pas de position connue : il n’est pas dessiné.",
            "{n} n’ont pas de position connue : ils ne sont pas dessinés.",
            layers.unplaced,
        ).format(n=number(layers.unplaced))
    return told


@dataclass(frozen=True)
class Placed:
    """Which things lie in each territory, by code, and how that was told; empty and "" where it cannot be."""

    things: Mapping[str, frozenset[int]] = field(default_factory=dict)
    how: str = ""

    def count(self, code: str) -> int | None:
        """How many things lie in a territory; None where that is not known."""
        return len(self.things.get(code, ())) if self.how else None


def placed_in(layers: Layers, kind: str, areas: Sequence[Area]) -> Placed:
    """The things of the layers by territory: as their rooms say, else by the point of each in the contours."""
    start = f"{kind}:"
    said: defaultdict[str, set[int]] = defaultdict(set)
    for place, one in enumerate(layers.things):
        for code in one.territories:
            if code.startswith(start):
                said[code.removeprefix(start)].add(place)
    if said:
        return Placed(
            {code: frozenset(found) for code, found in said.items()}, _("selon le territoire de chaque fiche")
        )
    shapes = [area for area in areas if area.shape is not None]
    if not layers.is_asked or not shapes:
        return Placed()
    located = [(place, one) for place, one in enumerate(layers.things) if one.lon is not None and one.lat is not None]
    points = shapely.points([(one.lon, one.lat) for _place, one in located]) if located else []
    tree = shapely.STRtree([area.shape for area in shapes])
    for point, area in zip(*tree.query(points, predicate="within"), strict=True):
        said[shapes[area].code].add(located[point][0])
    return Placed({code: frozenset(found) for code, found in said.items()}, _("selon la position de chaque point"))
