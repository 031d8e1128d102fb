"""What the pages of the territories show, as plain values: words first, figures with their source, quality said plainly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.core.places.gazetteer import FoundPlace
from maillage.core.places.hours import Day, OpenNow, open_now, week
from maillage.core.places.models import ContourQuality, Territory, TerritoryKind, TownHall
from maillage.core.places.queries import inside, neighbours, territory_names, town_halls_in, town_halls_of
from maillage.core.places.room_links import RoomCount, RoomLink, room_counts, room_links
from maillage.core.web.parts import Fact, SiteMapEntry
from maillage.core.web.wording import number

MOST_SHOWN = 200


@dataclass(frozen=True)
class Line:
    """A territory in a list."""

    name: str
    url: str
    kind_label: str
    where: str
    counts: Sequence[RoomCount]
    is_approximate: bool
    generation: str


@dataclass(frozen=True)
class Group:
    """Territories of one kind that lie in, around or above the one shown."""

    title: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Hall:
    """A town hall with its state now and its week."""

    row: TownHall
    address: str
    now: OpenNow | None
    days: Sequence[Day]


@dataclass(frozen=True)
class Sheet:
    """The page of one territory."""

    row: Territory
    sentence: str
    quality: str
    facts: Sequence[Fact]
    counts: Sequence[RoomCount]
    links: Sequence[RoomLink]
    halls: Sequence[Hall]
    groups: Sequence[Group]


def site_map() -> Sequence[SiteMapEntry]:
    """The pages of the territories."""
    return [SiteMapEntry(_("Communes et quartiers"), reverse("places:list"))]


def url_of(kind: str, code: str) -> str:
    """Address of a territory's page."""
    return reverse("places:sheet", kwargs={"kind": kind, "code": code})


def plural_of(kind: str) -> str:
    """The everyday word for many of a kind."""
    return {
        TerritoryKind.QPV: _("Quartiers prioritaires"),
        TerritoryKind.QVA: _("Quartiers de veille active"),
        TerritoryKind.COMMUNE: _("Communes"),
        TerritoryKind.ARRONDISSEMENT: _("Arrondissements"),
        TerritoryKind.IRIS: _("Îlots statistiques"),
        TerritoryKind.EPCI: _("Métropoles et intercommunalités"),
        TerritoryKind.DEPARTEMENT: _("Départements"),
        TerritoryKind.REGION: _("Régions"),
        TerritoryKind.CUSTOM: _("Autres périmètres"),
    }[TerritoryKind(kind)]


def lines_of(rows: Sequence[Territory]) -> list[Line]:
    """Rows as a list shows them, in three statements whatever their number."""
    counts = room_counts({row.reference for row in rows})
    names = territory_names({code for row in rows for code in row.parent_codes})
    return [_line(row, counts[row.reference], names) for row in rows]


def found_lines(found: Sequence[FoundPlace]) -> list[Line]:
    """What a typed name may mean, as a list shows it."""
    return [
        Line(one.label, url_of(one.kind, one.code), str(TerritoryKind(one.kind).label), one.detail, (), False, "")
        for one in found
    ]


def _line(row: Territory, counts: Sequence[RoomCount], names: dict[str, str]) -> Line:
    return Line(
        name=row.name,
        url=url_of(row.kind, row.code),
        kind_label=str(row.get_kind_display()),
        where=_where(row, names),
        counts=[one for one in counts if one.count],
        is_approximate=row.kind in {TerritoryKind.QPV, TerritoryKind.QVA}
        and row.contour_quality == ContourQuality.NONE,
        generation=row.generation,
    )


def _where(row: Territory, names: dict[str, str]) -> str:
    """The smallest territories that hold it: the communes of a neighbourhood, the département of a commune."""
    for kind in ("arrondissement:", "commune:", "departement:", "region:"):
        found = [names[code] for code in row.parent_codes if code.startswith(kind) and code in names]
        if found:
            return ", ".join(found)
    return ""


def sheet_of(row: Territory) -> Sheet:
    """Everything the page of a territory shows."""
    names = territory_names(row.parent_codes)
    return Sheet(
        row=row,
        sentence=_sentence(row, names),
        quality=_quality(row),
        facts=_facts(row),
        counts=() if _is_only_a_point(row) else room_counts([row.reference])[row.reference],
        links=room_links(row.kind, row.code),
        halls=[_hall(one) for one in _halls_for(row)],
        groups=_groups(row, names),
    )


def _is_only_a_point(row: Territory) -> bool:
    """A neighbourhood whose official contour is not loaded: what lies in it cannot be told, so 0 would be false."""
    return row.kind in ("qpv", "qva") and row.contour_quality == ContourQuality.NONE


