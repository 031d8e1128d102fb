"""CSV and XLSX: every row arrives, and no spreadsheet takes a text for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.core.exports.about import About, SourceNote, file_name
from maillage.core.exports.comma_separated import csv_chunks, csv_lines
from maillage.core.exports.spreadsheet import TooManyRows, write_xlsx
from maillage.core.exports.tables import Cell, Column, Table, inert_text

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ABOUT = About(
    "Essai", "Deux fiches.", 2, NOW, "https://exemple.fr/", (SourceNote("Étude", "Licence X", "2018"),), "Ville"
)
DANGEROUS = ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", "＝1+1", "=cmd|' /C calc'!A0"]


def table(*rows: tuple[Cell, ...]) -> Table[tuple[Cell, ...]]:
    columns = [
        Column(f"c{place}", f"Colonne {place}", lambda row, place=place: row[place]) for place in range(len(rows[0]))
    ]
    return Table("essai", columns, iter(rows))


def read(chunks: Iterator[bytes]) -> list[list[str]]:
    text = b"".join(chunks).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), strict=True))


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_looks_like_a_formula_is_a_text(text: str) -> None:
    assert inert_text(text).startswith("'")
    assert read(csv_chunks(table((text,))))[1] == ["'" + text]


@pytest.mark.parametrize("text", ["a;=1+1", "a; =1+1", "a;@SUM(A1)", "a;+33 1", "x;-1"])
def test_a_formula_after_a_semicolon_is_a_text_too(text: str) -> None:
    """French spreadsheets cut at semicolons: each part must be harmless by itself."""
    assert all(part.lstrip()[:1] not in "=+-@" for part in inert_text(text).split(";"))


@pytest.mark.parametrize(
    "text", ["04 72 00 00 00", "+33472000000", "tel:+33472000000", "Rendez-vous ; sur place", "5 − 3", "a - b"]
)
def test_ordinary_texts_and_telephones_stay_as_they_are(text: str) -> None:
    assert inert_text(text) == text


@given(st.text(max_size=60))
def test_no_text_begins_a_formula(text: str) -> None:
    written = read(csv_chunks(table((text,))))[1:]
    cell = written[0][0] if written else ""
    telephone = cell[:1] == "+" and cell[1:].isdigit()
    assert telephone or cell.strip()[:1] not in {"=", "+", "-", "@", "＝", "＋", "－", "＠"}


HARMLESS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="=+-@;＝＋－＠\ufeff\ufffe\uffff")


@given(st.lists(st.text(alphabet=HARMLESS, max_size=20), min_size=1))
def test_harmless_texts_come_back_unchanged(texts: list[str]) -> None:
    assert read(csv_chunks(table(*[(text, "x") for text in texts])))[1:] == [[text, "x"] for text in texts]


def test_numbers_stay_numbers_and_dates_are_iso() -> None:
    row = (-0.5606, 12, date(2026, 5, 3), True, None)
    assert read(csv_chunks(table(row)))[1] == ["-0.5606", "12", "2026-05-03", "oui", ""]


def test_a_large_table_is_sent_in_portions() -> None:
    chunks = list(csv_lines(["n"], ([number] for number in range(1001))))
    assert len(chunks) == 6
    assert b"".join(chunks).count(b"\r\n") == 1002


def test_a_line_end_within_a_text_is_quoted() -> None:
    assert read(csv_chunks(table(("un\ndeux", 'dit "oui"'))))[1] == ["un\ndeux", 'dit "oui"']


def test_a_workbook_holds_texts_and_its_label(tmp_path: Path) -> None:
    path = tmp_path / "essai.xlsx"
    rows = [(text, 1.5, NOW, date(2026, 5, 3)) for text in [*DANGEROUS, "https://exemple.fr", "0472000000"]]
    write_xlsx(path, [table(*rows)], ABOUT)
    book = openpyxl.load_workbook(path)
    cells = list(book["essai"].iter_rows(min_row=2))
    assert [row[0].value for row in cells] == [str(row[0]).replace("\r", "\n") for row in rows]
    assert {row[0].data_type for row in cells} == {"s"}
    assert all(row[0].hyperlink is None for row in cells)
    assert cells[0][1].value == 1.5 and cells[0][3].value == datetime(2026, 5, 3)  # noqa: DTZ001 -- what a sheet holds
    label = {row[0].value: row[1].value for row in book["À propos"].iter_rows()}
    assert label["Source"] == "Étude — 2018 — Licence X" and "Licence Ouverte" in label["Licence"]
    assert book.properties.title == "Essai"


def test_a_sheet_that_cannot_hold_all_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maillage.core.exports.spreadsheet.MOST_ROWS", 3)
    with pytest.raises(TooManyRows):
        write_xlsx(tmp_path / "x.xlsx", [table(("a",), ("b",), ("c",))], ABOUT)


def test_file_names_are_dated() -> None:
    assert file_name("fiches", NOW, "csv") == "maillage-fiches-2026-11-23.csv"
