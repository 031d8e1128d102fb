"""What the rooms show about a territory: how many things, and the pages that tell of them. Rooms are known by manifest only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from maillage.core.rooms import TerritoryLink, resolve, rooms


@dataclass(frozen=True)
class RoomCount:
    """How many things a room shows in a territory."""

    label: str
    count: int


@dataclass(frozen=True)
class RoomLink:
    """A page of a room about a territory."""

    label: str
    url: str
    icon: str


def counts_by_room() -> dict[str, Mapping[str, int]]:
    """Counts by "kind:code", for each room that counts, by the code of the room."""
    return {room.code: resolve(room.territory_counts)() for room in rooms() if room.territory_counts}


def room_counts(references: Iterable[str]) -> dict[str, list[RoomCount]]:
    """Counts of each room by "kind:code"; a territory that a room shows nothing in has a count of 0."""
    labels = {room.code: _(room.label) for room in rooms()}
    counted = counts_by_room()
    return {
        reference: [RoomCount(labels[code], counts.get(reference, 0)) for code, counts in counted.items()]
        for reference in references
    }


def room_links(kind: str, code: str) -> list[RoomLink]:
    """Pages of the rooms about one territory; a page that does not exist in this installation is left out."""
    links = [link for room in rooms() for link in room.territory_links if not link.kinds or kind in link.kinds]
    made = [(link, _address(link, kind, code)) for link in links]
    return [RoomLink(_(link.label), address, link.icon) for link, address in made if address]


def _address(link: TerritoryLink, kind: str, code: str) -> str:
    filled = {name: value.format(kind=kind, code=code) for name, value in link.kwargs}
    try:
        address = reverse(link.url_name, kwargs=filled or None)
    except NoReverseMatch:
        return ""
    return f"{address}?{link.query.format(kind=kind, code=code)}" if link.query else address
