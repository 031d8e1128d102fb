"""The study's own data in every format: rows out = rows of the list, no fact lost, both national standards met."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyogrio
import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from maillage.rooms.atlas import queries
from maillage.rooms.atlas.filters import filters_from
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.study.load import load_study
from maillage.rooms.atlas.tests.test_exports import content, lines

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("study")]

QUESTIONS = [
    "",
    "theme=training",
    "theme=rights&theme=housing&etat=active",
    "q=atelier",
    "bbox=4.7,45.6,5.0,45.9",
    "q=introuvablexyz",
    "lon=4.88&lat=45.70&tri=distance",
    "theme=invente",
]


@pytest.fixture(scope="module")
def study(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The study, read once for all the tests of this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_study()
        yield
        transaction.set_rollback(True)


def located_rows(entries: list[Entry]) -> int:
    return sum(max(1, entry.places.count()) for entry in entries)


@pytest.mark.parametrize("question", QUESTIONS)
def test_rows_out_are_the_rows_of_the_list(client: Client, question: str) -> None:
    total = queries.page_of(filters_from(QueryDict(question))).total
    found = list(queries.everything(filters_from(QueryDict(question))))
    assert total == len(found)
    assert len(lines(content(client, "csv", question))) == total
    assert len(lines(content(client, "csv-lieux", question))) == located_rows(found)
    assert len(json.loads(content(client, "json", question))["entries"]) == total
    features = json.loads(content(client, "geojson", question))["features"]
    assert len(features) == located_rows(found)
    assert {one["properties"]["id"] for one in features} == {entry.pk for entry in found}


@pytest.mark.parametrize("question", QUESTIONS[:3])
def test_rows_out_of_made_files(client: Client, tmp_path: Path, question: str) -> None:
    found = list(queries.everything(filters_from(QueryDict(question))))
    path = tmp_path / "essai.gpkg"
    path.write_bytes(content(client, "gpkg", question))
    counts = [pyogrio.read_info(path, layer=name)["features"] for name in ("lieux", "sans_position")]
    assert sum(counts) == located_rows(found)
    book = openpyxl.load_workbook(io.BytesIO(content(client, "xlsx", question)), read_only=True)
    rows = {name: sum(1 for _row in book[name].iter_rows(min_row=2)) for name in ("Fiches", "Lieux")}
    assert rows == {"Fiches": len(found), "Lieux": located_rows(found)}


def test_the_json_loses_no_fact_of_the_study(client: Client) -> None:
    records = {one["external_id"]: one for one in json.loads(content(client, "json"))["entries"]}
    for entry in Entry.objects.all():
        record = records[entry.external_id]
        for name in (
            "dates",
            "figures",
            "funding",
            "links",
            "corrections",
            "actors",
            "description",
            "study_pages",
            "status_reason",
        ):
            assert record[name] == getattr(entry, name), (entry, name)
        assert record["source"]["name"].startswith("Repenser la ville intelligente")


def test_the_standards_of_the_study_hold(client: Client) -> None:
    from data_inclusion.schema.v1 import Service, Structure

    body = json.loads(content(client, "data-inclusion"))
    structures = [Structure.model_validate(one) for one in body["structures"]]
    services = [Service.model_validate(one) for one in body["services"]]
    assert len(structures) == len(services) > 50
    assert len({one.id for one in structures}) == len(structures)
    assert {one.structure_id for one in services} == {one.id for one in structures}
    assert not any(entry in one.nom for one in structures for entry in ("Maison de Grigny",)), (
        "closed places are not offered"
    )


@pytest.mark.real_data
def test_frictionless_takes_the_mediation_file(client: Client, tmp_path: Path, real_data: Path) -> None:
    from frictionless import Resource, Schema

    path = tmp_path / "lieux.csv"
    path.write_bytes(content(client, "lieux-mediation"))
    assert len(lines(path.read_bytes())) > 5
    schema = Schema.from_descriptor(json.loads((real_data / "schemas" / "lmn-schema.json").read_text(encoding="utf-8")))
    report = Resource(path=path.name, basepath=str(tmp_path), schema=schema).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "message"])
