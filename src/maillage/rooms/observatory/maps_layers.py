"""Layers of a composed map: the things that rooms describe, by theme, as points with a shape for each theme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.observed import ObservedThing, observed_things
from maillage.core.places.drawing_model import Shape, Spot, Symbol
from maillage.core.web import glossary
from maillage.core.web.wording import number

ALL, OTHER = "tout", "autre"
THEME = "theme:"
_SHAPES: Sequence[Shape] = ("circle", "star", "square", "triangle", "diamond", "pentagon", "wedge", "cross")


@dataclass(frozen=True)
class Layers:
    """What the layers of a map hold: points, how many things, how many without a position, counts by territory."""

    spots: Sequence[Spot] = ()
    symbols: Mapping[str, Symbol] | None = None
    things: Sequence[ObservedThing] = ()
    by_territory: Mapping[str, int] | None = None

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
    return Layers(spots, _symbols(), found, Counter(code for one in found for code in set(one.territories)))


def _fits(thing: ObservedThing, codes: Sequence[str], wanted: set[str]) -> bool:
    return ALL in codes or not wanted.isdisjoint(thing.facets.get("theme", ()))


def _symbol_of(thing: ObservedThing, wanted: set[str]) -> str:
    """The shape of the first theme that was asked for."""
    return next((one for one in thing.facets.get("theme", ()) if one in wanted), OTHER)


def _symbols() -> dict[str, Symbol]:
    shapes = {
        code: Symbol(word, shape, "#FFFFFF") for (code, word), shape in zip(_themes().items(), _SHAPES, strict=False)
    }
    return shapes | {OTHER: Symbol(_("Autre ou sans thème"), "circle", "#FFFFFF")}


def layers_in_words(layers: Layers, outside: int) -> str:
    """How many things, how many are drawn, and what became of the others; "" without any layer."""
    if layers.by_territory is None:
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
