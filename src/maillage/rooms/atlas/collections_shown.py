"""Selections with an address of their own: those that people make, and one for each theme of the atlas.

The themes need no row: each is the list of its theme, under a short address that does not change.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext as _

from maillage.core.errors import Missing
from maillage.core.web import glossary
from maillage.rooms.atlas import queries_export
from maillage.rooms.atlas.cards import THEME_ICONS, language
from maillage.rooms.atlas.filters import Filters, filters_from
from maillage.rooms.atlas.models import Collection, Entry


@dataclass(frozen=True)
class Shown:
    """A selection as a reader sees it; `entries` is None where the filters choose."""

    slug: str
    title: str
    introduction: str
    icon: str
    filters: Filters
    entries: list[Entry] | None = None


def _theme_slug(theme: str) -> str:
    """Always made from the French word: an address does not change with the reader's language."""
    return slugify(glossary.label("theme", theme, "fr"))


def themes() -> list[Shown]:
    """One selection per theme, in the order of the study."""
    return [_theme(theme) for theme in THEME_ICONS]


def _theme(theme: str) -> Shown:
    return Shown(
        slug=_theme_slug(theme),
        title=glossary.label("theme", theme, language()),
        introduction=glossary.definition("theme", theme, language()),
        icon=THEME_ICONS[theme],
        filters=Filters(chosen={"theme": (theme,)}),
    )


def made_by_people() -> list[Shown]:
    """The published selections of the table."""
    return [_made(one) for one in queries_export.collections()]


def _made(one: Collection) -> Shown:
    by_hand = None if one.query else queries_export.entries_of(one)
    return Shown(one.slug, one.title, one.introduction, "bookmark", filters_from(QueryDict(one.query)), by_hand)


def shown(slug: str) -> Shown:
    """A selection by its address; raises Missing. One made by people wins over a theme of the same address."""
    if (found := queries_export.collection(slug)) is not None:
        return _made(found)
    theme = next((theme for theme in THEME_ICONS if _theme_slug(theme) == slug), None)
    if theme is None:
        raise Missing(_("Cette collection n’existe pas."))
    return _theme(theme)
