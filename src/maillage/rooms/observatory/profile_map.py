"""The small map of a profile: the territory, what is around, what is described there. Drawn by the server."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.observed import ObservedThing
from maillage.core.places.drawing import map_svg
from maillage.core.places.drawing_model import MapPicture, Outline, Spot, Symbol, Words
from maillage.core.places.drawing_queries import bounds_of_territory, contour_of, labels_in, outlines_in
from maillage.core.web.wording import number
from maillage.rooms.observatory.queries_profiles import territory_with_contour


def has_place(reference: str) -> bool:
    """Whether anything says where the territory is."""
    return bounds_of_territory(reference) is not None


def profile_svg(kind: str, code: str, name: str, things: Sequence[ObservedThing]) -> str:
    """The picture as SVG; "" where nothing says where the territory is."""
    bounds = bounds_of_territory(f"{kind}:{code}")
    if bounds is None:
        return ""
    located = [one for one in things if one.lon is not None and one.lat is not None]
    shape = contour_of(territory_with_contour(kind, code))
    main = [Outline(name, shape, is_main=True)] if shape is not None else []
    told = ngettext("{n} lieu ou initiative sur la carte", "{n} lieux ou initiatives sur la carte", len(located))
    description = f"{name}. {told.format(n=number(len(located)))}."
    if shape is None:
        description += " " + _("Le contour n’est pas chargé : le quartier est marqué par un point.")
    picture = MapPicture(
        bounds=bounds,
        words=Words(
            title=_("Carte de {name}").format(name=name), description=description, source=_("Source : Maillage"),
            soft=_("Quartier prioritaire"), group=_("Groupe : le nombre exact de points"),
        ),
        spots=[Spot(one.lon or 0.0, one.lat or 0.0, "thing") for one in located],
        outlines=[*outlines_in(bounds), *main],
        labels=labels_in(bounds),
        symbols={"thing": Symbol(_("Lieu ou initiative"), "circle", "#1F5C99")},
        width=720, height=460,
    )  # fmt: skip
    return map_svg(picture)
