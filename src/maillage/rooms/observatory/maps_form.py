"""The controls of the composer as plain values: what can be chosen now, and what is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from maillage.core.places.models import TerritoryKind
from maillage.core.web.wording import number
from maillage.rooms.observatory import maps_words as words
from maillage.rooms.observatory.maps.classes import METHODS
from maillage.rooms.observatory.maps.colours import LEAST_CLASSES, MOST_CLASSES, RAMPS, colours
from maillage.rooms.observatory.maps.composition import LOOK_WORDS, Composition
from maillage.rooms.observatory.maps_figures import per_choices
from maillage.rooms.observatory.maps_layers import layer_choices
from maillage.rooms.observatory.maps_shown import Shown
from maillage.rooms.observatory.models_indicators import Indicator
from maillage.rooms.observatory.queries_maps import drawable_indicators, scopes_of, series_of, territories_of


@dataclass(frozen=True)
class Option:
    """One choice of a list; `colours` are drawn beside it where it is a ramp."""

    value: str
    label: str
    is_chosen: bool
    colours: Sequence[str] = ()


@dataclass(frozen=True)
class OptionGroup:
    """Choices under a heading, "" for none."""

    label: str
    options: Sequence[Option]


@dataclass(frozen=True)
class Controls:
    """Everything that the form of the composer shows."""

    indicators: Sequence[OptionGroup]
    series: Sequence[Option]
    scopes: Sequence[OptionGroup]
    looks: Sequence[Option]
    pers: Sequence[Option]
    methods: Sequence[Option]
    counts: Sequence[Option]
    ramps: Sequence[Option]
    layers: Sequence[Option]
    has_classes: bool


def controls_of(shown: Shown) -> Controls:
    """The choices for the map shown; those that depend on an indicator are empty without one."""
    asked, indicator, series = shown.composition, shown.indicator, shown.series
    rows = territories_of(series, asked.scope, contours=False) if series else []
    pers = per_choices(indicator, series, rows) if indicator and series else []
    return Controls(
        indicators=_indicators(asked),
        series=_series(indicator, shown) if indicator else [],
        scopes=_scopes(shown),
        looks=_options([("", _("Selon l’indicateur")), *_looks()], _look_word(asked)),
        pers=_options([("", _("tel quel")), *pers], asked.per) if pers else [],
        methods=_options([(one, words.class_method_label(one)) for one in METHODS], asked.method),
        counts=_options([(str(one), str(one)) for one in range(LEAST_CLASSES, MOST_CLASSES + 1)], str(asked.classes)),
        ramps=[Option(one, words.ramp_label(one), one == asked.ramp, colours(one, 5)) for one in RAMPS],
        layers=[Option(code, label, code in asked.layers) for code, label in layer_choices()],
        has_classes=shown.picture is not None and shown.picture.look == "colours",
    )


def _options(pairs: Iterable[tuple[str, str]], chosen: str) -> list[Option]:
    return [Option(value, label, value == chosen) for value, label in pairs]


def _looks() -> list[tuple[str, str]]:
    return [("couleurs", _("Des couleurs")), ("cercles", _("Des cercles"))]


def _look_word(asked: Composition) -> str:
    return next((word for word, code in LOOK_WORDS.items() if code == asked.look), "")


def topic_label(topic: str) -> str:
    """The everyday word for the subject of an indicator; one that is not known is shown as it is."""
    return {
        "population": _("Population"), "income": _("Revenus"), "work": _("Travail"), "housing": _("Logement"),
        "equipment": _("Équipements"), "air": _("Air"), "noise": _("Bruit"), "heat": _("Chaleur"),
        "education": _("Éducation"), "health": _("Santé"), "nature": _("Nature"), "": _("Divers"),
    }.get(topic, topic)  # fmt: skip


def _indicators(asked: Composition) -> list[OptionGroup]:
    found: Sequence[Indicator] = drawable_indicators()
    return [
        OptionGroup(topic_label(topic), [Option(one.code, one.label, one.code == asked.indicator) for one in group])
        for topic, group in groupby(found, key=lambda one: one.topic)
    ]


def _series(indicator: Indicator, shown: Shown) -> list[Option]:
    return [
        Option(one.code, f"{words.series_label(one)} ({number(count)})", one == shown.series)
        for one, count in series_of(indicator)
    ]


def _scopes(shown: Shown) -> list[OptionGroup]:
    if shown.series is None:
        return []
    chosen = shown.composition.scope
    found = scopes_of(shown.series)
    groups = [OptionGroup("", [Option("", _("Tout ce qui est chargé"), not chosen)])]
    if chosen and chosen not in dict(found):
        groups.append(OptionGroup("", [Option(chosen, chosen, True)]))
    for kind, group in groupby(found, key=lambda one: one[0].partition(":")[0]):
        groups.append(OptionGroup(str(TerritoryKind(kind).label), [Option(*one, one[0] == chosen) for one in group]))
    return groups
