"""The files of a map: PDF/UA with language, title, tags and words for the picture; SVG; CSV that is complete."""

from __future__ import annotations

import csv
import io
from typing import Any

import pikepdf
import pytest
from django.test import Client

from maillage.rooms.observatory.tests.makers_maps import QUERY, communes, give, indicator, saved, unemployment

pytestmark = pytest.mark.django_db
FILES = "/observatoire/cartes/fichier"


def pdf(client: Client, path: str) -> pikepdf.Pdf:
    answer = client.get(path)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    return pikepdf.open(io.BytesIO(answer.content))


def alternatives(document: pikepdf.Pdf) -> list[str]:
    """The alternative texts of the tree of tags."""
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, pikepdf.Array):
            for one in node:
                walk(one)
        elif isinstance(node, pikepdf.Dictionary):
            if "/Alt" in node:
                found.append(str(node.Alt))
            if "/K" in node:
                walk(node.K)

    walk(document.Root.StructTreeRoot.K)
    return found


@pytest.mark.parametrize("paper, size", [("a4", (842, 595)), ("a3", (1191, 842))])
def test_a_sheet_says_what_it_is(client: Client, paper: str, size: tuple[int, int]) -> None:
    unemployment()
    row, _secret = saved(title="Le chômage chez nous", author="Le groupe du mardi", note="À <b>lire</b> #panic()")
    document = pdf(client, f"/observatoire/cartes/{row.code}/fichier/pdf/?papier={paper}")
    assert document.Root.Lang == "fr" and document.Root.MarkInfo.Marked
    assert document.docinfo.Title == "Le chômage chez nous" and document.docinfo.Author == "Le groupe du mardi"
    assert [round(float(one)) for one in document.pages[0].MediaBox[2:]] == list(size) and len(document.pages) == 1
    with document.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
    told = alternatives(document)
    assert len(told) == 1 and "de 4,0 % (Ville 1) à 21,0 % (Ville 5)" in told[0].replace("\N{NO-BREAK SPACE}", " ")


def test_circles_are_printed_too(client: Client) -> None:
    codes = communes(3)
    give(indicator("gens", nature="count", unit="", decimals=0), dict(zip(codes, (100.0, 400.0, 0.0), strict=True)))
    pdf(client, f"{FILES}/pdf/?indicateur=gens")


def test_arabic_words_are_printed(client: Client) -> None:
    unemployment()
    row, _secret = saved(title="خريطة البطالة", author="أحمد", note="😀 ok")
    assert pdf(client, f"/observatoire/cartes/{row.code}/fichier/pdf/").docinfo.Title == "خريطة البطالة"


def test_another_paper_is_not_known(client: Client) -> None:
    unemployment()
    assert client.get(f"{FILES}/pdf/?{QUERY}&papier=a0").status_code == 404


def test_nothing_to_draw_has_no_file(client: Client) -> None:
    for name in ("image", "svg", "pdf", "csv"):
        assert client.get(f"{FILES}/{name}/?indicateur=rien").status_code == 404


def test_the_csv_holds_every_territory_and_what_it_says_is_inert(client: Client) -> None:
    row = unemployment((4.0, None, 21.5))
    row.label = "=HYPERLINK(1)"
    row.save()
    answer = client.get(f"{FILES}/csv/?{QUERY}")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert [one["code"] for one in rows] == ["69001", "69002", "69003"] and answer["X-Row-Count"] == "3"
    assert [one["valeur"] for one in rows] == ["4.0", "", "21.5"] and rows[1]["etat"] == "non renseigné"
    assert {one["indicateur"] for one in rows} == {"'=HYPERLINK(1)"} and rows[2]["millesime"] == "2021"


def test_the_bounds_of_the_source_are_given(client: Client) -> None:
    row = unemployment((4.0, 6.0))
    row.values.filter(code="69001").update(low=3.5, high=4.5)
    text = client.get(f"/observatoire/cartes/?{QUERY}").content.decode()
    assert "entre 3,5" in text
    rows = b"".join(client.get(f"{FILES}/csv/?{QUERY}").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert ",4.0,renseigné,3.5,4.5,published," in rows
