"""The first parts of a report: what to know in words, what is described there, the figures, by subject."""

from __future__ import annotations

from collections.abc import Sequence

from maillage.core.exports.printing import LATIN
from maillage.core.observed import ObservedThing
from maillage.core.places.drawing import map_svg
from maillage.core.places.drawing_model import MapPicture, Outline, Spot, Words
from maillage.core.places.drawing_queries import bounds_of_territory, contour_of, labels_in, outlines_in
from maillage.core.places.drawing_signs import symbol_svg
from maillage.core.web import glossary
from maillage.core.web.wording import number
from maillage.rooms.observatory.maps_layers import theme_symbols
from maillage.rooms.observatory.profile import Profile, ProfileFigure
from maillage.rooms.observatory.queries_profiles import territory_with_contour
from maillage.rooms.observatory.report_blocks import Block, Bullets, Drawing, Heading, Table, Text
from maillage.rooms.observatory.report_words import plural

SMALL = 5
MOST_NAMED = 400


def summary(profile: Profile) -> list[str]:
    """The report in a few sentences: people, what is offered, what is missing, what is not known."""
    told = list(profile.sentences)
    if profile.supply_total:
        text = plural(
            "{n} lieu ou initiative y est décrit", "{n} lieux ou initiatives y sont décrits", profile.supply_total
        ).format(n=number(profile.supply_total))
        first = profile.supply[:3]
        named = ", ".join(f"{one.label} ({one.count})" for one in first)
        told.append(f"{text}{' ; le plus souvent : '}{named}." if named else f"{text}.")
        if profile.supply_total < SMALL:
            told.append("C’est un petit nombre : on n’en tire pas de conclusion.")
    else:
        told.append("Aucun lieu, aucune initiative n’y est décrit : peut-être que personne ne les a encore cherchés.")
    none = [
        label
        for code, label in glossary.labels("theme", "fr").items()
        if code not in {one.code for one in profile.supply}
    ]
    if none and profile.supply_total:
        told.append("Rien n’est décrit pour : {themes}.".format(themes=", ".join(none)))
    if profile.missing:
        told.append(
            plural(
                "{n} indicateur connu ailleurs n’est pas renseigné ici.",
                "{n} indicateurs connus ailleurs ne sont pas renseignés ici.",
                len(profile.missing),
            ).format(n=number(len(profile.missing)))
        )
    return told


def place_blocks(profile: Profile, things: Sequence[ObservedThing]) -> list[Block]:
    """Where it is and what is described there: map, counts by theme."""
    blocks: list[Block] = [Heading("Le territoire et ce qui s’y passe")]
    picture = _locator(profile, things)
    blocks.append(picture or Text("Ni contour ni point n’est connu pour ce territoire : il ne peut pas être dessiné."))
    if not things:
        return [
            *blocks,
            Text("Aucun lieu, aucune initiative n’est décrit ici. Ce n’est pas « zéro » : c’est inconnu."),
        ]
    unplaced = sum(one.lon is None or one.lat is None for one in things)
    if unplaced:
        text = plural(
            "{n} n’a pas de position connue et n’est pas sur la carte.",
            "{n} n’ont pas de position connue et ne sont pas sur la carte.",
            unplaced,
        )
        blocks.append(Text(text.format(n=number(unplaced)), is_small=True))
    rows = [(one.label, number(one.count), "petit nombre" if one.count < SMALL else "") for one in profile.supply]
    note = "Une fiche de deux thèmes compte dans les deux. Ce sont des nombres de fiches, pas une mesure de tout ce qui existe."
    return [
        *blocks,
        Table(
            "Lieux et initiatives par thème",
            ("Thème", "Fiches", "À savoir"),
            rows,
            frozenset({1}),
            (3, 1, 2),
        ),
        Text(note, is_small=True),
    ]