def _sentence(row: Territory, names: dict[str, str]) -> str:
    """One sentence that says what this is, and where."""
    above = [names[code] for code in row.parent_codes if code.startswith(("epci:", "departement:")) and code in names]
    where = ", ".join(above) if row.kind == TerritoryKind.COMMUNE else _where(row, names)
    what = {
        TerritoryKind.QPV: _(
            "un quartier prioritaire de la politique de la ville : un quartier où l’État et les villes agissent davantage"
        ),
        TerritoryKind.QVA: _("un quartier de veille active : il n’est plus prioritaire, mais reste suivi"),
        TerritoryKind.COMMUNE: _("une commune"),
        TerritoryKind.ARRONDISSEMENT: _("un arrondissement, avec ses services de mairie"),
        TerritoryKind.EPCI: _("un groupement de communes qui gèrent des services ensemble"),
        TerritoryKind.DEPARTEMENT: _("un département"),
        TerritoryKind.REGION: _("une région"),
        TerritoryKind.IRIS: _("un îlot statistique de l’INSEE"),
        TerritoryKind.CUSTOM: _("un périmètre défini pour un usage particulier"),
    }[TerritoryKind(row.kind)]
    if where:
        return _("{name} est {what}. Où : {where}.").format(name=row.name, what=what, where=where)
    return _("{name} est {what}.").format(name=row.name, what=what)


def _quality(row: Territory) -> str:
    """How far the limit may be trusted, in words."""
    if row.contour_quality == ContourQuality.OFFICIAL:
        return _("Limites : contour officiel chargé.")
    if row.contour_quality == ContourQuality.SIMPLIFIED:
        text = _("Limites : contour simplifié. À moins de {metres} m du bord, il ne dit pas de quel côté on se trouve.")
        return text.format(metres=number(round(row.contour_tolerance_m)))
    if row.lon is not None:
        return _(
            "Position approximative : le contour officiel n’est pas chargé. Un point marque le quartier, pas sa limite."
        )
    return _("Limites inconnues ici : aucun contour n’est chargé.")


def _facts(row: Territory) -> list[Fact]:
    facts = [Fact(_("Code"), row.code)]
    if row.generation:
        facts.append(Fact(_("Liste de"), row.generation))
    if row.population is not None:
        note = "" if row.population_on else _("année non précisée par la source")
        facts.append(Fact(_("Habitants"), number(row.population), row.population_on or note, row.population_source))
    if row.area_m2:
        facts.append(Fact(_("Surface"), _surface(row.area_m2), "", row.area_source))
    if row.postcodes:
        facts.append(Fact(_("Codes postaux"), ", ".join(row.postcodes)))
    if row.former_codes:
        facts.append(Fact(_("Réunit les anciennes communes de code"), ", ".join(row.former_codes)))
    if row.contour_note:
        facts.append(Fact(_("À savoir sur le contour"), row.contour_note))
    return [*facts, Fact(_("Source"), row.source_text, row.licence, source_url=row.source_url, language="fr")]


def _surface(area_m2: float) -> str:
    if area_m2 < 1_000_000:
        return _("{n} hectares").format(n=number(round(area_m2 / 10_000, 1)))
    return _("{n} km²").format(n=number(round(area_m2 / 1_000_000, 1)))


def _halls_for(row: Territory) -> list[TownHall]:
    """A territory's own town halls, else those of the communes that hold it."""
    if row.kind in {TerritoryKind.COMMUNE, TerritoryKind.ARRONDISSEMENT}:
        own = town_halls_of(row.code)
        if own:
            return own
    if row.kind in {TerritoryKind.EPCI, TerritoryKind.DEPARTEMENT, TerritoryKind.REGION}:
        return []
    holders = [code.partition(":")[2] for code in row.parent_codes if code.startswith(("commune:", "arrondissement:"))]
    return town_halls_in(holders)


def _hall(row: TownHall) -> Hall:
    address = ", ".join(part for part in (row.address, f"{row.postcode} {row.city}".strip()) if part)
    return Hall(row, address, open_now(row.opening_hours), week(row.opening_hours))


def _groups(row: Territory, names: dict[str, str]) -> list[Group]:
    """What lies inside, by kind; then what touches it. Long lists are left to the list page, which has them all."""
    children = inside(row.reference, ["qpv", "qva", "arrondissement"] if row.kind in {"departement", "region"} else ())
    found = []
    for kind in TerritoryKind.values:
        rows = [one for one in children if one.kind == kind][:MOST_SHOWN]
        if rows:
            found.append(Group(plural_of(kind), lines_of(rows)))
    if row.kind in {TerritoryKind.COMMUNE, TerritoryKind.ARRONDISSEMENT, TerritoryKind.QPV}:
        around = neighbours(row)
        found += [Group(_("Juste à côté"), lines_of(around))] if around else []
    return found
