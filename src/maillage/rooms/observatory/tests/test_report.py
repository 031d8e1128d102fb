"""The report: same data, same bytes, in two processes; what the PDF says of itself; what is missing is said."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.utils import translation

from maillage.core.errors import Missing
from maillage.core.exports.printing import printable
from maillage.core.observed import ObservedThing
from maillage.core.places.models import Territory
from maillage.core.places.tests.makers import at, territory
from maillage.rooms.observatory import report, report_print
from maillage.rooms.observatory.models_indicators import IndicatorValue
from maillage.rooms.observatory.report import report_of, version_of
from maillage.rooms.observatory.report_blocks import Drawing, Table
from maillage.rooms.observatory.report_print import made_at, report_pdf, standalone_html
from maillage.rooms.observatory.tests.makers_maps import communes, give, indicator
from maillage.rooms.observatory.tests.test_maps_files import alternatives

pytestmark = pytest.mark.django_db
EPCI = {"kind": "epci", "code": "200046977"}


def things() -> list[ObservedThing]:
    """Three things of the intercommunality: two of one theme, one that nobody placed; one elsewhere."""
    here = ("commune:69001", "epci:200046977")
    facets = {"theme": ("training",), "actor_kind": ("association",)}
    return [
        ObservedThing("atlas", 7, "Atelier <b>libre</b>", "/a/", "essai", facets, here, *at(500, 500), pages=(12,)),
        ObservedThing("atlas", 8, "Écrivain public 😀", "/b/", "essai", facets, here, *at(900, 200)),
        ObservedThing("atlas", 9, "Ailleurs dans la ville", "/c/", "essai", {}, here),
        ObservedThing("atlas", 10, "Loin", "/d/", "essai", facets, ("commune:13055",)),
    ]


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = communes(6)
    give(indicator("chomage", direction="bad"), dict(zip(codes, (4.0, 6.5, 9.0, 12.5, 21.0), strict=False)))
    give(
        indicator("no2", label="Dioxyde d’azote", unit="µg/m³", nature="index", topic="air"), dict.fromkeys(codes, 21.0)
    )
    give(indicator("population", label="Habitants", unit="habitants", nature="count", decimals=0, topic="population"),
         {"200046977": 21000.0}, kind="epci", vintage=2023)  # fmt: skip
    monkeypatch.setattr(report, "observed_things", things)
    for name in ("maps_layers", "queries_reliefs"):
        monkeypatch.setattr(f"maillage.rooms.observatory.{name}.observed_things", things)
    report_print._kept.clear()


def words(found: report.Report) -> str:
    """Everything that a report says, in one text."""
    return str([*found.sentences, *found.blocks])


def pdf(found: report.Report) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(report_pdf(found)))


def tags(document: pikepdf.Pdf) -> set[str]:
    found: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, pikepdf.Array):
            for one in node:
                walk(one)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                found.add(str(node.S))
            if "/K" in node:
                walk(node.K)

    walk(document.Root.StructTreeRoot.K)
    return found


@pytest.mark.usefixtures("data")
def test_the_pdf_says_its_language_title_tags_and_words_for_pictures() -> None:
    found = report_of(**EPCI)
    document = pdf(found)
    assert document.Root.Lang == "fr" and document.Root.MarkInfo.Marked
    assert document.docinfo.Title == "Rapport de l’observatoire : Métropole d’essai"
    with document.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
    assert {"/H1", "/H2", "/P", "/Table", "/TH", "/TD", "/Figure", "/L", "/TOC"} <= tags(document)
    told = alternatives(document)
    assert len(told) == len(found.drawings) + 1 and all(len(one) > 20 for one in told)
    assert any("Carte de Taux de chômage" in one and "non renseigné (1)" in one for one in told)
    assert document.Root.ViewerPreferences.DisplayDocTitle


@pytest.mark.usefixtures("data")
def test_the_date_in_the_file_is_that_of_the_data() -> None:
    found = report_of(**EPCI)
    assert made_at(found).year == 2023 and str(pdf(found).docinfo.CreationDate).startswith("D:20230101")


@pytest.mark.usefixtures("data")
def test_the_same_data_give_the_same_bytes_whatever_their_order_and_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    first = report_of(**EPCI)
    page, body = standalone_html(first), report_pdf(first)
    rows = list(IndicatorValue.objects.order_by("-pk").values())
    IndicatorValue.objects.all().delete()
    IndicatorValue.objects.bulk_create(IndicatorValue(**{**row, "id": None}) for row in rows)
    Territory.objects.update(loaded_at="2031-01-01T00:00Z")
    monkeypatch.setattr(report, "observed_things", lambda: things()[::-1])
    report_print._kept.clear()
    with translation.override("ar"):
        second = report_of(**EPCI)
    assert second.version == first.version and standalone_html(second) == page and report_pdf(second) == body


@pytest.mark.usefixtures("data")
def test_another_value_is_another_version() -> None:
    before = version_of(**EPCI)
    IndicatorValue.objects.filter(code="69001", indicator__code="chomage").update(value=4.1)
    assert version_of(**EPCI) != before
    assert report_of(**EPCI).version == version_of(**EPCI)


ALONE = """
import sys, pickle, hashlib
import django
django.setup()
from maillage.rooms.observatory.report_print import report_pdf, standalone_html
found = pickle.loads(sys.stdin.buffer.read())
print(hashlib.sha256(report_pdf(found)).hexdigest())
"""


@pytest.mark.usefixtures("data")
def test_two_processes_make_the_same_file(tmp_path: Path) -> None:
    import os
    import pickle

    found = report_of(**EPCI)
    sent = pickle.dumps(found)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(Path(__file__).parents[5]),
    }
    environment |= {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    done = subprocess.run([sys.executable, "-c", ALONE], input=sent, capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().split()[-1] == hashlib.sha256(report_pdf(found)).hexdigest()


@pytest.mark.usefixtures("data")
def test_what_it_says_can_be_counted_by_hand() -> None:
    found = report_of(**EPCI)
    text = words(found)
    assert "3 lieux ou initiatives y sont décrits ; le plus souvent : Apprendre le numérique (2)" in text
    assert "Loin" not in text and "1 fiche n’a pas de position connue" in text
    tables = {one.caption: one for one in found.blocks if isinstance(one, Table)}
    values = next(one for caption, one in tables.items() if caption.startswith("Communes, 2021"))
    assert "non renseigné" in next(row for row in values.rows if row[0] == "Ville 6")
    theme = next(one for caption, one in tables.items() if caption.startswith("Thème et Groupe"))
    line = next(row for row in theme.rows if row[0] == "Apprendre le numérique")
    assert line[-1] == "2"


@pytest.mark.usefixtures("data")
def test_every_drawing_is_ours_and_holds_in_black_and_white() -> None:
    import re

    for one in report_of(**EPCI).drawings:
        colours = {colour.upper() for colour in re.findall(r"#[0-9A-Fa-f]{6}", one.svg)}
        greys = {colour for colour in colours if colour[1:3] == colour[3:5] == colour[5:7]}
        assert isinstance(one, Drawing) and colours - greys <= {"#1D2233", "#4A5064", "#F4F1EA", "#FBF8F2"}


def test_a_territory_without_anything_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    communes(1)
    territory("qpv", "QN06999I", name="Nulle part", generation="2024")
    for name in ("report", "maps_layers", "queries_reliefs"):
        monkeypatch.setattr(f"maillage.rooms.observatory.{name}.observed_things", list)
    found = report_of(kind="qpv", code="QN06999I")
    text = words(found)
    for told in (
        "Aucun lieu, aucune initiative", "Ni contour ni point", "Aucun fichier d’indicateurs", "Le contour officiel n’est",
        "La population de ce territoire n’est pas renseignée", "il n’y a rien à dessiner",
    ):  # fmt: skip
        assert told in text, told
    assert report_pdf(found).startswith(b"%PDF") and made_at(found).year == 2000
    assert client.get("/observatoire/rapport/qpv/QN06999I.html").status_code == 200


def test_an_unknown_territory_is_missing() -> None:
    with pytest.raises(Missing):
        report_of(kind="commune", code="00000")


@pytest.mark.usefixtures("data")
def test_the_page_shows_the_same_and_markup_is_only_text(client: Client) -> None:
    raw = client.get("/observatoire/rapport/epci/200046977.html").content.decode()
    assert "Atelier &lt;b&gt;libre" in raw and "<b>libre" not in raw and raw.count("<svg") >= 3
    assert "Métropole d’essai" in raw and "Version des données" in raw


@pytest.mark.usefixtures("data")
def test_a_browser_that_has_this_version_is_not_sent_it_again(client: Client) -> None:
    first = client.get("/observatoire/rapport/epci/200046977.pdf")
    assert first.status_code == 200 and first["Content-Language"] == "fr"
    again = client.get("/observatoire/rapport/epci/200046977.pdf", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_a_unit_that_the_fonts_lack_is_spelled() -> None:
    assert printable("21 µg/m³ ≥ 3 ‰") == "21 microg/m³ >= 3  pour mille"