def _locator(profile: Profile, things: Sequence[ObservedThing]) -> Drawing | None:
    """The territory with its limits and the things described in it, in black and white, a shape for each theme."""
    bounds = bounds_of_territory(f"{profile.kind}:{profile.code}")
    if bounds is None:
        return None
    shape = contour_of(territory_with_contour(profile.kind, profile.code))
    symbols = theme_symbols()
    located = sorted(
        (one.lon, one.lat, _theme(one, symbols), one.name)
        for one in things
        if one.lon is not None and one.lat is not None
    )
    outlines = [*outlines_in(bounds), *([Outline("", shape, is_main=True)] if shape is not None else [])]
    svg = map_svg(
        MapPicture(
            bounds=bounds, words=Words(profile.name, ""), spots=[Spot(lon, lat, theme) for lon, lat, theme, _n in located],
            outlines=outlines, labels=labels_in(bounds), symbols=symbols, width=680, height=560, text_size=15, font=LATIN,
            is_black_and_white=True, has_legend=False, identifier="territoire",
        )
    )  # fmt: skip
    told = plural("{n} lieu ou initiative sur la carte", "{n} lieux ou initiatives sur la carte", len(located))
    told = told.format(n=number(len(located)))
    limits = "limites chargées" if shape is not None else "contour non chargé : un point marque le lieu, pas sa limite"
    used = {one[2] for one in located}
    legend = [(_sign(symbols[code]), symbols[code].label) for code in symbols if code in used]
    alt = f"Carte de {profile.name} : {told}, {limits}."
    return Drawing("territoire", svg, alt, alt, legend)


def _theme(thing: ObservedThing, known: object) -> str:
    return next((one for one in thing.facets.get("theme", ()) if one in known), "autre")  # type: ignore[operator]


def _sign(symbol: object) -> str:
    frame = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">'
    return f"{frame}{symbol_svg(symbol, 12, 12, 8, True)}</svg>"  # type: ignore[arg-type]


def profile_blocks(profile: Profile) -> list[Block]:
    """Every figure, by subject, with its year, its uncertainty, its rank and what is around."""
    blocks: list[Block] = [Heading("Le profil en chiffres")]
    if profile.is_superseded:
        blocks.append(
            Text("Une liste de quartiers plus récente, aux limites différentes, a remplacé celle-ci.", is_strong=True)
        )
    if not profile.figures:
        return [
            *blocks,
            Text("Aucun fichier d’indicateurs chargé ne parle de ce territoire. Ce n’est pas zéro : c’est inconnu."),
        ]
    head = ("Indicateur", "Ici", "Autour", "Rang", "Année et méthode")
    for topic, figures in profile.by_topic:
        rows = [_figure_row(one) for one in figures]
        caption, widths = f"{topic} : {profile.name}", (2.2, 1.3, 2.2, 2.0, 1.5)
        blocks.append(Table(caption, head, rows, frozenset({1}), widths))
    return [
        *blocks,
        Text(
            f"Rang : parmi les {profile.peers}, la plus forte valeur étant la première.",
            is_small=True,
        ),
    ]


def _figure_row(one: ProfileFigure) -> tuple[str, ...]:
    here = f"{one.text} ({one.uncertainty})" if one.uncertainty else one.text
    around = " ; ".join(
        f"{other.name} : {other.text}" + (f" ({other.difference_text})" if other.difference_text else "")
        for other in one.around
    )
    return (
        one.label,
        here,
        around or "—",
        one.rank.text if one.rank else "—",
        f"{one.vintage_text}, {one.method_text}",
    )


def missing_blocks(profile: Profile, unknown: Sequence[str]) -> list[Block]:
    """What the report does not know: said as such, never as zero."""
    items = [*unknown]
    if profile.missing:
        items.append("Indicateurs connus ailleurs, pas ici : {list}.".format(list=" ; ".join(profile.missing)))
    if not items:
        items.append("Rien de ce que ce rapport sait montrer ne manque ici.")
    return [Heading("Ce qui n’est pas renseigné"), Bullets(items)]


def names_blocks(things: Sequence[ObservedThing]) -> list[Block]:
    """Every thing described, by name: what the counts are made of."""
    if not things:
        return []
    rows = sorted(
        (
            one.name,
            ", ".join(glossary.label("theme", theme, "fr") for theme in sorted(one.facets.get("theme", ())))
            or "sans thème",
            one.source,
            ", ".join(map(str, one.pages)),
        )
        for one in things
    )
    head = ("Nom", "Thèmes", "Source", "Pages de l’étude")
    blocks: list[Block] = [Heading("Annexe : les fiches derrière les nombres")]
    blocks.append(Table("Toutes les fiches du territoire", head, rows[:MOST_NAMED], frozenset(), (3, 2.4, 1, 0.9)))
    if len(rows) > MOST_NAMED:
        text = "Les {n} suivantes sont dans l’export complet de l’atlas."
        blocks.append(Text(text.format(n=number(len(rows) - MOST_NAMED))))
    return blocks
