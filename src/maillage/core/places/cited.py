"""Neighbourhoods cited as points: code, name, communes, a point and an area where a source gives them; never a contour.

They let a map and a list name the QPV before any official contour is loaded. "In a QPV" stays undetermined until then.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field

from maillage.core.places.actions import Put, put_territories, territories_changed
from maillage.core.places.models import Territory
from maillage.core.places.queries import lineage_of_commune
from maillage.core.search.sort_keys import sort_key

FOLDER = Path(__file__).parent / "data"
FILES = (("qpv_2024_lyon.yaml", "qpv", "2024"), ("qva_2015_lyon.yaml", "qva", "2015"))


class Cited(BaseModel):
    """One neighbourhood of a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(max_length=20)
    name: str = Field(max_length=200)
    communes: tuple[str, ...]
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    area_m2: float | None = Field(default=None, gt=0)


class CitedFile(BaseModel):
    """A file of neighbourhoods with the source they all share; `expected` is how many exist, when it is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    source_url: str
    licence: str
    point: str
    area: str
    expected: int | None = None
    territories: tuple[Cited, ...]


def cited_in(name: str) -> CitedFile:
    """A file of the folder, checked against its schema."""
    return CitedFile.model_validate(yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")))


def load_cited() -> str:
    """The seed: idempotent; a neighbourhood whose contour was loaded since keeps it."""
    with transaction.atomic():
        put = Put()
        for name, kind, generation in FILES:
            put += put_territories(_rows(cited_in(name), kind, generation))
        if put.written:
            territories_changed()
    return f"{put.written + put.unchanged} quartiers cités comme points, sans contour"


def _rows(file: CitedFile, kind: str, generation: str) -> list[Territory]:
    shaped = Territory.objects.filter(kind=kind, generation=generation, contour__isnull=False)
    better = set(shaped.values_list("code", flat=True))
    return [_row(file, one, kind, generation) for one in file.territories if one.code not in better]


def _row(file: CitedFile, one: Cited, kind: str, generation: str) -> Territory:
    return Territory(
        kind=kind,
        code=one.code,
        generation=generation,
        name=one.name,
        sort_key=sort_key(one.name),
        parent_codes=parents_of(one.communes),
        area_m2=one.area_m2,
        area_source=file.area if one.area_m2 else "",
        lon=one.lon,
        lat=one.lat,
        point_precision="cited" if one.lon is not None else "",
        source_text=f"{file.source} ; {file.point}" if one.lon is not None else file.source,
        source_url=file.source_url,
        licence=file.licence,
    )


def parents_of(communes: tuple[str, ...]) -> list[str]:
    """What holds a neighbourhood: its communes first, then what holds them."""
    lines = [lineage_of_commune(code) for code in communes]
    found = [line[0] for line in lines] + [code for line in lines for code in line[1:]]
    return list(dict.fromkeys(found)) if communes else []
