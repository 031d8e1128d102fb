"""What a room lets others count: the things it describes, and who took part. Plain values, given through the manifests.

`Room.observed` names a function () -> Iterable[ObservedThing]; `Room.participants` one () -> Iterable[Participation].
A room that reads these (statistics, reports) gathers them with `observed_things` and `participations`, and so imports no
other room; without any room that gives some, it has nothing to count and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from maillage.core.rooms import resolve, rooms


@dataclass(frozen=True, slots=True)
class ObservedThing:
    """A published thing with its classification; codes are those of the glossary, territories are "kind:code".

    `facets` maps a dimension (theme, actor_kind, digital_means, innovation_kind, public, city_figure, service_nature,
    scale, mediation, status, in_qpv) to its codes; a dimension nobody filled is absent, which is not "none".
    """

    room: str
    id: int
    name: str
    url: str
    source: str
    facets: Mapping[str, tuple[str, ...]]
    territories: tuple[str, ...]
    lon: float | None = None
    lat: float | None = None
    pages: tuple[int, ...] = ()
    related: tuple[str, ...] = ()
    towns: tuple[tuple[str, str], ...] = ()  # ("commune:69259", "Vénissieux"), as the room names them
    years: tuple[tuple[int, str], ...] = ()  # (2014, "created"): what is known to have happened, and when


@dataclass(frozen=True, slots=True)
class Participation:
    """One act of taking part: in which room, by which channel, where (coarse) and in which month; never who.

    `territory` is a commune or an arrondissement ("kind:code"), "" when unknown, never finer. `attributes` are what the person
    chose to tell, coarse (age band, sex, housing…); empty when nothing was asked or told. The kind "declaration" says who took
    part in an act that is told by another row, not which: it is counted as a person, not as one more act.
    """

    room: str
    kind: str
    channel: str
    month: str
    territory: str
    attributes: Mapping[str, str]


def observed_things() -> Iterator[ObservedThing]:
    """Everything that the installed rooms describe."""
    for manifest in rooms():
        if manifest.observed:
            yield from cast("Iterable[ObservedThing]", resolve(manifest.observed)())


def participations() -> Iterator[Participation]:
    """Every act of taking part that the installed rooms tell of."""
    for manifest in rooms():
        if manifest.participants:
            yield from cast("Iterable[Participation]", resolve(manifest.participants)())
