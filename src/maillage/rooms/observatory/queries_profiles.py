"""The profile of a territory: its figures, its rank among its peers, the same figures around it, what is offered there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Exists, Max, OuterRef
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from maillage.core.errors import Missing
from maillage.core.observed import ObservedThing, observed_things
from maillage.core.places.models import Territory, TerritoryKind
from maillage.core.places.queries import territory, territory_names
from maillage.core.places.sheets import plural_of
from maillage.core.web import glossary
from maillage.rooms.observatory.models_indicators import Indicator, IndicatorValue
from maillage.rooms.observatory.profile import (
    METHOD_ORDER,
    Comparison,
    Peers,
    Profile,
    ProfileFigure,
    Rank,
    Source,
    Supply,
    difference_text,
    figure_text,
    method_label,
    people_of,
    rank_text,
    short_rank,
    uncertainty_text,
    value_text,
    vintage_text,
)

LEVELS = ("arrondissement", "commune", "epci")
LEAST_PEERS = 5
# Among the newest values of a territory, one of each indicator: the year first, then the surest method.
_RANKS = """
SELECT own.indicator_id, own.vintage, own.method, count(*), count(*) FILTER (WHERE peer.value > own.value),
       min(peer.value), max(peer.value)
FROM observatory_indicatorvalue own
JOIN observatory_indicatorvalue peer
  ON peer.indicator_id = own.indicator_id AND peer.kind = own.kind AND peer.generation = own.generation
 AND peer.vintage = own.vintage AND peer.method = own.method
