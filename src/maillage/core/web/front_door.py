"""What the front page shows, gathered from the manifests: a room that is not installed leaves no trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from django.utils.translation import gettext as _

from maillage.core.rooms import Processing, resolve, rooms
from maillage.core.web.context import url_or_empty
from maillage.core.web.parts import NewsItem, SiteMapEntry

NEWS_SHOWN = 6


@dataclass(frozen=True)
class OpenDoor:
    """A door that leads somewhere."""

    label: str
    sentence: str
    url: str
    icon: str


@dataclass(frozen=True)
class RegisteredProcessing:
    """A processing with the room that declares it."""

    room: str
    processing: Processing


def doors() -> Sequence[OpenDoor]:
    """The big doors of the installed rooms, in their order."""
    found = []
    for manifest in rooms():
        for door in manifest.doors:
            if url := url_or_empty(door.url_name):
                address = f"{url}?{door.query}" if door.query else url
                found.append(OpenDoor(_(door.label), _(door.sentence), address, door.icon))
    return found


def news() -> Sequence[NewsItem]:
    """The newest lines of all rooms, newest first; each room's function takes how many are wanted."""
    lines = [
        item
        for manifest in rooms()
        if manifest.news
        for item in cast("Sequence[NewsItem]", resolve(manifest.news)(NEWS_SHOWN))
    ]
    return sorted(lines, key=lambda item: item.date, reverse=True)[:NEWS_SHOWN]


def site_map_sections() -> Sequence[SiteMapEntry]:
    """One entry per installed room: what it declares, or else its links of the header."""
    sections = []
    for manifest in rooms():
        if manifest.site_map:
            children = tuple(cast("Sequence[SiteMapEntry]", resolve(manifest.site_map)()))
        else:
            links = [(_(link.label), url_or_empty(link.url_name)) for link in manifest.navigation]
            children = tuple(SiteMapEntry(label, url) for label, url in links if url)
        if children:
            sections.append(SiteMapEntry(_(manifest.label), children[0].url, children))
    return sections


def register() -> Sequence[RegisteredProcessing]:
    """Every processing of personal data that the installed rooms declare."""
    return [RegisteredProcessing(_(one.label), entry) for one in rooms() for entry in one.processings]
