"""Loading indicators on screen: refused clearly, corrected, tried, loaded, its refusals downloaded."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from maillage.core.people.actions import add_person
from maillage.core.people.models import Person
from maillage.core.places.tests.makers import territory
from maillage.rooms.observatory.models import Indicator, IndicatorLoad, IndicatorUpload, IndicatorValue

pytestmark = pytest.mark.django_db
HERE = "/observatoire/indicateurs/charger/"
GOOD = {"kind": "qpv", "generation": "2015", "vintage": "2017", "source": "INSEE", "licence": "Licence Ouverte 2.0"}
TABLE = "code_qp,pop,part_x\nQP069001,6 206,0.25\nQP069999,1,0.5\n"


@pytest.fixture
def moderator(client: Client) -> Person:
    person = add_person("Bob", email="bob@example.org", role="moderator")
    client.force_login(person)
    territory("qpv", "QP069001", name="Un", generation="2015")
    return person


def given(client: Client, text: str = TABLE, name: str = "qp.csv", **fields: object):
    return client.post(HERE, {**GOOD, "file": SimpleUploadedFile(name, text.encode()), **fields})


@pytest.mark.usefixtures("moderator")
def test_each_fault_is_told_at_its_field_and_nothing_is_kept(client: Client) -> None:
    empty = client.post(HERE, {}).content.decode()
    for words in ("Choisissez un fichier.", "Ce champ est nécessaire."):
        assert words in empty
    for change, words in (
        ({"generation": "2024"}, "Ce fichier parle"), ({"generation": ""}, "Dites de quelle liste"),
        ({"vintage": "deux mille"}, "Écrivez une année"), ({"vintage": "2190"}, "pas encore venue"),
        ({"kind": "iris", "generation": ""}, ""),
    ):  # fmt: skip
        answer = given(client, **change)
        if answer.status_code == 302:  # read, and refused at the preview: its codes are no IRIS
            answer = client.post(answer["Location"], {"action": "load"})
        assert answer.status_code == 422 and words in answer.content.decode(), change
    assert given(client, "<!doctype html><html></html>").status_code == 422
    assert given(client, "").status_code == 422
    assert not IndicatorValue.objects.exists() and not Indicator.objects.exists()


def test_corrected_tried_loaded_and_its_refusals_downloaded(client: Client, moderator: Person) -> None:
    dictionary = SimpleUploadedFile("dico.csv", b"colonne,description\npop,Population municipale\n")
    preview = given(client, dictionary=dictionary)["Location"]
    page = client.get(preview).content.decode()
    assert "Population municipale" in page and "6 206" in page
    fields = {"role-0": "code", "role-1": "indicator", "code-1": "habitants", "label-1": "Habitants", "nature-1": "count",
              "unit-1": "habitants", "direction-1": "neutral", "role-2": "ignored"}  # fmt: skip
    trial = client.post(preview, {**fields, "action": "try"}).content.decode()
    assert "rien n’a été enregistré" in trial and "territoire inconnu" in trial
    assert not IndicatorValue.objects.exists() and IndicatorUpload.objects.exists()
    refused = client.post(preview, {**fields, "role-0": "ignored", "action": "load"})
    assert refused.status_code == 422 and "quelle colonne, et une seule" in refused.content.decode()
    done = client.post(preview, {**fields, "action": "load"})
    assert done.status_code == 302
    kept = IndicatorValue.objects.get()
    assert (kept.indicator.code, kept.indicator.label, kept.value, kept.vintage) == (
        "habitants",
        "Habitants",
        6206.0,
        2017,
    )
    assert not IndicatorUpload.objects.exists() and client.get(preview).status_code == 404
    report = client.get(done["Location"]).content.decode()
    assert "2 lignes lues, 1 gardées, 1 refus" in report
    load = IndicatorLoad.objects.get()
    rows = b"".join(client.get(f"/observatoire/indicateurs/chargements/{load.pk}/refus.csv").streaming_content)
    assert "QP069999" in rows.decode() and "3,code_qp" in rows.decode()