WHERE own.id = ANY(%s) AND (%s::text[] IS NULL OR peer.code = ANY(%s))
GROUP BY own.id
"""


@dataclass(frozen=True)
class _Chosen:
    """The value shown of each indicator, and the earlier years of the same method."""

    row: IndicatorValue
    history: tuple[tuple[int, float], ...]


def profile(*, kind: str, code: str, generation: str = "", things: Iterable[ObservedThing] | None = None) -> Profile:
    """Everything that is known of a territory, in the reader's language; raises Missing.

    The newest generation unless one is named; figures of another generation are never taken. `things` may be given by a
    caller that reads many profiles and has gathered what the rooms describe.
    """
    row = territory(kind=kind, code=code, generation=generation)
    chosen = _chosen(row)
    peers = _peers(row)
    ranks = _ranks([one.row for one in chosen], peers)
    around = _around(row, [one.row for one in chosen])
    figures = tuple(_figure(one, ranks.get(one.row.indicator_id), around, peers.text) for one in chosen)
    names = territory_names(row.parent_codes)
    where = ", ".join(names[one] for one in row.parent_codes if one.startswith("commune:") and one in names)
    here = [one for one in (observed_things() if things is None else things) if row.reference in one.territories]
    return Profile(
        kind=row.kind, code=row.code, generation=row.generation, name=row.name,
        kind_label=str(TerritoryKind(row.kind).label), where=where, figures=figures, peers=peers.text,
        sentences=_sentences(row, where, figures), missing=_missing(row, chosen), supply=_supply(here),
        supply_total=len(here), sources=_sources(figures), is_superseded=_is_superseded(row),
    )  # fmt: skip


def _chosen(row: Territory) -> list[_Chosen]:
    """One value of each indicator: the newest year (a year unknown comes last), then the surest method."""
    values = IndicatorValue.objects.filter(kind=row.kind, code=row.code, generation=row.generation)
    rows = list(
        values.select_related("indicator").order_by("indicator__topic", "indicator__sort_key", "indicator_id", "pk")
    )
    by_indicator: dict[int, list[IndicatorValue]] = {}
    for one in rows:
        by_indicator.setdefault(one.indicator_id, []).append(one)
    return [_newest(found) for found in by_indicator.values()]


def _newest(rows: Sequence[IndicatorValue]) -> _Chosen:
    best = max(rows, key=lambda one: (one.vintage, -METHOD_ORDER.index(one.method)))
    same = sorted((one.vintage, one.value) for one in rows if one.method == best.method and one.vintage)
    return _Chosen(best, tuple(same) if len(same) > 1 else ())


def _peers(row: Territory) -> Peers:
    """Those of the same EPCI where there are enough of them, else all that are loaded of the kind and generation."""
    kind = plural_of(row.kind).lower()
    epci = next((one for one in row.parent_codes if one.startswith("epci:")), "")
    if epci:
        rows = Territory.objects.filter(kind=row.kind, generation=row.generation, valid_until__isnull=True)
        codes = tuple(rows.filter(parent_codes__contains=[epci]).order_by("code").values_list("code", flat=True))
        if len(codes) >= LEAST_PEERS:
            name = territory_names([epci]).get(epci, epci)
            return Peers(_("{kind} de {place}").format(kind=kind, place=name), codes)
    if row.generation:
        return Peers(_("{kind} de la liste de {year} chargés ici").format(kind=kind, year=row.generation), None)
    return Peers(_("{kind} de cette installation").format(kind=kind), None)


def _ranks(rows: Sequence[IndicatorValue], peers: Peers) -> dict[int, tuple[int, int, float, float]]:
    """By indicator: place from the highest, number of peers, least and greatest figure. One statement."""
    codes = list(peers.codes) if peers.codes is not None else None
    with connection.cursor() as cursor:
        cursor.execute(_RANKS, [[one.pk for one in rows], codes, codes])
        found = cursor.fetchall()
    return {one[0]: (one[4] + 1, one[3], one[5], one[6]) for one in found}


_Around = Mapping[tuple[int, str], list[IndicatorValue]]


def _around(row: Territory, chosen: Sequence[IndicatorValue]) -> tuple[_Around, dict[str, str]]:
    """The same indicators in what holds the territory, and the names of these."""
    references = [one for level in LEVELS for one in row.parent_codes if one.startswith(f"{level}:")]
    references = [one for one in references if one != row.reference]
    if not references:
        return {}, {}
    rows = IndicatorValue.objects.filter(
        indicator__in=[one.indicator_id for one in chosen], kind__in=LEVELS, generation="",
        code__in=[one.partition(":")[2] for one in references],
    ).order_by("pk")  # fmt: skip
    found: dict[tuple[int, str], list[IndicatorValue]] = {}
    for one in rows:
        reference = f"{one.kind}:{one.code}"
        if reference in references:
            found.setdefault((one.indicator_id, reference), []).append(one)
    names = territory_names(references)
    return found, {one: names[one] for one in references if one in names}


def _figure(
    chosen: _Chosen, rank: tuple[int, int, float, float] | None, around: tuple[_Around, dict[str, str]], peers: str
) -> ProfileFigure:
    row, words = chosen.row, chosen.row.indicator
    made = None
    if rank is not None and rank[1] > 1:
        position, of, least, most = rank
        made = Rank(
            position,
            of,
            least,
            most,
            rank_text(position, of, words.direction, peers),
            short_rank(position, of, words.direction),
        )
    found, names = around
    compared = [
        _comparison(row, reference, names[reference], found[row.indicator_id, reference])
        for reference in names
        if (row.indicator_id, reference) in found
    ]
    return ProfileFigure(
        code=words.code, label=words.label, definition=words.definition, topic=words.topic, nature=words.nature,
        unit=words.unit, decimals=words.decimals, direction=words.direction, vintage=row.vintage, value=row.value,
        low=row.low, high=row.high, method=row.method, method_note=row.method_note, source_text=words.source_text,
        source_url=words.source_url, licence=words.licence, text=value_text(row.value, words.unit, words.decimals),
        uncertainty=uncertainty_text(row.low, row.high, words.decimals), vintage_text=vintage_text(row.vintage),
        method_text=method_label(row.method), rank=made, around=tuple(compared), history=chosen.history,
    )  # fmt: skip


def _comparison(row: IndicatorValue, reference: str, name: str, others: Sequence[IndicatorValue]) -> Comparison:
    """The figure of the same year where there is one, else the newest, of which no difference is made.

    Counts have none either: a neighbourhood has fewer people than its commune, which says nothing.
    """
    words = row.indicator
    same = [one for one in others if one.vintage == row.vintage]
    other = (
        min(same, key=lambda one: METHOD_ORDER.index(one.method)) if same else max(others, key=lambda one: one.vintage)
    )
    difference = row.value - other.value if same and words.nature != "count" else None
    return Comparison(
        level=reference.partition(":")[0], reference=reference, name=name, value=other.value,
        text=value_text(other.value, words.unit, words.decimals), vintage=other.vintage, difference=difference,
        difference_text=difference_text(difference, words.unit, words.decimals),
    )  # fmt: skip


def _sentences(row: Territory, where: str, figures: Sequence[ProfileFigure]) -> tuple[str, ...]:
    """What to know first, in words: the people, then what differs most from what is around."""
    place = f"{row.name} ({where})" if where and row.kind not in {"commune", "epci"} else row.name
    people = people_of(figures)
    # « À » goes before a town or a neighbourhood, not before « Métropole de Lyon » nor a number.
    is_town = row.kind in {"commune", "arrondissement", "qpv", "qva"}
    if people is None:
        unknown = (
            _("À {place}, le nombre d’habitants n’est pas renseigné."),
            _("{place} : nombre d’habitants non renseigné."),
        )
        first = unknown[0 if is_town else 1].format(place=place)
    else:
        known = _("À {place}, {people} habitants ({year}{how})."), _("{place} : {people} habitants ({year}{how}).")
        first = known[0 if is_town else 1].format(
            place=place, people=figure_text(people.value, 0), year=people.vintage_text,
            how=_(", estimation") if people.method in {"area", "population"} else "",
        )  # fmt: skip
    marked = [(one, around) for one in figures if (around := _widest(one)) and one.direction != "neutral"]
    marked.sort(key=lambda pair: -abs((pair[1].difference or 0) / (abs(pair[1].value) or 1)))
    return (first, *(_told(one, around) for one, around in marked[:2]))


def _widest(figure: ProfileFigure) -> Comparison | None:
    """The largest territory around that has the same figure of the same year."""
    return next((one for one in reversed(figure.around) if one.difference), None)


def _told(figure: ProfileFigure, around: Comparison) -> str:
    more = (around.difference or 0) > 0
    text = (
        _("{label} : {here}, plus que {place} ({there}).")
        if more
        else _("{label} : {here}, moins que {place} ({there}).")
    )
    return text.format(label=figure.label, here=figure.text, place=around.name, there=around.text)


def _missing(row: Territory, chosen: Sequence[_Chosen]) -> tuple[str, ...]:
    """Indicators known for others of the same kind and generation, not for this one."""
    others = IndicatorValue.objects.filter(indicator=OuterRef("pk"), kind=row.kind, generation=row.generation)
    mine = [one.row.indicator_id for one in chosen]
    rows = Indicator.objects.filter(Exists(others)).exclude(pk__in=mine).order_by("sort_key", "pk")
    return tuple(rows.values_list("label", flat=True))


def _supply(here: Sequence[ObservedThing]) -> tuple[Supply, ...]:
    """Counts by theme, the largest first; a thing of two themes counts in both."""
    counts = Counter(theme for one in here for theme in one.facets.get("theme", ()))
    language = (get_language() or "fr")[:2]
    found = [Supply(code, glossary.label("theme", code, language), count) for code, count in counts.items()]
    return tuple(sorted(found, key=lambda one: (-one.count, one.label)))


def _sources(figures: Sequence[ProfileFigure]) -> tuple[Source, ...]:
    years: dict[tuple[str, str, str], set[int]] = {}
    for one in figures:
        years.setdefault((one.source_text, one.source_url, one.licence), set()).add(one.vintage)
    return tuple(
        Source(text, url, licence, ", ".join(vintage_text(year) for year in sorted(found, reverse=True)))
        for (text, url, licence), found in years.items()
    )


def _is_superseded(row: Territory) -> bool:
    """Whether a newer generation of the same kind is loaded: its limits are others."""
    if not row.generation:
        return False
    newest = Territory.objects.filter(kind=row.kind).aggregate(newest=Max("generation"))["newest"] or ""
    return bool(newest > row.generation)


@dataclass(frozen=True)
class ProfileLine:
    """A territory in the list of profiles."""

    name: str
    kind: str
    code: str
    generation: str
    kind_label: str
    figures: int


def kinds_with_figures() -> dict[str, int]:
    """How many territories of each kind have figures, in the order of TerritoryKind."""
    rows = IndicatorValue.objects.order_by().values("kind").annotate(n=Count("code", distinct=True))
    counts = {one["kind"]: one["n"] for one in rows}
    return {kind: counts[kind] for kind in TerritoryKind.values if kind in counts}


def profile_lines(rows: Sequence[Territory]) -> list[ProfileLine]:
    """Territories with how many indicators each has; one statement."""
    found = IndicatorValue.objects.filter(kind__in={row.kind for row in rows}, code__in={row.code for row in rows})
    counted = found.order_by().values("kind", "code", "generation").annotate(n=Count("indicator", distinct=True))
    counts = {(one["kind"], one["code"], one["generation"]): one["n"] for one in counted}
    return [
        ProfileLine(
            row.name, row.kind, row.code, row.generation, str(TerritoryKind(row.kind).label),
            counts.get((row.kind, row.code, row.generation), 0),
        )
        for row in rows
    ]  # fmt: skip


def territory_with_contour(kind: str, code: str) -> Territory:
    """One territory, its contour included, the newest generation first; raises Missing."""
    return Territory.objects.get(pk=territory(kind=kind, code=code).pk)


def things_in(reference: str) -> list[ObservedThing]:
    """What the rooms describe in a territory."""
    return [one for one in observed_things() if reference in one.territories]


def profiles_of(references: Sequence[str]) -> tuple[list[Profile], list[str]]:
    """Profiles of several "kind:code", and those that do not exist; what the rooms describe is gathered once."""
    things, found, unknown = list(observed_things()) if references else [], [], []
    for reference in references:
        kind, _colon, code = reference.partition(":")
        try:
            found.append(profile(kind=kind, code=code, things=things))
        except Missing:
            unknown.append(reference)
    return found, unknown
