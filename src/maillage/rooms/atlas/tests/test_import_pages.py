"""The pages of imports, as a browser without JavaScript sends them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from maillage.core.errors import Invalid
from maillage.core.intake.models import Run, SavedMapping, Source, Upload
from maillage.core.people.actions import add_person
from maillage.core.people.models import Person
from maillage.rooms.atlas import importing_uploads
from maillage.rooms.atlas.importing_tasks import import_upload
from maillage.rooms.atlas.importing_uploads import file_of, forget_old_uploads, keep_upload, run_upload
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.tests.posting import typed_values
from tests.helpers.budgets import assert_same_statements

pytestmark = pytest.mark.django_db
TEXT = "Nom;Rue;CP;Ville;Tél;Divers\nMJC;25 avenue des Frères;69008;Lyon;0478010203;oui\n"
TEXT += ";1 rue;69001;Lyon;;\nCSC;2 rue;69200;Vénissieux;472000102;x\n"


@pytest.fixture
def moderator() -> Person:
    return add_person("Modératrice", email="m@example.org", role="moderator", territory="commune:69259")


@pytest.fixture
def browser(client: Client, moderator: Person) -> Client:
    client.force_login(moderator)
    return client


def give(browser: Client, text: str | bytes = TEXT, name: str = "annuaire.csv") -> Any:
    content = text.encode() if isinstance(text, str) else text
    return browser.post(reverse("atlas:import"), {"file": SimpleUploadedFile(name, content)})


def preview_of(browser: Client, text: str = TEXT) -> tuple[str, dict[str, Any]]:
    address = give(browser, text).url
    return address, typed_values(browser.get(address).content.decode())


def test_from_the_file_to_the_list(browser: Client) -> None:
    address, form = preview_of(browser)
    page = browser.get(address).content.decode()
    assert form["column-0"] == "name" and form["column-2"] == "postcode" and form["column-4"] == "phone"
    assert "25 avenue des Frères" in page and "l’intitulé le dit" in page
    form |= {"source_name": "Annuaire des maisons", "licence": "ODbL", "published_on": "05/2024", "action": "import"}
    wrong = browser.post(address, form)
    assert (
        wrong.status_code == 422
        and "n’est pas comprise" in wrong.content.decode()
        and "Annuaire des maisons" in wrong.content.decode()
    )
    done = browser.post(address, form | {"published_on": "2024-05"})
    assert done.status_code == 302 and not Entry.objects.filter(name="").exists()
    report = browser.get(done.url).content.decode()
    run = Run.objects.get()
    assert (run.rows_in, run.kept, run.rejected, run.by_role) == (3, 2, 1, "moderator")
    assert (
        "Le nom manque" in report
        and "zéro du début remis au téléphone" in report
        and "Télécharger les lignes rejetées" in report
    )
    public = Client().get(reverse("atlas:source", args=["annuaire-des-maisons"])).content.decode()
    assert "ODbL" in public and "mai 2024" in public and "MJC" in public and "Modératrice" not in public
    assert "Annuaire des maisons" in Client().get(reverse("atlas:sources")).content.decode()
    assert browser.get(address).url == done.url


def test_rejects_are_downloaded_mended_and_given_back(browser: Client) -> None:
    address, form = preview_of(browser)
    done = browser.post(address, form | {"source_name": "Annuaire", "action": "import"})
    run = Run.objects.get()
    answer = browser.get(reverse("atlas:import_rejects", args=[run.pk]))
    assert 'filename="annuaire-rejets.csv"' in answer["Content-Disposition"]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert lines[0] == ["ligne", "colonne", "raison", "Nom", "Rue", "CP", "Ville", "Tél", "Divers"]
    assert lines[1][:4] == ["3", "Nom", "Le nom manque.", ""]
    mended = text.replace("Le nom manque.;;1 rue", "Le nom manque.;Maison du 1er;1 rue")
    again = give(browser, mended, "annuaire-rejets.csv").url
    page = browser.get(again).content.decode()
    form = typed_values(page)
    assert form["source_code"] == "annuaire" and "fichier de rejets réparé" in page and form["column-3"] == "name"
    browser.post(again, form | {"action": "import"})
    assert set(Entry.objects.values_list("name", flat=True)) == {"MJC", "CSC", "Maison du 1er"}
    assert Source.objects.exclude(mapping={}).count() == 1 and done.status_code == 302


def test_a_correction_of_the_columns_is_kept_and_saved_under_a_name(browser: Client) -> None:
    address, form = preview_of(browser)
    form |= {"column-5": "operator", "source_name": "A", "save_as": "Maisons", "action": "try"}
    tried = browser.post(address, form)
    assert (
        tried.status_code == 200 and "rien n’a été enregistré" in tried.content.decode() and not Entry.objects.exists()
    )
    assert SavedMapping.objects.get().columns["Divers"] == "operator"
    assert typed_values(browser.get(address).content.decode())["column-5"] == "operator"
    other, _form = preview_of(browser, TEXT.replace("MJC", "Autre"))
    browser.post(other, {"action": "saved", "saved": "maisons"})
    assert typed_values(browser.get(other).content.decode())["column-5"] == "operator"


def test_meanings_that_cannot_work_together_are_said_beside_the_column(browser: Client) -> None:
    address, form = preview_of(browser)
    answer = browser.post(address, form | {"column-5": "postcode", "source_name": "A", "action": "import"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Une seule colonne peut être" in page and "Déjà choisi" in page
    assert typed_values(page)["column-5"] == "postcode" and not Run.objects.exists()
    assert (
        browser.post(address, form | {"column-0": "ignored", "source_name": "A", "action": "import"}).status_code == 422
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b"<html><body>Erreur 404</body></html>", "page web"),
        (b'[{"nom": "MJC"', "incomplet"),
        (b"Nom;Ville\n", "aucune ligne"),
    ],
)
def test_what_is_no_table_is_refused_and_not_kept(browser: Client, content: bytes, said: str) -> None:
    answer = give(browser, content)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_new_source_does_not_take_the_name_of_another(browser: Client) -> None:
    Source.objects.create(code="contributions", name="Contributions du public")
    address, form = preview_of(browser)
    answer = browser.post(address, form | {"source_name": "Contributions", "action": "import"})
    assert answer.status_code == 422 and "porte déjà ce nom" in answer.content.decode() and not Run.objects.exists()


def test_neither_file_nor_address(browser: Client) -> None:
    assert "Choisissez un fichier" in browser.post(reverse("atlas:import"), {}).content.decode()


def test_a_large_file_is_left_to_the_worker(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing_uploads, "ROWS_AT_ONCE", 2)
    address, form = preview_of(browser)
    answer = browser.post(address, form | {"source_name": "A", "action": "import"})
    upload = Upload.objects.get()
    assert answer.url == address and upload.state == "waiting" and not Run.objects.exists()
    assert "L’import est en cours" in browser.get(address).content.decode()
    assert import_upload(upload.pk) == "done" and Run.objects.get().kept == 2
    assert run_upload(upload).state == "done" and Run.objects.count() == 1
    assert browser.get(address).status_code == 302


def test_a_fault_of_the_import_is_said_and_can_be_tried_again(browser: Client, moderator: Person) -> None:
    upload = keep_upload("a.csv", [TEXT.encode()], moderator)
    file_of(upload).unlink()
    assert run_upload(upload).state == "failed"
    page = browser.get(reverse("atlas:import_preview", args=[upload.uid])).content.decode()
    assert "n’est plus gardé" in page and "Rien n’a été changé" in page


def test_files_are_forgotten_after_a_month(moderator: Person) -> None:
    upload = keep_upload("a.csv", [TEXT.encode()], moderator)
    path = file_of(upload)
    assert forget_old_uploads() == 0 and path.is_file()
    assert forget_old_uploads(timezone.now() + timezone.timedelta(days=31)) == 1 and not path.exists()


def test_a_file_beyond_measure_is_not_kept(moderator: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing_uploads, "MAX_BYTES", 100)
    with pytest.raises(Invalid, match="Coupez-le"):
        keep_upload("a.csv", [b"x" * 60, b"x" * 60], moderator)
    assert not Upload.objects.exists()


def test_two_thousand_columns_pass_through_the_page(browser: Client) -> None:
    names = ";".join(["Nom", *(f"champ {number}" for number in range(1, 2000))])
    row = ";".join(["MJC", *(f"v{number}" for number in range(1, 2000))])
    address, form = preview_of(browser, f"{names}\n{row}\n")
    assert len([name for name in form if name.startswith("column-")]) == importing_uploads.COLUMNS_SHOWN
    answer = browser.post(address, form | {"source_name": "A", "action": "import"})
    assert answer.status_code == 302 and Entry.objects.get().name == "MJC"


def test_pages_cost_the_same_however_many_sources_and_entries(client: Client) -> None:
    source = Source.objects.create(code="s", name="S")
    made = [0]

    def make(count: int) -> None:
        from maillage.rooms.atlas.tests.makers import at, make_entry

        for _number in range(count):
            made[0] += 1
            Source.objects.create(code=f"s{made[0]}", name=f"Source {made[0]}").runs.create(rows_in=1, kept=1)
            Entry.objects.filter(pk=make_entry(f"Lieu {made[0]}", places=(at(4.8, 45.7),)).pk).update(source=source)

    assert_same_statements(client, reverse("atlas:sources"), make)
    assert_same_statements(client, reverse("atlas:source", args=["s"]), make)


def test_the_entries_of_a_source_are_listed_page_by_page(client: Client) -> None:
    from maillage.rooms.atlas.tests.makers import make_entry

    for number in range(120):
        make_entry(f"Lieu {number:03}")
    address, seen = reverse("atlas:source", args=["essai"]), list[str]()
    while address:
        context = client.get(address).context
        seen += [line.name for line in context["lines"]]
        address = context["next_url"].partition("#")[0]
    assert seen == [f"Lieu {number:03}" for number in range(120)]
    assert client.get(f"{reverse('atlas:source', args=['essai'])}?apres=zz-x").status_code == 200
