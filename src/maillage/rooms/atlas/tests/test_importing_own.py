"""Our own exports given back: recognised, idempotent, nothing doubled; what a person changed in them corrects the entry."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from maillage.core.channels.kinds import Channel
from maillage.core.intake.models import Run, Source
from maillage.core.people.actions import add_person
from maillage.rooms.atlas.actions_apply import revise
from maillage.rooms.atlas.actions_save import Origin, PlaceData
from maillage.rooms.atlas.importing import Options, import_file
from maillage.rooms.atlas.importing_own import SOURCE_CODE
from maillage.rooms.atlas.importing_run import Outcome
from maillage.rooms.atlas.models import Entry, Place, Revision
from maillage.rooms.atlas.tests.makers import at, make_entry
from maillage.rooms.atlas.tests.test_exports import content

pytestmark = pytest.mark.django_db
FILES = ("csv", "csv-lieux", "xlsx", "geojson", "gpkg", "json", "lieux-mediation", "data-inclusion")
TABLES = ("csv", "csv-lieux")
Row = dict[str, str]


@pytest.fixture
def entries() -> list[Entry]:
    library = at(4.8703, 45.7445, "Bibliothèque", address="25 avenue des Frères Lumière", postcode="69008", commune="Lyon",
                 commune_code="69388", phone="+33478010203", website="https://exemple.fr/a",
                 opening_hours="Mo-Fr 09:00-12:00", opening_hours_text="du lundi au vendredi 9h-12h")  # fmt: skip
    second = at(4.8862, 45.6971, "Antenne", address="16 rue Jules Ferry", postcode="69200", commune="Vénissieux",
                commune_code="69259")  # fmt: skip
    return [
        make_entry("Atelier « clic » ; =suite", places=(library, second), themes=["training", "rights"], kind="place",
                   publics=["elderly"], digital_means=["workshop"], mediation="accompanied", status="active",
                   description="Une première ligne.\nUne seconde ; =1+1", status_as_of="2024-05"),
        make_entry("-Sans lieu", themes=["culture"], status="closed", status_reason="Plus de moyens"),
        make_entry("Sans position", places=(PlaceData(label="Quelque part", commune="Givors"),)),
    ]  # fmt: skip


def state() -> Any:
    rows = Entry.objects.order_by("pk").values_list("pk", "name", "version", "themes", "description")
    places = Place.objects.order_by("entry_id", "position")
    return list(rows), list(places.values_list("entry_id", "label", "lon", "phone", "opening_hours", "address"))


def give(folder: Path, body: bytes, name: str = "export", **options: Any) -> Outcome:
    path = folder / name
    path.write_bytes(body)
    return import_file(path, name, Options(**options))


def changed(body: bytes, change: Callable[[list[Row]], None]) -> bytes:
    """The CSV with its rows changed, as a spreadsheet writes it in France: semicolons."""
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    change(rows)
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, rows[0].keys(), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode("utf-8-sig")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("code", FILES)
def test_given_back_as_it_was_it_changes_nothing(
    client: Client, entries: list[Entry], tmp_path: Path, code: str, language: str
) -> None:
    client.cookies["django_language"] = language
    body, before, revisions = content(client, code), state(), Revision.objects.count()
    for _time in range(2):
        run = give(tmp_path, body).run
        assert run.rows_in == run.unchanged >= 1, (run.rows_in, list(run.rejects.values_list("column", "reason")))
        assert run.report["cleaned"] == [] and run.source.code == SOURCE_CODE
    assert state() == before and Revision.objects.count() == revisions


def test_every_line_of_each_file_is_recognised(client: Client, entries: list[Entry], tmp_path: Path) -> None:
    expected = {"csv": 3, "csv-lieux": 4, "geojson": 4, "json": 3, "lieux-mediation": 2}
    assert {code: give(tmp_path, content(client, code)).run.rows_in for code in expected} == expected


@pytest.mark.parametrize("code", TABLES)
def test_a_cell_changed_in_the_spreadsheet_corrects_the_entry(
    client: Client, entries: list[Entry], tmp_path: Path, code: str
) -> None:
    def mend(rows: list[Row]) -> None:
        row = next(row for row in rows if row["commune"] == "Lyon")
        row["telephone"], row["themes"], row["resume"] = "04 72 11 22 33", "Se former", "Une phrase corrigée."
        row["horaires"], row["code_postal"] = "lundi 14h-17h", "69008"

    body = changed(content(client, code), mend)
    run = give(tmp_path, body, by_role="moderator").run
    assert (run.kept, run.created, run.rejected) == (1, 0, 0), list(run.rejects.values_list("column", "reason"))
    entry = Entry.objects.get(pk=entries[0].pk)
    first, second = entry.places.order_by("position")
    assert (first.phone, first.opening_hours, second.label) == ("+33472112233", "Mo 14:00-17:00", "Antenne")
    assert entry.summary == "Une phrase corrigée." and entry.description == entries[0].description
    revision = entry.revisions.order_by("-number").first()
    assert revision is not None and revision.channel == Channel.DESK and revision.who == "moderator"
    again = give(tmp_path, body).run
    assert again.unchanged == run.rows_in and Entry.objects.count() == 3, refusals(again)


def test_a_workbook_changed_and_saved_by_a_spreadsheet(client: Client, entries: list[Entry], tmp_path: Path) -> None:
    path = tmp_path / "fiches.xlsx"
    path.write_bytes(content(client, "xlsx"))
    book = openpyxl.load_workbook(path)
    sheet = book["Fiches"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    line = next(row[0].row for row in sheet.iter_rows(min_row=2) if row[0].value == entries[0].pk)
    sheet.cell(line, heads["Téléphone"]).value = "0472112233"
    new = sheet.max_row + 1
    for label, text in (("Nom", "Une nouvelle salle"), ("Commune", "Bron"), ("Code postal", 69500)):
        sheet.cell(new, heads[label]).value = text
    book.save(path)
    run = import_file(path, path.name, Options(table="Fiches")).run
    assert (run.rows_in, run.kept, run.created, run.unchanged) == (4, 2, 1, 2)
    assert Place.objects.filter(entry=entries[0]).order_by("position")[0].phone == "+33472112233"
    added = Entry.objects.get(name="Une nouvelle salle")
    assert added.source.code == SOURCE_CODE and added.places.get().postcode == "69500"
    assert import_file(path, path.name, Options(table="Fiches")).run.unchanged == 4 and Entry.objects.count() == 4


def refusals(run: Run) -> list[tuple[str, str]]:
    return list(run.rejects.order_by("row_number").values_list("column", "reason"))


def test_what_cannot_be_taken_is_refused_with_its_reason(client: Client, entries: list[Entry], tmp_path: Path) -> None:
    def spoil(rows: list[Row]) -> None:
        by_name = {row["nom"].strip("'"): row for row in rows}
        by_name["Sans position"]["themes"] = "Sorcellerie"
        by_name["-Sans lieu"]["fiche"] = by_name["-Sans lieu"]["fiche"].replace("/fiche/", "/fiche/999")
        next(row for row in rows if row["commune"] == "Lyon")["telephone"] = "04 72 00"

    before = state()
    run = give(tmp_path, changed(content(client, "csv"), spoil)).run
    said = dict(refusals(run))
    assert run.rejected == 3, said
    assert run.rejected == 3 and state() == before
    assert "n’est pas une valeur connue" in said["themes"] and "n’existe pas ici" in said["fiche"]
    assert "telephone" in said


def test_an_export_older_than_the_entry_undoes_nothing(client: Client, entries: list[Entry], tmp_path: Path) -> None:
    old = content(client, "csv")
    revise(entries[2], {"summary": "Corrigée ici entre-temps.", "operator": "La Ville"}, Origin(channel=Channel.WEB))
    assert give(tmp_path, old).run.unchanged == 3

    def mend(rows: list[Row]) -> None:
        row = next(row for row in rows if row["nom"] == "Sans position")
        row["resume"], row["description"] = "Corrigée là-bas.", "Rien ne l’empêche."

    run = give(tmp_path, changed(old, mend)).run
    assert (run.unchanged, run.rejected) == (2, 1) and "exportez-la à nouveau" in refusals(run)[0][1]

    def add(rows: list[Row]) -> None:
        next(row for row in rows if row["nom"] == "Sans position")["description"] = "Rien ne l’empêche."

    assert give(tmp_path, changed(old, add)).run.kept == 1
    now = Entry.objects.get(pk=entries[2].pk)
    assert (now.summary, now.operator) == ("Corrigée ici entre-temps.", "La Ville") and now.description.startswith(
        "Rien"
    )


def test_a_column_that_no_file_changes_is_said(client: Client, entries: list[Entry], tmp_path: Path) -> None:
    def spoil(rows: list[Row]) -> None:
        rows[0]["etat"] = "En pause"

    report = give(tmp_path, changed(content(client, "csv"), spoil)).run.report
    assert [(one["column"], one["is_loss"]) for one in report["cleaned"]] == [("etat", True)]


def test_a_moderator_of_elsewhere_changes_nothing(client: Client, entries: list[Entry], tmp_path: Path) -> None:
    Entry.objects.filter(pk=entries[0].pk).update(territories=["commune:69388"])

    def mend(rows: list[Row]) -> None:
        next(row for row in rows if row["commune"] == "Lyon")["telephone"] = "04 72 11 22 33"

    body = changed(content(client, "csv"), mend)
    elsewhere = add_person("Ailleurs", email="a@example.org", role="moderator", territory="commune:69259")
    run = give(tmp_path, body, by=elsewhere, by_role="moderator").run
    assert (run.unchanged, run.rejected) == (2, 1) and "Vous ne modérez pas" in refusals(run)[0][1]
    there = add_person("Ici", email="i@example.org", role="moderator", territory="commune:69388")
    assert give(tmp_path, body, by=there, by_role="moderator").run.kept == 1


def test_an_entry_hidden_since_is_not_brought_back(client: Client, entries: list[Entry], tmp_path: Path) -> None:
    body = content(client, "geojson")
    revise(entries[1], {"is_published": False}, Origin(channel=Channel.WEB))
    run = give(tmp_path, body).run
    assert run.rejected == 1 and not Entry.objects.get(pk=entries[1].pk).is_published


@pytest.mark.parametrize("code", ["csv", "json", "lieux-mediation", "gpkg"])
def test_the_export_of_another_site_is_an_ordinary_directory(
    client: Client, entries: list[Entry], tmp_path: Path, settings: Any, code: str
) -> None:
    body = content(client, code)
    settings.SITE_ADDRESS = "https://atlas.exemple.org"
    Source.objects.create(code="occupied", name="x")
    run = give(tmp_path, body, source_code="voisin", source_name="Le voisin").run
    assert run.created == run.kept > 0 and "autre site" in " ".join(run.report["notes"])
    made = Entry.objects.filter(source__code="voisin").order_by("pk")
    assert made.count() == run.kept
    if code != "lieux-mediation":  # the standard has kinds of help, not our themes
        assert {"training", "rights"} <= {one for entry in made for one in entry.themes}
    assert Place.objects.filter(entry__source__code="voisin", lon__isnull=False).exists()
    again = give(tmp_path, body, source_code="voisin").run
    assert again.unchanged == again.rows_in and made.count() == run.kept


def test_the_screen_says_that_the_file_is_ours(client: Client, entries: list[Entry]) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from maillage.rooms.atlas.tests.posting import typed_values

    body = content(client, "csv")
    client.force_login(add_person("M", email="m@example.org", role="moderator", territory="commune:69259"))
    for name in ("fiches.csv", "autre-nom.csv"):
        address = client.post(reverse("atlas:import"), {"file": SimpleUploadedFile(name, body)}).url
        page = client.get(address).content.decode()
        assert "a été exporté d’un site comme celui-ci" in page and "column-0" not in page  # nothing to guess
        done = client.post(address, typed_values(page) | {"action": "import"})
        assert done.status_code == 302, done.content.decode()
        assert "elles sont restées avec leur fiche" in client.get(done.url).content.decode()
    assert Entry.objects.count() == 3


def test_what_an_import_made_goes_out_and_comes_back(client: Client, tmp_path: Path) -> None:
    text = "Nom;Adresse;CP;Commune;Lat;Lon;Tél;Horaires;Services;Divers\n"
    text += "Zéphyr;12 rue des Lilas;69200;Vénissieux;45,69710;4,88620;0472000102;lun-ven 9h-12h;Atelier numérique;gratuit\n"
    text += "Alizé;3 rue Jean Cagne;69200;Vénissieux;45,69711;4,88621;0472000103;mardi 14h-17h;Atelier numérique;\n"
    give(tmp_path, text.encode(), source_code="annuaire", source_name="Annuaire", published_on="2024-05")
    for code in FILES:
        run = give(tmp_path, content(client, code)).run
        assert run.rows_in == run.unchanged == 2, (code, refusals(run))
