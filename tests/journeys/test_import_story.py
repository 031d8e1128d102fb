"""A directory received by mail: loaded, refused in part, mended in a spreadsheet, found on the list and the map, exported,
and given back without doubling anything. Told once on a computer, without JavaScript but for the map."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import openpyxl
from playwright.sync_api import Page

from tests.journeys.conftest import DESK, MakePage
from tests.journeys.maps import shown_on
from tests.journeys.stories import press, sign_in

HEADS = (
    "Nom de la structure",
    "Adresse",
    "CP",
    "Commune",
    "Latitude",
    "Longitude",
    "Téléphone",
    "Horaires",
    "Services",
)
ROWS: tuple[tuple[str | int, ...], ...] = (
    ("Zéphyr des projets", "12 rue des Lilas", 69200, "Vénissieux", "45,7036", "4,8862", 472000102,
     "du lundi au vendredi 9h-12h", "Atelier numérique"),
    # Longitude and latitude in each other's place; the commune is a cell merged with that above.
    ("Zéphyr numérique", "3 avenue Jean Cagne", 69200, "", "4,8722", "45,6933", "04.72.00.01.03", "mardi 14h-17h",
     "Atelier numérique"),
    ("", "5 place Sublet", 69200, "Vénissieux", "", "", "", "", ""),
    ("Zéphyr sans adresse", "", "", "", "125,3", "999", "", "", ""),
)  # fmt: skip


def by_mail(path: Path) -> Path:
    """What services send: a title, a warning, the headings in row 7, merged cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "Annuaire des lieux d’accueil"
    sheet.merge_cells("A1:I1")
    sheet["A4"] = "Ne pas diffuser sans accord"
    for line, row in enumerate((HEADS, *ROWS), start=7):
        for column, value in enumerate(row, start=1):
            sheet.cell(line, column).value = value or None
    sheet.merge_cells("D8:D9")
    book.save(path)
    return path


def give(page: Page, path: Path) -> None:
    """From the import page to the check of the columns."""
    page.goto("/atlas/importer/")
    page.set_input_files("input[type=file]", path)
    press(page, "Continuer")
    page.wait_for_url(re.compile(r"/importer/[0-9a-f-]{36}/$"))


def import_it(page: Page) -> None:
    page.get_by_role("button", name="Importer", exact=True).click()
    page.wait_for_url(re.compile(r"/importer/passage/\d+/$"))


def counts(page: Page) -> list[int]:
    """Read, kept, unchanged, merged, rejected, as the report shows them."""
    return [int(text) for text in page.locator(".import-counts dd").all_inner_texts()]


def mended(rejects: Path, target: Path) -> Path:
    """The rejects file opened, mended and saved in a spreadsheet."""
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file, delimiter=";"))
    heads = lines[0]
    assert heads[:3] == ["ligne", "colonne", "raison"] and len(lines) == 3
    lines[1][heads.index(HEADS[0])] = "Zéphyr retrouvé"
    for name, text in (("Latitude", "45,70"), ("Longitude", "4,88"), ("Commune", "Vénissieux"), ("CP", "69200")):
        lines[2][heads.index(name)] = text
    book = openpyxl.Workbook()
    assert book.active is not None
    for line in lines:
        book.active.append(line)
    book.save(target)
    return target


def downloaded(page: Page, label: str, folder: Path) -> Path:
    with page.expect_download() as waited:
        press(page, label)
    target = folder / waited.value.suggested_filename
    waited.value.save_as(target)
    return target


def test_a_directory_received_by_mail(make_page: MakePage, moderator_link: str, tmp_path: Path) -> None:
    page = make_page(DESK, javascript=False)
    sign_in(page, moderator_link)
    give(page, by_mail(tmp_path / "annuaire_zephyr.xlsx"))
    told = page.locator("main").inner_text()
    assert "Les intitulés sont à la ligne 7" in told and "9 colonnes reconnues" in told
    assert page.get_by_label("Son nom, si elle est nouvelle").input_value() == "Annuaire zephyr"
    page.get_by_label("Licence").fill("Licence Ouverte 2.0")
    page.get_by_label("Date des données").fill("12/05/2024")
    press(page, "Essayer sans rien enregistrer")
    assert "Essai\xa0: rien n’a été enregistré" in page.locator("main").inner_text()
    import_it(page)
    assert counts(page) == [4, 2, 0, 0, 2]
    told = page.locator("main").inner_text()
    assert "Le nom manque." in told and "Coordonnées impossibles" in told and "étaient inversées" in told

    rejects = downloaded(page, "Télécharger les lignes rejetées", tmp_path)
    give(page, mended(rejects, tmp_path / f"{rejects.stem}.xlsx"))
    assert "C’est un fichier de rejets réparé" in page.locator("main").inner_text()
    import_it(page)
    assert counts(page) == [2, 2, 0, 0, 0]

    page.goto("/atlas/?q=zephyr")
    names = [text for text in page.locator(".cards .card-title").all_inner_texts() if "Zéphyr" in text]
    assert len(names) == 4, names
    press(page, "Zéphyr numérique")
    sheet = page.locator("main").inner_text()
    assert "Licence Ouverte 2.0" in sheet and "12 mai 2024" in sheet
    assert "0472000103" in re.sub(r"\s", "", sheet)
    mapped = make_page(DESK)
    mapped.goto("/atlas/carte/?q=zephyr")
    assert shown_on(mapped).total == 4  # that without coordinates stands in the middle of its commune
    mapped.close()

    files = export_all(page, tmp_path)
    for path in files:
        give(page, path)
        assert "a été exporté d’un site comme celui-ci" in page.locator("main").inner_text(), path.name
        import_it(page)
        read, kept, unchanged, merged, rejected = counts(page)
        assert (kept, merged, rejected) == (0, 0, 0) and read == unchanged > 0, (path.name, counts(page))
    page.goto("/atlas/?q=zephyr")
    again = [text for text in page.locator(".cards .card-title").all_inner_texts() if "Zéphyr" in text]
    assert sorted(again) == sorted(names)


def export_all(page: Page, folder: Path) -> list[Path]:
    """Every file that the download page offers for these entries."""
    found = []
    page.goto("/atlas/telecharger/?q=zephyr")
    addresses = page.locator("main a[href*='/telecharger/']").evaluate_all("links => links.map(one => one.href)")
    for address in dict.fromkeys(addresses):
        answer = page.request.get(address)
        name = re.search(r'filename="([^"]+)"', answer.headers.get("content-disposition", ""))
        if name is not None:
            path = folder / name[1]
            path.write_bytes(answer.body())
            found.append(path)
    assert len(found) >= 6, addresses
    return found
