"""What every exported file says of itself: what it holds, from when, from which sources, under which licence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.text import slugify
from django.utils.translation import gettext as _

LICENCE = "Licence Ouverte 2.0 (Etalab)"
LICENCE_URL = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"


@dataclass(frozen=True)
class SourceNote:
    """A source of the rows; its own licence stays with what was taken from it."""

    name: str
    licence: str = ""
    published_on: str = ""
    url: str = ""
    rows: int = 0


@dataclass(frozen=True)
class About:
    """The label of a file. `rows` is the number of things asked for, whatever the number of lines they take."""

    title: str
    description: str
    rows: int
    made_at: datetime
    page_url: str
    sources: tuple[SourceNote, ...] = ()
    publisher: str = ""
    licence: str = LICENCE
    licence_url: str = LICENCE_URL

    def lines(self) -> list[tuple[str, str]]:
        """The label as pairs of term and value, in the reader's language."""
        pairs = [
            (_("Titre"), self.title),
            (_("Contenu"), self.description),
            (_("Nombre de fiches"), str(self.rows)),
            (_("Fait le"), self.made_at.isoformat(timespec="seconds")),
            (_("Adresse"), self.page_url),
            (_("Publié par"), self.publisher),
            (_("Licence"), f"{self.licence} {self.licence_url}"),
        ]
        pairs += [(_("Source"), source_line(one)) for one in self.sources]
        return [(term, value) for term, value in pairs if value]

    def as_json(self) -> dict[str, object]:
        """The label for files that programs read."""
        return {
            "title": self.title,
            "description": self.description,
            "rows": self.rows,
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "page": self.page_url,
            "publisher": self.publisher,
            "licence": self.licence,
            "licence_url": self.licence_url,
            "sources": [
                {
                    "name": one.name,
                    "licence": one.licence,
                    "published_on": one.published_on,
                    "url": one.url,
                    "rows": one.rows,
                }
                for one in self.sources
            ],
        }


def source_line(source: SourceNote) -> str:
    """One source in one line: name, date, licence, address."""
    parts = [source.name, source.published_on, source.licence, source.url]
    return " — ".join(part for part in parts if part)


def file_name(what: str, made_at: datetime, extension: str) -> str:
    """A dated name: maillage-lieux-2026-11-23.csv."""
    return f"maillage-{slugify(what) or 'export'}-{made_at:%Y-%m-%d}.{extension}"
