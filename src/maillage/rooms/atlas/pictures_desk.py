"""The map that a moderator sees: the point proposed, the point it would replace, and the entries already around."""

from __future__ import annotations

from django.utils.translation import gettext as _

from maillage.core.places.drawing import map_svg
from maillage.core.places.drawing_model import MapPicture, Spot, Symbol, Words, bounds_around
from maillage.core.places.drawing_queries import labels_in, outlines_in
from maillage.rooms.atlas.filters import Filters
from maillage.rooms.atlas.models import Suggestion
from maillage.rooms.atlas.proposal import proposal_from
from maillage.rooms.atlas.queries_export import spots
from maillage.rooms.atlas.states_shown import place_at


def points_of(suggestion: Suggestion) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """The point of the entry as it stands and the point proposed, each as lon, lat; None where there is none."""
    proposal = proposal_from(suggestion.payload)
    place = place_at(suggestion.entry, proposal.place_position or 0) if suggestion.entry else None
    now = (place.lon, place.lat) if place and place.lon is not None and place.lat is not None else None
    lon, lat = proposal.place.get("lon"), proposal.place.get("lat")
    return now, (float(lon), float(lat)) if lon is not None and lat is not None else None


def suggestion_picture(suggestion: Suggestion) -> str:
    """The drawn map, "" where nothing has a point."""
    now, proposed = points_of(suggestion)
    known = [point for point in (now, proposed) if point]
    bounds = bounds_around(known, least_km=1.5) if known else None
    if bounds is None:
        return ""
    around = [Spot(one.lon, one.lat, "around") for one in spots(Filters(box=bounds)) if (one.lon, one.lat) not in known]
    marks = [Spot(*now, "now")] if now else []
    marks += [Spot(*proposed, "proposed")] if proposed else []
    symbols = {
        "around": Symbol(_("Autres fiches"), "circle", "#4A5064"),
        "now": Symbol(_("La fiche aujourd’hui"), "square", "#1F5C99"),
        "proposed": Symbol(_("Le point proposé"), "star", "#A63D2F"),
    }
    words = Words(title=_("Où se trouve cette demande"), description=_("Le point proposé parmi les fiches autour."))
    return map_svg(
        MapPicture(
            bounds=bounds, words=words, spots=[*around, *marks], outlines=outlines_in(bounds), labels=labels_in(bounds),
            symbols=symbols, width=800, height=440,
        )
    )  # fmt: skip
