"""The benchmark report of a territory: what the observatory knows of it, in French, from the same blocks for page and PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from maillage.core.observed import ObservedThing, observed_things
from maillage.core.places.models import ContourQuality, Territory
from maillage.core.places.queries import territory
from maillage.core.web.wording import number
from maillage.rooms.observatory.profile import Profile
from maillage.rooms.observatory.queries_profiles import profile
from maillage.rooms.observatory.queries_report import (
    SHORT,
    Print,
    digest_of,
    figures_digest,
    searches_digest,
    territories_digest,
    things_digest,
)
from maillage.rooms.observatory.report_blocks import Block, Bullets, Heading, Report, Table, Text
from maillage.rooms.observatory.report_maps import figure_tables, map_blocks
from maillage.rooms.observatory.report_profile import (
    missing_blocks,
    names_blocks,
    place_blocks,
    profile_blocks,
    summary,
)
from maillage.rooms.observatory.report_reliefs import conclusion_blocks, need_blocks, relief_blocks, search_blocks
from maillage.rooms.observatory.report_words import plural

# Changes when what the report says changes, with the same data.
EDITION = 1


def report_of(*, kind: str, code: str) -> Report:
    """The report of a territory, in French whatever the reader's language; raises Missing.

    The same data give the same report: no date of the day, everything sorted, and a version that is a digest of what was read.
    """
    with translation.override("fr"):
        row = territory(kind=kind, code=code)
        every = sorted(observed_things(), key=lambda one: (one.room, one.name, one.source, one.id))
        things = [one for one in every if row.reference in one.territories]
        known = profile(kind=kind, code=code, things=things)
        prints = _prints(every)
        base = _cover(row, known, prints)
        return replace(base, blocks=_blocks(row, known, things, prints))


def version_of(*, kind: str, code: str) -> str:
    """The version that a report made now would bear; raises Missing."""
    row = territory(kind=kind, code=code)
    every = sorted(observed_things(), key=lambda one: (one.room, one.name, one.source, one.id))
    with translation.override("fr"):
        return _version(row, _prints(every))


def _prints(things: Sequence[ObservedThing]) -> list[Print]:
    found = (
        ("Territoires et contours", territories_digest()),
        ("Lieux et initiatives décrits", things_digest(things)),
        ("Indicateurs et valeurs", figures_digest()),
        ("Recherches et règles de classement", searches_digest()),
    )
    return [Print(label, rows, digest) for label, (rows, digest) in found]


def _version(row: Territory, prints: Sequence[Print]) -> str:
    return digest_of([[EDITION, row.reference, row.generation, *(one.digest for one in prints)]])[1][:SHORT]


def _cover(row: Territory, known: Profile, prints: Sequence[Print]) -> Report:
    address = f"{settings.SITE_ADDRESS}{reverse('observatory:report_html', args=[row.kind, row.code])}"
    newest = max((one.vintage for one in known.figures), default=0)
    return Report(
        kind=row.kind, code=row.code, name=row.name, kind_label=known.kind_label, where=known.where,
        version=_version(row, prints), newest_year=newest, sentences=summary(known), address=address,
    )  # fmt: skip


def _blocks(row: Territory, known: Profile, things: Sequence[ObservedThing], prints: Sequence[Print]) -> list[Block]:
    return [
        *place_blocks(known, things),
        *profile_blocks(known),
        *map_blocks(row),
        *relief_blocks(row),
        *need_blocks(row),
        *conclusion_blocks(),
        *missing_blocks(known, _unknown(row, things)),
        *_method_blocks(),
        *_source_blocks(row, known, prints),
        *figure_tables(row),
        *names_blocks(things),
    ]


def _unknown(row: Territory, things: Sequence[ObservedThing]) -> list[str]:
    """What is not known of the territory itself."""
    found = []
    if row.contour_quality == ContourQuality.NONE:
        found.append(
            "Le contour officiel n’est pas chargé : les fiches y sont rangées d’après ce que disent leurs sources."
        )
    elif row.contour_quality == ContourQuality.SIMPLIFIED:
        found.append("Le contour est simplifié : près du bord, on ne sait pas de quel côté on est.")
    if row.population is None:
        found.append("La population de ce territoire n’est pas renseignée.")
    unplaced = sum(one.lon is None or one.lat is None for one in things)
    if unplaced:
        told = plural("{n} fiche n’a pas de position connue.", "{n} fiches n’ont pas de position connue.", unplaced)
        found.append(told.format(n=number(unplaced)))
    unthemed = sum(not one.facets.get("theme") for one in things)
    if unthemed:
        told = plural("{n} fiche n’a pas de thème.", "{n} fiches n’ont pas de thème.", unthemed)
        found.append(told.format(n=number(unthemed)))
    return found


def _method_blocks() -> list[Block]:
    return [
        Heading("Méthode"),
        Bullets([
            "Les fiches viennent d’une recherche choisie, pas d’un recensement : on les compte, sans statistique.",
            "Un nombre de moins de cinq est petit : il ne dit rien d’un ensemble.",
            "Une valeur absente reste « non renseigné » ; elle n’est jamais remplacée par zéro.",
            "Deux années, deux listes de quartiers ou deux méthodes ne sont jamais mélangées sur une carte ni dans un rang.",
            "Sur les cartes, chaque classe compte autant de territoires ; les valeurs égales restent ensemble.",
            "Les mêmes données donnent le même rapport, à l’octet près ; la version ci-dessous le prouve.",
        ]),
        *search_blocks(),
    ]  # fmt: skip


def _source_blocks(row: Territory, known: Profile, prints: Sequence[Print]) -> list[Block]:
    head = ("Source", "Années", "Licence")
    rows = [(one.text, one.vintages, one.licence or "non précisée") for one in known.sources]
    rows.append(
        (
            row.source_text or "Source du contour non précisée",
            row.generation or row.population_on or "—",
            row.licence or "non précisée",
        )
    )
    version = [(one.label, number(one.rows), one.digest[:SHORT]) for one in prints]
    return [
        Heading("Sources"),
        Table("Sources des chiffres et du territoire", head, rows, frozenset(), (3, 1, 1.4)),
        Heading("Version des données"),
        Table(
            "Ce dont ce rapport est fait",
            ("Données", "Lignes", "Empreinte"),
            version,
            frozenset({1}),
            (2.4, 1, 1.6),
        ),
        Text("Une empreinte change dès qu’un seul signe change dans les données.", is_small=True),
    ]
