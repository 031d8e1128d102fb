"""What the sheet of an entry shows, in the order a resident needs: where, when, how to come, then facts and sources."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.places.hours import Day, OpenNow, open_now, week
from maillage.core.search.words import folded
from maillage.core.web import glossary
from maillage.core.web.dates import long_date
from maillage.core.web.parts import Fact
from maillage.core.web.wording import number
from maillage.rooms.atlas import cards, queries
from maillage.rooms.atlas.freshness import age_in_words
from maillage.rooms.atlas.models import Entry, Place

STATUS_NOT_CURRENT = frozenset({"closed", "planned", "unknown"})


@dataclass(frozen=True)
class Spot:
    """One place of the sheet."""

    place: Place
    anchor: str
    address: str
    now: OpenNow | None
    days: list[Day]
    in_qpv: str
    precision: str
    route: str
    is_exact: bool


@dataclass(frozen=True)
class Tag:
    """A value of a facet with its definition, leading to the list of all that share it."""

    label: str
    definition: str
    url: str
    language: str


def sheet_context(entry: Entry) -> dict[str, object]:
    """Everything the template of the sheet reads."""
    spots = [_spot(place) for place in entry.places.all()]
    partners = [_actor(one) for one in entry.actors if one["role"] != "operator"]
    reached = next((spot for spot in spots if spot.place.phone), None)
    located = [spot.place for spot in spots if spot.place.lon is not None]
    return {
        "spots": spots,
        "phone": reached.place.phone if reached else "",
        "call_label": _("Appeler %(name)s") % {"name": reached.place.label}
        if reached and len(spots) > 1
        else _("Appeler"),
        "card": cards.card(entry),
        "map_bounds": _bounds(located),
        "tiles_url": reverse("atlas:tile", args=[0, 0, 0]).replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt"),
        "contours_url": reverse("places:tile", args=[0, 0, 0]).replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt"),
        "picture_url": reverse("atlas:sheet_picture", args=[entry.pk]),
        "publics": [glossary.label("public", one, cards.language()) for one in entry.publics],
        "groups": _groups(entry),
        "dates": [replace(_dated(one), language=entry.language) for one in entry.dates],
        "figures": [_in(entry.language, _figure(one)) for one in entry.figures],
        "funding": [_in(entry.language, _funding(one)) for one in entry.funding],
        "actors": bool(entry.actors),
        "operators": [_actor(one) for one in entry.actors if one["role"] == "operator"],
        "partners": partners,
        "partners_title": _others(len(partners)),
        "corrections": entry.corrections,
        "pages_text": ", ".join(str(page) for page in entry.study_pages),
        **_around(entry),
        "legend": cards.map_legend(),
        "age": age_in_words(entry),
        "is_current": entry.status not in STATUS_NOT_CURRENT,
    }


def _around(entry: Entry) -> dict[str, list[cards.Card]]:
    """What to read after this one, each entry once: a card's name on the page is its number."""
    shown: set[int] = set()
    found: dict[str, list[cards.Card]] = {}
    for name, asked in (("linked", queries.linked), ("near", queries.near), ("alike", queries.alike)):
        entries = [one for one in asked(entry) if one.pk not in shown]
        shown |= {one.pk for one in entries}
        found[name] = cards.cards(entries)
    return found


def _others(count: int) -> str:
    return ngettext("%(count)s autre acteur", "%(count)s autres acteurs", count) % {"count": count}


def _ends_with_commune(address: str, commune: str) -> bool:
    """Whether the last part of an address is already the commune ("…, 69008 Lyon" for Lyon 8e arrondissement)."""
    last = re.sub(r"^\s*\d{5}\s*", "", address.rsplit(",", 1)[-1]).strip()
    return bool(last) and folded(last) == folded(re.sub(r" \d+er? arrondissement$", "", commune))


