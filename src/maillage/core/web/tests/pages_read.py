"""Reading a page as a browser would, for tests: its elements, links and texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class PageRead(HTMLParser):
    """Every opening tag of a page in order, with its attributes."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of each element of this name."""
        return [attributes for name, attributes in self.tags if name == tag]

    def ids(self) -> list[str]:
        """Every id of the page, in order."""
        return [attributes["id"] for _name, attributes in self.tags if "id" in attributes]

    def links(self) -> set[str]:
        """Every address that a link of the page leads to."""
        return {attributes["href"] for attributes in self.all("a") if "href" in attributes}


def read(content: bytes) -> PageRead:
    """The page of a response."""
    page = PageRead()
    page.feed(content.decode())
    return page
