"""The profile of a territory as plain values: what the page shows, the report prints and the interface gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from maillage.core.web.wording import NARROW_SPACE, number
from maillage.rooms.observatory.indicators_columns import TOPICS
from maillage.rooms.observatory.models_indicators import Method

METHOD_ORDER = ("published", "sum", "computed", "mean", "population", "area")
NATURE_ORDER = ("rate", "median", "index", "count")
KEY_FIGURES = 6
# Codes that files give to the number of inhabitants, after the prefix of their source.
PEOPLE = re.compile(r"(?:^|-)(?:population|pop|pop-mun|habitants|num-people)$")


@dataclass(frozen=True)
class Comparison:
    """The same figure in a territory around; `difference` is None when its year or method differs."""

    level: str
    reference: str
    name: str
    value: float
    text: str
    vintage: int
    difference: float | None
    difference_text: str


@dataclass(frozen=True)
class Rank:
    """Place among peers of the same kind, generation, year and method, the highest figure being first."""

    position: int
    of: int
    least: float
    most: float
    text: str
    short: str


@dataclass(frozen=True)
class ProfileFigure:
    """One figure with everything that must be said of it; texts are in the reader's language."""

    code: str
    label: str
    definition: str
    topic: str
    nature: str
    unit: str
    decimals: int
    direction: str
    vintage: int
    value: float
    low: float | None
    high: float | None
    method: str
    method_note: str
    source_text: str
    source_url: str
    licence: str
    text: str
    uncertainty: str
    vintage_text: str
    method_text: str
    rank: Rank | None = None
    around: tuple[Comparison, ...] = ()
    history: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Supply:
    """How many described things of one theme are in the territory."""

    code: str
    label: str
    count: int


@dataclass(frozen=True)
class Peers:
    """With whom the territory is ranked; `codes` is None for all of the kind."""

    text: str
    codes: tuple[str, ...] | None


@dataclass(frozen=True)
class Source:
    """Where figures come from, with the years they describe."""

    text: str
    url: str
    licence: str
    vintages: str


@dataclass(frozen=True)
class Profile:
    """A territory in figures. `missing` are indicators that its peers have and it has not."""

    kind: str
    code: str
    generation: str
    name: str
    kind_label: str
    where: str
    sentences: tuple[str, ...]
    figures: tuple[ProfileFigure, ...]
    peers: str
    missing: tuple[str, ...]
    supply: tuple[Supply, ...]
    supply_total: int
    sources: tuple[Source, ...]
    is_superseded: bool = False

    @property
    def key_figures(self) -> Sequence[ProfileFigure]:
        """The few that say most: the people; then what has a direction, rates before counts, one of each topic before two."""
        people = people_of(self.figures)
        rest = [one for one in self.figures if one is not people]
        rest.sort(key=lambda one: (one.direction == "neutral", NATURE_ORDER.index(one.nature), one.label))
        seen: dict[str, int] = {}
        marked = []
        for place, one in enumerate(rest):
            seen[one.topic] = seen.get(one.topic, 0) + 1
            marked.append((one.nature == "count", seen[one.topic], place, one))
        chosen = [one for *_order, one in sorted(marked, key=lambda mark: mark[:3])]
        return [*([people] if people else []), *chosen][:KEY_FIGURES]

    @property
    def by_topic(self) -> Sequence[tuple[str, Sequence[ProfileFigure]]]:
        """Every figure under the name of its topic."""
        topics = sorted({one.topic for one in self.figures}, key=lambda one: TOPICS.index(one) if one in TOPICS else 99)
        return [(topic_label(topic), [one for one in self.figures if one.topic == topic]) for topic in topics]


def people_of(figures: Sequence[ProfileFigure]) -> ProfileFigure | None:
    """The population: that of the territory itself, else that of a loaded file, the surest method first."""
    found = [one for one in figures if one.nature == "count" and PEOPLE.search(one.code)]
    return min(found, key=lambda one: (one.code != "population", METHOD_ORDER.index(one.method)), default=None)


def topic_label(code: str) -> str:
    """The word of a topic of indicators."""
    return {
        "population": _("Population"), "income": _("Revenus"), "work": _("Travail"), "education": _("Formation"),
        "housing": _("Logement"), "equipment": _("Équipements"), "economy": _("Économie"), "air": _("Air"),
        "noise": _("Bruit"), "green": _("Arbres et nature"), "heat": _("Chaleur"),
    }.get(code, _("Autres"))  # fmt: skip


def vintage_text(vintage: int) -> str:
    """The year of a figure, or that its source does not say it."""
    return str(vintage) if vintage else _("année non précisée")


def method_label(method: str) -> str:
    """How a value came to its territory, in words."""
    return str(Method(method).label) if method in Method.values else method


def figure_text(value: float, decimals: int) -> str:
    """A number at the precision of its indicator; a whole one bears no decimals."""
    rounded = round(value, decimals) if decimals else round(value)
    return number(int(rounded) if float(rounded).is_integer() else rounded)


def value_text(value: float, unit: str, decimals: int) -> str:
    """A figure as it is read: « 25,3 % », « 12 345 habitants »."""
    text = figure_text(value, decimals)
    return f"{text}{NARROW_SPACE}{unit}" if unit else text


def uncertainty_text(low: float | None, high: float | None, decimals: int) -> str:
    """« entre 19,9 et 27,7 », "" where the source gives no bounds."""
    if low is None or high is None:
        return ""
    return _("entre {low} et {high}").format(low=figure_text(low, decimals), high=figure_text(high, decimals))


def difference_text(difference: float | None, unit: str, decimals: int) -> str:
    """« 2,4 points de plus », « 300 habitants de moins »; "" where there is nothing to compare."""
    if difference is None:
        return ""
    size = round(abs(difference), decimals)
    if not size:
        return _("pareil")
    told = _("{n} points").format(n=figure_text(size, decimals)) if unit == "%" else value_text(size, unit, decimals)
    return _("{n} de plus").format(n=told) if difference > 0 else _("{n} de moins").format(n=told)


def short_rank(position: int, of: int, direction: str) -> str:
    """« 3ᵉ sur 43 », and what it means for those who live there."""
    text = (_("1ʳᵉ sur {of}") if position == 1 else _("{n}ᵉ sur {of}")).format(n=position, of=of)
    return _judged(text, position, of, direction)


def rank_text(position: int, of: int, direction: str, peers: str) -> str:
    """The place among peers, and what it means for those who live there."""
    text = (
        _("valeur la plus élevée sur {of} {peers}") if position == 1
        else _("valeur la plus basse sur {of} {peers}") if position == of
        else _("{n}ᵉ valeur la plus élevée sur {of} {peers}")
    ).format(n=position, of=of, peers=peers)  # fmt: skip
    return _judged(text, position, of, direction)


def _judged(text: str, position: int, of: int, direction: str) -> str:
    """The first or last quarter of at least four is said to be hard or favourable, where the indicator has a direction."""
    share = position / of
    is_high, is_low = share <= 0.25, share > 0.75
    if of < 4 or direction == "neutral" or not (is_high or is_low):
        return text
    if (direction == "bad") == is_high:
        return _("{rank} : parmi les plus difficiles").format(rank=text)
    return _("{rank} : parmi les plus favorables").format(rank=text)
