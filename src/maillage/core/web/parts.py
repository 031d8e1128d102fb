"""Plain values that views hand to the template tags of core/web."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FacetOption:
    """One value of a filter with the exact number of results it would give."""

    value: str
    label: str
    count: int | None
    checked: bool = False
    icon: str = ""


@dataclass(frozen=True)
class Chip:
    """A chosen filter and the address of the same list without it."""

    label: str
    remove_url: str
    legend: str = ""


@dataclass(frozen=True)
class Fact:
    """A line of a definition list, with where it comes from when known.

    `language` and `term_language` are those of data, which may not be the page's: a voice reads them as they are written.
    """

    term: str
    value: str
    note: str = ""
    source: str = ""
    source_url: str = ""
    language: str = ""
    term_language: str = ""


@dataclass(frozen=True)
class LegendEntry:
    """A kind of point of the map: `token` is a colour of tokens.css, `icon` a name of map-icons.json."""

    code: str
    label: str
    icon: str
    token: str


@dataclass(frozen=True)
class NewsItem:
    """One line of what is new; a room's `news` function returns a sequence of these, newest first."""

    title: str
    url: str
    date: str
    line: str = ""
    language: str = ""


@dataclass(frozen=True)
class SiteMapEntry:
    """One line of the site map; a room's `site_map` function returns a sequence of these."""

    label: str
    url: str
    children: tuple[SiteMapEntry, ...] = ()