def _spot(place: Place) -> Spot:
    city = " ".join(part for part in (place.postcode, place.commune) if part)
    if _ends_with_commune(place.address, place.commune):
        city = ""
    shown = [part for part in (place.address, place.quarter if not place.address else "", city) if part]
    exact = place.precision in {"address", "street", ""} and place.lon is not None
    route = f"geo:{place.lat},{place.lon}" if exact else ""
    return Spot(
        place=place,
        anchor=f"lieu-{place.position + 1}",
        address=", ".join(shown),
        now=open_now(place.opening_hours),
        days=week(place.opening_hours),
        in_qpv=glossary.label("in_qpv", place.in_qpv, cards.language()),
        precision=glossary.label("precision", place.precision, cards.language()) if place.precision else "",
        route=route,
        is_exact=exact,
    )


def _bounds(places: Sequence[Place]) -> str:
    lons = [place.lon for place in places if place.lon is not None]
    lats = [place.lat for place in places if place.lat is not None]
    if not lons or not lats:
        return ""
    return f"{min(lons) - 0.012:.5f},{min(lats) - 0.008:.5f},{max(lons) + 0.012:.5f},{max(lats) + 0.008:.5f}"


def _tags(parameter: str, facet: str, values: Sequence[str]) -> list[Tag]:
    base = reverse("atlas:list")
    tongue = cards.language()
    return [
        Tag(
            glossary.label(facet, one, tongue),
            glossary.definition(facet, one, tongue),
            f"{base}?{parameter}={one}",
            glossary.definition_language(facet, one, tongue),
        )
        for one in values
        if one
    ]


def _groups(entry: Entry) -> list[tuple[str, list[Tag]]]:
    """How the entry is classified: each value explained and opening the list of its like."""
    made = [
        (_("Thèmes"), _tags("theme", "theme", entry.themes)),
        (_("Pour qui"), _tags("public", "public", entry.publics)),
        (_("Moyens numériques"), _tags("moyen", "digital_means", entry.digital_means)),
        (_("Présence humaine"), _tags("accompagnement", "mediation", [entry.mediation])),
        (_("Forme d’innovation"), _tags("innovation", "innovation_kind", entry.innovation_kinds)),
        (_("Image de la ville"), _tags("figure", "city_figure", entry.city_figures)),
        (_("Équipement ou service"), _tags("nature", "service_nature", [entry.service_nature])),
        (_("Lyon ou ailleurs"), _tags("echelle", "scale", [entry.scale])),
    ]
    return [(legend, tags) for legend, tags in made if tags]


def _in(tongue: str, fact: Fact) -> Fact:
    """A fact whose two sides are data, in the language of the entry."""
    return replace(fact, language=tongue, term_language=tongue)


def _page(record: dict[str, object]) -> str:
    return _("étude, page %(page)s") % {"page": record["page"]} if record.get("page") else ""


def _dated(record: dict[str, object]) -> Fact:
    when = long_date(str(record["when"]))
    if record.get("until"):
        when = _("de %(start)s à %(end)s") % {"start": when, "end": long_date(str(record["until"]))}
    return Fact(term=when, value=str(record["label"]), source=_page(record))


def _figure(record: dict[str, object]) -> Fact:
    value = float(str(record["value"]))
    shown = number(int(value)) if value.is_integer() else number_format(value)
    about = _("environ ") if record.get("approximate") else ""
    dated = _(" (en %(date)s)") % {"date": long_date(str(record["as_of"]))} if record.get("as_of") else ""
    return Fact(term=f"{about}{shown} {record['unit']}", value=f"{record['label']}{dated}", source=_page(record))


def _funding(record: dict[str, object]) -> Fact:
    amount = record.get("amount_eur")
    parts = [f"{number(int(float(str(amount))))} €" if amount else "", str(record.get("note") or "")]
    return Fact(term=str(record["source"]), value=" — ".join(part for part in parts if part), source=_page(record))


def _actor(record: dict[str, object]) -> Fact:
    roles = {
        "operator": _("porte l’initiative"), "partner": _("partenaire"), "funder": _("finance"), "host": _("accueille"),
        "supporter": _("soutient"), "designer": _("conçoit"), "participant": _("participe"),
    }  # fmt: skip
    kind = glossary.label("actor_kind", str(record["kind"]), cards.language())
    return Fact(
        term=str(record["name"]), value=f"{roles[str(record['role'])]} ({kind})", note=str(record.get("note") or ""),
        term_language="fr",
    )  # fmt: skip
