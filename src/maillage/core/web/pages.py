"""What each page says of itself: title, description, place in the site. Views give it to the template as `page`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "list", "wide", "map", "form", "bare"]


@dataclass(frozen=True)
class Crumb:
    """One step of the path above the title."""

    label: str
    url: str


@dataclass(frozen=True)
class Page:
    """The frame of one page; `image` is an absolute or static address, empty for the platform's own picture."""

    title: str
    description: str = ""
    crumbs: tuple[Crumb, ...] = ()
    image: str = ""
    kind: Kind = "text"
    title_first: str = ""  # what tells this page from the others of its title: the step of a form, the search of a list
    title_language: str = ""  # of a title that is data, where it may not be the page's
    indexed: bool = True
    has_errors: bool = False
    is_home: bool = False
